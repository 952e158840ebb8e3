"""Clients of all kinds, and their service accounts."""

from typing import Any, Final

from conformance.roles import map_roles
from conformance.sample import Hand
from support.every_type.access import ODD, mapper

Json = dict[str, Any]

SECRET: Final = "a-secret-of-the-app-that-nobody-may-see"

_SAML: Final[Json] = {
    # With a key of its own, Keycloak need not make one, which takes it long.
    "saml.signing.private.key": "a-key-of-a-service-provider",
    "saml.signing.certificate": "its-certificate",
    "saml.client.signature": "false",
    "saml_name_id_format": "email",
}

_CLIENTS: Final[tuple[Json, ...]] = (
    {
        "clientId": "app",
        "name": "Läden",
        "description": "In two\nlines.",
        "secret": SECRET,
        "serviceAccountsEnabled": True,
        "authorizationServicesEnabled": True,
        "publicClient": False,
        "rootUrl": "https://app.example",
        "baseUrl": "/start",
        "adminUrl": "https://app.example/admin",
        "redirectUris": ["https://app.example/*", "https://app.example.org/*"],
        "webOrigins": ["+"],
        "attributes": {
            "access.token.lifespan": "60",
            "standard.token.exchange.enabled": "true",
            "post.logout.redirect.uris": "https://app.example/bye##+",
            "note": "mine",
        },
        "protocolMappers": [
            mapper(
                "other in the audience",
                "oidc-audience-mapper",
                included_client_audience="other",
                access_token_claim="true",
            ),
            mapper("x/y", "oidc-hardcoded-role-mapper", role="other.part"),
        ],
    },
    {
        "clientId": "other",
        "publicClient": False,
        "secret": "another-secret-that-nobody-may-see-77ab",
        "fullScopeAllowed": False,
        "consentRequired": True,
        "directAccessGrantsEnabled": True,
        "frontchannelLogout": True,
        "serviceAccountsEnabled": True,
        "attributes": {"backchannel.logout.session.required": "false"},
        "redirectUris": [],
    },
    {"clientId": "spa", "publicClient": True, "redirectUris": ["https://spa.example/*"]},
    # Somebody switched its authentication off, and left its account, which cannot log in any more.
    {"clientId": "once", "publicClient": True, "serviceAccountsEnabled": True},
    {"clientId": "bearer", "bearerOnly": True},
    {
        "clientId": "by-jwt",
        "publicClient": False,
        "clientAuthenticatorType": "client-jwt",
        "standardFlowEnabled": False,
        "implicitFlowEnabled": True,
        "enabled": False,
        "alwaysDisplayInConsole": True,
        "attributes": {"use.jwks.url": "true", "jwks.url": "https://jwt.example/keys"},
    },
    {"clientId": "urn:sp", "protocol": "saml", "attributes": _SAML, "frontchannelLogout": True},
    {"clientId": ODD, "publicClient": True, "webOrigins": ["https://odd.example"]},
    {
        "clientId": "bare",
        "publicClient": True,
        "defaultClientScopes": [],
        "optionalClientScopes": [],
    },
)


def clients(hand: Hand) -> None:
    """Clients with mappers, other client scopes than usual, and flows of their own."""
    for client in _CLIENTS:
        # As the console sends it; without a protocol, Keycloak leaves two attributes out.
        hand.admin.post(hand.path("clients"), json={"protocol": "openid-connect", **client})
    scopes = {item["name"]: item["id"] for item in hand.get(hand.path("client-scopes"))}
    app = str(hand.client("app"))
    hand.admin.put(f"{app}/optional-client-scopes/{scopes['phone']}")
    hand.admin.delete(f"{app}/default-client-scopes/{scopes['web-origins']}")
    hand.admin.put(f"{hand.client('urn:sp')}/optional-client-scopes/{scopes['saml/groups']}")
    flow = hand.find(hand.path("authentication", "flows"), alias="our browser") or {}
    spa = hand.get(str(hand.client("spa")))
    overrides = {"authenticationFlowBindingOverrides": {"browser": flow["id"]}}
    hand.admin.put(str(hand.client("spa")), json={**spa, **overrides})
    account = hand.get(str(hand.client("account-console")))
    hand.admin.put(str(hand.client("account-console")), json={**account, "description": "Yours"})


def accounts(hand: Hand) -> None:
    """The service accounts of clients: one with everything, and one as it was made."""
    user = hand.get(str(hand.client("app", "service-account-user")))
    at = hand.path("users", user["id"])
    fields = {"email": "app@example.org", "attributes": {"team": ["a", "b"]}}
    hand.admin.put(at, json={**user, **fields})
    map_roles(hand, f"{at}/role-mappings/realm", None, [], ["reader", ODD])
    for client, role in (("realm-management", "view-users"), ("app", ODD)):
        own = str(hand.client(client)).rsplit("/", 1)[1]
        map_roles(hand, f"{at}/role-mappings/clients/{own}", client, [], [role])
    group = hand.find(hand.path("groups"), name="it") or {}
    hand.admin.put(f"{at}/groups/{group['id']}")
