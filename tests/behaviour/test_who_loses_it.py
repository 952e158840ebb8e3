"""A plan that takes away what users have says how many lose it."""

from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan_keycloak import holders
from support.faults import FaultyTransport, status
from support.sabotage import sent_through
from support.world import Json, World

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
ANOTHER: Json = {"alias": "idp", "providerId": "github", "config": {"clientId": "x"}}


def declare(world: World, *, whole: bool, **more: Any) -> None:
    document: dict[str, Any] = {"clients": [{"clientId": "a", "serviceAccountsEnabled": True}]}
    if whole:
        document["roles"] = {"realm": [{"name": "r/%"}, {"name": "idle"}]}
        document["roles"]["client"] = {"a": [{"name": "reader"}, {"name": "writer"}]}
        document["identityProviders"] = [PROVIDER]
    world.declare(enabled=True, **{**document, **more})


def notes(world: World) -> dict[str, list[str]]:
    changes = world.plan("--allow-mass-delete").document["resource_changes"]
    return {
        change["address"].removeprefix(f"{world.realm}/"): [
            note for note in change["notes"] if note.endswith(("it", "counted"))
        ]
        for change in changes
        if change["action"] in ("delete", "replace")
    }


@pytest.fixture
def populated(world: World) -> World:
    """A realm where Ann and Bob have a role, and Bob a link and a role of a client as well."""
    declare(world, whole=True)
    world.apply()
    role = world.admin.json(world.path("roles", "r/%"))
    reader = world.admin.json(world.in_client("a", "roles", "reader"))
    for name in ("ann", "bob"):
        user = world.path("users", world.admin.create(world.path("users"), {"username": name}))
        world.admin.post(f"{user}/role-mappings/realm", json=[role])
    client = world.admin.client_id(world.realm, "a")
    account = world.account("a")
    assert account is not None
    for at in (user, world.path("users", account["id"])):
        world.admin.post(f"{at}/role-mappings/clients/{client}", json=[reader])
    link = {"userId": "1", "userName": "b"}
    world.admin.post(f"{user}/federated-identity/idp", json=link)
    return world


def test_the_plan_says_how_many_users_lose_a_role_or_a_link(populated: World) -> None:
    declare(populated, whole=False)
    assert notes(populated) == snapshot(
        {
            "roles/idle": [],
            "roles/r%2F%25": ["2 users lose it"],
            "identity-providers/idp": ["one user loses it"],
            "clients/a/roles/reader": ["2 users lose it"],
            "clients/a/roles/writer": [],
        }
    )


def test_what_goes_with_a_client_is_said_there_and_its_own_account_does_not_count(
    populated: World,
) -> None:
    populated.declare(enabled=True)
    assert notes(populated) == snapshot(
        {
            "roles/idle": [],
            "roles/r%2F%25": ["2 users lose it"],
            "identity-providers/idp": ["one user loses it"],
            "clients/a": ["one user loses roles of it"],
            "clients/a/roles/reader": [],
            "clients/a/roles/writer": [],
        }
    )


def test_a_replacement_and_a_rename_say_it_too(populated: World) -> None:
    declare(populated, whole=True, identityProviders=[ANOTHER])
    assert notes(populated) == snapshot({"identity-providers/idp": ["one user loses it"]})
    populated.settings('[[moved]]\nfrom = "REALM/clients/a"\nto = "REALM/clients/b"\n')
    declare(populated, whole=False, clients=[{"clientId": "b", "serviceAccountsEnabled": True}])
    assert notes(populated)["clients/b/roles/reader"] == snapshot(["2 users lose it"])


def test_of_what_is_too_much_to_count_the_plan_says_so(
    populated: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(holders, "MOST", 3)
    declare(populated, whole=False)
    assert notes(populated) == snapshot(
        {
            "roles/idle": [],
            "roles/r%2F%25": ["2 users lose it"],
            "identity-providers/idp": ["one user loses it"],
            "clients/a/roles/reader": ["how many users have it was not counted"],
            "clients/a/roles/writer": ["how many users have it was not counted"],
        }
    )


def test_a_list_of_users_that_fails_is_no_reason_not_to_plan(populated: World) -> None:
    faults = FaultyTransport()
    faults.fail(
        status(500, "{}", content_type="application/json"), path="/roles/reader/users", times=9
    )
    declare(populated, whole=False)
    with sent_through(faults):
        found = notes(populated)
    assert found["clients/a/roles/reader"] == ["how many users have it was not counted"]
    assert found["identity-providers/idp"] == ["one user loses it"]
