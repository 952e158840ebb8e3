"""Clients, with their protocol mappers, client scopes and flow overrides."""

from conformance.mappers import edit_mappers, mapper
from conformance.overlays import Json, overlaid
from conformance.roles import point_to_role
from conformance.sample import Hand, Sample

_OWN_REQUESTS = ("protocolMappers", "defaultClientScopes", "optionalClientScopes")


def _look(hand: Hand, at: str) -> Json | None:
    """The client with its flows by alias."""
    client = hand.get(at)
    flows = {flow["id"]: flow["alias"] for flow in hand.get(hand.path("authentication", "flows"))}
    overrides = client.get("authenticationFlowBindingOverrides", {})
    named = {kind: flows[flow] for kind, flow in overrides.items()}
    return {**client, "authenticationFlowBindingOverrides": named}


def _edit(hand: Hand, at: str, changes: Json) -> None:
    """Change a client: mappers and scopes have requests of their own."""
    own = {key: value for key, value in changes.items() if key not in _OWN_REQUESTS}
    if overrides := own.get("authenticationFlowBindingOverrides"):
        flows = {f["alias"]: f["id"] for f in hand.get(hand.path("authentication", "flows"))}
        by_id = {kind: flows[alias] if alias else "" for kind, alias in overrides.items()}
        own["authenticationFlowBindingOverrides"] = by_id
    there = hand.get(at)
    removed = [key for key, value in own.get("attributes", {}).items() if value is None]
    own["attributes"] = {**own.get("attributes", {}), **dict.fromkeys(removed, "")}
    hand.admin.put(at, json=overlaid(there, own))
    edit_mappers(hand, at, there, changes)
    _attach(hand, at, there, changes)


def _attach(hand: Hand, at: str, there: Json, changes: Json) -> None:
    scopes = {item["name"]: item["id"] for item in hand.get(hand.path("client-scopes"))}
    kinds = {"defaultClientScopes": "default", "optionalClientScopes": "optional"}
    for key, kind in kinds.items():
        for name in there[key] if key in changes else ():
            hand.admin.delete(f"{at}/{kind}-client-scopes/{scopes[name]}")
    for key, kind in kinds.items():
        for name in changes.get(key, ()):
            hand.admin.put(f"{at}/{kind}-client-scopes/{scopes[name]}")


def _point(hand: Hand, at: str) -> None:
    """Have somebody else make a role in the client, which others hold."""
    if hand.get(f"{at}/roles/inside") is None:
        hand.admin.post(f"{at}/roles", json={"name": "inside"})
    point_to_role(hand, f"{at}/roles/inside")


SAMPLE = Sample(
    type="client",
    address="clients/NAME",
    declare=lambda name, fields: {"clients": [{"clientId": name, **fields}]},
    where=lambda hand, name: hand.client(name),
    full={
        "name": "Shop",
        "description": "sells",
        "enabled": True,
        "secret": "${CLIENT_SECRET}",
        "rootUrl": "https://shop.example",
        "baseUrl": "/start",
        "adminUrl": "https://shop.example/admin",
        "redirectUris": ["https://shop.example/*", "https://shop.example.org/*"],
        "webOrigins": ["+"],
        "publicClient": False,
        "bearerOnly": False,
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "frontchannelLogout": True,
        "fullScopeAllowed": False,
        "consentRequired": True,
        "alwaysDisplayInConsole": False,
        "surrogateAuthRequired": False,
        "clientAuthenticatorType": "client-secret",
        "notBefore": 1,
        "nodeReRegistrationTimeout": 10,
        "attributes": {"access.token.lifespan": "60", "note": "mine"},
        "defaultClientScopes": ["profile", "roles"],
        "optionalClientScopes": ["phone"],
        "authenticationFlowBindingOverrides": {"browser": "browser"},
        "protocolMappers": [mapper("changes", "one"), mapper("goes", "two")],
    },
    changed={
        "name": "Store",
        "description": "stores",
        "enabled": False,
        "secret": "${OTHER_SECRET}",
        "rootUrl": "https://store.example",
        "baseUrl": "/begin",
        "adminUrl": "https://store.example/admin",
        "redirectUris": ["https://shop.example/*", "https://store.example/*"],
        "webOrigins": ["https://store.example"],
        "standardFlowEnabled": False,
        "implicitFlowEnabled": True,
        "directAccessGrantsEnabled": True,
        "frontchannelLogout": False,
        "fullScopeAllowed": True,
        "consentRequired": False,
        "alwaysDisplayInConsole": True,
        "surrogateAuthRequired": True,
        "clientAuthenticatorType": "client-jwt",
        "notBefore": 2,
        "nodeReRegistrationTimeout": 20,
        "attributes": {"access.token.lifespan": "90", "note": None, "other": "new"},
        "defaultClientScopes": ["profile", "email"],
        "optionalClientScopes": ["roles"],
        "authenticationFlowBindingOverrides": {"browser": "direct grant"},
        "protocolMappers": {
            "changes": {"config": {"included.custom.audience": "three"}},
            "goes": None,
        },
    },
    look=_look,
    edit=_edit,
    point=_point,
    secret={"secret": "SECRET"},
    secrets={
        "CLIENT_SECRET": "distinctive-secret-of-a-client-0002",
        "OTHER_SECRET": "distinctive-secret-of-a-client-0003",
    },
    references=(
        ({"defaultClientScopes": ["missing"]}, "client-scopes/missing"),
        ({"optionalClientScopes": ["missing"]}, "client-scopes/missing"),
        ({"authenticationFlowBindingOverrides": {"browser": "missing"}}, "flows/missing"),
    ),
    cannot={
        "change publicClient": "A client that becomes public loses its secret for good.",
        "change bearerOnly": "Keycloak knows such clients no longer, and keeps the switch only.",
    },
)
