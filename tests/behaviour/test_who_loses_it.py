"""A plan that deletes what users have says how many lose it."""

from typing import Any

from inline_snapshot import snapshot

from support.world import World

PROVIDER = {
    "alias": "idp",
    "providerId": "oidc",
    "config": {
        "clientId": "x",
        "clientSecret": "secret-of-the-provider",
        "tokenUrl": "https://a/t",
        "authorizationUrl": "https://a/a",
    },
}


def declare(world: World, *, whole: bool) -> None:
    document: dict[str, Any] = {"clients": [{"clientId": "a"}]}
    if whole:
        document["roles"] = {"realm": [{"name": "r/%"}, {"name": "idle"}]}
        document["roles"]["client"] = {"a": [{"name": "reader"}]}
        document["identityProviders"] = [PROVIDER]
    world.declare(enabled=True, **document)


def notes(world: World) -> dict[str, list[str]]:
    changes = world.plan("--allow-mass-delete").document["resource_changes"]
    return {
        change["address"].removeprefix(f"{world.realm}/"): [
            note for note in change["notes"] if note.endswith(("lose it", "loses it"))
        ]
        for change in changes
        if change["action"] == "delete"
    }


def test_the_plan_says_how_many_users_lose_a_role_or_a_link(world: World) -> None:
    declare(world, whole=True)
    world.apply()
    role = world.admin.json(world.path("roles", "r/%"))
    client = world.path("clients", world.admin.client_id(world.realm, "a"))
    reader = world.admin.json(f"{client}/roles/reader")
    for name in ("ann", "bob"):
        user = world.path("users", world.admin.create(world.path("users"), {"username": name}))
        world.admin.post(f"{user}/role-mappings/realm", json=[role])
    at = client.rsplit("/", 1)[1]
    world.admin.post(f"{user}/role-mappings/clients/{at}", json=[reader])
    link = {"userId": "1", "userName": "b"}
    world.admin.post(f"{user}/federated-identity/idp", json=link)
    declare(world, whole=False)

    assert notes(world) == snapshot(
        {
            "roles/idle": [],
            "roles/r%2F%25": ["2 users lose it"],
            "identity-providers/idp": ["one user loses it"],
            "clients/a/roles/reader": ["one user loses it"],
        }
    )

    world.declare(enabled=True)
    assert notes(world) == snapshot(
        {
            "roles/idle": [],
            "roles/r%2F%25": ["2 users lose it"],
            "identity-providers/idp": ["one user loses it"],
            "clients/a": [],
            "clients/a/roles/reader": [],
        }
    )
