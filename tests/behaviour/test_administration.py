"""A plan says when somebody lets the account of a client administer the realm."""

from typing import Any

import pytest
from inline_snapshot import snapshot

from support.world import World

ACCOUNT = "clients/svc/service-account"
CODE = "administration-granted-outside"
MANAGE = "realm-management/manage-users"


def declare(world: World, **more: Any) -> None:
    clients = [{"clientId": "svc", "serviceAccountsEnabled": True}, {"clientId": "other"}]
    world.declare(**{"clients": clients, **more})


@pytest.fixture
def world(world: World) -> World:
    declare(world)
    world.apply()
    return world


def compose(world: World, role: str, part: str) -> None:
    """Somebody makes a realm role, or `client/role`, that is composed of another one."""
    client, _, name = role.rpartition("/")
    roles = [*(["clients", world.admin.client_id(world.realm, client)] if client else []), "roles"]
    world.admin.post(world.path(*roles), json={"name": name})
    of, _, short = part.rpartition("/")
    found = world.admin.json(
        world.in_client(of, "roles", short) if of else world.path("roles", short)
    )
    world.admin.post(world.path(*roles, name, "composites"), json=[found])


def group(world: World, role: str, name: str = "staff", above: str = "") -> str:
    at = world.path("groups", above, "children") if above else world.path("groups")
    made = world.admin.create(at, {"name": name})
    client, _, short = role.rpartition("/")
    found = world.admin.json(world.in_client(client, "roles", short))
    at = world.path("groups", made, "role-mappings", "clients", found["containerId"])
    world.admin.post(at, json=[found])
    return made


def join(world: World, name: str) -> None:
    user = (world.account("svc") or {})["id"]
    world.admin.put(world.path("users", user, "groups", name))


def is_said(world: World, *fields: str) -> None:
    """The plan says these, leaves all as it is, and is not said to match."""
    plan = world.plan("--detailed-exitcode")
    assert plan.actions == {}
    assert plan.codes == [CODE] * len(fields)
    assert plan.outside == ({ACCOUNT: list(fields)} if fields else {})


def test_a_role_that_administers_is_said_until_it_is_accepted(world: World) -> None:
    is_said(world)
    world.grant("svc", MANAGE)
    is_said(world, "clientRoles.realm-management")
    world.apply()
    is_said(world, "clientRoles.realm-management")
    world.refresh("--accept")
    is_said(world)
    world.grant("svc", "realm-management/impersonation")
    plan = world.plan()
    assert plan.fields(ACCOUNT, of="outside") == {
        "clientRoles.realm-management": (
            ["manage-users"],
            ["impersonation", "manage-users"],
            "drift",
        )
    }


def test_other_roles_are_for_refresh(world: World) -> None:
    world.grant("svc", "realm-management/view-users")
    world.grant("svc", "offline_access")
    is_said(world)


def test_roles_that_are_composed_of_one_are_said(world: World) -> None:
    compose(world, "boss", MANAGE)
    compose(world, "boss of bosses", "boss")
    world.grant("svc", "boss of bosses")
    is_said(world, "realmRoles")


def test_roles_of_managed_clients_that_are_composed_of_one_are_said(world: World) -> None:
    declare(world, roles={"client": {"other": [{"name": "boss", "description": "d"}]}})
    world.apply()
    found = world.admin.json(world.in_client("realm-management", "roles", "manage-users"))
    world.admin.post(world.in_client("other", "roles", "boss", "composites"), json=[found])
    world.refresh("--accept")
    world.grant("svc", "other/boss")
    is_said(world, "clientRoles.other")


def test_a_group_that_has_one_is_said_and_so_is_a_group_in_it(world: World) -> None:
    above = group(world, MANAGE)
    join(world, above)
    is_said(world, "groups./staff.clientRoles.realm-management")
    world.refresh("--accept")
    is_said(world)
    below = world.admin.create(world.path("groups", above, "children"), {"name": "below"})
    join(world, below)
    is_said(world, "groups./staff/below.clientRoles.realm-management")


def test_an_account_that_a_file_declares_is_not_asked_for(world: World) -> None:
    declare(world, users=[{"serviceAccountClientId": "svc", "realmRoles": []}])
    world.apply()
    world.grant("svc", MANAGE)
    assert world.plan().codes == ["roles-changed-outside"]


def test_a_renamed_client_is_said_under_its_new_name(world: World) -> None:
    world.grant("svc", MANAGE)
    world.settings('[[moved]]\nfrom = "REALM/clients/svc"\nto = "REALM/clients/new"\n')
    clients = [{"clientId": "new", "serviceAccountsEnabled": True}, {"clientId": "other"}]
    world.declare(clients=clients)
    for _ in range(2):
        assert set(world.plan().outside) == {"clients/new/service-account"}
        world.apply()


def test_a_rule_says_that_roles_are_somebody_elses(world: World) -> None:
    world.settings(
        '[[lifecycle]]\nmatch = "REALM/clients/*/service-account"\n'
        'ignore_changes = ["clientRoles"]\n'
    )
    world.grant("svc", MANAGE)
    is_said(world)


def test_the_text_names_the_account_and_the_role(world: World) -> None:
    world.grant("svc", MANAGE)
    text = world.kcplan("plan", world.file, "--no-color")
    assert text.stdout.replace(world.realm, "REALM") == snapshot("""\
Needs attention

  Danger: the service account gets the role manage-users (changed in Keycloak,
          and left so) [admin-for-service-account]
    REALM/clients/svc/service-account: clientRoles.realm-management

`kcplan explain CODE` says why, and what to do about it.

Changed outside of the files, left as it is

No file mentions these fields, so kcplan leaves them as they are. Declare them,
or accept them with `kcplan refresh --accept`. Until then they are reported.

  # REALM/clients/svc/service-account has changed
  ~ service-account "svc" {
      + clientRoles = {
          + realm-management = ["manage-users"]
        }
    }

No changes. Keycloak has what the files say, but 1 field that no file mentions changed.
""")
