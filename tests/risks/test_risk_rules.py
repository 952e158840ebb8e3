"""Each rule speaks where its risk comes with a change, and is silent where it does not."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen

from kcplan.address import Address
from kcplan.config.load import load
from kcplan.plan import Action, Plan, ResourceChange
from kcplan.risk_rules import find_risks
from kcplan.snapshot import LiveObject
from kcplan.state import ResourceState
from kcplan_keycloak.resources import registry
from kcplan_keycloak.risks import rules
from support.planning import plan
from support.sample_plans import change, field

Json = dict[str, Any]


@frozen
class Case:
    """A realm as it is, all of it kcplan's, and as the files want it; None is no realm at all."""

    before: Json | None
    after: Json
    moved: tuple[tuple[str, str], ...] = ()
    destroy: bool = False


def client(**fields: Any) -> Json:
    return {"clients": [{"clientId": "web", **fields}]}


def saml(**attributes: str) -> Json:
    named = {key.replace("_", "."): value for key, value in attributes.items()}
    return client(protocol="saml", attributes=named)


def provider(**fields: Any) -> Json:
    return {"identityProviders": [{"alias": "company", "providerId": "oidc", **fields}]}


def permits(*, users: Any = ("anna",), others: Any = (), **fields: Any) -> Json:
    """An admin permission on clients, and policies that it may ask."""
    policies = [
        {"name": "staff", "users": list(users)},
        {"name": "hours", "time": {"hour": "8", "hourEnd": "17"}},
        *others,
    ]
    permission = {"name": "p", "resourceType": "Clients", "policies": ["staff"], **fields}
    return {
        "adminPermissionsEnabled": True,
        "permissions": {"adminPolicies": policies, "admin": [permission]},
    }


def together(*permissions: Json, hr: str = "hr", **more: Any) -> Json:
    """Admin permissions, and policies for the roles `support` and `hr` that they may ask."""
    policies = [{"name": "support", "roles": ["support"]}, {"name": "hr", "roles": [hr]}]
    policies.append({"name": "hours", "time": {"hour": "8", "hourEnd": "17"}})
    return {
        "adminPermissionsEnabled": True,
        "permissions": {"adminPolicies": policies, "admin": list(permissions)},
        **more,
    }


def of(who: str, *scopes: str, kind: str = "Users", **fields: Any) -> Json:
    """An admin permission for those who meet a policy, and called like that."""
    name = fields.pop("name", who)
    return {"name": name, "resourceType": kind, "scopes": scopes, "policies": [who], **fields}


SUPPORT = of("support", "view")
HR = of("hr", "view")


def asked(policy: Json, users: Any = ("anna",)) -> Json:
    """An admin permission that asks this policy."""
    policies = [{"name": "asked", **policy}]
    return permits(users=users, others=policies, scopes=["view"], policies=["asked"])


def required(*roles: str, other: str = "", field: str = "roles", **fields: str) -> Json:
    """An admin permission that asks a policy which requires some, and names another."""
    entries: list[Any] = [{"id": role, "required": True} for role in roles]
    return asked({field: [*entries, *([other] if other else ())], **fields})


def matched(pattern: str) -> Json:
    """An admin permission that asks a policy about a claim."""
    return asked({"type": "regex", "config": {"targetClaim": "email", "pattern": pattern}})


def users_edit(*who: str) -> Json:
    attribute = {"name": "tenant", "permissions": {"edit": list(who)}}
    return {"userProfile": {"attributes": [attribute]}}


def unmanaged(policy: str) -> Json:
    return {"userProfile": {"unmanagedAttributePolicy": policy}}


def component(kind: str, priority: str = "1") -> Json:
    item = {"name": "c", "providerId": "x", "config": {"priority": [priority]}}
    return {"components": {f"org.keycloak.{kind}": [item]}}


def account(**fields: Any) -> Json:
    name = "service-account-web"
    return {
        **client(serviceAccountsEnabled=True),
        "users": [{"username": name, "serviceAccountClientId": "web", **fields}],
    }


def user(**fields: Any) -> Json:
    return {"users": [{"username": "ann", **fields}]}


def role(name: str = "boss", **composites: Any) -> Json:
    return {"roles": {"realm": [{"name": name, "composites": composites}]}}


def groups(*paths: str) -> Json:
    """Groups at the top, and some with one group in them."""
    tables: dict[str, Json] = {}
    for path in paths:
        name, _, inner = path.partition("/")
        table = tables.setdefault(name, {"name": name})
        if inner:
            table["subGroups"] = [{"name": inner}]
    return {"groups": list(tables.values())}


def in_organization(*tables: Json) -> Json:
    """Groups of an organization."""
    return {"organizations": [{"name": "acme", "groups": list(tables)}]}


def admin(*names: str, client: str = "realm-management") -> Json:
    return {client: list(names)}


def attribute(name: str, value: str) -> Json:
    return client(attributes={name: value})


def config(**entries: str) -> Json:
    return provider(config=entries)


def mapper(attribute: str, claim: str, **fields: Any) -> Json:
    entry = {
        "name": "m",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-usermodel-attribute-mapper",
        "config": {
            "user.attribute": attribute,
            "claim.name": claim,
            "access.token.claim": "true",
        },
    }
    return {"protocolMappers": [{**entry, **fields}]}


def scope(mappers: Json) -> Json:
    return {"clientScopes": [{"name": "s", "protocol": "openid-connect", **mappers}]}


SAML_MAPPER = {
    "protocol": "saml",
    "protocolMapper": "saml-user-attribute-mapper",
    "config": {"user.attribute": "tenant", "attribute.name": "urn:tenant"},
}
SUBJECT = {
    "protocolMappers": [
        {"name": "sub", "protocol": "openid-connect", "protocolMapper": "oidc-sub-mapper"}
    ]
}
PAIRWISE = {
    "protocolMappers": [
        {
            "name": "pairwise",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-sha256-pairwise-sub-mapper",
        }
    ]
}
IN_TOKENS = {"user.attribute": "tenant", "claim.name": "tenant", "access.token.claim": "true"}
UNUSED = {"config": {"user.attribute": "tenant", "claim.name": "tenant"}}


def provider_mapper(role: str) -> Json:
    """What gives a role to who logs in at the company."""
    named = {
        "identityProviderAlias": "company",
        "name": "m",
        "identityProviderMapper": "oidc-hardcoded-role-idp-mapper",
    }
    return {**provider(), "identityProviderMappers": [{**named, "config": {"role": role}}]}


def second_factor(**requirements: str) -> Json:
    """A flow with another one in it that is CONDITIONAL and has these executions."""
    whole = flow(**requirements)
    (inner,) = whole["authenticationFlows"]
    execution = {"flowAlias": "code", "requirement": "CONDITIONAL"}
    top = {"alias": "staff", "topLevel": True, "authenticationExecutions": [execution]}
    return {**whole, "authenticationFlows": [top, {**inner, "alias": "code", "topLevel": False}]}


def flow(bound: Json | None = None, **requirements: str) -> Json:
    """A flow with these executions; `a_b` is called `a-b`."""
    executions = [
        {"authenticator": name.replace("_", "-"), "requirement": requirement}
        for name, requirement in requirements.items()
    ]
    own = {"alias": "staff", "topLevel": True, "authenticationExecutions": executions}
    return {"authenticationFlows": [own], **({"browserFlow": "staff"} if bound is None else bound)}


ADMINS = {"name": "admins", "clientRoles": {"realm-management": ["realm-admin"]}}
VIEWERS = {"name": "viewers", "clientRoles": {"realm-management": ["view-users"]}}


RISKY: Mapping[str, list[Case]] = {
    "admin-for-service-account": [
        Case(account(), account(clientRoles=admin("realm-admin"))),
        Case(None, account(clientRoles=admin("manage-users"))),
        Case(account(clientRoles=admin("view-users")), account(clientRoles=admin("impersonation"))),
        Case(
            {"realm": "master", **account()},
            {"realm": "master", **account(realmRoles=["create-realm"])},
        ),
        Case(
            {"realm": "master", **account()},
            {"realm": "master", **account(clientRoles=admin("manage-realm", client="shop-realm"))},
        ),
        # Through a role that the files declare, and that does not change.
        Case(
            {**account(), **role(client=admin("manage-users"))},
            {**account(realmRoles=["boss"]), **role(client=admin("manage-users"))},
        ),
    ],
    "admin-in-role": [
        Case(role(), role(client=admin("manage-clients"))),
        Case(None, role(client=admin("realm-admin"))),
        Case(
            {"roles": {"client": {"web": [{"name": "boss"}]}}, **client()},
            {
                **client(),
                "roles": {
                    "client": {
                        "web": [
                            {"name": "boss", "composites": {"client": admin("manage-realm")}},
                        ]
                    }
                },
            },
        ),
    ],
    "admin-through-provider": [
        Case(None, provider_mapper("realm-management.realm-admin")),
        Case(provider_mapper("clerk"), provider_mapper("realm-management.manage-users")),
        Case(None, {**provider_mapper("boss"), **role(client=admin("manage-users"))}),
    ],
    "admin-for-everybody": [
        Case(
            role("default-roles-r", realm=["offline_access"]),
            role("default-roles-r", realm=["offline_access"], client=admin("manage-users")),
        ),
    ],
    "redirect-anywhere": [
        Case(client(redirectUris=[]), client(redirectUris=[uri]))
        for uri in (
            "*",
            "https://*",
            "http*",
            "https://shop.example*",
            "https://*.example/x",
            "*://shop.example/",
        )
    ]
    + [Case(None, client(redirectUris=["*"]))],
    "redirect-without-tls": [
        Case(client(), client(redirectUris=["http://shop.example/*"])),
        Case(client(), client(redirectUris=["http://localhost.example/"])),
        Case(None, client(redirectUris=["http://10.0.0.7/"])),
        Case(client(), client(webOrigins=["http://shop.example"])),
        Case(
            attribute("post.logout.redirect.uris", "+"),
            attribute("post.logout.redirect.uris", "+##http://shop.example/"),
        ),
        Case(client(), attribute("backchannel.logout.url", "http://shop.example/logout")),
    ],
    "redirect-custom-scheme": [Case(client(), client(redirectUris=["shop-app:/callback"]))],
    "logout-anywhere": [
        Case(
            attribute("post.logout.redirect.uris", "https://shop.example/"),
            attribute("post.logout.redirect.uris", "https://shop.example/##*"),
        ),
    ],
    "origins-anywhere": [Case(client(webOrigins=["+"]), client(webOrigins=["*"]))],
    "client-made-public": [Case(client(publicClient=False), client(publicClient=True))],
    "client-authentication-weakened": [
        Case(
            client(clientAuthenticatorType="client-jwt"),
            client(clientAuthenticatorType="client-secret"),
        ),
    ],
    "client-secret-replaced": [
        Case(client(secret="one-long-enough-4711"), client(secret="another-long-enough-4711"))
    ],
    "implicit-flow-on": [
        Case(client(), client(implicitFlowEnabled=True)),
        Case(None, client(implicitFlowEnabled=True)),
    ],
    "password-grant-on": [Case(client(), client(directAccessGrantsEnabled=True))],
    "full-scope-on": [Case(client(fullScopeAllowed=False), client(fullScopeAllowed=True))],
    "pkce-removed": [
        Case(
            attribute("pkce.code.challenge.method", "S256"),
            attribute("pkce.code.challenge.method", "plain"),
        ),
        Case(attribute("pkce.code.challenge.method", "S256"), client(attributes={})),
    ],
    "token-binding-removed": [
        Case(
            attribute("dpop.bound.access.tokens", "true"),
            attribute("dpop.bound.access.tokens", "false"),
        ),
    ],
    "client-flow-changed": [
        Case(client(), client(authenticationFlowBindingOverrides={"browser": "direct grant"}))
    ],
    "token-exchange-opened": [
        Case(client(), attribute("standard.token.exchange.enabled", "true")),
        Case(None, attribute("standard.token.exchange.enabled", "true")),
    ],
    "authorization-not-enforced": [
        Case(
            client(authorizationSettings={"policyEnforcementMode": "ENFORCING"}),
            client(authorizationSettings={"policyEnforcementMode": mode}),
        )
        for mode in ("PERMISSIVE", "DISABLED")
    ],
    "saml-signatures-off": [
        Case(saml(saml_client_signature="true"), saml(saml_client_signature="false")),
        Case(saml(saml_assertion_signature="true"), saml(saml_assertion_signature="false")),
        Case(None, saml(saml_server_signature="false")),
    ],
    "signatures-with-sha1": [
        Case(
            saml(saml_signature_algorithm="RSA_SHA256"), saml(saml_signature_algorithm="RSA_SHA1")
        ),
        Case(config(), config(signatureAlgorithm="RSA_SHA1")),
    ],
    "provider-signature-unchecked": [
        Case(config(validateSignature="true"), config(validateSignature="false")),
        Case(None, config(validateSignature="false")),
    ],
    "provider-trusts-email": [
        Case(provider(trustEmail=False), provider(trustEmail=True)),
        Case(None, provider(trustEmail=True)),
    ],
    "provider-without-pkce": [Case(config(pkceEnabled="true"), config(pkceEnabled="false"))],
    "provider-without-tls": [Case(config(), config(tokenUrl="http://company.example/token"))],
    "provider-signatures-off": [
        Case(config(wantAssertionsSigned="true"), config(wantAssertionsSigned="false")),
        Case(config(wantAuthnRequestsSigned="true"), config(wantAuthnRequestsSigned="false")),
    ],
    "tokens-without-subject": [
        Case(None, client(defaultClientScopes=["profile"])),
        Case(
            client(defaultClientScopes=["basic", "profile"]),
            client(defaultClientScopes=["profile"]),
        ),
        Case(None, {"defaultDefaultClientScopes": ["profile", "roles"]}),
        Case(
            client(**SUBJECT, defaultClientScopes=["basic"]),
            client(protocolMappers=[], defaultClientScopes=["profile"]),
        ),
        Case(scope(SUBJECT), scope({"protocolMappers": []})),
        Case(scope(SUBJECT), scope(mapper("tenant", "tenant", name="sub"))),
    ],
    "organization-deleted": [Case({"organizations": [{"name": "acme"}]}, {})],
    "attribute-opened": [
        Case(users_edit("admin"), users_edit("admin", "user")),
        Case(unmanaged("ADMIN_EDIT"), users_edit("admin", "user")),
        Case(unmanaged("ADMIN_VIEW"), users_edit("user")),
    ],
    "any-attribute-by-users": [
        Case(unmanaged("ADMIN_EDIT"), unmanaged("ENABLED")),
        Case(None, unmanaged("ENABLED")),
    ],
    "attribute-dropped": [Case(users_edit("admin"), {"userProfile": {"attributes": []}})],
    "mapper-of-user-attribute": [
        Case(client(), client(**mapper("tenant", "tenant"))),
        Case(None, scope(mapper("tenant", "tenant"))),
        Case(client(**mapper("team", "locale")), client(**mapper("tenant", "roles"))),
        Case(client(), client(**mapper("mail", "email"))),
        Case(client(**mapper("tenant", "tenant", **UNUSED)), client(**mapper("tenant", "tenant"))),
        Case(client(protocol="saml"), client(protocol="saml", **mapper("", "", **SAML_MAPPER))),
    ],
    "tls-not-required": [
        Case({"sslRequired": "external"}, {"sslRequired": "none"}),
        Case(None, {"sslRequired": "none"}),
    ],
    "tls-required-less": [Case({"sslRequired": "all"}, {"sslRequired": "external"})],
    "brute-force-unhindered": [Case({"bruteForceProtected": True}, {"bruteForceProtected": False})],
    "brute-force-hindered-less": [Case({"failureFactor": 10}, {"failureFactor": 1000})],
    "email-not-verified": [Case({"verifyEmail": True}, {"verifyEmail": False})],
    "registration-on": [
        Case({"registrationAllowed": False}, {"registrationAllowed": True}),
        Case(None, {"registrationAllowed": True}),
    ],
    "password-policy-removed": [Case({"passwordPolicy": "length(12)"}, {"passwordPolicy": ""})],
    "password-policy-weakened": [
        Case({"passwordPolicy": before}, {"passwordPolicy": after})
        for before, after in (
            ("length(12) and notUsername", "length(8) and notUsername"),
            ("length(12) and notUsername", "length(12)"),
            ("hashIterations(210000)", "hashIterations(1000)"),
            ("hashAlgorithm(argon2)", "hashAlgorithm(pbkdf2)"),
            ("forceExpiredPasswordChange(90)", "forceExpiredPasswordChange(900)"),
        )
    ],
    "security-header-weakened": [
        Case({"browserSecurityHeaders": before}, {"browserSecurityHeaders": after})
        for before, after in (
            ({"xFrameOptions": "SAMEORIGIN"}, {"xFrameOptions": ""}),
            ({"xFrameOptions": "DENY"}, {"xFrameOptions": "ALLOW-FROM https://a.example"}),
            ({"strictTransportSecurity": "max-age=3600"}, {"strictTransportSecurity": "max-age=0"}),
            (
                {"contentSecurityPolicy": "frame-src 'self'; frame-ancestors 'self'"},
                {"contentSecurityPolicy": "frame-src 'self'"},
            ),
        )
    ],
    "events-off": [
        Case({"eventsEnabled": True}, {"eventsEnabled": False}),
        Case({"adminEventsEnabled": True}, {"adminEventsEnabled": False}),
    ],
    "login-flow-changed": [Case({"browserFlow": "browser"}, {"browserFlow": "my browser"})],
    "flow-asks-for-less": [
        Case(flow(password="REQUIRED", otp="REQUIRED"), flow(password="REQUIRED")),
        Case(flow(otp="REQUIRED"), flow(otp="DISABLED")),
        Case(flow(otp="ALTERNATIVE"), flow(otp="DISABLED")),
        Case(flow(otp="REQUIRED"), flow(otp="ALTERNATIVE")),
        Case(flow(otp="CONDITIONAL"), flow(otp="ALTERNATIVE")),
        Case(flow(a="ALTERNATIVE"), flow(a="ALTERNATIVE", b="ALTERNATIVE")),
        Case(flow(a="ALTERNATIVE", b="DISABLED"), flow(a="ALTERNATIVE", b="ALTERNATIVE")),
        Case(
            second_factor(otp="REQUIRED"),
            second_factor(otp="REQUIRED", conditional_user_role="REQUIRED"),
        ),
        Case(
            flow(client(authenticationFlowBindingOverrides={"browser": "staff"}), otp="REQUIRED"),
            flow(client(authenticationFlowBindingOverrides={"browser": "staff"})),
        ),
        Case(
            flow(provider(firstBrokerLoginFlowAlias="staff"), otp="REQUIRED"),
            flow(provider(firstBrokerLoginFlowAlias="staff"), otp="CONDITIONAL"),
        ),
    ],
    "tokens-live-long": [
        Case({"accessTokenLifespan": 300}, {"accessTokenLifespan": 36000}),
        Case({"accessTokenLifespan": 300}, {"accessTokenLifespan": -1}),
        Case(None, {"accessTokenLifespan": 36000}),
        Case(client(), attribute("access.token.lifespan", "86400")),
        Case(client(), attribute("access.token.lifespan", "-1")),
    ],
    "sessions-live-long": [
        Case({"ssoSessionIdleTimeout": 1800}, {"ssoSessionIdleTimeout": 864000}),
        Case(client(), attribute("client.session.max.lifespan", "31536000")),
    ],
    "offline-tokens-endless": [
        Case(
            {"offlineSessionMaxLifespanEnabled": True},
            {"offlineSessionMaxLifespanEnabled": False},
        ),
    ],
    "refresh-tokens-reused": [
        Case({"revokeRefreshToken": True}, {"revokeRefreshToken": False}),
        Case({"refreshTokenMaxReuse": 0}, {"refreshTokenMaxReuse": 5}),
    ],
    "realm-deleted": [Case({"enabled": True}, {}, destroy=True)],
    "client-deleted": [Case(client(), {})],
    "identity-provider-deleted": [Case(provider(), {})],
    "user-federation-deleted": [Case(component("storage.UserStorageProvider"), {})],
    "keys-deleted": [Case(component("keys.KeyProvider"), {})],
    "role-deleted": [Case(role(), {"roles": {"realm": []}})],
    "admin-for-group": [
        Case(groups("admins"), {"groups": [ADMINS]}),
        Case(None, {"groups": [{"name": "staff", "subGroups": [ADMINS]}]}),
        Case(None, in_organization(ADMINS)),
        Case(
            in_organization({"name": "admins"}),
            {**in_organization({**ADMINS, "realmRoles": ["boss"]}), **role()},
        ),
    ],
    "admin-for-newcomers": [
        Case({"groups": [ADMINS]}, {"groups": [ADMINS], "defaultGroups": ["/admins"]}),
        Case(
            {**groups("admins"), "defaultGroups": ["/admins"]},
            {"groups": [ADMINS], "defaultGroups": ["/admins"]},
        ),
        Case(
            None,
            {
                "groups": [{**ADMINS, "subGroups": [{"name": "in"}]}],
                "defaultGroups": ["/admins/in"],
            },
        ),
    ],
    "user-deleted": [Case(user(), {})],
    "admin-permission-strong": [
        Case({}, permits(scopes=["view", "manage"])),
        Case(permits(scopes=["view"]), permits(scopes=["view", "map-roles"])),
        Case(permits(scopes=["manage"], resources=["web"]), permits(scopes=["manage"])),
        Case(
            permits(scopes=["manage"], resources=["web"]),
            permits(scopes=["manage"], resources=["web", "app"]),
        ),
        Case(
            permits(scopes=["manage"], policies=["staff", "hours"]),
            permits(scopes=["manage"], policies=["staff"]),
        ),
        Case(
            permits(scopes=["manage"], policies=[]), permits(scopes=["manage"], policies=["staff"])
        ),
        Case(permits(scopes=["manage"]), permits(scopes=["manage"], logic="NEGATIVE")),
        Case(  # the same name is another object, and `manage` something else
            permits(scopes=["view", "manage"], resources=["web"]),
            permits(scopes=["manage"], resources=["web"], resourceType="Users"),
        ),
    ],
    "admin-permissions-shut-out": [
        Case({}, together(SUPPORT, HR)),
        Case(together(SUPPORT), together(SUPPORT, HR)),
        Case(together(SUPPORT), together(SUPPORT, of("hr", "manage"))),  # the other scope counts
        Case(together(SUPPORT, hr="support"), together(SUPPORT, HR, hr="hr")),
        Case(together(SUPPORT, HR, hr="support"), together(SUPPORT, HR)),  # only a policy changes
        Case(
            together(of("support", "view", kind="Groups", resources=["/a"])),
            together(
                of("support", "view", kind="Groups", resources=["/a"]),
                of("hr", "view", kind="Groups", resources=["/a", "/b"]),
            ),
        ),
        Case(  # whoever is in the group is a user as well
            together(SUPPORT),
            together(SUPPORT, of("hr", "view-members", kind="Groups", resources=["/a"])),
        ),
    ],
    "admin-permission-opens": [
        Case(together(SUPPORT, HR), together(SUPPORT)),
        Case(together(SUPPORT, of("hr", "view", resources=["ann"])), together(SUPPORT)),
        Case(
            together(SUPPORT, of("hr", "view", resources=["ann", "bob"])),
            together(SUPPORT, of("hr", "view", resources=["ann"])),
        ),
        Case(
            together(of("support", "view", "manage"), of("hr", "view", "manage", resources=["a"])),
            together(of("support", "view", "manage"), of("hr", "view", resources=["a"])),
        ),
        Case(
            together(SUPPORT, of("hr", "view-members", kind="Groups", resources=["/a"])),
            together(SUPPORT),
        ),
        Case(together(SUPPORT, of("hours", "view")), together(SUPPORT)),
    ],
    "admin-permission-view": [
        Case({}, permits(scopes=["view"])),
        Case(permits(scopes=["view"], resources=["web"]), permits(scopes=["view"])),
    ],
    "admin-policy-wider": [
        Case(asked({"users": ["anna"]}), asked({"users": ["anna", "bob"]})),
        Case(asked({"roles": ["a"]}), asked({"roles": ["a", "b"]})),
        Case(
            asked({"roles": [{"id": "a", "required": True}]}),
            asked({"roles": [{"id": "a", "required": False}]}),
        ),
        Case(
            asked({"groups": ["/a"]}), asked({"groups": [{"path": "/a", "extendChildren": True}]})
        ),
        Case(asked({"users": ["anna"]}), asked({"users": ["anna"], "logic": "NEGATIVE"})),
        Case(
            asked({"users": ["anna", "bob"], "logic": "NEGATIVE"}),
            asked({"users": ["anna"], "logic": "NEGATIVE"}),
        ),
        Case(asked({"policies": ["staff", "hours"]}), asked({"policies": ["staff"]})),
        Case(
            asked({"policies": ["staff", "hours"], "decisionStrategy": "UNANIMOUS"}),
            asked({"policies": ["staff", "hours"], "decisionStrategy": "AFFIRMATIVE"}),
        ),
        Case(asked({"time": {"hour": "8"}}), asked({"time": {"hour": "7"}})),
        Case(required("a", "b"), required("a")),
        Case(required("a", other="b"), asked({"roles": ["b"]})),
        Case(required("a", "b", field="clientScopes"), required("b", field="clientScopes")),
        Case(required("a", logic="NEGATIVE"), required("a", "b", logic="NEGATIVE")),
        Case(
            asked({"roles": ["a", "b"], "logic": "NEGATIVE"}),
            asked({"roles": ["a"], "logic": "NEGATIVE"}),
        ),
        Case(asked({"users": ["anna"]}), asked({"clients": ["web"]})),
        Case(matched("a.*"), matched(".*")),
        Case(
            asked({"type": "role", "config": {"roles": [{"id": "a"}], "fetchRoles": "false"}}),
            asked({"type": "role", "config": {"roles": [{"id": "a"}], "fetchRoles": "true"}}),
        ),
        Case(
            asked({"policies": ["staff"]}, users=["anna"]),
            asked({"policies": ["staff"]}, users=["anna", "bob"]),
        ),
    ],
    "admin-for-user": [
        Case(user(), user(clientRoles=admin("realm-admin"))),
        Case({"groups": [ADMINS], **user()}, {"groups": [ADMINS], **user(groups=["/admins"])}),
        Case(
            None,
            {**user(realmRoles=["boss"]), **role(client={"realm-management": ["manage-users"]})},
        ),
    ],
    "group-deleted": [
        Case(groups("staff"), {"groups": []}),
        Case(in_organization({"name": "staff"}), in_organization()),
    ],
    "group-path-changes": [
        Case(groups("a"), groups("b"), moved=(("groups/a", "groups/b"),)),
        Case(groups("a", "b"), groups("a/b"), moved=(("groups/b", "groups/a/b"),)),
        Case(
            in_organization({"name": "a"}),
            in_organization({"name": "b"}),
            moved=(("organizations/acme/groups/a", "organizations/acme/groups/b"),),
        ),
    ],
    "client-renamed": [
        Case(
            client(), {"clients": [{"clientId": "shop"}]}, moved=(("clients/web", "clients/shop"),)
        )
    ],
}

HARMLESS: Mapping[str, list[Case]] = {
    "admin-for-service-account": [
        Case(account(), account(clientRoles=admin("view-users", "query-clients"))),
        Case(account(clientRoles=admin("realm-admin")), account(clientRoles=admin())),
        Case(account(), account(clientRoles=admin("manage-users", client="web"))),
        Case(account(), account(realmRoles=["admin", "create-realm"])),  # not in master
    ],
    "admin-in-role": [
        Case(role(), role(realm=["offline_access"], client=admin("view-realm"))),
        Case(role(client=admin("realm-admin")), role()),
    ],
    "admin-through-provider": [
        Case(None, provider_mapper("realm-management.view-users")),
        Case(provider_mapper("realm-management.realm-admin"), provider_mapper("clerk")),
    ],
    "admin-for-everybody": [
        Case(role("default-roles-r"), role("default-roles-r", realm=["uma_authorization"])),
    ],
    "redirect-anywhere": [
        Case(client(), client(redirectUris=["https://shop.example/*", "/app/*", "shop-app:*"])),
        Case(client(redirectUris=["*", "/a"]), client(redirectUris=["*"])),
    ],
    "redirect-without-tls": [
        Case(
            client(),
            client(
                redirectUris=["https://shop.example/", "http://localhost:8080/", "http://[::1]/"],
                webOrigins=["http://localhost:8080", "+", "*"],
                attributes={
                    "post.logout.redirect.uris": "+##https://shop.example/",
                    "backchannel.logout.url": "https://shop.example/logout",
                },
            ),
        ),
    ],
    "redirect-custom-scheme": [Case(client(), client(redirectUris=["https://a.example/", "/a"]))],
    "logout-anywhere": [Case(client(), attribute("post.logout.redirect.uris", "+##/a/*"))],
    "origins-anywhere": [Case(client(), client(webOrigins=["+", "https://shop.example"]))],
    "client-made-public": [
        Case(client(publicClient=True), client(publicClient=False)),
        Case(None, client(publicClient=True)),
    ],
    "client-authentication-weakened": [
        Case(
            client(clientAuthenticatorType="client-secret"),
            client(clientAuthenticatorType="client-jwt"),
        ),
        Case(
            client(clientAuthenticatorType="client-jwt"),
            client(clientAuthenticatorType="client-x509"),
        ),
    ],
    "client-secret-replaced": [
        Case(None, client(secret="one-long-enough-4711")),
        Case(
            client(secret="one-long-enough-4711"), client(secret="one-long-enough-4711", name="b")
        ),
    ],
    "implicit-flow-on": [Case(client(implicitFlowEnabled=True), client(implicitFlowEnabled=False))],
    "password-grant-on": [
        Case(client(), client(directAccessGrantsEnabled=False)),
        Case(None, {"clients": [{"clientId": "admin-cli", "directAccessGrantsEnabled": True}]}),
    ],
    "full-scope-on": [
        Case(client(fullScopeAllowed=True), client(fullScopeAllowed=False)),
        Case(None, client(fullScopeAllowed=True)),
    ],
    "pkce-removed": [
        Case(client(), attribute("pkce.code.challenge.method", "S256")),
        Case(None, client()),
    ],
    "token-binding-removed": [Case(client(), attribute("dpop.bound.access.tokens", "true"))],
    "client-flow-changed": [Case(client(), client(name="the shop"))],
    "token-exchange-opened": [
        Case(
            attribute("standard.token.exchange.enabled", "true"),
            attribute("standard.token.exchange.enabled", "false"),
        ),
    ],
    "authorization-not-enforced": [
        Case(
            client(authorizationSettings={"policyEnforcementMode": "PERMISSIVE"}),
            client(authorizationSettings={"policyEnforcementMode": "ENFORCING"}),
        ),
    ],
    "saml-signatures-off": [
        Case(None, saml(saml_assertion_signature="false", saml_client_signature="true")),
        # As exports of older versions have it.
        Case(None, attribute("saml.client.signature", "false")),
    ],
    "signatures-with-sha1": [
        Case(
            saml(saml_signature_algorithm="RSA_SHA1"), saml(saml_signature_algorithm="RSA_SHA512")
        ),
    ],
    "provider-signature-unchecked": [
        Case(config(validateSignature="false"), config(validateSignature="true")),
        Case(None, config(tokenUrl="https://company.example/token")),
    ],
    "provider-trusts-email": [Case(provider(trustEmail=True), provider(trustEmail=False))],
    "provider-without-pkce": [Case(config(), config(pkceEnabled="true"))],
    "provider-without-tls": [Case(config(), config(tokenUrl="https://company.example/token"))],
    "provider-signatures-off": [Case(config(), config(wantAssertionsSigned="true"))],
    "tokens-without-subject": [
        Case(None, client(defaultClientScopes=["basic", "profile"])),
        Case(None, client(protocol="saml", defaultClientScopes=["role_list"])),
        Case(None, client(bearerOnly=True, defaultClientScopes=["profile"])),
        Case(None, client(standardFlowEnabled=False, defaultClientScopes=["profile"])),
        Case(None, client(**SUBJECT, defaultClientScopes=["profile"])),
        Case(None, {**scope(SUBJECT), **client(defaultClientScopes=["s"])}),
        Case(
            client(defaultClientScopes=["profile"]),
            client(defaultClientScopes=["profile", "email"]),
        ),
        Case(None, {"defaultDefaultClientScopes": ["basic"]}),
        Case(None, client(**PAIRWISE, defaultClientScopes=["profile"])),
        Case(None, client(**mapper("tenant", "sub"), defaultClientScopes=["profile"])),
        Case(None, {**scope(PAIRWISE), **client(defaultClientScopes=["s"])}),
        # What kcplan did not bring stays beside it.
        Case(scope(SUBJECT), scope(mapper("tenant", "tenant"))),
        Case(scope(SUBJECT), scope(mapper("tenant", "sub", name="sub"))),
        Case(scope(mapper("tenant", "tenant")), scope({"protocolMappers": []})),
        Case(None, scope({})),
        Case(scope(SUBJECT), {}),
    ],
    "organization-deleted": [
        Case(
            {"organizations": [{"name": "acme"}]},
            {"organizations": [{"name": "acme", "enabled": False}]},
        ),
    ],
    "attribute-opened": [
        Case(users_edit("admin", "user"), users_edit("admin")),
        Case(users_edit("user"), users_edit("admin", "user")),
        Case({}, users_edit("admin", "user")),
        Case(unmanaged("ENABLED"), users_edit("admin", "user")),
        Case(unmanaged("ADMIN_EDIT"), users_edit("admin")),
    ],
    "any-attribute-by-users": [Case(unmanaged("ENABLED"), unmanaged("ADMIN_EDIT"))],
    "attribute-dropped": [
        Case(users_edit("admin"), users_edit("user")),
        Case({}, users_edit("admin")),
    ],
    "mapper-of-user-attribute": [
        Case(client(), client(**mapper("nickname", "nickname"))),
        Case(client(), client(**mapper("username", "preferred_username"))),
        Case(client(), client(**mapper("tenant", "tenant", **UNUSED))),
        Case(
            client(**mapper("tenant", "tenant")),
            client(**mapper("tenant", "tenant", config={**IN_TOKENS, "jsonType.label": "String"})),
        ),
        Case(client(**mapper("tenant", "tenant")), client(protocolMappers=[])),
        Case(
            client(),
            client(**mapper("tenant", "t", protocolMapper="oidc-hardcoded-claim-mapper")),
        ),
        Case(
            client(protocol="saml"),
            client(
                protocol="saml",
                **mapper(
                    "",
                    "",
                    **{
                        **SAML_MAPPER,
                        "config": {"user.attribute": "email", "attribute.name": "urn:mail"},
                    },
                ),
            ),
        ),
    ],
    "tls-not-required": [Case({"sslRequired": "none"}, {"sslRequired": "external"})],
    "tls-required-less": [Case({"sslRequired": "external"}, {"sslRequired": "all"})],
    "brute-force-unhindered": [
        Case({"bruteForceProtected": False}, {"bruteForceProtected": True}),
        Case(None, {"bruteForceProtected": False}),
    ],
    "brute-force-hindered-less": [Case({"failureFactor": 30}, {"failureFactor": 50})],
    "email-not-verified": [Case({"verifyEmail": False}, {"verifyEmail": True})],
    "registration-on": [Case({"registrationAllowed": True}, {"registrationAllowed": False})],
    "password-policy-removed": [Case(None, {"passwordPolicy": ""})],
    "password-policy-weakened": [
        Case({"passwordPolicy": "length(8)"}, {"passwordPolicy": "length(12) and notUsername"}),
        Case(
            {"passwordPolicy": "forceExpiredPasswordChange(90) and regexPattern(a)"},
            {"passwordPolicy": "regexPattern(b) and forceExpiredPasswordChange(30)"},
        ),
    ],
    "security-header-weakened": [
        Case(
            {"browserSecurityHeaders": {"xFrameOptions": "SAMEORIGIN"}},
            {"browserSecurityHeaders": {"xFrameOptions": "DENY"}},
        ),
        Case(
            {"browserSecurityHeaders": {"contentSecurityPolicy": "frame-src 'self'"}},
            {"browserSecurityHeaders": {"contentSecurityPolicy": "frame-src 'self' https://a.b"}},
        ),
    ],
    "events-off": [Case({"eventsEnabled": False}, {"eventsEnabled": True})],
    "login-flow-changed": [Case(None, {"browserFlow": "my browser"})],
    "flow-asks-for-less": [
        Case(flow(password="REQUIRED"), flow(password="REQUIRED", otp="REQUIRED")),
        Case(flow(otp="ALTERNATIVE"), flow(otp="REQUIRED")),
        # Beside one that is REQUIRED nobody is asked for it.
        Case(flow(otp="REQUIRED"), flow(otp="REQUIRED", key="ALTERNATIVE")),
        Case(second_factor(otp="REQUIRED"), second_factor(otp="REQUIRED", key="REQUIRED")),
        Case(flow(password="REQUIRED", otp="DISABLED"), flow(password="REQUIRED")),
        Case(None, flow(otp="DISABLED")),
        # Nobody is bound to it.
        Case(flow({}, otp="REQUIRED"), flow({}, otp="DISABLED")),
    ],
    "tokens-live-long": [
        Case({"accessTokenLifespan": 60}, {"accessTokenLifespan": 900}),
        Case({"accessTokenLifespan": 36000}, {"accessTokenLifespan": 7200}),
    ],
    "sessions-live-long": [
        Case({"ssoSessionIdleTimeout": 1800}, {"ssoSessionIdleTimeout": 3600}),
        Case(None, {"ssoSessionMaxLifespan": 36000, "offlineSessionIdleTimeout": 2592000}),
    ],
    "offline-tokens-endless": [
        Case(None, {"offlineSessionMaxLifespanEnabled": False}),
    ],
    "refresh-tokens-reused": [
        Case({"revokeRefreshToken": False}, {"revokeRefreshToken": True}),
        Case(None, {"revokeRefreshToken": False, "refreshTokenMaxReuse": 0}),
    ],
    "realm-deleted": [Case({"enabled": True}, {"enabled": False})],
    "client-deleted": [Case(client(), client(enabled=False))],
    "identity-provider-deleted": [Case(provider(), provider(enabled=False))],
    "user-federation-deleted": [
        Case(
            component("storage.UserStorageProvider"), component("storage.UserStorageProvider", "9")
        ),
        Case(component("keys.KeyProvider"), {}),
    ],
    "keys-deleted": [
        Case(component("keys.KeyProvider"), component("keys.KeyProvider", "9")),
        Case(component("storage.UserStorageProvider"), {}),
    ],
    "role-deleted": [Case(role(), role(realm=["offline_access"]))],
    "admin-for-group": [
        Case(groups("viewers"), {"groups": [VIEWERS]}),
        Case({"groups": [ADMINS]}, {"groups": [ADMINS, VIEWERS]}),
        Case(in_organization({"name": "viewers"}), in_organization(VIEWERS)),
        Case(in_organization(ADMINS), in_organization(ADMINS, VIEWERS)),
    ],
    "admin-for-newcomers": [
        Case({"groups": [VIEWERS]}, {"groups": [VIEWERS], "defaultGroups": ["/viewers"]}),
        Case(groups("admins"), {"groups": [ADMINS]}),
    ],
    "user-deleted": [Case(user(), user(enabled=False))],
    "admin-permission-strong": [
        Case({}, permits(scopes=["view"])),
        Case(permits(scopes=["view", "manage"]), permits(scopes=["view"])),
        Case(permits(scopes=["manage"]), permits(scopes=["manage"], resources=["web"])),
        Case(
            permits(scopes=["manage"], policies=["staff"]),
            permits(scopes=["manage"], policies=["staff", "hours"]),
        ),
        Case(permits(scopes=["manage"]), permits(scopes=["manage"], description="new")),
    ],
    "admin-permissions-shut-out": [
        Case({}, together(SUPPORT)),
        Case(together(SUPPORT), together(SUPPORT, of("support", "manage", name="more"))),
        Case(together(SUPPORT), together(SUPPORT, of("hr", "view", resources=["ann"]))),
        Case(together(SUPPORT), together(SUPPORT, of("hr", "view", kind="Groups"))),
        Case(together(SUPPORT), together(SUPPORT, of("hours", "view"))),  # meant to restrict
        Case(together(SUPPORT, HR), together(SUPPORT, {**HR, "description": "new"})),
        Case(together(SUPPORT, HR), together(SUPPORT)),
        Case(
            together(of("support", "view", resources=["ann"])),
            together(
                of("support", "view", resources=["ann"]), of("hr", "manage", resources=["ann"])
            ),
        ),
    ],
    "admin-permission-opens": [
        Case(together(SUPPORT), {**together(), "permissions": {"adminPolicies": [], "admin": []}}),
        Case(together(SUPPORT, of("hr", "view", kind="Groups")), together(SUPPORT)),
        Case(
            together(SUPPORT, of("support", "view", name="again", resources=["ann"])),
            together(SUPPORT),
        ),
        Case(together(SUPPORT), together(of("support", "view", name="renamed"))),
        Case(  # the one that kept them out is there, and its policy lets them in
            together(SUPPORT, HR, of("support", "view", name="again")),
            together(SUPPORT, {**HR, "description": "new"}, hr="support"),
        ),
        Case(together(SUPPORT), together(SUPPORT, HR)),
    ],
    "admin-permission-view": [
        Case({}, permits(scopes=["view", "manage"])),
        Case(permits(scopes=["view"]), permits(scopes=["view"], resources=["web"])),
    ],
    "admin-policy-wider": [
        Case(asked({"users": ["anna", "bob"]}), asked({"users": ["anna"]})),
        Case(asked({"roles": ["a", "b"]}), asked({"roles": ["a"]})),
        Case(
            asked({"groups": [{"path": "/a", "extendChildren": True}]}), asked({"groups": ["/a"]})
        ),
        Case(
            asked({"users": ["anna"], "logic": "NEGATIVE"}),
            asked({"users": ["anna", "bob"], "logic": "NEGATIVE"}),
        ),
        Case(asked({"users": ["anna"]}), asked({"users": ["anna"], "description": "new"})),
        Case(
            asked({"roles": ["a"]}, users=["anna"]), asked({"roles": ["a"]}, users=["anna", "bob"])
        ),
        Case(required("a", "b"), asked({"roles": []})),
        Case(required("a", "b"), required("a", "b", description="new")),
    ],
    "admin-for-user": [
        Case(user(), user(clientRoles=admin("view-users"))),
        Case(user(clientRoles=admin("realm-admin")), user(clientRoles=admin())),
    ],
    "group-deleted": [
        Case(groups("staff"), groups("staff", "guests")),
        Case(in_organization({"name": "a"}), in_organization({"name": "a"}, {"name": "b"})),
    ],
    "group-path-changes": [Case(groups("a/b"), groups("a/b", "c"))],
    "client-renamed": [Case(client(), client(name="shop"))],
}


@pytest.fixture
def planned(tmp_path: Path) -> Any:
    """Makes the plan of a case."""

    def make(case: Case) -> Plan:
        file = tmp_path / "before.json"
        file.write_text(json.dumps({"realm": "r", **(case.before or {})}))
        known = {} if case.before is None else load([file], registry(), {}).resources
        return plan(
            tmp_path,
            case.after,
            [
                ResourceState(r.address, r.type, f"id of {a}", managed=r.leaves)
                for a, r in known.items()
            ],
            [LiveObject(r.address, r.type, f"id of {a}", r.leaves) for a, r in known.items()],
            moved=case.moved,
            destroy=case.destroy,
        )

    return make


def cases(table: Mapping[str, list[Case]]) -> list[Any]:
    return [
        pytest.param(code, case, id=f"{code} {number}")
        for code, found in table.items()
        for number, case in enumerate(found)
    ]


@pytest.mark.parametrize(("code", "case"), cases(RISKY))
def test_a_risk_is_found(code: str, case: Case, planned: Any) -> None:
    assert code in {risk.code for risk in planned(case).risks}


@pytest.mark.parametrize(("code", "case"), cases(HARMLESS))
def test_a_change_without_the_risk_is_none(code: str, case: Case, planned: Any) -> None:
    made = planned(case)
    assert not made.is_empty
    assert code not in {risk.code for risk in made.risks}


@pytest.mark.parametrize(("code", "case"), cases(RISKY))
def test_what_is_so_already_is_no_risk(code: str, case: Case, planned: Any) -> None:
    assert code not in {risk.code for risk in planned(Case(case.after, case.after)).risks}


def test_innocent_changes_have_no_risk_at_all(planned: Any) -> None:
    before = {
        "displayName": "Shop",
        "accessTokenLifespan": 300,
        **account(clientRoles=admin("view-users")),
        **provider(displayName="Company"),
        **role(realm=["offline_access"]),
    }
    after = {
        "displayName": "The shop",
        "accessTokenLifespan": 240,
        **account(clientRoles=admin("view-users", "view-clients")),
        **provider(displayName="The company"),
        **role(),
    }
    after["clients"][0] |= {"description": "sells", "redirectUris": ["https://shop.example/a"]}
    made = planned(Case(before, after))
    assert made.summary["update"] == 5
    assert made.risks == ()


def renamed(old: str, new: str, kind: str) -> ResourceChange:
    return change(Action.MOVE, new, kind=kind, moved_from=Address.parse(old))


GRANTED = field("granted", None, after=True)
REQUESTERS = field("requesters", ["a"], ["a", "gate"])
FEWER = field("requesters", ["a", "gate"], ["a"])
LEGACY = "shop/permissions/legacy/clients/web"
IMPERSONATION = "shop/permissions/impersonation/gate"

BY_HAND: Mapping[str, tuple[ResourceChange, ResourceChange]] = {
    "realm-renamed": (
        renamed("old", "shop", "realm"),
        renamed("old/clients/web", "shop/clients/web", "client"),
    ),
    "impersonation-granted": (
        change(Action.CREATE, IMPERSONATION, GRANTED, kind="impersonation"),
        change(Action.DELETE, IMPERSONATION, kind="impersonation"),
    ),
    "legacy-exchange-opened": (
        change(Action.UPDATE, LEGACY, REQUESTERS, kind="legacy-exchange"),
        change(Action.UPDATE, LEGACY, FEWER, kind="legacy-exchange"),
    ),
}


@pytest.mark.parametrize("code", BY_HAND)
def test_what_only_a_server_leads_to(code: str) -> None:
    risky, harmless = BY_HAND[code]
    live = {item.address: {("granted",): True} for item in (risky, harmless)}
    assert [risk.code for risk in find_risks(rules(), [risky], live, registry())] == [code]
    assert find_risks(rules(), [harmless], live, registry()) == ()


def test_every_rule_is_tried() -> None:
    codes = {rule.code for rule in rules() if not rule.lint and not rule.secrets}
    assert set(RISKY) == set(HARMLESS)
    assert codes == set(RISKY) | set(BY_HAND)
    assert all(RISKY.values())
    assert all(HARMLESS.values())


def test_what_goes_with_its_realm_is_not_listed_again(planned: Any) -> None:
    whole = {**client(), **role(), **provider()}
    made = planned(Case(whole, {}, destroy=True))
    assert [risk.code for risk in made.risks] == ["realm-deleted"]


def test_the_most_dangerous_comes_first(planned: Any) -> None:
    made = planned(Case(client(), {"registrationAllowed": True, **client(redirectUris=["*"])}))
    assert [risk.code for risk in made.risks] == ["redirect-anywhere", "registration-on"]
