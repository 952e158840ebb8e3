"""`kcplan verify` tries admin permissions: what they let somebody do, and what they do not."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.config.load import load
from kcplan.secret import Secret
from kcplan_keycloak.admin_proof import stand_ins
from kcplan_keycloak.admin_proof.declaration import permissions_of
from kcplan_keycloak.admin_proof.proving import prove
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.auth import Connection
from kcplan_keycloak.resources import registry
from kcplan_keycloak.token_exchange.report import Proof, text
from kcplan_keycloak.token_exchange.verifying import Verification
from support.harness import Server
from support.world import World

PAGE = Path(__file__).parents[2] / "docs" / "verify.md"


@pytest.fixture
def api(keycloak: Server) -> Iterator[AdminApi]:
    connection = Connection(
        url=keycloak.url, username=keycloak.username, password=Secret(keycloak.password)
    )
    with AdminApi(connection) as api:
        yield api


def declare(
    world: World, admin: list[dict[str, Any]], policies: list[dict[str, Any]], **sections: Any
) -> None:
    world.declare(
        enabled=True,
        adminPermissionsEnabled=True,
        permissions={"admin": admin, "adminPolicies": policies},
        **sections,
    )


def allow(name: str, kind: str, scopes: list[str], *policies: str, **more: Any) -> dict[str, Any]:
    """A permission."""
    return {"name": name, "resourceType": kind, "scopes": scopes, "policies": policies, **more}


def proven(world: World, api: AdminApi) -> str:
    """What is said of the world's permissions, tried in its own realm."""
    config = load([str(world.file)], registry(), {})
    permissions = permissions_of(config.resources)
    stand_ins.make(api, stand_ins.absent(permissions, config.resources), config.resources)
    world.apply()
    verdicts = prove(api, permissions)
    said = text(Proof(Verification(()), verdicts)).replace(world.realm, "REALM")
    return re.sub(r"20\d\d-\d\d-\d\d\n  \d\d:\d\d", "DATE\n  TIME", said)


ROLES = {"realm": [{"name": "support"}]}
SUPPORT = {"name": "support", "roles": ["support"]}

MEMBERS = "view-members manage-members manage-membership-of-members impersonate-members"
KINDS = {
    "Users": ("alice", "view manage map-roles manage-group-membership reset-password impersonate"),
    "Groups": ("/staff/day", f"view manage manage-membership {MEMBERS}"),
    "Clients": ("orders", "view manage map-roles map-roles-composite map-roles-client-scope"),
    "Roles": ("shop/seller", "map-role map-role-composite map-role-client-scope"),
    "Organizations": ("acme", "view manage"),
}


def test_every_scope_is_tried_by_a_request_that_needs_it(world: World, api: AdminApi) -> None:
    """Also on objects that the files do not declare, as users seldom are: they have stand-ins."""
    declare(
        world,
        [
            allow(f"{kind} {scope}", kind, [scope], "support", resources=[name])
            for kind, (name, scopes) in KINDS.items()
            for scope in scopes.split()
        ],
        [SUPPORT],
        roles=ROLES,
        organizationsEnabled=True,
    )
    assert proven(world, api).splitlines()[-1] == snapshot(
        "69 requests for 23 admin permissions: 69 passed."
    )


def test_the_page_shows_what_is_said(world: World, api: AdminApi) -> None:
    declare(
        world,
        [
            allow("acme", "Organizations", ["manage"], "support", resources=["acme"]),
            allow("helpdesk", "Users", ["reset-password"], "support"),
        ],
        [SUPPORT],
        roles=ROLES,
        organizationsEnabled=True,
    )
    said = proven(world, api).replace("REALM", "shop")
    assert f"$ kcplan verify --sandbox\n{said}```" in PAGE.read_text()


def test_what_fails_is_explained_and_what_cannot_be_tried_is_said(
    world: World, api: AdminApi
) -> None:
    declare(
        world,
        [
            allow("helpdesk", "Users", ["view", "reset-password"], "support"),
            allow("sellers view", "Users", ["view"], "sales"),
            allow("batch", "Clients", ["view", "manage"], "is batch", resources=["orders"]),
            allow("portal", "Clients", ["view"], "is portal", resources=["portal"]),
            allow("staff", "Groups", ["view"], "in staff", "no seller"),
            allow("orders", "Clients", ["map-roles"], "support"),
            allow("clerks", "Clients", ["map-roles-composite"], "sales"),
            allow("millennium", "Roles", ["map-role"], "support", "in 2000"),
            allow("boss", "Clients", ["view"], "is boss", resources=["stock"]),
            allow("alice", "Groups", ["manage"], "is alice", "sales", resources=["/staff"]),
            allow("acme", "Organizations", ["manage"], "support", resources=["acme"]),
        ],
        [
            SUPPORT,
            {"name": "sales", "roles": ["sales"]},
            {"name": "no seller", "roles": ["sales"], "logic": "NEGATIVE"},
            {"name": "is boss", "roles": ["boss"]},
            {"name": "is batch", "clients": ["batch"]},
            {"name": "is portal", "clients": ["portal"]},
            {"name": "in staff", "groups": [{"path": "/staff", "extendChildren": True}]},
            {"name": "is alice", "users": ["alice"]},
            {"name": "in 2000", "time": {"year": "2000"}},
        ],
        roles={
            "realm": [
                {"name": "support"},
                {"name": "sales"},
                {
                    "name": "boss",
                    "composites": {"client": {"realm-management": ["view-clients"]}},
                },
            ]
        },
        organizationsEnabled=True,
        users=[{"username": "alice", "enabled": True}],
        groups=[{"name": "staff"}],
        clients=[
            {"clientId": "orders"},
            {"clientId": "stock"},
            {"clientId": "portal", "publicClient": True},
            {"clientId": "batch", "serviceAccountsEnabled": True},
        ],
        organizations=[{"name": "acme", "domains": [{"name": "acme.example"}]}],
    )
    assert proven(world, api) == snapshot("""\
RESULT    PERMISSION    WHO                                   MAY                   WHOM OR WHAT
failed    acme          role support                          manage                organization acme
passed    acme          anybody else                          manage                organization acme     must be refused
passed    acme          role support                          manage                another organization  must be refused
passed    acme          role support                          view                  organization acme     must be refused
failed    alice         user alice and role sales             manage                group /staff
passed    alice         user alice and role sales             manage                group /staff          must be refused
passed    alice         user alice and role sales             manage                another group         must be refused
passed    alice         user alice and role sales             6 other scopes        group /staff          must be refused
passed    batch         client batch                          manage, view          client orders
passed    batch         anybody else                          manage, view          client orders         must be refused
passed    batch         client batch                          manage, view          another client        must be refused
passed    batch         client batch                          3 other scopes        client orders         must be refused
passed    boss          role boss                             view                  client stock
passed    boss          anybody else                          view                  client stock          must be refused
failed    boss          role boss                             view                  another client        must be refused
passed    boss          role boss                             4 other scopes        client stock          must be refused
failed    clerks        role sales                            map-roles-composite   all clients
passed    clerks        anybody else                          map-roles-composite   all clients           must be refused
passed    clerks        role sales                            4 other scopes        all clients           must be refused
failed    helpdesk      role support                          reset-password        all users
failed    helpdesk      role support                          view                  all users
passed    helpdesk      anybody else                          reset-password, view  all users             must be refused
passed    helpdesk      role support                          4 other scopes        all users             must be refused
unproven  millennium    role support                          map-role              all roles
passed    millennium    role support                          map-role              all roles             must be refused at this time
passed    millennium    anybody else                          map-role              all roles             must be refused
failed    orders        role support                          map-roles             all clients
passed    orders        anybody else                          map-roles             all clients           must be refused
passed    orders        role support                          4 other scopes        all clients           must be refused
passed    portal        client portal                         view                  client portal
passed    portal        anybody else                          view                  client portal         must be refused
passed    portal        client portal                         view                  another client        must be refused
passed    portal        client portal                         4 other scopes        client portal         must be refused
failed    sellers view  role sales                            view                  all users
passed    sellers view  role sales                            5 other scopes        all users             must be refused
passed    staff         group /staff or below                 view                  all groups
passed    staff         role sales and group /staff or below  view                  all groups            must be refused
passed    staff         group /staff or below                 6 other scopes        all groups            must be refused

REALM: role support may manage organization acme (acme): failed
  Keycloak answered 403 Forbidden.
  In Keycloak `manage` of Organizations has no effect without `view`. Add `view` to the
  scopes. [admin-permission-without-view]

REALM: user alice and role sales may manage group /staff (alice): failed
  Keycloak answered 403 Forbidden.
  The caller does not meet all policies of the permission: a user or client that a
  policy names must have the roles and groups that the other policies ask for.

REALM: role boss must not view another client (boss): failed
  Keycloak allowed it.
  The caller has the roles query-clients, view-clients of realm-management. They count
  for the whole realm, whatever permissions say. Take them away from the role, group or
  account that the policy names. [admin-permission-undeclared]

REALM: role sales may map-roles-composite all clients (clerks): failed
  Keycloak answered 403 Forbidden.
  Keycloak wants all permissions for all objects of a type to let the caller in, even
  those for other scopes (its issue 50740), and orders does not. Name the objects of
  this permission in `resources`, or let the same callers in by both.
  [admin-permissions-disagree]

REALM: role support may reset-password all users (helpdesk): failed
  Keycloak answered 403 Forbidden.
  Keycloak wants all permissions for all objects of a type to let the caller in, even
  those for other scopes (its issue 50740), and sellers view does not. Name the objects
  of this permission in `resources`, or let the same callers in by both.
  [admin-permissions-disagree]

REALM: role support may view all users (helpdesk): failed
  Keycloak answered 403 Forbidden.
  Keycloak wants all permissions for the same objects and scope to let the caller in,
  and sellers view does not. Make one permission of them, with an aggregate policy whose
  decisionStrategy is AFFIRMATIVE: it lets in whoever meets one of its policies.
  [admin-permissions-disagree]

REALM: role support may map-role all roles (millennium): unproven
  It is the wrong time: allowed only in 2000, and the server's clock says DATE
  TIME. Verify again at such a time.

REALM: role support may map-roles all clients (orders): failed
  Keycloak answered 403 Forbidden.
  Keycloak wants all permissions for all objects of a type to let the caller in, even
  those for other scopes (its issue 50740), and clerks does not. Name the objects of
  this permission in `resources`, or let the same callers in by both.
  [admin-permissions-disagree]

REALM: role sales may view all users (sellers view): failed
  Keycloak answered 403 Forbidden.
  Keycloak wants all permissions for the same objects and scope to let the caller in,
  and helpdesk does not. Make one permission of them, with an aggregate policy whose
  decisionStrategy is AFFIRMATIVE: it lets in whoever meets one of its policies.
  [admin-permissions-disagree]

73 requests for 11 admin permissions: 64 passed, 8 failed, 1 unproven.
""")
