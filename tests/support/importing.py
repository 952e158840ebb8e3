"""A realm with everything in it that kcplan has types for, and what its import leaves."""

import json
import re
import tomllib
from typing import Any

from support import authorization
from support.world import Json, World

ODD = "a/b %é 5%2F"
SECRET = "a-secret-of-the-app-that-nobody-may-see"
KEY = "a-key-of-a-service-provider"
WRITE_ONLY = "only-written-2b7c1d90"

ROLES: Json = {
    "realm": [
        {"name": "reader", "description": "Reads ${role_reader}, ${env:HOME} and $${NAME}."},
        {
            "name": ODD,
            "attributes": {"größe": ["1", "2"]},
            "composites": {"realm": ["reader"], "client": {"app": ["part"], "account": ["own"]}},
        },
        {"name": "x/y"},
    ],
    "client": {"app": [{"name": "part"}, {"name": ODD}], "account": [{"name": "own"}]},
}

APP: Json = {
    "clientId": "app",
    "name": "Läden",
    "description": "In two\nlines.",
    "publicClient": False,
    "secret": SECRET,
    "serviceAccountsEnabled": True,
    "authorizationServicesEnabled": True,
    "authorizationSettings": authorization.SETTINGS,
    "redirectUris": ["https://app.example/*", "https://app.example.org/*"],
    "attributes": {"access.token.lifespan": "60"},
    "optionalClientScopes": ["phone"],
    "authenticationFlowBindingOverrides": {"browser": "browser"},
    "protocolMappers": [
        {
            "name": "other in the audience",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-audience-mapper",
            "config": {"included.client.audience": "other", "access.token.claim": "true"},
        }
    ],
}

SAML: Json = {
    "clientId": "urn:sp",
    "protocol": "saml",
    "attributes": {
        # With a key of its own, Keycloak need not make one, which takes it long.
        "saml.signing.private.key": KEY,
        "saml.client.signature": "false",
    },
}

PROVIDER: Json = {
    "alias": "company",
    "providerId": "oidc",
    "trustEmail": True,
    "config": {
        "clientId": "us",
        "clientSecret": WRITE_ONLY,
        "authorizationUrl": "https://login.example/auth",
        "tokenUrl": "https://login.example/token",
    },
}

ACCOUNT: Json = {
    "serviceAccountClientId": "app",
    "attributes": {"team": ["a", "b"]},
    "realmRoles": ["reader", ODD],
    "clientRoles": {"realm-management": ["view-users"], "app": [ODD]},
}

REALM: Json = {
    "enabled": True,
    "displayName": "Läden",
    "accessTokenLifespan": 77,
    "otpPolicyCodeReusable": True,
    "eventsListeners": [],
    "attributes": {"my key": "1"},
    "smtpServer": {
        "host": "mail.example",
        "from": "a@mail.example",
        "auth": "true",
        "user": "us",
        "password": WRITE_ONLY,
    },
}


def make_full(world: World) -> None:
    """Make the realm with everything in it, and forget that kcplan made it."""
    authorization.populate(world)
    world.declare(
        **REALM,
        roles=ROLES,
        clients=[APP, {"clientId": "other"}, {"clientId": ODD, "publicClient": True}, SAML],
        identityProviders=[PROVIDER],
        users=[ACCOUNT],
    )
    world.apply()
    forget(world)


def forget(world: World) -> None:
    """Remove file and state: what is in Keycloak is somebody else's then."""
    for file in world.folder.iterdir():
        file.unlink()


def live_secrets(world: World, document: Json) -> dict[str, str | None]:
    """The variables of an imported file, with the values that Keycloak has."""
    values: dict[str, str | None] = {}
    for client in document.get("clients", ()):
        there = world.client(client["clientId"]) or {}
        pairs = [(client.get("secret"), there.get("secret"))]
        pairs += [(v, there["attributes"][k]) for k, v in client.get("attributes", {}).items()]
        for written, value in pairs:
            if match := re.fullmatch(r"\$\{env:(\w+)\}", written or ""):
                values[match[1]] = value
    return values


def imported(world: World, name: str = "realm.toml", *args: object, **more: Any) -> Json:
    """Import the realm, and give what the file says. The world has the variables for it then."""
    world.kcplan("import", world.realm, "--out", name, *args, **more)
    document = read(world, name)
    world.variables.update(live_secrets(world, document))
    return document


def read(world: World, name: str = "realm.toml") -> Json:
    text = (world.folder / name).read_text(encoding="utf-8")
    document: Json = json.loads(text) if name.endswith(".json") else tomllib.loads(text)
    return document


def said(world: World, text: str) -> str:
    """A text with another name for the realm, also in the names of variables."""
    upper = world.realm.upper().replace("-", "_")
    return text.replace(world.realm, "REALM").replace(upper, "REALM")


def account(world: World, *roles: str) -> dict[str, str | None]:
    """A client of the realm whose account has these roles of realm-management, to log in with."""
    world.admin.post(
        world.path("clients"), json={"clientId": "viewer", "serviceAccountsEnabled": True}
    )
    for role in roles:
        world.grant("viewer", f"realm-management/{role}")
    return {
        "KCPLAN_AUTH_REALM": world.realm,
        "KCPLAN_CLIENT_ID": "viewer",
        "KCPLAN_CLIENT_SECRET": (world.client("viewer") or {})["secret"],
        "KCPLAN_USERNAME": None,
        "KCPLAN_PASSWORD": None,
    }


def comes_back(world: World) -> Json:
    """Import the realm as somebody else's: the next plan of that file is empty. What it says."""
    forget(world)
    document = imported(world, "realm.json")
    assert world.plan("--detailed-exitcode").actions == {}
    return document
