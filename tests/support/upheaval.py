"""A realm before and after one change that has all kinds of steps.

`before` and `after` are what the files say; `furnish` adds what other people have in the realm
and what must survive: roles, users, groups and scopes that point to what the change deletes.
"""

import copy
import json
from typing import Any

from support.harness import Admin
from support.stage import Change, Json

SETTINGS = """
[[moved]]
from = "REALM/clients/caller"
to = "REALM/clients/caller-service"

[[moved]]
from = "REALM/roles/reader"
to = "REALM/roles/viewer"
"""

VARIABLES = {
    "TOKEN_BEFORE": "a-token-before-the-change-0001",
    "TOKEN_AFTER": "a-token-after-the-change-0002",
}
"""Secrets that the files name within lists, tables and JSON texts."""

_SECRET = "{}-secret-that-is-long-enough-to-be-strong"


def before() -> Json:
    """The configuration before the change."""
    return {
        "displayName": "before",
        "accessTokenLifespan": 300,
        "attributes": {"colour": "red", "size": "big"},
        "clientPolicies": _policies("${env:TOKEN_BEFORE}"),
        "roles": {
            "realm": [
                {"name": "reader", "description": "reads"},
                {
                    "name": "editor",
                    "attributes": {"level": ["1"]},
                    "composites": {"realm": ["reader"], "client": {"api": ["view"]}},
                },
                {"name": "obsolete", "composites": {"client": {"api": ["old"]}}},
            ],
            "client": {
                "api": [{"name": "view"}, {"name": "old", "description": "goes"}],
                "gone": [{"name": "inner", "attributes": {"kept": ["yes"]}}],
            },
        },
        "clients": [_api_before(), _machine(), _caller("caller"), _gone()],
        "users": [
            {
                "username": "service-account-api",
                "serviceAccountClientId": "api",
                "realmRoles": ["reader", "obsolete"],
                "clientRoles": {"realm-management": ["view-users"]},
            },
            {
                "username": "service-account-machine",
                "serviceAccountClientId": "machine",
                "realmRoles": ["editor"],
                "clientRoles": {"api": ["view", "old"]},
            },
            {
                "username": "service-account-gone",
                "serviceAccountClientId": "gone",
                "realmRoles": ["reader"],
                "clientRoles": {"gone": ["inner"]},
            },
        ],
        "identityProviders": [
            {"alias": "partner", "providerId": "oidc", "config": _oidc("https://one.example")}
        ],
    }


def after() -> Json:
    """The configuration after the change."""
    return {
        "displayName": "after",
        "displayNameHtml": "<b>after</b>",
        "accessTokenLifespan": 600,
        "attributes": {"colour": "blue", "shape": "round"},
        "clientPolicies": _policies("${env:TOKEN_AFTER}"),
        "roles": {
            "realm": [
                {"name": "viewer", "description": "looks"},
                {
                    "name": "editor",
                    "attributes": {"level": ["2"]},
                    "composites": {"realm": ["new"], "client": {"api": ["view", "edit"]}},
                },
                {"name": "new", "composites": {"realm": ["viewer"]}},
            ],
            "client": {"api": [{"name": "view", "description": "sees"}, {"name": "edit"}]},
        },
        "clients": [
            _api_after(),
            {
                **_machine(),
                "serviceAccountsEnabled": False,
                "authorizationServicesEnabled": False,
            },
            {**_caller("caller-service"), "name": "Caller", "baseUrl": "/caller"},
            _fresh(),
        ],
        "users": [
            {
                "username": "service-account-api",
                "serviceAccountClientId": "api",
                "realmRoles": ["viewer", "new"],
                "clientRoles": {"api": ["edit"]},
            },
            {
                "username": "service-account-fresh",
                "serviceAccountClientId": "fresh",
                "realmRoles": ["new"],
                "clientRoles": {"api": ["edit"]},
            },
        ],
        "identityProviders": [
            {
                "alias": "partner",
                "providerId": "oidc",
                "displayName": "Partner",
                "config": _oidc("https://two.example"),
            },
            {"alias": "second", "providerId": "oidc", "config": _oidc("https://three.example")},
        ],
    }


def _policies(token: str) -> Json:
    condition = {"condition": "client-roles", "configuration": {"roles": ["open", token]}}
    policy = {"name": "p", "enabled": True, "conditions": [condition], "profiles": []}
    return {"policies": [policy]}


def _client(client_id: str, **more: Any) -> Json:
    return {"clientId": client_id, "secret": _SECRET.format(client_id), **more}


def _caller(client_id: str) -> Json:
    return _client("caller") | {"clientId": client_id, "redirectUris": ["https://caller.example/*"]}


def _mapper(name: str, audience: str) -> Json:
    return {
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": {"included.custom.audience": audience, "access.token.claim": "true"},
    }


def _api_before() -> Json:
    return _client(
        "api",
        description="before",
        redirectUris=[
            "https://a.example/*",
            "https://b.example/*",
            "https://${env:TOKEN_BEFORE}/*",
        ],
        attributes={
            "access.token.lifespan": "60",
            "note": "mine",
            "text": '{"key": ["${env:TOKEN_BEFORE}"]}',
        },
        protocolMappers=[_mapper("changes", "one"), _mapper("goes", "two")],
        defaultClientScopes=["profile", "roles"],
        optionalClientScopes=["phone"],
        serviceAccountsEnabled=True,
        authorizationServicesEnabled=True,
        authorizationSettings={
            "policyEnforcementMode": "ENFORCING",
            "decisionStrategy": "UNANIMOUS",
            "scopes": [{"name": "read"}, {"name": "write"}],
            "resources": [
                {"name": "Book", "uris": ["/books"], "scopes": [{"name": "read"}]},
                {"name": "Shelf", "scopes": [{"name": "write"}]},
            ],
            "policies": [
                _roles_policy("Editors", "editor"),
                {"name": "Callers", "type": "client", "config": {"clients": ["caller"]}},
                _permission("Read books", "Book", "read", "Editors"),
                _permission("Write shelves", "Shelf", "write", "Callers"),
            ],
        },
    )


def _api_after() -> Json:
    return _client(
        "api",
        description="after",
        redirectUris=["https://a.example/*", "https://c.example/*", "https://${env:TOKEN_AFTER}/*"],
        attributes={"access.token.lifespan": "90", "text": '{"key": ["${env:TOKEN_AFTER}"]}'},
        protocolMappers=[_mapper("changes", "three"), _mapper("comes", "four")],
        defaultClientScopes=["profile", "email"],
        optionalClientScopes=["roles"],
        serviceAccountsEnabled=True,
        authorizationServicesEnabled=True,
        authorizationSettings={
            "policyEnforcementMode": "PERMISSIVE",
            "decisionStrategy": "AFFIRMATIVE",
            "scopes": [{"name": "read", "displayName": "Read"}, {"name": "list"}],
            "resources": [
                {
                    "name": "Book",
                    "uris": ["/books", "/b"],
                    "scopes": [{"name": "read"}, {"name": "list"}],
                }
            ],
            "policies": [
                {"name": "Editors", "type": "client", "config": {"clients": ["fresh"]}},
                _roles_policy("Callers of now", "new"),
                _permission("Read books", "Book", "list", "Editors", "Callers of now"),
            ],
        },
    ) | {"secret": _SECRET.format("another")}


def _roles_policy(name: str, role: str) -> Json:
    return {
        "name": name,
        "type": "role",
        "logic": "POSITIVE",
        "decisionStrategy": "UNANIMOUS",
        "config": {"roles": [{"id": role, "required": True}]},
    }


def _permission(name: str, resource: str, scope: str, *policies: str) -> Json:
    return {
        "name": name,
        "type": "scope",
        "logic": "POSITIVE",
        "decisionStrategy": "AFFIRMATIVE",
        "config": {"resources": [resource], "scopes": [scope], "applyPolicies": list(policies)},
    }


def _machine() -> Json:
    return _client("machine", serviceAccountsEnabled=True, authorizationServicesEnabled=True)


def _gone() -> Json:
    return _client(
        "gone",
        serviceAccountsEnabled=True,
        authorizationServicesEnabled=True,
        fullScopeAllowed=False,
        protocolMappers=[_mapper("inside", "five")],
        authorizationSettings={
            "scopes": [{"name": "see"}],
            "resources": [{"name": "Thing", "scopes": [{"name": "see"}]}],
            "policies": [
                _roles_policy("Readers", "reader"),
                _permission("See things", "Thing", "see", "Readers"),
            ],
        },
    )


def _fresh() -> Json:
    return _client(
        "fresh",
        serviceAccountsEnabled=True,
        protocolMappers=[_mapper("new", "six")],
        defaultClientScopes=["profile"],
    )


def _oidc(url: str) -> Json:
    return {
        "authorizationUrl": f"{url}/auth",
        "tokenUrl": f"{url}/token",
        "clientId": "kcplan",
        "clientAuthMethod": "client_secret_post",
        "clientSecret": _SECRET.format("partner"),
    }


def furnish(admin: Admin, realm: str) -> None:
    """What other people have in the realm: all of it points to what the change takes away."""

    def role(name: str) -> Json:
        return copy.deepcopy(admin.json(f"{realm}/roles/{name}"))

    api, gone = admin.client_id(realm, "api"), admin.client_id(realm, "gone")
    old = admin.json(f"{realm}/clients/{api}/roles/old")
    inner = admin.json(f"{realm}/clients/{gone}/roles/inner")
    admin.post(f"{realm}/roles", json={"name": "foreign"})
    admin.post(f"{realm}/roles/foreign/composites", json=[role("obsolete"), old, inner])
    group = admin.create(f"{realm}/groups", {"name": "people"})
    admin.post(f"{realm}/groups/{group}/role-mappings/realm", json=[role("obsolete")])
    admin.post(f"{realm}/groups/{group}/role-mappings/clients/{gone}", json=[inner])
    user = admin.create(f"{realm}/users", {"username": "somebody", "enabled": True})
    admin.post(f"{realm}/users/{user}/role-mappings/realm", json=[role("obsolete")])
    admin.post(f"{realm}/users/{user}/role-mappings/clients/{api}", json=[old])
    scopes = {item["name"]: item["id"] for item in admin.json(f"{realm}/client-scopes")}
    phone = f"{realm}/client-scopes/{scopes['phone']}/scope-mappings"
    admin.post(f"{phone}/realm", json=[role("obsolete")])
    admin.post(f"{phone}/clients/{gone}", json=[inner])
    admin.post(f"{realm}/clients/{gone}/scope-mappings/realm", json=[role("editor")])
    machine = f"{realm}/clients/{admin.client_id(realm, 'machine')}/authz/resource-server"
    config = {"roles": json.dumps([{"id": role("editor")["id"], "required": True}])}
    admin.post(f"{machine}/scope", json={"name": "run"})
    admin.post(f"{machine}/resource", json={"name": "Engine", "scopes": [{"name": "run"}]})
    admin.post(f"{machine}/policy", json={"name": "Drivers", "type": "role", "config": config})
    permission = _permission("Run engines", "Engine", "run", "Drivers")
    texts = {key: json.dumps(names) for key, names in permission["config"].items()}
    admin.post(f"{machine}/policy", json={**permission, "config": texts})
    admin.post(
        f"{realm}/clients/{api}/protocol-mappers/models", json=_mapper("somebody else's", "seven")
    )


UPHEAVAL = Change(before(), after(), SETTINGS, furnish, VARIABLES)
