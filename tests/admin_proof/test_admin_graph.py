"""`kcplan graph --admin`: who may do what to whom, from declared resources alone."""

from inline_snapshot import snapshot

from kcplan.render.diagram import dot, mermaid
from kcplan.resource import Resource
from kcplan_keycloak.admin_proof.declaration import permissions_of
from kcplan_keycloak.admin_proof.graph import diagram
from support.admin_permissions import by_address, permission, policy, role
from support.world import World

OFFICE_HOURS = policy("office hours", "time", config={"hour": "9", "hourEnd": "16"})


def drawn(*resources: Resource) -> str:
    return mermaid(diagram(permissions_of(by_address(*resources))))


def test_an_arrow_has_what_may_be_done_and_a_box_whom_it_may_be_done_to() -> None:
    assert drawn(
        role("support", "support"),
        policy("staff", "group", config={"groups": {"/staff": {"extendChildren": True}}}),
        permission("helpdesk", "Users", ["view", "reset-password"], ["support"]),
        permission("shops", "Clients", ["manage"], ["staff"], ("orders", "stock")),
    ) == snapshot("""\
%% Admin permissions in shop
flowchart LR
  n0["role support"]
  n1["all users"]
  n2["group /staff or below"]
  n3["client orders"]
  n4["client stock"]
  n0 -->|"view, reset-password"| n1
  n2 -->|"manage"| n3
  n2 -->|"manage"| n4
%% An arrow points from who may do something to the objects, with the scopes.
""")


def test_each_of_several_roles_will_do_and_all_policies_of_a_permission_must_hold() -> None:
    assert drawn(
        role("either", "a", "b"),
        policy("people", "user", config={"users": ["alice"]}),
        OFFICE_HOURS,
        permission("p", "Groups", ["view"], ["either", "people", "office hours"]),
    ) == snapshot("""\
%% Admin permissions in shop
flowchart LR
  n0["user alice and role a"]
  n1["all groups"]
  n2["user alice and role b"]
  n0 -->|"view (only from 9:00 to 16:59)"| n1
  n2 -->|"view (only from 9:00 to 16:59)"| n1
%% An arrow points from who may do something to the objects, with the scopes.
""")


def test_what_nobody_can_meet_has_no_arrow() -> None:
    one, other = (policy(n, "user", config={"users": [n]}) for n in ("alice", "bob"))
    nobody = policy("nobody", "user", config={"users": []})
    assert "-->" not in drawn(
        *(one, other, nobody),
        permission("both", "Users", ["view"], ["alice", "bob"]),
        permission("none", "Groups", ["view"], ["nobody"]),
    )


def test_an_aggregate_is_taken_apart_and_what_it_excludes_is_said() -> None:
    assert drawn(
        role("a", "a"),
        role("guest", "guest", logic="NEGATIVE"),
        policy("batch", "client", config={"clients": ["batch"]}),
        policy(
            "one of",
            "aggregate",
            decisionStrategy="AFFIRMATIVE",
            config={"applyPolicies": ["a", "batch"]},
        ),
        permission("p", "Organizations", ["view"], ["one of", "guest"]),
        permission("q", "Roles", ["map-role"], ["guest"], ("seller",)),
    ) == snapshot("""\
%% Admin permissions in shop
flowchart LR
  n0["role a"]
  n1["all organizations"]
  n2["client batch"]
  n3["anyone"]
  n4["role seller"]
  n0 -->|"view (not role guest)"| n1
  n2 -->|"view (not role guest)"| n1
  n3 -->|"map-role (not role guest)"| n4
%% An arrow points from who may do something to the objects, with the scopes.
""")


def test_two_permissions_for_the_same_objects_shut_each_other_out() -> None:
    """Keycloak wants all permissions for an object to agree, which surprises everybody."""
    resources = by_address(
        role("support", "support"),
        role("sales", "sales"),
        permission("for support", "Users", ["view", "manage"], ["support"]),
        permission("for sales", "Users", ["view"], ["sales"]),
        permission("one user", "Users", ["view"], ["sales"], ("alice",)),
    )
    assert dot(diagram(permissions_of(resources))) == snapshot("""\
digraph "Admin permissions in shop" {
  rankdir=LR;
  node [shape=box, style=rounded, fontname="sans-serif"];
  edge [fontname="sans-serif", fontsize=11];
  "who: role sales" [label="role sales"];
  "what: all users" [label="all users"];
  "who: role support" [label="role support"];
  "what: user alice" [label="user alice"];
  "who: role sales" -> "what: all users" [label="view", color="#d1242f", style=dashed];
  "who: role support" -> "what: all users" [label="view, manage", color="#d1242f", style=dashed];
  "who: role sales" -> "what: user alice" [label="view"];
  // An arrow points from who may do something to the objects, with the scopes.
  // Arrows that stand out are not enough: Keycloak also asks another permission for these objects, which does not let the caller in, or the scope has no effect without `view`.
}
""")


def test_a_realm_without_admin_permissions_is_an_empty_diagram() -> None:
    assert drawn() == snapshot("""\
%% Admin permissions
flowchart LR
%% An arrow points from who may do something to the objects, with the scopes.
""")


def test_a_policy_that_no_file_declares_is_named() -> None:
    assert drawn(permission("p", "Users", ["view"], ["elsewhere"])) == snapshot("""\
%% Admin permissions in shop
flowchart LR
  n0["anyone"]
  n1["all users"]
  n0 -->|"view (only if the policy elsewhere allows it)"| n1
%% An arrow points from who may do something to the objects, with the scopes.
""")


def test_boxes_of_several_realms_have_the_realm_in_front() -> None:
    assert drawn(
        role("a", "a"),
        permission("p", "Users", ["view"], ["a"]),
        role("a", "a", realm="other"),
        permission("p", "Users", ["view"], ["a"], realm="other"),
    ) == snapshot("""\
%% Admin permissions
flowchart LR
  n0["other/role a"]
  n1["other/all users"]
  n2["shop/role a"]
  n3["shop/all users"]
  n0 -->|"view"| n1
  n2 -->|"view"| n3
%% An arrow points from who may do something to the objects, with the scopes.
""")


def test_the_permissions_of_the_files_are_drawn_without_a_server(world: World) -> None:
    world.declare(
        adminPermissionsEnabled=True,
        permissions={
            "admin": [
                {
                    "name": "day shift",
                    "resourceType": "Users",
                    "scopes": ["view", "reset-password"],
                    "policies": [
                        {"name": "staff", "groups": ["/staff"]},
                        {"name": "day", "time": {"hour": "8", "hourEnd": "17"}},
                    ],
                }
            ]
        },
    )
    text = world.kcplan("graph", world.file, "--admin", env={"KCPLAN_URL": None}).stdout
    assert text.replace(world.realm, "REALM") == snapshot("""\
%% Admin permissions in REALM
flowchart LR
  n0["group /staff"]
  n1["all users"]
  n0 -->|"reset-password, view (only from 8:00 to 17:59)"| n1
%% An arrow points from who may do something to the objects, with the scopes.
""")


def test_one_graph_at_a_time(world: World) -> None:
    world.declare()
    result = world.kcplan("graph", world.file, "--admin", "--token-exchange", exit_code=1)
    assert "--admin and --token-exchange are two graphs" in result.stderr
