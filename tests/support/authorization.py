"""A client with every kind of authorization object, and an account that may only look."""

import json
from typing import Any

import pytest

from kcplan.address import Address
from kcplan.plan import Operation, Step
from kcplan.secret import Secret
from kcplan_keycloak.api import AdminApi, Connection
from kcplan_keycloak.writer import KeycloakWriter
from support.world import Json, World

VIEWS = (
    "view-realm",
    "view-clients",
    "view-users",
    "view-authorization",
    "view-identity-providers",
)

ODD = "a/b %é 5%2F"

SCOPES: list[Json] = [
    {"name": "view", "displayName": "View", "iconUri": "https://example.org/v.png"},
    {"name": ODD},
]

RESOURCES: list[Json] = [
    {
        "name": "documents",
        "type": "urn:app:document",
        "displayName": "Documents",
        "icon_uri": "https://example.org/d.png",
        "uris": ["/documents/*", "/d"],
        "ownerManagedAccess": True,
        "attributes": {"level": ["1", "2"]},
        "scopes": [{"name": ODD}, {"name": "view"}],
    },
    {"name": ODD, "scopes": [{"name": "view"}]},
]

POLICIES: list[Json] = [
    {
        "name": "roles",
        "description": "Readers.",
        "type": "role",
        "logic": "NEGATIVE",
        "decisionStrategy": "AFFIRMATIVE",
        "config": {
            "fetchRoles": "true",
            "roles": json.dumps(
                [{"id": "reader", "required": True}, {"id": "app/part"}, {"id": "x%2Fy"}]
            ),
        },
    },
    {"name": "clients", "type": "client", "config": {"clients": '["app", "other"]'}},
    {"name": "users", "type": "user", "config": {"users": ["bob", "service-account-app"]}},
    {"name": "hours", "type": "time", "config": {"hour": "8", "hourEnd": "17"}},
    {
        "name": "mail",
        "type": "regex",
        "config": {
            "targetClaim": "email",
            "pattern": ".*@example.org",
            "targetContextAttributes": "false",
        },
    },
    {
        "name": "grouped",
        "type": "group",
        "config": {
            "groupsClaim": "groups",
            "groups": '[{"path": "/staff/it", "extendChildren": true}]',
        },
    },
    {"name": ODD, "type": "aggregate", "config": {"applyPolicies": '["roles", "clients"]'}},
    {
        "name": "see documents",
        "type": "scope",
        "decisionStrategy": "CONSENSUS",
        "config": {
            "resources": '["documents"]',
            "scopes": json.dumps(["view", ODD]),
            "applyPolicies": json.dumps([ODD, "hours"]),
        },
    },
    {
        "name": "any document",
        "type": "resource",
        "config": {"defaultResourceType": "urn:app:document", "applyPolicies": ["users"]},
    },
    {
        "name": "some",
        "type": "resource",
        "config": {"resources": ["documents", ODD], "applyPolicies": ["mail", "any document"]},
    },
]

SCOPED: Json = {
    "name": "scoped",
    "type": "client-scope",
    "config": {"clientScopes": [{"id": "email", "required": True}]},
}

SETTINGS: Json = {
    "allowRemoteResourceManagement": False,
    "policyEnforcementMode": "PERMISSIVE",
    "decisionStrategy": "AFFIRMATIVE",
    "scopes": SCOPES,
    "resources": RESOURCES,
    "policies": POLICIES,
}

EVERY_KIND: Json = {**SETTINGS, "policies": [*POLICIES, SCOPED]}
"""For tests that run alone: where a realm goes, Keycloak looks through the policies of client
scopes in all realms, and has deleted one that was made at that moment."""

among_all_realms = pytest.mark.alone("Keycloak touches policies of client scopes in all realms")


def declare(world: World, settings: Json | None = None, **client: Any) -> None:
    """Let the file say a client with these authorization settings."""
    world.declare(
        roles={
            "realm": [{"name": "reader"}, {"name": "x/y"}],
            "client": {"app": [{"name": "part"}]},
        },
        clients=[
            {
                "clientId": "app",
                "publicClient": False,
                "serviceAccountsEnabled": True,
                "authorizationServicesEnabled": True,
                "authorizationSettings": SETTINGS if settings is None else settings,
                **client,
            },
            {"clientId": "other"},
        ],
    )


def populate(world: World) -> None:
    """Make the realm with what the policies name and kcplan does not manage."""
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    world.admin.post(world.path("users"), json={"username": "bob", "enabled": True})
    staff = world.admin.create(world.path("groups"), {"name": "staff"})
    world.admin.post(world.path("groups", staff, "children"), json={"name": "it"})


def server(world: World, *segments: str) -> str:
    """A path in the client's resource server, for the Admin API."""
    return world.in_client("app", "authz", "resource-server", *segments)


def export(world: World) -> Json:
    """The authorization settings as Keycloak exports them, in an order of their own."""
    settings: Json = world.admin.json(server(world, "settings"))
    return {key: _sorted(value) for key, value in settings.items()}


def without(settings: Json, kind: str, *names: str) -> Json:
    """Settings in which some objects are missing."""
    rest = [item for item in settings[kind] if item["name"] not in names]
    return {**settings, kind: rest}


def changed(settings: Json, kind: str, name: str, **fields: Any) -> Json:
    """Settings in which some fields of an object are others."""
    items = [{**item, **fields} if item["name"] == name else item for item in settings[kind]]
    return {**settings, kind: items}


def policy(world: World, name: str) -> Json:
    """A policy or permission as Keycloak gives it."""
    found: Json = world.admin.json(server(world, "policy", "search"), name=name)
    return found


def viewer(world: World) -> dict[str, str]:
    """What kcplan needs to connect as an account that may view the realm and no more."""
    user = world.admin.create(
        world.path("users"),
        {
            "username": "viewer",
            "enabled": True,
            "email": "viewer@example.org",
            "emailVerified": True,
            "firstName": "V",
            "lastName": "V",
            "credentials": [{"type": "password", "value": "look", "temporary": False}],
        },
    )
    management = world.admin.client_id(world.realm, "realm-management")
    roles = world.admin.json(world.path("clients", management, "roles"))
    world.admin.post(
        world.path("users", user, "role-mappings", "clients", management),
        json=[role for role in roles if role["name"] in VIEWS],
    )
    return {
        "KCPLAN_AUTH_REALM": world.realm,
        "KCPLAN_USERNAME": "viewer",
        "KCPLAN_PASSWORD": "look",
    }


def connect(environment: dict[str, str]) -> AdminApi:
    """The Admin API as kcplan speaks to it."""
    return AdminApi(
        Connection(
            url=environment["KCPLAN_URL"],
            username=environment["KCPLAN_USERNAME"],
            password=Secret(environment["KCPLAN_PASSWORD"]),
        )
    )


def delete_and_restore(writer: KeycloakWriter, address: Address, kind: str, object_id: str) -> None:
    """Delete an object as a plan does, and undo it."""
    step = Step(
        id=f"delete {address}",
        operation=Operation.DELETE,
        address=address,
        type=kind,
        object_id=object_id,
    )
    image = writer.capture(step)
    writer.perform(step)
    assert image is not None
    writer.restore(step, json.loads(json.dumps(image)))


def _sorted(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _sorted(item) for key, item in value.items()}
    if isinstance(value, list):
        return sorted(map(_sorted, value), key=lambda item: json.dumps(item, sort_keys=True))
    if isinstance(value, str) and value[:1] == "[":
        return _sorted(json.loads(value))
    return value
