"""A saved plan is executed exactly as it was reviewed, or refused with the reason."""

import json
from pathlib import Path
from typing import Any

import pytest

from support.world import World

PLAN = "the.kcplan"
SECRET = "the-first-secret-of-this-client"


def declare(world: World, **fields: Any) -> None:
    client = {"clientId": "a", "secret": "${CLIENT_SECRET}", **fields}
    world.declare(clients=[client, {"clientId": "b"}], roles={"realm": [{"name": "r"}]})


@pytest.fixture
def saved(world: World) -> World:
    """A world with a saved plan that changes the description of one client and its secret."""
    world.variables["CLIENT_SECRET"] = SECRET
    declare(world, description="one", redirectUris=["https://a/*"])
    world.apply()
    world.variables["CLIENT_SECRET"] = f"{SECRET}-changed"
    declare(world, description="two", redirectUris=["https://a/*"])
    world.plan("--out", PLAN)
    return world


def refused(world: World, *words: str, args: tuple[str, ...] = (), **more: Any) -> None:
    before = world.client("a")
    state = world.state_file.read_bytes() if world.state_file.exists() else None
    result = world.kcplan("apply", PLAN, *args, exit_code=1, **more)
    assert result.stderr.count("Error:") == 1
    for word in words:
        assert word in result.stderr, result.stderr
    assert world.client("a") == before
    assert (world.state_file.read_bytes() if world.state_file.exists() else None) == state


def test_it_is_executed_without_a_question(saved: World) -> None:
    result = saved.kcplan("apply", PLAN)
    assert "1 changed" in result.stdout
    live = saved.client("a") or {}
    assert (live["description"], live["secret"]) == ("two", f"{SECRET}-changed")
    saved.is_settled()


def test_it_is_executed_even_where_the_files_have_changed_since(saved: World) -> None:
    saved.file.write_text(saved.file.read_text().replace('"two"', '"three"'))
    saved.kcplan("apply", PLAN)
    assert (saved.client("a") or {})["description"] == "two"
    assert saved.plan().fields("clients/a") == {"description": ("two", "three", "config")}


def test_it_is_executed_only_once(saved: World) -> None:
    saved.kcplan("apply", PLAN)
    refused(saved, "the state has changed since the plan was made")


def test_an_object_that_changed_in_keycloak_refuses_it(saved: World) -> None:
    saved.edit_client("a", description="by hand")
    refused(saved, "clients/a has changed in Keycloak")


def test_an_object_that_was_deleted_in_keycloak_refuses_it(saved: World) -> None:
    saved.admin.delete(saved.in_client("a"))
    refused(saved, "clients/a has changed in Keycloak")


def test_an_object_that_appeared_where_one_is_to_be_created_refuses_it(world: World) -> None:
    world.declare(clients=[{"clientId": "b"}])
    world.apply()
    world.declare(clients=[{"clientId": "a"}, {"clientId": "b"}])
    world.plan("--out", PLAN)
    world.admin.post(world.path("clients"), json={"clientId": "a"})
    refused(world, "clients/a has changed in Keycloak")


def test_anything_that_is_to_be_deleted_and_has_changed_refuses_it(world: World) -> None:
    world.declare(clients=[{"clientId": "a", "description": "one"}])
    world.apply()
    world.declare()
    world.plan("--out", PLAN)
    world.edit_client("a", name="somebody needs it")
    refused(world, "clients/a has changed in Keycloak")


def test_what_the_plan_does_not_touch_may_have_changed(saved: World) -> None:
    saved.edit_client("a", name="by hand", redirectUris=["https://by-hand/*"])
    saved.edit_client("b", name="by hand")
    saved.admin.post(saved.path("clients"), json={"clientId": "new"})
    saved.admin.delete(saved.path("roles", "r"))
    saved.kcplan("apply", PLAN)
    live = saved.client("a") or {}
    assert (live["description"], live["name"]) == ("two", "by hand")
    assert live["redirectUris"] == ["https://by-hand/*"]


def test_another_secret_refuses_it(saved: World) -> None:
    saved.variables["CLIENT_SECRET"] = "something-else-altogether"
    refused(saved, "secret", "is another one now")


def test_a_secret_that_is_gone_refuses_it(saved: World) -> None:
    saved.variables["CLIENT_SECRET"] = None
    refused(saved, "secret", "cannot be read again")


def test_an_edited_file_refuses_it(saved: World) -> None:
    file = saved.folder / PLAN
    file.write_text(file.read_text().replace('"two"', '"evil"'))
    refused(saved, "the saved plan was changed after it was made")


@pytest.mark.parametrize("content", ["", "{}", "{", "[]", "\x00", '{"format_version": 99}'])
def test_a_file_that_is_no_plan_refuses_it(saved: World, content: str) -> None:
    (saved.folder / PLAN).write_text(content)
    refused(saved)


def test_a_newer_format_refuses_it(saved: World) -> None:
    file = saved.folder / PLAN
    file.write_text(file.read_text().replace('"format_version": 1', '"format_version": 2', 1))
    refused(saved, "A newer kcplan wrote it")


def test_another_server_refuses_it(saved: World) -> None:
    shown = saved.kcplan("show", PLAN, "--format", "json").stdout
    other = json.loads(shown)["server"]["url"].replace("127.0.0.1", "localhost")
    refused(saved, "the plan was made for", env={"KCPLAN_URL": other})


def test_another_state_refuses_it(saved: World, tmp_path: Path) -> None:
    document = json.loads(saved.state_file.read_text())
    other = tmp_path / "other"
    other.mkdir()
    elsewhere = World(saved.realm, other, saved.admin, saved.run, saved.variables)
    elsewhere.declare(clients=[{"clientId": "b"}])
    elsewhere.apply(cwd=other)
    refused(
        saved,
        "the plan was made from another state",
        document["lineage"],
        args=("--state", str(elsewhere.state_file)),
    )


def test_a_state_that_moved_on_refuses_it(saved: World) -> None:
    saved.kcplan("state", "rm", f"{saved.realm}/roles/r")
    refused(saved, "the state has changed since the plan was made")


def test_a_state_that_is_gone_refuses_it(saved: World) -> None:
    saved.state_file.unlink()
    refused(saved)


def test_a_plan_for_a_state_that_does_not_exist_yet_can_be_executed(inhabited: World) -> None:
    world = inhabited
    world.variables["CLIENT_SECRET"] = SECRET
    declare(world, description="new")
    world.plan("--out", PLAN)
    assert not world.state_file.exists()
    world.kcplan("apply", PLAN)
    world.is_settled()
    assert (world.client("a") or {})["secret"] == SECRET


def test_two_plans_for_a_state_that_does_not_exist_yet_exclude_each_other(
    inhabited: World,
) -> None:
    world = inhabited
    world.declare(clients=[{"clientId": "a"}])
    world.plan("--out", PLAN)
    world.plan("--out", "other.kcplan")
    world.kcplan("apply", "other.kcplan")
    refused(world)


def test_a_plan_with_errors_is_not_saved(inhabited: World) -> None:
    inhabited.declare(clients=[{"clientId": "a", "defaultClientScopes": ["nobody"]}])
    inhabited.plan("--out", PLAN, exit_code=1)
    assert not (inhabited.folder / PLAN).exists()


def test_a_plan_without_changes_can_be_saved_and_executed(saved: World) -> None:
    saved.kcplan("apply", PLAN)
    saved.plan("--out", "empty.kcplan")
    saved.kcplan("apply", "empty.kcplan")
    saved.is_settled()


def test_a_rename_with_changes_below_can_be_saved_and_executed(world: World) -> None:
    def declare_client(name: str, description: str) -> None:
        world.declare(
            clients=[{"clientId": name, "description": description}],
            roles={"client": {name: [{"name": "r", "description": description}]}},
        )

    declare_client("old", "one")
    world.apply()
    declare_client("new", "two")
    world.settings('[[moved]]\nfrom = "REALM/clients/old"\nto = "REALM/clients/new"\n')
    world.plan("--out", PLAN)
    world.kcplan("apply", PLAN)
    world.is_settled()


def test_a_failed_saved_plan_is_rolled_back_with_its_secrets(world: World) -> None:
    world.variables["CLIENT_SECRET"] = SECRET
    declare(world, description="one")
    world.apply()
    world.variables["CLIENT_SECRET"] = f"{SECRET}-changed"
    declare(world, description="x" * 300)
    document = json.loads(world.file.read_text())
    document["clients"][1]["secret"] = "${CLIENT_SECRET}"
    world.file.write_text(json.dumps(document))
    world.plan("--out", PLAN)
    before = (world.client("a"), (world.client("b") or {})["secret"])
    world.kcplan("apply", PLAN, exit_code=3)
    assert (world.client("a"), (world.client("b") or {})["secret"]) == before
