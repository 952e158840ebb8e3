"""The `config` of policies and permissions is a map, and what decides in them is guarded."""

from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.schema import check
from kcplan.shapes import STRING, ListOf, Named, Object, entry_of, is_entry, shape_at
from support.authorization import changed, declare, export, policy, populate, server
from support.importing import comes_back
from support.sabotage import each_write_fails
from support.world import Json, World

IN = "clients/app/authorization"

HOURS: Json = {"name": "hours", "type": "time", "config": {"hour": "8", "hourEnd": "18"}}
GUARD: Json = {
    "name": "Default Permission",
    "type": "resource",
    "config": {
        "defaultResourceType": "urn:app:resources:default",
        "default": "true",
        "applyPolicies": '["hours"]',
    },
}
SMALL: Json = {"policies": [HOURS, GUARD]}


@pytest.fixture
def world(world: World) -> World:
    populate(world)
    return world


def edit(world: World, name: str, **fields: object) -> None:
    """Somebody changes a policy in the console."""
    there = policy(world, name)
    world.admin.put(server(world, "policy", there["id"]), json={**there, **fields})


def declare_hours(world: World, config: Json, **fields: Any) -> None:
    """Let the file say the policy `hours` in this way."""
    declare(world, changed(SMALL, "policies", "hours", config=config, **fields))


# -- entries of `config` ----------------------------------------------------------------------


def test_an_object_with_others_is_a_map_whose_known_fields_have_shapes() -> None:
    shape = Object(
        {
            "config": Object(
                {"roles": Named(Object({"id": STRING}), "id"), "users": ListOf(STRING)},
                others=STRING,
            )
        }
    )
    assert entry_of(shape, ("config", "roles", "a", "id")) == ("config", "roles", "a")
    assert entry_of(shape, ("config", "users")) == ("config", "users")
    assert entry_of(shape, ("config", "own")) == ("config", "own")
    assert not is_entry(shape, ("config",))
    assert shape_at(shape, ("config", "own")) == STRING
    assert [
        (problem.code, problem.path)
        for problem in check(shape, {"config": {"own": "x", "user": "y", "other": []}}).problems
    ] == [("unknown-entry", ("config", "user")), ("wrong-type", ("config", "other"))]


def test_the_default_permission_of_an_export_is_kept(world: World) -> None:
    declare(world, SMALL)
    world.apply()
    assert policy(world, "Default Permission")["config"]["default"] == "true"
    world.is_settled()

    config = {**GUARD["config"], "default": "false"}
    declare(world, changed(SMALL, "policies", "Default Permission", config=config))
    assert world.plan().fields(f"{IN}/permissions/Default Permission") == {
        "config.default": ("true", "false", "config")
    }
    world.apply()
    world.is_settled()


def test_an_import_of_a_default_permission_has_an_empty_plan(world: World) -> None:
    declare(world, SMALL)
    world.apply()
    document = comes_back(world)
    [client] = [item for item in document["clients"] if item["clientId"] == "app"]
    found = client["authorizationSettings"]["policies"]
    assert {item["name"]: item["config"].get("default") for item in found} == {
        "hours": None,
        "Default Permission": "true",
    }
    world.is_settled()


def test_entries_that_keycloak_itself_does_not_read_are_kept(world: World) -> None:
    declare_hours(world, {"hour": "8", "of an extension": "x"})
    world.apply()
    assert policy(world, "hours")["config"] == {"hour": "8", "of an extension": "x"}
    world.is_settled()


def test_a_misspelt_entry_is_said_and_the_right_one_named(world: World) -> None:
    declare_hours(world, {"hour": "8", "hourEnds": "18"})
    [found] = world.plan().document["diagnostics"]
    assert (found["code"], found["severity"], found["summary"]) == snapshot(
        (
            "unknown-entry",
            "warning",
            "nothing of Keycloak's own reads `hourEnds`; did you mean `hourEnd`?",
        )
    )


def test_entries_that_leave_the_files_go(world: World) -> None:
    """An old restriction must not stay in a policy, as an old claim does not in a mapper."""
    declare(world, SMALL)
    world.apply()
    edit(world, "hours", config={"hour": "8", "hourEnd": "18", "minute": "5"})

    declare_hours(world, {"hour": "8"})
    plan = world.plan()
    assert plan.fields(f"{IN}/policies/hours") == {"config.hourEnd": ("18", None, "config")}
    assert plan.change(f"{IN}/policies/hours")["left"] == []
    world.apply()
    assert policy(world, "hours")["config"] == {"hour": "8", "minute": "5"}
    assert world.plan().actions == {}


def test_entries_that_leave_the_files_stay_where_kcplan_did_not_bring_them(world: World) -> None:
    declare(world, {"policies": []})
    world.apply()
    world.admin.post(server(world, "policy"), json=HOURS)
    declare(world, {"policies": [HOURS]})
    world.apply()
    declare(world, {"policies": [{**HOURS, "config": {"hour": "8"}}]})
    plan = world.plan()
    assert plan.fields(f"{IN}/policies/hours") == {}
    assert plan.change(f"{IN}/policies/hours")["left"] == [["config", "hourEnd"]]


def test_what_a_permission_is_for_and_who_may_leave_the_files(world: World) -> None:
    settings: Json = {
        "scopes": [{"name": "view"}],
        "resources": [{"name": "doc", "scopes": [{"name": "view"}]}],
        "policies": [
            HOURS,
            {"name": "both", "type": "aggregate", "config": {"applyPolicies": ["hours"]}},
            {
                "name": "see",
                "type": "scope",
                "config": {"resources": ["doc"], "scopes": ["view"], "applyPolicies": ["both"]},
            },
        ],
    }
    declare(world, settings)
    world.apply()
    before = export(world)
    rest = {"scopes": ["view"]}
    declare(world, changed(settings, "policies", "see", config=rest))
    assert world.plan().fields(f"{IN}/permissions/see") == {
        "config.applyPolicies": (["both"], None, "config"),
        "config.resources": (["doc"], None, "config"),
    }
    world.apply()
    assert world.plan().actions == {}
    [found] = [item for item in export(world)["policies"] if item["name"] == "see"]
    assert {key: value for key, value in found["config"].items() if value not in ("[]", [])} == rest

    declare(world, settings)
    world.apply()
    assert export(world) == before


def test_a_removed_entry_is_back_after_a_rollback(world: World) -> None:
    declare(world, SMALL)
    world.apply()
    before, known = export(world), world.entry(f"{IN}/policies/hours")
    changed_one = {**HOURS, "config": {"hour": "8"}, "logic": "NEGATIVE"}
    declare(world, {"policies": [changed_one, GUARD, {**HOURS, "name": "later"}]})

    def is_as_before() -> None:
        assert export(world) == before
        assert world.entry(f"{IN}/policies/hours") == known

    each_write_fails(world.try_apply, is_as_before)
    world.is_settled()


# -- what decides -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "at"),
    [("hours", "policies/hours"), ("Default Permission", "permissions/Default Permission")],
)
@pytest.mark.parametrize(
    ("field", "was", "now"),
    [("logic", "POSITIVE", "NEGATIVE"), ("decisionStrategy", "UNANIMOUS", "AFFIRMATIVE")],
)
def test_what_decides_in_an_object_that_kcplan_created_is_repaired(
    world: World, name: str, at: str, field: str, was: str, now: str
) -> None:
    declare(world, SMALL)
    world.apply()
    edit(world, name, **{field: now})
    plan = world.plan()
    assert plan.fields(f"{IN}/{at}") == {field: (now, was, "drift")}
    world.apply()
    assert policy(world, name)[field] == was
    world.is_settled()


def test_what_decides_in_an_object_that_was_there_before_stays_as_it_is(world: World) -> None:
    declare(world, {"policies": []})
    world.apply()
    world.admin.post(server(world, "policy"), json={**HOURS, "logic": "NEGATIVE"})
    declare(world, {"policies": [HOURS]})
    world.apply()
    edit(world, "hours", logic="POSITIVE")
    assert world.plan().actions == {}


def test_what_decides_is_as_accepted_after_somebody_changed_it(world: World) -> None:
    declare(world, SMALL)
    world.apply()
    edit(world, "hours", logic="NEGATIVE")
    world.kcplan("refresh", "--accept")
    assert world.plan().actions == {}
    assert policy(world, "hours")["logic"] == "NEGATIVE"


def test_what_decides_goes_back_to_the_default_when_it_leaves_the_files(world: World) -> None:
    declare_hours(world, HOURS["config"], logic="NEGATIVE")
    world.apply()
    declare(world, SMALL)
    plan = world.plan()
    assert plan.fields(f"{IN}/policies/hours") == {"logic": ("NEGATIVE", "POSITIVE", "config")}
    assert plan.change(f"{IN}/policies/hours")["left"] == []
    world.apply()
    assert policy(world, "hours")["logic"] == "POSITIVE"
    world.is_settled()


def test_a_rule_says_that_what_decides_is_somebody_elses(world: World) -> None:
    declare(world, SMALL)
    world.apply()
    world.settings('[[lifecycle]]\nmatch = "REALM/**"\nignore_changes = ["logic"]\n')
    edit(world, "hours", logic="NEGATIVE")
    assert world.plan().actions == {}


def test_the_plan_says_why_it_changes_what_the_files_do_not_mention(world: World) -> None:
    declare(world, SMALL)
    world.apply()
    edit(world, "hours", logic="NEGATIVE")
    text = world.kcplan("plan", world.file, "--no-color").stdout
    line, *_ = [line.strip() for line in text.splitlines() if '"POSITIVE"' in line and "->" in line]
    assert line == snapshot(
        '~ logic = "NEGATIVE" -> "POSITIVE" # changed in Keycloak, because of how kcplan created it'
    )
