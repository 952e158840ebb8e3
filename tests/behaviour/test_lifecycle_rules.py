"""`[[lifecycle]]` rules, the guard against mass deletions, and `--target`."""

from typing import Any

import pytest

from support.world import World

A = {"clientId": "a"}


def rule(match: str, line: str) -> str:
    return f'[[lifecycle]]\nmatch = "REALM{match}"\n{line}\n'


@pytest.mark.parametrize(
    "match", ["/clients/a", "/clients/*", "/**", "/clients/a/roles/reader", "/clients/a/**"]
)
def test_a_protected_object_is_not_deleted_nor_what_it_lies_in(world: World, match: str) -> None:
    world.declare(clients=[A], roles={"client": {"a": [{"name": "reader"}]}})
    world.apply()
    world.settings(rule(match, "prevent_destroy = true"))
    world.declare()

    plan = world.plan(exit_code=1)

    assert "prevent-destroy" in plan.codes
    world.apply(exit_code=1)
    world.destroy(exit_code=1)
    assert world.client("a") is not None


def test_an_update_that_destroys_is_refused_for_what_is_protected(world: World) -> None:
    world.declare(clients=[{**A, "serviceAccountsEnabled": True}])
    world.apply()
    world.declare(clients=[{**A, "serviceAccountsEnabled": False}])
    world.settings(rule("/clients/a", "prevent_destroy = true"))
    assert "prevent-destroy" in world.plan(exit_code=1).codes
    world.settings("")
    plan = world.plan()
    assert "service account" in plan.change("clients/a")["notes"][0]


def test_a_realm_that_leaves_the_files_is_not_deleted(world: World) -> None:
    world.declare(clients=[A])
    world.apply()
    other = World(f"{world.realm}-other", world.folder, world.admin, world.run)
    other.declare()
    try:
        plan = other.plan()
        assert set(plan.actions) == {"."}
        assert plan.codes == ["realm-not-in-files"]
        other.apply()
        assert world.client("a") is not None
        assert world.entry("clients/a")
    finally:
        other.admin.delete(other.realm, check=False)


def test_an_ignored_field_counts_when_the_object_is_created_and_never_again(
    world: World,
) -> None:
    def client(uri: str, x: str) -> dict[str, Any]:
        return {
            **A,
            "redirectUris": [uri],
            "attributes": {"x.y": x, "z": "1"},
            "description": x,
        }

    world.settings(rule("/clients/*", 'ignore_changes = ["redirectUris", "attributes.x.y"]'))
    world.declare(clients=[client("https://one/*", "1")])
    world.apply()
    live = world.client("a") or {}
    assert live["redirectUris"] == ["https://one/*"]
    assert live["attributes"]["x.y"] == "1"

    # Neither what the files say from now on nor what Keycloak has is looked at.
    world.declare(clients=[client("https://two/*", "2")])
    assert set(world.plan().fields("clients/a")) == {"description"}
    world.apply()
    world.edit_client("a", redirectUris=["https://three/*"], attributes={"x.y": "3"})
    world.is_settled()
    assert (world.client("a") or {})["redirectUris"] == ["https://three/*"]


@pytest.mark.parametrize("on_remove", ["delete", "release"])
def test_on_remove_says_what_happens_to_what_leaves_the_files(
    inhabited: World, on_remove: str
) -> None:
    world = inhabited
    world.admin.post(world.path("clients"), json={"clientId": "theirs"})
    world.declare(clients=[{"clientId": "theirs"}, {"clientId": "ours"}])
    world.apply()
    world.settings(rule("/clients/*", f'on_remove = "{on_remove}"'))
    world.declare()
    assert world.plan().actions == {"clients/ours": on_remove, "clients/theirs": on_remove}
    world.apply()
    gone = on_remove == "delete"
    assert (world.client("theirs") is None) is gone
    assert (world.client("ours") is None) is gone
    assert world.known() == {"."}


def test_a_plan_that_deletes_much_must_be_allowed_explicitly(world: World) -> None:
    roles = [{"name": f"role-{number}"} for number in range(12)]
    world.declare(roles={"realm": roles})
    world.apply()
    world.declare(roles={"realm": roles[:1]})

    assert "mass-delete" in world.plan(exit_code=1).codes
    world.apply(exit_code=1)
    assert world.role("role-11") is not None
    world.apply("--allow-mass-delete")
    assert world.known() == {".", "roles/role-0"}


def test_a_target_is_planned_with_what_it_needs_and_nothing_else(world: World) -> None:
    world.declare(
        clients=[{**A, "serviceAccountsEnabled": True}, {"clientId": "b"}],
        roles={"realm": [{"name": "x"}, {"name": "y"}]},
        users=[{"serviceAccountClientId": "a", "realmRoles": ["x"]}],
    )
    target = f"{world.realm}/clients/a/service-account"

    plan = world.plan("--target", target)

    assert plan.actions == {
        ".": "create",
        "clients/a": "create",
        "clients/a/service-account": "update",
        "roles/x": "create",
    }
    world.apply("--target", target)
    assert world.known() == set(plan.actions)
    assert world.client("b") is None
    # What is left out is neither deleted nor forgotten.
    assert world.plan().actions == {"clients/b": "create", "roles/y": "create"}
    world.apply()
    assert world.plan("--target", f"{world.realm}/clients/*").actions == {}


def test_a_target_that_left_the_files_is_deleted_alone(world: World) -> None:
    world.declare(clients=[A, {"clientId": "b"}])
    world.apply()
    world.declare()
    world.apply("--target", f"{world.realm}/clients/a")
    assert world.client("a") is None
    assert world.client("b") is not None
    assert world.known() == {".", "clients/b"}


def test_a_target_that_matches_nothing_is_an_error(world: World) -> None:
    world.declare(clients=[A])
    world.apply()
    result = world.kcplan("plan", world.file, "--target", "nowhere/*", exit_code=1)
    assert "nowhere/*" in result.stderr
