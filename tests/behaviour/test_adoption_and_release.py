"""Objects that come and go: created, adopted, recreated, released, deleted."""

from typing import Any

import pytest

from support.world import World

A = {"clientId": "a"}


def test_what_exists_is_adopted_with_its_changes_shown_and_its_id_kept(inhabited: World) -> None:
    world = inhabited
    world.admin.post(world.path("clients"), json={**A, "description": "theirs"})
    world.admin.post(world.path("roles"), json={"name": "r"})
    before = world.client("a") or {}
    world.declare(clients=[{**A, "description": "ours"}], roles={"realm": [{"name": "r"}]})

    plan = world.plan("--detailed-exitcode", exit_code=2)

    assert plan.actions == {".": "adopt", "clients/a": "adopt", "roles/r": "adopt"}
    assert plan.fields("clients/a") == {"description": ("theirs", "ours", "config")}
    assert plan.fields("roles/r") == {}
    world.apply()
    world.is_settled()
    assert (world.client("a") or {})["id"] == before["id"]
    assert world.entry("clients/a")["adopted"] is True


def test_an_adoption_without_changes_is_a_change_of_its_own(inhabited: World) -> None:
    world = inhabited
    world.declare()
    before = world.export()
    assert world.plan("--detailed-exitcode", exit_code=2).actions == {".": "adopt"}
    result = world.apply()
    assert "1 adopted" in result.stdout
    assert world.export() == before
    assert world.plan("--detailed-exitcode").actions == {}


def test_leaving_the_files_deletes_what_was_created_and_releases_what_was_adopted(
    inhabited: World,
) -> None:
    world = inhabited
    for name in ("theirs", "other"):
        world.admin.post(world.path("clients"), json={"clientId": name})
    world.admin.post(world.path("roles"), json={"name": "theirs"})
    world.declare(
        clients=[
            {"clientId": "theirs", "name": "named by us", "attributes": {"ours": "1"}},
            {"clientId": "ours"},
        ],
        roles={
            "realm": [{"name": "theirs"}, {"name": "ours"}],
            "client": {"theirs": [{"name": "of-ours"}]},
        },
    )
    world.apply()
    world.declare()

    plan = world.plan()

    assert plan.actions == {
        "clients/ours": "delete",
        "clients/theirs": "release",
        "clients/theirs/roles/of-ours": "delete",
        "roles/ours": "delete",
        "roles/theirs": "release",
    }
    assert plan.fields("clients/theirs") == {"attributes.ours": ("1", None, "config")}
    assert plan.change("clients/theirs")["left"] == [["name"]]
    world.apply()
    assert world.known() == {"."}
    assert world.client("ours") is None
    assert world.role("ours") is None
    assert world.role("theirs") is not None
    live = world.client("theirs") or {}
    assert live["name"] == "named by us"
    assert "ours" not in live["attributes"]
    assert world.admin.json(world.in_client("theirs", "roles")) == []
    assert world.client("other") is not None


def test_what_somebody_deleted_is_created_again_with_all_that_was_in_it(world: World) -> None:
    world.declare(
        clients=[{**A, "serviceAccountsEnabled": True, "attributes": {"x": "1"}}],
        roles={"client": {"a": [{"name": "reader"}]}},
        users=[{"serviceAccountClientId": "a", "clientRoles": {"a": ["reader"]}}],
    )
    world.apply()
    world.admin.delete(world.in_client("a"))

    assert world.refresh("--detailed-exitcode", exit_code=2).drift == {
        "clients/a": "delete",
        "clients/a/roles/reader": "delete",
        "clients/a/service-account": "delete",
    }
    plan = world.plan()
    assert plan.actions == {
        "clients/a": "create",
        "clients/a/roles/reader": "create",
        "clients/a/service-account": "update",
    }
    assert plan.change("clients/a")["reason"] == "it was deleted in Keycloak since the last apply"
    world.apply()
    world.is_settled()
    assert world.granted("a") == {"a/reader"}


def test_what_somebody_deleted_and_created_anew_goes_on_as_adopted(world: World) -> None:
    world.declare(clients=[{**A, "description": "d"}], roles={"realm": [{"name": "r"}]})
    world.apply()
    world.admin.delete(world.in_client("a"))
    world.admin.post(world.path("clients"), json=A)
    world.admin.delete(world.path("roles", "r"))
    world.admin.post(world.path("roles"), json={"name": "r"})

    refresh = world.refresh("--detailed-exitcode", exit_code=2)
    assert refresh.drift == {"clients/a": "replace", "roles/r": "replace"}
    plan = world.plan()
    assert plan.actions == {"clients/a": "adopt", "roles/r": "adopt"}
    assert plan.change("clients/a")["reason"] == "it was deleted and created again in Keycloak"
    world.apply()
    world.is_settled()
    # It is somebody else's now: leaving the files releases it.
    world.declare()
    assert world.plan().actions == {"clients/a": "release", "roles/r": "release"}


def test_a_recreated_object_that_has_left_the_files_is_not_deleted(world: World) -> None:
    world.declare(clients=[A])
    world.apply()
    world.admin.delete(world.in_client("a"))
    world.admin.post(world.path("clients"), json=A)
    world.declare()
    assert world.plan().actions == {"clients/a": "release"}
    world.apply()
    assert world.client("a") is not None
    assert world.known() == {"."}


def test_what_is_gone_from_files_and_keycloak_is_forgotten(world: World) -> None:
    world.declare(clients=[A])
    world.apply()
    world.admin.delete(world.in_client("a"))
    world.declare()
    assert world.plan("--detailed-exitcode").actions == {}
    world.apply()
    assert world.known() == {"."}


def test_destroy_removes_what_kcplan_created_and_releases_what_it_adopted(
    inhabited: World,
) -> None:
    world = inhabited
    world.admin.post(world.path("clients"), json={**A, "attributes": {"theirs": "1"}})
    before = world.export()
    world.declare(
        attributes={"ours": "1"},
        clients=[{**A, "attributes": {"ours": "1"}}, {"clientId": "b"}],
        roles={"realm": [{"name": "ours"}]},
    )
    world.apply()

    world.destroy()

    assert world.export() == before
    assert world.known() == set()


def test_destroy_deletes_a_realm_that_kcplan_created(world: World) -> None:
    world.declare(clients=[A], roles={"realm": [{"name": "r"}]})
    world.apply()
    world.destroy()
    assert world.admin.get(world.realm, check=False).status_code == 404
    assert world.known() == set()


def test_destroy_with_delete_adopted_deletes_that_too(inhabited: World) -> None:
    world = inhabited
    world.admin.post(world.path("clients"), json=A)
    world.declare(clients=[A])
    world.apply()
    world.settings('[[lifecycle]]\nmatch = "REALM"\non_remove = "release"\n')
    world.destroy("--delete-adopted")
    assert world.client("a") is None
    assert world.admin.get(world.realm).is_success


@pytest.mark.parametrize("section", ["clients", "roles", "all"])
def test_keycloaks_own_objects_are_adopted_and_never_deleted(world: World, section: str) -> None:
    clients = [{"clientId": "account", "name": "Ours"}, {"clientId": "realm-management"}]
    roles: dict[str, Any] = {
        "realm": [{"name": "offline_access", "description": "ours"}],
        "client": {"account": [{"name": "view-profile", "description": "ours"}]},
    }
    declared: dict[str, Any] = {}
    if section != "roles":
        declared["clients"] = clients
    if section != "clients":
        declared["roles"] = roles
    world.declare(**declared)
    actions = world.plan().actions
    assert actions.pop(".") == "create"
    assert set(actions.values()) == {"update"}
    world.apply()
    world.is_settled()
    world.declare()
    assert set(world.plan().actions.values()) == {"release"}
    world.apply()
    assert world.client("account") is not None
    assert world.role("offline_access") is not None
    assert world.known() == {"."}
