"""What accounts of managed clients are granted is watched, although no file declares them."""

from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.grants import find_grants
from kcplan.lifecycle import Rules
from kcplan.snapshot import Snapshot
from kcplan.state import ResourceState, ServerIdentity, State
from kcplan_keycloak.resources import registry
from support.readers import sign_in
from support.sabotage import WAYS, Saboteur, sent_through
from support.world import World

ADMIN = "realm-management/realm-admin"
ACCOUNT = "clients/svc/service-account"
ROLE = {"clientRoles.realm-management": (None, ["realm-admin"], "drift")}


def declare(world: World, description: str = "Svc", **more: Any) -> None:
    client = {"clientId": "svc", "description": description, "serviceAccountsEnabled": True}
    document = {
        "clients": [client],
        "roles": {"realm": [{"name": "x"}, {"name": "y"}]},
        "displayName": description,
    }
    world.declare(**document | more)


def group(world: World, *roles: str, name: str = "staff", above: str = "") -> str:
    """Somebody makes a group with these roles, and gives its id."""
    at = world.path("groups", above, "children") if above else world.path("groups")
    made = world.admin.create(at, {"name": name})
    for role in roles:
        client, _, short = role.rpartition("/")
        of = world.in_client(client, "roles", short) if client else world.path("roles", short)
        kind = ("clients", world.admin.json(of)["containerId"]) if client else ("realm",)
        at = world.path("groups", made, "role-mappings", *kind)
        world.admin.post(at, json=[world.admin.json(of)])
    return made


def join(world: World, name: str) -> None:
    user = (world.account("svc") or {})["id"]
    world.admin.put(world.path("users", user, "groups", name))


def is_reported(world: World, fields: dict[str, tuple[Any, ...]]) -> None:
    refresh = world.refresh("--detailed-exitcode", exit_code=2 if fields else 0)
    assert refresh.drift == ({ACCOUNT: "update"} if fields else {})
    assert refresh.outside == {}
    if fields:
        assert refresh.fields(ACCOUNT, of="drift") == fields


def test_a_role_given_by_hand_stays_reported_until_it_is_accepted(world: World) -> None:
    declare(world)
    world.apply()
    is_reported(world, {})
    world.grant("svc", "x")
    world.grant("svc", ADMIN)
    fields = {**ROLE, "realmRoles": (None, ["x"], "drift")}
    for number in range(2):
        declare(world, f"Svc {number}")
        world.apply()
        is_reported(world, fields)
    assert world.refresh("--detailed-exitcode", "--only-managed").drift == {ACCOUNT: "update"}
    world.refresh("--accept")
    is_reported(world, {})
    declare(world, "Another")
    world.apply()
    is_reported(world, {})
    world.grant("svc", "y")
    is_reported(world, {"realmRoles": (["x"], ["x", "y"], "drift")})


def test_what_it_has_through_groups_is_reported(world: World) -> None:
    declare(world)
    world.apply()
    above = group(world, ADMIN, name="a.b")
    below = group(world, "x", name="below", above=above)
    join(world, group(world, name="nothing"))
    is_reported(world, {})
    join(world, below)
    through = {
        "groups./a.b/below.clientRoles.realm-management": (None, ["realm-admin"], "drift"),
        "groups./a.b/below.realmRoles": (None, ["x"], "drift"),
    }
    is_reported(world, through)
    world.refresh("--accept")
    is_reported(world, {})
    role = world.admin.json(world.path("roles", "y"))
    world.admin.post(world.path("groups", above, "role-mappings", "realm"), json=[role])
    is_reported(world, {"groups./a.b/below.realmRoles": (["x"], ["x", "y"], "drift")})


def test_a_group_that_a_declared_account_is_put_into_is_reported(world: World) -> None:
    users = [{"serviceAccountClientId": "svc", "realmRoles": ["x"]}]
    declare(world, users=users)
    world.apply()
    join(world, group(world, ADMIN))
    fields = {"groups./staff.clientRoles.realm-management": (None, ["realm-admin"], "drift")}
    is_reported(world, fields)
    world.grant("svc", "y")
    is_reported(world, {**fields, "realmRoles": (["x"], ["x", "y"], "drift")})


def test_a_group_that_the_files_put_it_into_is_no_drift(world: World) -> None:
    declare(world)
    world.apply()
    group(world, "x")
    declare(world, users=[{"serviceAccountClientId": "svc", "groups": ["/staff"]}])
    world.apply()
    is_reported(world, {})


@pytest.mark.parametrize("changes", [True, False])
def test_what_it_had_when_the_client_was_adopted_is_no_drift(
    inhabited: World, *, changes: bool
) -> None:
    world = inhabited
    client = {"clientId": "svc", "serviceAccountsEnabled": True, "description": "Svc"}
    world.admin.post(world.path("clients"), json=client)
    world.admin.post(world.path("roles"), json={"name": "x"})
    world.grant("svc", "x")
    join(world, group(world, "x"))
    declare(world, "Ours" if changes else "Svc", roles={})
    world.apply()
    is_reported(world, {})
    world.grant("svc", ADMIN)
    is_reported(world, ROLE)


def test_a_failed_apply_and_a_rename_accept_nothing(world: World) -> None:
    declare(world)
    world.apply()
    world.refresh("--accept")
    world.grant("svc", "x")
    declare(world, "Another")
    with sent_through(Saboteur({1: WAYS["status 500"]})):
        world.apply("--parallelism", 1, exit_code=3)
    is_reported(world, {"realmRoles": (None, ["x"], "drift")})
    world.refresh("--accept")
    world.settings('[[moved]]\nfrom = "REALM/clients/svc"\nto = "REALM/clients/new"\n')
    declare(world, clients=[{"clientId": "new", "serviceAccountsEnabled": True}])
    world.apply()
    is_reported(world, {})


def test_a_renamed_role_is_no_drift(world: World) -> None:
    declare(world)
    world.apply()
    world.grant("svc", "x")
    join(world, group(world, "y"))
    world.refresh("--accept")
    world.settings(
        '[[moved]]\nfrom = "REALM/roles/x"\nto = "REALM/roles/x2"\n'
        '[[moved]]\nfrom = "REALM/roles/y"\nto = "REALM/roles/y2"\n'
    )
    declare(world, roles={"realm": [{"name": "x2"}, {"name": "y2"}]})
    world.apply()
    is_reported(world, {})


def test_to_declare_the_account_and_to_leave_it_accepts_nothing(world: World) -> None:
    declare(world)
    world.apply()
    world.grant("svc", "x")
    world.refresh("--accept")
    world.grant("svc", "y")
    added = {"realmRoles": (["x"], ["x", "y"], "drift")}
    declare(world, users=[{"serviceAccountClientId": "svc", "firstName": "Svc"}])
    world.apply()
    is_reported(world, added)
    declare(world)
    world.apply()
    is_reported(world, added)


def test_a_client_that_is_made_again_has_a_new_account(world: World) -> None:
    declare(world)
    world.apply()
    world.grant("svc", ADMIN)
    world.refresh("--accept")
    declare(world, clients=[])
    world.apply()
    declare(world)
    world.apply()
    is_reported(world, {})


def test_a_rule_says_that_roles_are_somebody_elses(world: World) -> None:
    declare(world)
    world.apply()
    world.settings(
        '[[lifecycle]]\nmatch = "REALM/clients/*/service-account"\n'
        'ignore_changes = ["clientRoles"]\n'
    )
    world.grant("svc", ADMIN)
    is_reported(world, {})


def test_who_may_not_see_accounts_is_told_so_and_sees_the_rest(world: World) -> None:
    declare(world, enabled=True, adminEventsEnabled=True)
    world.apply()
    variables = sign_in(world, ["view-realm", "view-clients", "view-events"])
    world.edit_client("svc", consentRequired=True)
    refresh = world.refresh(env=variables)
    assert refresh.outside == {"clients/svc": ["consentRequired"]}
    plan = world.plan(env=variables)
    assert (refresh.codes, plan.codes) == (["accounts-not-seen"], ["accounts-not-seen"])
    assert plan.outside == refresh.outside
    assert world.kcplan("refresh", env=variables).stderr == snapshot("""\
Note: what the service accounts of managed clients are granted was not looked at [accounts-not-seen]

The account that kcplan uses may not see users, so a role that somebody gives to these
accounts passes unseen, one that administers the realm as well: svc. Give it the role
view-users.

""")
    assert world.plan().codes == []


def test_the_text_says_what_was_granted(world: World) -> None:
    declare(world)
    world.apply()
    world.grant("svc", ADMIN)
    text = world.kcplan("refresh", "--no-color").stdout
    assert text.replace(world.realm, "REALM") == snapshot("""\
Needs attention

  Danger: the service account gets the role realm-admin
          [admin-for-service-account]
    REALM/clients/svc/service-account: clientRoles.realm-management

`kcplan explain CODE` says why, and what to do about it.

Objects have changed outside of kcplan

  # REALM/clients/svc/service-account has changed
  ~ service-account "svc" {
      + clientRoles = {
          + realm-management = ["realm-admin"]
        }
    }

Drift: 1 resource changed outside of kcplan.
""")


def test_a_role_that_kcplan_itself_gave_is_neither_gained_nor_lost() -> None:
    realm, field = Address.of("r"), ("clientRoles", "realm-management")
    client = realm.child("clients", "a")
    entries = (
        ResourceState(client, "client", "1", granted={field: ["impersonation"]}),
        ResourceState(realm.child("permissions", "impersonation", "a"), "impersonation", "2"),
    )
    state = State("l").with_resources(entries)

    def found(*roles: str) -> list[tuple[object, object]]:
        granted = {client.child("service-account"): {field: list(roles)}}
        live = Snapshot(ServerIdentity("https://sso.example"), granted=granted)
        changes = find_grants(state, live, registry(), Rules(()))
        return [(item.before, item.after) for change in changes for item in change.changes]

    assert found("impersonation") == []
    assert found("impersonation", "manage-users") == [(None, ["manage-users"])]
