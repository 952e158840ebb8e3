"""Roles and what they are composed of."""

from support.world import World


def test_a_roles_fields_change_one_by_one_and_the_rest_stays(inhabited: World) -> None:
    world = inhabited
    theirs = {"name": "r", "description": "theirs", "attributes": {"theirs": ["1"]}}
    world.admin.post(world.path("roles"), json=theirs)
    world.declare(roles={"realm": [{"name": "r", "attributes": {"ours": ["1", "2"]}}]})
    assert world.plan().fields("roles/r") == {"attributes.ours": (None, ["1", "2"], "config")}
    world.apply()
    world.is_settled()
    live = world.role("r") or {}
    assert live["description"] == "theirs"
    assert {key: sorted(values) for key, values in live["attributes"].items()} == {
        "theirs": ["1"],
        "ours": ["1", "2"],
    }

    world.declare(roles={"realm": [{"name": "r", "description": "ours"}]})
    world.apply()
    world.is_settled()
    live = world.role("r") or {}
    assert (live["description"], live["attributes"]) == ("ours", {"theirs": ["1"]})

    world.declare(roles={"realm": [{"name": "r", "description": "", "attributes": {}}]})
    world.apply()
    world.is_settled()
    live = world.role("r") or {}
    assert not live.get("description")
    assert live["attributes"] == {}


def test_composites_are_exhaustive_where_they_are_declared(world: World) -> None:
    parts = {"realm": ["x", "y"], "client": {"a": ["cx"], "realm-management": ["view-users"]}}
    others = [{"name": "x"}, {"name": "y"}]
    world.declare(
        roles={
            "realm": [*others, {"name": "r", "composites": parts}],
            "client": {"a": [{"name": "cx"}]},
        },
        clients=[{"clientId": "a"}],
    )
    world.apply()
    world.is_settled()
    assert world.composites("roles", "r") == {"x", "y", "cx", "view-users"}

    fewer = {"realm": ["x"]}
    world.declare(
        roles={
            "realm": [*others, {"name": "r", "composites": fewer}],
            "client": {"a": [{"name": "cx"}]},
        },
        clients=[{"clientId": "a"}],
    )
    assert world.plan().fields("roles/r") == {
        "composites.realm": (["x", "y"], ["x"], "config"),
        "composites.client.a": (["cx"], None, "config"),
        "composites.client.realm-management": (["view-users"], None, "config"),
    }
    world.apply()
    world.is_settled()
    assert world.composites("roles", "r") == {"x"}

    world.declare(
        roles={
            "realm": [*others, {"name": "r", "composites": {}}],
            "client": {"a": [{"name": "cx"}]},
        },
        clients=[{"clientId": "a"}],
    )
    world.apply()
    world.is_settled()
    assert world.composites("roles", "r") == set()


def test_a_part_that_somebody_added_is_drift_declared_or_not(world: World) -> None:
    roles = [{"name": "x"}, {"name": "r", "composites": {"realm": ["x"]}}, {"name": "s"}]
    world.declare(roles={"realm": roles})
    world.apply()
    extra = world.role("offline_access")
    for name in ("r", "s"):
        world.admin.post(world.path("roles", name, "composites"), json=[extra])

    refresh = world.refresh("--detailed-exitcode", exit_code=2)

    assert refresh.fields("roles/r", of="drift") == {
        "composites.realm": (["x"], ["offline_access", "x"], "drift")
    }
    assert refresh.fields("roles/s", of="drift") == {
        "composites.realm": ([], ["offline_access"], "drift")
    }
    # Declared, it is repaired; not declared, it stays, and stays told.
    assert world.plan().actions == {"roles/r": "update"}
    world.apply()
    assert world.composites("roles", "r") == {"x"}
    assert world.composites("roles", "s") == {"offline_access"}
    assert world.refresh("--detailed-exitcode", exit_code=2).drift == {"roles/s": "update"}


def test_roles_may_be_composed_in_a_circle(world: World) -> None:
    circle = [
        {"name": "x", "composites": {"realm": ["y"]}},
        {"name": "y", "composites": {"realm": ["z"], "client": {"a": ["w"]}}},
        {"name": "z", "composites": {"realm": ["x"]}},
    ]
    in_client = {"a": [{"name": "w", "composites": {"realm": ["x"]}}]}
    world.declare(roles={"realm": circle, "client": in_client}, clients=[{"clientId": "a"}])
    world.apply()
    world.is_settled()
    assert world.composites("roles", "z") == {"x"}
    world.declare()
    assert set(world.plan().actions.values()) == {"delete"}
    world.apply()
    assert world.known() == {"."}


def test_parts_that_kcplan_added_are_taken_back_when_composites_leave_the_files(
    inhabited: World,
) -> None:
    world = inhabited
    world.admin.post(world.path("roles"), json={"name": "r"})
    world.admin.post(world.path("roles", "r", "composites"), json=[world.role("uma_authorization")])
    parts = {"realm": ["uma_authorization", "offline_access"]}
    world.declare(roles={"realm": [{"name": "r", "composites": parts}]})
    world.apply()
    world.declare(roles={"realm": [{"name": "r"}]})
    assert world.plan().fields("roles/r") == {
        "composites.realm": (
            ["offline_access", "uma_authorization"],
            ["uma_authorization"],
            "config",
        )
    }
    world.apply()
    world.is_settled()
    assert world.composites("roles", "r") == {"uma_authorization"}


def test_the_default_role_is_a_role_whose_parts_can_be_declared(world: World) -> None:
    name = f"default-roles-{world.realm}"
    parts = {"realm": ["ours"], "client": {"account": ["view-profile"]}}
    world.declare(roles={"realm": [{"name": "ours"}, {"name": name, "composites": parts}]})
    plan = world.plan()
    assert plan.actions[f"roles/{name}"] == "update"
    world.apply()
    world.is_settled()
    assert world.composites("roles", name) == {"ours", "view-profile"}
    assert world.entry(f"roles/{name}")["adopted"] is True
    # Gone from the files, the role stays, with what Keycloak may have given it.
    world.declare()
    assert world.plan().actions == {f"roles/{name}": "release", "roles/ours": "delete"}
    world.apply()
    assert world.composites("roles", name) == {"view-profile"}
