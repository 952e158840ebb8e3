"""How users log in: flows, required actions, and other identity providers."""

from typing import Any, Final

from conformance.sample import Hand

Json = dict[str, Any]

_URL: Final = "https://login.example"


def flows(hand: Hand) -> None:
    """Copies of Keycloak's flows that are changed, and one with all kinds of things in it."""
    for source, name in (
        ("browser", "our browser"),
        ("direct grant", "our direct grant"),
        ("first broker login", "our first log-in"),
    ):
        at = hand.path("authentication", "flows", source, "copy")
        hand.admin.post(at, json={"newName": name})
    _require(hand, "our browser", "auth-spnego", "DISABLED")
    _configure(hand, "our browser", "identity-provider-redirector", "company", "defaultProvider")
    _require(hand, "browser", "identity-provider-redirector", "DISABLED")
    _configure(hand, "first broker login", "idp-review-profile", "missing", "other.thing")
    flow = {"alias": "a %é", "providerId": "basic-flow", "topLevel": True, "description": "for us"}
    hand.admin.post(hand.path("authentication", "flows"), json={**flow, "builtIn": False})
    _add(hand, "a %é", "auth-cookie", "ALTERNATIVE")
    _within(hand, "a %é", "forms of ours", "basic-flow", "ALTERNATIVE")
    _add(hand, "forms of ours", "auth-username-form", "REQUIRED")
    _within(hand, "forms of ours", "if it is late", "basic-flow", "CONDITIONAL")
    _add(hand, "if it is late", "conditional-user-role", "REQUIRED")
    _configure(hand, "if it is late", "conditional-user-role", "reader", "condUserRole")
    _add(hand, "if it is late", "auth-otp-form", "REQUIRED")
    flow = {"alias": "sign up", "providerId": "basic-flow", "topLevel": True, "builtIn": False}
    hand.admin.post(hand.path("authentication", "flows"), json=flow)
    _within(hand, "sign up", "sign-up form", "form-flow", "REQUIRED")
    _add(hand, "sign-up form", "registration-user-creation", "REQUIRED")
    flow = {"alias": "our clients", "providerId": "client-flow", "topLevel": True}
    hand.admin.post(hand.path("authentication", "flows"), json={**flow, "builtIn": False})
    _add(hand, "our clients", "client-secret", "ALTERNATIVE")


def _at(hand: Hand, flow: str) -> str:
    return hand.path("authentication", "flows", flow, "executions")


def _add(hand: Hand, flow: str, provider: str, requirement: str) -> None:
    hand.admin.post(f"{_at(hand, flow)}/execution", json={"provider": provider})
    _require(hand, flow, provider, requirement)


def _within(hand: Hand, flow: str, alias: str, kind: str, requirement: str) -> None:
    body = {"alias": alias, "type": kind, "description": f"within {flow}"}
    if kind == "form-flow":
        body["provider"] = "registration-page-form"
    hand.admin.post(f"{_at(hand, flow)}/flow", json=body)
    item = hand.find(_at(hand, flow), displayName=alias) or {}
    hand.admin.put(_at(hand, flow), json={**item, "requirement": requirement})


def _require(hand: Hand, flow: str, provider: str, requirement: str) -> None:
    item = hand.find(_at(hand, flow), providerId=provider) or {}
    hand.admin.put(_at(hand, flow), json={**item, "requirement": requirement})


def _configure(hand: Hand, flow: str, provider: str, value: str, key: str) -> None:
    item = hand.find(_at(hand, flow), providerId=provider) or {}
    if there := item.get("authenticationConfig"):
        at = hand.path("authentication", "config", there)
        config = {"alias": "our review", "config": {"update.profile.on.first.login": value}}
        hand.admin.put(at, json={"id": there, **config})
        return
    at = hand.path("authentication", "executions", item["id"], "config")
    hand.admin.post(at, json={"alias": f"{flow} {key}", "config": {key: value}})


def required_actions(hand: Hand) -> None:
    """Required actions that are changed: one with settings, and one that is no action any more."""
    at = hand.path("authentication", "required-actions")
    action = hand.get(f"{at}/UPDATE_PASSWORD")
    changed = {"priority": 77, "defaultAction": True, "config": {"max_auth_age": "77"}}
    hand.admin.put(f"{at}/UPDATE_PASSWORD", json={**action, **changed})
    action = hand.get(f"{at}/TERMS_AND_CONDITIONS")
    hand.admin.put(f"{at}/TERMS_AND_CONDITIONS", json={**action, "enabled": True, "name": "Terms"})


def identity_providers(hand: Hand) -> None:
    """Providers of several kinds, with mappers."""
    for alias, provider, fields in _PROVIDERS:
        body = {"alias": alias, "providerId": provider, **fields}
        hand.admin.post(hand.path("identity-provider", "instances"), json=body)
    for alias, name, kind, config in _MAPPERS:
        settings = {"syncMode": "INHERIT", **config}
        body = {"name": name, "identityProviderMapper": kind, "identityProviderAlias": alias}
        at = hand.path("identity-provider", "instances", alias, "mappers")
        hand.admin.post(at, json={**body, "config": settings})


_ADDRESSES: Final = {"authorizationUrl": f"{_URL}/auth", "tokenUrl": f"{_URL}/token"}
_PROVIDERS: Final[tuple[tuple[str, str, Json], ...]] = (
    (
        "company",
        "oidc",
        {
            "displayName": "Company",
            "trustEmail": True,
            "firstBrokerLoginFlowAlias": "our first log-in",
            "postBrokerLoginFlowAlias": "our browser",
            "config": {
                **_ADDRESSES,
                "clientId": "us",
                "clientSecret": "a-secret-of-the-company-77ab",
                "defaultScope": "openid email",
                "pkceEnabled": "true",
                "pkceMethod": "S256",
                "hideOnLoginPage": "true",
            },
        },
    ),
    (
        "partner",
        "keycloak-oidc",
        {
            "linkOnly": True,
            "enabled": False,
            "config": {**_ADDRESSES, "clientId": "we", "clientAuthMethod": "private_key_jwt"},
        },
    ),
    (
        "saml",
        "saml",
        {
            "storeToken": True,
            "hideOnLogin": True,
            "config": {
                "singleSignOnServiceUrl": f"{_URL}/saml",
                "entityId": "urn:us",
                "idpEntityId": "urn:them",
                "nameIDPolicyFormat": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
                "wantAuthnRequestsSigned": "true",
                "signingCertificate": "AAAA",
            },
        },
    ),
    (
        "github",
        "github",
        {"config": {"clientId": "us", "clientSecret": "a-secret-of-github-77ab"}},
    ),
)
_MAPPERS: Final[tuple[tuple[str, str, str, Json], ...]] = (
    ("company", "readers", "oidc-role-idp-mapper", {"claim": "job", "role": "reader"}),
    ("company", "x/y", "hardcoded-attribute-idp-mapper", {"attribute": "a", "attribute.value": ""}),
    (
        "company",
        "claims",
        "oidc-advanced-role-idp-mapper",
        {
            "claims": '[{"key":"a","value":"b"}]',
            "role": "app.part",
            "are.claim.values.regex": "false",
        },
    ),
    ("saml", "role", "saml-role-idp-mapper", {"attribute.name": "job", "role": "writer"}),
    ("github", "all", "oidc-hardcoded-role-idp-mapper", {"role": "reader", "syncMode": "FORCE"}),
)
