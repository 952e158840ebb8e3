"""Roles of service accounts: authoritative where declared, watched where not."""

from typing import Any

import pytest

from support.world import World

ADMIN = "realm-management/realm-admin"
CLIENT = {"clientId": "Svc-A", "serviceAccountsEnabled": True}


def declare(world: World, account: dict[str, Any] | None, **more: Any) -> None:
    users = [] if account is None else [{"serviceAccountClientId": "Svc-A", **account}]
    world.declare(
        clients=[CLIENT, {"clientId": "b"}],
        roles={
            "realm": [{"name": "x"}, {"name": "y"}],
            "client": {"b": [{"name": "read"}, {"name": "write"}]},
        },
        users=users,
        **more,
    )


def test_declared_roles_are_granted_and_revoked(world: World) -> None:
    roles = {"b": ["read"], "realm-management": ["view-users"]}
    declare(world, {"realmRoles": ["x"], "clientRoles": roles})
    world.apply()
    world.is_settled()
    assert world.granted("Svc-A") == {"x", "b/read", "realm-management/view-users"}
    account = world.account("Svc-A")

    declare(world, {"realmRoles": ["y"], "clientRoles": {"b": ["write"]}})
    plan = world.plan()
    assert plan.fields("clients/Svc-A/service-account") == {
        "realmRoles": (["x"], ["y"], "config"),
        "clientRoles.b": (["read"], ["write"], "config"),
        "clientRoles.realm-management": (["view-users"], None, "config"),
    }
    world.apply()
    world.is_settled()
    assert world.granted("Svc-A") == {"y", "b/write"}
    assert (world.account("Svc-A") or {})["id"] == (account or {})["id"]

    declare(world, {"realmRoles": [], "clientRoles": {}})
    world.apply()
    world.is_settled()
    assert world.granted("Svc-A") == set()
    # The default role is Keycloak's: it is never taken away.
    user = world.path("users", (account or {})["id"], "role-mappings", "realm")
    assert [r["name"] for r in world.admin.json(user)] == [f"default-roles-{world.realm}"]


def test_a_role_granted_by_hand_is_revoked_where_roles_are_declared(world: World) -> None:
    declare(world, {"realmRoles": ["x"], "clientRoles": {}})
    world.apply()
    world.grant("Svc-A", "y")
    world.grant("Svc-A", ADMIN)

    refresh = world.refresh("--detailed-exitcode", exit_code=2)
    assert refresh.fields("clients/Svc-A/service-account", of="drift") == {
        "realmRoles": (["x"], ["x", "y"], "drift"),
        "clientRoles.realm-management": (None, ["realm-admin"], "drift"),
    }
    plan = world.plan()

    assert plan.fields("clients/Svc-A/service-account") == {
        "realmRoles": (["x", "y"], ["x"], "drift"),
        "clientRoles.realm-management": (["realm-admin"], None, "drift"),
    }
    world.apply()
    world.is_settled()
    assert world.granted("Svc-A") == {"x"}


@pytest.mark.parametrize("declared", [{"realmRoles": ["x"]}, {}])
def test_a_role_granted_by_hand_is_never_silent(world: World, declared: dict[str, Any]) -> None:
    declare(world, declared)
    world.apply()
    world.grant("Svc-A", ADMIN)

    refresh = world.refresh("--detailed-exitcode", exit_code=2)
    assert refresh.fields("clients/Svc-A/service-account", of="drift") == {
        "clientRoles.realm-management": (None, ["realm-admin"], "drift")
    }
    plan = world.plan()
    assert plan.actions == {}
    assert plan.codes == ["roles-changed-outside"]
    world.apply()
    assert world.granted("Svc-A") >= {ADMIN}
    # It is told until somebody says that it is meant.
    world.refresh("--detailed-exitcode", exit_code=2)
    world.refresh("--accept")
    assert world.refresh("--detailed-exitcode").drift == {}
    assert world.plan().codes == []


def test_an_account_that_leaves_the_files_loses_what_kcplan_granted_and_lives_on(
    inhabited: World,
) -> None:
    world = inhabited
    world.admin.post(world.path("clients"), json=CLIENT)
    world.grant("Svc-A", "offline_access")
    account = world.account("Svc-A")
    declare(world, {"realmRoles": ["x", "offline_access"], "clientRoles": {"b": ["read"]}})
    world.apply()
    declare(world, None)

    plan = world.plan()

    assert plan.actions == {"clients/Svc-A/service-account": "release"}
    assert plan.fields("clients/Svc-A/service-account") == {
        "realmRoles": (["offline_access", "x"], ["offline_access"], "config"),
        "clientRoles.b": (["read"], [], "config"),
    }
    world.apply()
    assert world.granted("Svc-A") == {"offline_access"}
    assert (world.account("Svc-A") or {})["id"] == (account or {})["id"]
    assert "clients/Svc-A/service-account" not in world.known()


def test_an_accounts_own_fields_are_written_and_all_others_kept(inhabited: World) -> None:
    world = inhabited
    world.admin.post(world.path("clients"), json=CLIENT)
    account = world.account("Svc-A") or {}
    theirs = {"firstName": "First", "lastName": "Last", "email": "a@b.c"}
    user = world.path("users", account["id"])
    world.admin.put(user, json={**account, **theirs, "attributes": {"theirs": ["1"]}})
    declare(world, {"attributes": {"ours": ["2"]}, "lastName": "Ours"})
    assert world.plan().fields("clients/Svc-A/service-account") == {
        "attributes.ours": (None, ["2"], "config"),
        "lastName": ("Last", "Ours", "config"),
    }
    world.apply()
    world.is_settled()
    after = world.account("Svc-A") or {}
    assert (after["firstName"], after["lastName"], after["email"]) == ("First", "Ours", "a@b.c")
    assert after["attributes"] == {"theirs": ["1"], "ours": ["2"]}


def test_groups_are_joined_and_left(inhabited: World) -> None:
    world = inhabited
    staff = world.admin.create(world.path("groups"), {"name": "staff"})
    world.admin.post(world.path("groups", staff, "children"), json={"name": "it"})

    def groups() -> set[str]:
        user = (world.account("Svc-A") or {})["id"]
        return {item["path"] for item in world.admin.json(world.path("users", user, "groups"))}

    declare(world, {"groups": ["/staff", "/staff/it"]})
    world.apply()
    world.is_settled()
    assert groups() == {"/staff", "/staff/it"}
    declare(world, {"groups": ["/staff/it"]})
    world.apply()
    world.is_settled()
    assert groups() == {"/staff/it"}


def test_a_deleted_account_is_made_again_by_apply_and_by_nothing_else(world: World) -> None:
    declare(world, {"realmRoles": ["x"]})
    world.apply()
    old = world.account("Svc-A") or {}
    world.admin.delete(world.path("users", old["id"]))

    assert world.refresh("--detailed-exitcode", exit_code=2).drift == {
        "clients/Svc-A/service-account": "delete"
    }
    plan = world.plan()
    assert plan.actions == {"clients/Svc-A/service-account": "update"}
    assert world.account("Svc-A") is None
    world.apply()
    world.is_settled()
    assert world.granted("Svc-A") == {"x"}
    assert (world.account("Svc-A") or {})["id"] != old["id"]


def test_a_role_that_a_deleted_role_left_behind_is_granted_again(world: World) -> None:
    declare(world, {"realmRoles": ["x", "y"]})
    world.apply()
    world.admin.delete(world.path("roles", "x"))

    plan = world.plan()

    assert plan.actions == {"roles/x": "create", "clients/Svc-A/service-account": "update"}
    world.apply()
    world.is_settled()
    assert world.granted("Svc-A") == {"x", "y"}


def test_what_a_new_account_has_through_default_groups_nobody_granted(world: World) -> None:
    groups = [
        {"name": name, "realmRoles": ["member"], "subGroups": []} for name in ("members", "others")
    ]
    sections = {"groups": groups, "roles": {"realm": [{"name": "member"}]}}
    client = {"clientId": "orders", "serviceAccountsEnabled": True}
    world.declare(**sections, defaultGroups=["/members"])
    world.apply()

    world.declare(**sections, defaultGroups=["/members"], clients=[client])
    world.apply()

    world.is_settled()
    assert world.refresh("--detailed-exitcode").drift == {}

    account = world.account("orders")
    assert account is not None
    group = next(g for g in world.admin.json(world.path("groups")) if g["name"] == "others")
    world.admin.put(world.path("users", account["id"], "groups", group["id"]))
    drift = world.refresh("--detailed-exitcode", exit_code=2).drift
    assert set(drift) == {"clients/orders/service-account"}
