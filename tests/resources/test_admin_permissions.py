"""Admin permissions: what files say, what Keycloak does with them, and what goes with an object."""

import json
from pathlib import Path
from typing import Any

import httpx
from inline_snapshot import snapshot

from support.faults import FaultyTransport, status
from support.importing import account
from support.sabotage import Saboteur, sent_through
from support.world import Json, World

CLIENT = "admin-permissions"
EXAMPLES = Path(__file__).parents[2] / "examples"
DESK: Json = {"name": "help desk", "roles": ["helpdesk"]}
ROLES: Json = {"realm": [{"name": "helpdesk"}]}
ORDERS: Json = {"name": "orders", "resourceType": "Clients", "resources": ["orders"]}

ANYBODY: Json = {"name": "all", "resourceType": "Users", "scopes": ["view"]}


def permission(**fields: Any) -> Json:
    return {**ORDERS, "scopes": ["view", "manage"], "policies": ["help desk"], **fields}


def declare(world: World, *permissions: Json, policies: Any = (DESK,), **more: Any) -> None:
    world.declare(
        **{
            "adminPermissionsEnabled": True,
            "clients": [{"clientId": "orders"}, {"clientId": "billing"}],
            "roles": ROLES,
            "permissions": {"adminPolicies": list(policies), "admin": list(permissions)},
            **more,
        }
    )


def server(world: World, *rest: str) -> str:
    """A path in the resource server of the realm's permissions."""
    return world.in_client(CLIENT, "authz", "resource-server", *rest)


def found(world: World, name: str) -> Json | None:
    """A permission as Keycloak has it: the names of all that it names."""
    listed = world.admin.json(server(world, "policy"), max=100)
    one = next((item for item in listed if item["name"] == name), None)
    if one is None:
        return None
    at = server(world, "policy", one["id"])
    clients = world.admin.json(world.path("clients"))
    names = {item["id"]: item["clientId"] for item in clients}
    resources = (item["name"] for item in world.admin.json(f"{at}/resources"))
    return {
        "resources": sorted(names.get(item, item) for item in resources),
        "scopes": sorted(item["name"] for item in world.admin.json(f"{at}/scopes")),
        "policies": sorted(item["name"] for item in world.admin.json(f"{at}/associatedPolicies")),
    }


def said(world: World, text: str) -> str:
    """A text without what is of this run."""
    return text.replace(world.realm, "REALM").replace(f"{world.folder}/", "")


def refused(world: World) -> str:
    """What a plan is refused with, in one line: where it breaks depends on the folder's name."""
    return " ".join(said(world, world.kcplan("plan", world.file, exit_code=1).stderr).split())


def test_all_kinds_of_policies_and_objects_are_made_and_settled(world: World) -> None:
    policies = [
        DESK,
        {"name": "day shift", "groups": ["staff/day"]},
        {"name": "tools", "clients": ["billing"]},
        {"name": "hours", "time": {"hour": "8", "hourEnd": "17"}},
        {"name": "any", "policies": ["help desk", "tools"], "decisionStrategy": "AFFIRMATIVE"},
    ]
    clerks = {"name": "clerks", "roles": [{"id": "orders/clerk", "required": True}]}
    declare(
        world,
        permission(policies=["any", clerks]),
        permission(name="again", resources=["billing"], policies=[clerks]),
        {**ANYBODY, "policies": ["hours"]},
        {
            "name": "the day shift",
            "resourceType": "Groups",
            "resources": ["staff/day"],
            "scopes": ["view-members"],
            "policies": ["day shift"],
        },
        {
            "name": "clerks get it",
            "resourceType": "Roles",
            "resources": ["helpdesk", "orders/clerk"],
            "scopes": ["map-role"],
            "policies": ["hours"],
        },
        {
            "name": "acme",
            "resourceType": "Organizations",
            "resources": ["acme"],
            "scopes": ["view"],
            "policies": ["hours"],
        },
        policies=policies,
        roles={**ROLES, "client": {"orders": [{"name": "clerk"}]}},
        groups=[{"name": "staff", "subGroups": [{"name": "day"}]}],
        organizationsEnabled=True,
        organizations=[{"name": "acme", "alias": "acme"}],
    )
    world.apply()
    assert (found(world, "orders"), found(world, "all")) == snapshot(
        (
            {
                "resources": ["orders"],
                "scopes": ["manage", "view"],
                "policies": ["any", "clerks"],
            },
            {"resources": ["Users"], "scopes": ["view"], "policies": ["hours"]},
        )
    )
    world.is_settled()
    world.kcplan("import", world.realm, "--out", "imported.json", "--state", "other.json")
    imported = json.loads((world.folder / "imported.json").read_text())["permissions"]
    assert imported["adminPolicies"] == snapshot(
        [
            {"name": "any", "decisionStrategy": "AFFIRMATIVE", "policies": ["help desk", "tools"]},
            {"name": "clerks", "roles": [{"id": "orders/clerk", "required": True}]},
            {"name": "day shift", "groups": ["/staff/day"]},
            {"name": "help desk", "roles": ["helpdesk"]},
            {"name": "hours", "time": {"hour": "8", "hourEnd": "17"}},
            {"name": "tools", "clients": ["billing"]},
        ]
    )
    assert imported["admin"] == snapshot(
        [
            {
                "name": "acme",
                "resourceType": "Organizations",
                "resources": ["acme"],
                "scopes": ["view"],
                "policies": ["hours"],
            },
            {
                "name": "again",
                "resourceType": "Clients",
                "resources": ["billing"],
                "scopes": ["manage", "view"],
                "policies": ["clerks"],
            },
            {"name": "all", "resourceType": "Users", "scopes": ["view"], "policies": ["hours"]},
            {
                "name": "clerks get it",
                "resourceType": "Roles",
                "resources": ["helpdesk", "orders/clerk"],
                "scopes": ["map-role"],
                "policies": ["hours"],
            },
            {
                "name": "orders",
                "resourceType": "Clients",
                "resources": ["orders"],
                "scopes": ["manage", "view"],
                "policies": ["any", "clerks"],
            },
            {
                "name": "the day shift",
                "resourceType": "Groups",
                "resources": ["/staff/day"],
                "scopes": ["view-members"],
                "policies": ["day shift"],
            },
        ]
    )


def test_what_keycloak_would_drop_or_keep_without_use_is_refused(world: World) -> None:
    declare(
        world,
        permission(scopes=["veiw", "reset-password"]),
        {"name": "b", "resourceType": "Client", "scopes": ["view"], "policies": ["help desk"]},
    )
    assert refused(world) == snapshot(
        "Error: Keycloak 26.7.3 has no admin permission scopes `reset-password`, `veiw` (did you mean `view`?) for Clients [unknown-to-server] on realm.json:35:9, in REALM/permissions/admin/orders, scopes Correct the name. If an extension or a feature of the server brings it, install or enable that first. The server has: manage, map-roles, map-roles-client-scope, map-roles-composite, view. Error: Keycloak 26.7.3 has no admin resource type `Client`; did you mean `Clients`? [unknown-to-server] on realm.json:45:9, in REALM/permissions/admin/b, resourceType Correct the name. If an extension or a feature of the server brings it, install or enable that first. The server has: Clients, Groups, Organizations, Roles, Users."
    )
    declare(world, permission(), adminPermissionsEnabled=False)
    assert refused(world) == snapshot(
        "Error: realm REALM has admin permissions, and `adminPermissionsEnabled` is off [admin-permissions-disabled] realm.json: REALM/permissions/admin-policies/help desk (line 21), REALM/permissions/admin/orders (line 29) Keycloak asks nobody for permissions that are off. Write `adminPermissionsEnabled: true` in the realm, or remove `admin` and `adminPolicies` from `permissions`."
    )
    declare(
        world,
        permission(decisionStrategy="AFFIRMATIVE"),
        permission(name="c", resources=[]),
        permission(name="d", policies=[{"roles": ["helpdesk"]}]),
        {"name": "e", "scopes": ["view"]},
        policies=[DESK, {"name": "two", "roles": ["helpdesk"], "users": ["anna"]}, {"name": "no"}],
        users=[],
    )
    assert refused(world) == snapshot(
        "Error: 2 findings [unknown-type] realm.json:27:7: the policy 'two' has `roles` and `users` realm.json:36:7: the policy 'no' does not say whom it is about A policy has one of `roles`, `groups`, `users`, `clients`, `clientScopes`, `policies`, `time`. To demand several things at once, make a policy for each, and one with `policies` that names them. Error: decisionStrategy of an admin permission must be UNANIMOUS, not AFFIRMATIVE [wrong-type] on realm.json:54:9, in REALM/permissions/admin/orders, decisionStrategy Keycloak takes no other: all policies of a permission must agree. To have one of them suffice, write a policy with `policies` and `decisionStrategy: AFFIRMATIVE`, and name that one. Error: `resources` of an admin permission is empty [wrong-type] on realm.json:59:9 Leave `resources` out for a permission on all clients. For one on none of them, remove the permission. Error: a policy in a permission has no `name` [missing-name] on realm.json:79:11 Keycloak knows policies by their names. Give it one, or write the name of a policy of `permissions.adminPolicies` in its place. Error: the admin permission 'e' has no `resourceType` [unknown-type] on realm.json:86:7 It says what the permission is about: `Clients`, `Groups`, `Organizations`, `Roles`, `Users`."
    )


def test_a_permission_follows_its_objects_and_says_what_vanished_with_them(world: World) -> None:
    declare(world, permission(), permission(name="both", resources=["orders", "billing"]))
    world.apply()
    world.settings('[[moved]]\nfrom = "REALM/clients/orders"\nto = "REALM/clients/sales"\n')
    renamed = {"clients": [{"clientId": "sales"}, {"clientId": "billing"}]}
    both = permission(name="both", resources=["sales", "billing"])
    declare(world, permission(resources=["sales"]), both, **renamed)
    assert world.plan().actions == {"clients/sales": "move"}
    world.apply()
    world.is_settled()
    everything = {key: value for key, value in both.items() if key != "resources"}
    declare(world, permission(resources=["sales"]), everything, **renamed)
    plan = world.plan()
    assert plan.change("permissions/admin/both")["notes"] == [
        "it is for all clients of the realm, those to come as well"
    ]
    assert [risk["summary"] for risk in plan.document["risks"]] == [
        "it permits manage for all clients"
    ]
    declare(world, permission(resources=["sales"]), both, **renamed)

    # Keycloak deletes a permission with the last object that it is for.
    world.admin.delete(world.in_client("sales"))
    assert found(world, "orders") is None
    assert found(world, "both") == snapshot(
        {"resources": ["billing"], "scopes": ["manage", "view"], "policies": ["help desk"]}
    )
    drift = world.refresh("--detailed-exitcode", exit_code=2)
    assert drift.drift == snapshot(
        {
            "clients/sales": "delete",
            "permissions/admin/both": "update",
            "permissions/admin/orders": "delete",
        }
    )
    world.apply()
    world.is_settled()
    assert found(world, "orders") is not None


def test_what_others_made_is_said_and_no_policy_takes_a_permission_along(world: World) -> None:
    declare(world, permission())
    world.apply()
    desk = world.admin.json(server(world, "policy", "search"), name="help desk")["id"]
    theirs = {"name": "theirs", "resourceType": "Users", "scopes": ["manage"], "policies": [desk]}
    at = server(world, "permission", "scope")
    world.admin.post(at, json=theirs)
    unmanaged = world.refresh().document["unmanaged"]
    assert [said(world, item["address"]) for item in unmanaged] == snapshot(
        ["REALM/permissions/admin/theirs"]
    )
    declare(world, permission(policies=["others"]), policies=[{"name": "others", "users": []}])
    failed = world.kcplan("apply", world.file, "--auto-approve", exit_code=3)
    assert "the only policy of the permission 'theirs'" in failed.stderr
    assert found(world, "orders") == snapshot(
        {"resources": ["orders"], "scopes": ["manage", "view"], "policies": ["help desk"]}
    )


def test_permissions_of_others_are_back_with_what_they_are_for(world: World) -> None:
    clients = [{"clientId": name} for name in ("orders", "billing", "last")]
    declare(world, clients=clients, groups=[{"name": "a/b"}])
    world.apply()
    world.admin.post(world.in_client("orders", "roles"), json={"name": "clerk"})
    above = world.admin.json(world.path("groups"))[0]["id"]
    inner = world.admin.post(world.path("groups", above, "children"), json={"name": "day"}).json()
    ids = {name: world.in_client(name).rsplit("/", 1)[1] for name in ("orders", "billing")}
    ids["clerk"] = str(world.admin.json(world.in_client("orders", "roles", "clerk"))["id"])
    ids["day"] = inner["id"]
    desk = world.admin.json(server(world, "policy", "search"), name="help desk")["id"]
    for name, kind, scope, objects in (
        ("one", "Clients", "view", ["orders"]),
        ("two", "Clients", "manage", ["orders", "billing"]),
        ("role", "Roles", "map-role", ["clerk"]),
        ("day", "Groups", "view", ["day"]),
    ):
        body = {"name": name, "resourceType": kind, "scopes": [scope], "policies": [desk]}
        resources = [ids[item] for item in objects]
        at = server(world, "permission", "scope")
        world.admin.post(at, json={**body, "description": "theirs", "resources": resources})
    before = [found(world, name) for name in ("one", "two")]
    assert before[0] == {"resources": ["orders"], "scopes": ["view"], "policies": ["help desk"]}

    declare(world, clients=[])
    plan = world.plan("--delete-unmanaged")
    going = ("clients/orders", "clients/billing", "groups/a%2Fb")
    notes = {name: plan.change(name)["notes"] for name in going}
    assert notes == snapshot(
        {
            "clients/orders": [
                "its sessions and its users' consents are lost",
                "takes along the admin permission one",
                "takes along the admin permission role",
                "takes along the admin permission two",
            ],
            "clients/billing": [
                "its sessions and its users' consents are lost",
                "takes along the admin permission two",
            ],
            "groups/a%2Fb": [
                "made again, the group has another id",
                "takes along the admin permission day",
            ],
        }
    )
    with sent_through(Saboteur({2: status(500)})):
        failed = world.try_apply("--delete-unmanaged")
    assert failed.exit_code == 3, failed.stderr
    assert [found(world, name) for name in ("one", "two")] == before
    there = found(world, "role")
    assert there is not None
    role = world.admin.json(world.in_client("orders", "roles", "clerk"))
    assert there["resources"] == [role["id"]]


def test_a_permission_that_goes_with_its_objects_is_back_as_it_was(world: World) -> None:
    clients = [{"clientId": name} for name in ("first", "orders", "billing")]
    declare(world, permission(resources=["orders", "billing"]), clients=clients)
    world.apply()
    before = found(world, "orders")
    assert before is not None
    declare(world, clients=[])
    # The permission and `first` go at once, then one of its clients, and the last step fails.
    with sent_through(Saboteur({3: status(500)})):
        failed = world.try_apply()
    assert failed.exit_code == 3, failed.stderr
    assert found(world, "orders") == before


def test_a_rollback_keeps_what_others_changed_of_a_permission(world: World) -> None:
    masked = {"name": "masked", "attributes": {"key": ["abc"]}}
    roles = {"realm": [*ROLES["realm"], masked]}
    clients = [{"clientId": name} for name in ("orders", "billing", "to stay")]
    declare(world, clients=clients, roles=roles)
    world.apply()
    role = world.admin.json(world.path("roles", "masked"))
    role["attributes"] = {"key": ["**********"]}
    world.admin.put(world.path("roles", "masked"), json=role)
    ids = [world.in_client(name).rsplit("/", 1)[1] for name in ("orders", "billing")]
    desk = world.admin.json(server(world, "policy", "search"), name="help desk")["id"]
    own = server(world, "permission", "scope")
    scopes = {"scopes": ["view", "manage"], "resources": ids, "policies": [desk]}
    theirs = {"name": "theirs", "resourceType": "Clients"}
    made = world.admin.post(own, json={**theirs, **scopes}).json()["id"]
    mapping = {"name": "mapping", "resourceType": "Roles", "scopes": ["map-role"]}
    world.admin.post(own, json={**mapping, "resources": [role["id"]], "policies": [desk]})

    def meanwhile(inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        """Somebody takes a scope away while the client is gone."""
        less = {**theirs, "scopes": ["view"], "resources": ids[1:], "policies": [desk]}
        world.admin.put(f"{own}/{made}", json={**less, "id": made})
        return inner.handle_request(request)

    declare(world, clients=[{"clientId": "billing"}])
    with sent_through(Saboteur({2: status(500)}, undoing={0: meanwhile})):
        failed = world.try_apply()
    assert "masked is back without its secret" in failed.stderr
    assert found(world, "theirs") == snapshot(
        {"resources": ["billing", "orders"], "scopes": ["view"], "policies": ["help desk"]}
    )
    again = found(world, "mapping")
    assert again is not None
    assert again["policies"] == ["help desk"]


def test_an_export_plans_nothing_for_the_realm_that_it_is_of(world: World) -> None:
    declare(world, permission(), {**ANYBODY, "policies": ["help desk"]})
    world.apply()
    document = world.export()
    kept = {"orders", "billing", CLIENT}
    clients = [item for item in document["clients"] if item["clientId"] in kept]
    for client in clients:
        client.pop("secret", None)
    world.declare(adminPermissionsEnabled=True, roles=ROLES, clients=clients)
    plan = world.plan()
    ours = {item["address"]: item for item in plan.document["resource_changes"]}
    assert [ours[a]["changes"] for a in ours if "/permissions/" in a] == [[]] * 3


def test_keycloak_checks_permissions_at_their_own_end_point_only(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "adminPermissionsEnabled": True})
    at = server(world, "permission", "scope")

    def answer(path: str, **fields: Any) -> int:
        return world.admin.post(path, json={"name": "p", **fields}, check=False).status_code

    plain = {"resourceType": "Clients", "scopes": ["view"]}
    assert answer(at, **plain, decisionStrategy="AFFIRMATIVE") == 400
    assert answer(at, **plain, decisionStrategy="CONSENSUS") == 400
    assert answer(at, **{**plain, "scopes": ["reset-password"]}) == 400
    config = {"defaultResourceType": "Clients", "scopes": '["reset-password"]'}
    assert answer(server(world, "policy"), type="scope", config=config) == 201
    assert answer(at, **plain) == 409
    assert world.admin.get(server(world, "settings"), check=False).status_code == 400


def test_the_example_is_applied_and_settled(world: World) -> None:
    text = (EXAMPLES / "admin-permissions" / "help-desk.toml").read_text()
    file = world.folder / "help-desk.toml"
    file.write_text(text.replace('realm = "admin-permissions"', f'realm = "{world.realm}"'))
    world.kcplan("apply", file, "--auto-approve")
    world.kcplan("plan", file, "--detailed-exitcode")
    assert found(world, "clerks look after the orders") == {
        "resources": ["orders"],
        "scopes": ["manage", "view"],
        "policies": ["clerks"],
    }


def test_who_may_not_see_admin_permissions_deletes_as_before(world: World) -> None:
    world.declare(enabled=True, adminPermissionsEnabled=True, groups=[{"name": "staff"}])
    world.apply()
    login = account(world, "view-realm", "manage-users")
    world.declare(enabled=True, adminPermissionsEnabled=True)
    world.apply(env=login)
    assert world.admin.json(world.path("groups")) == []


def test_an_object_that_may_not_be_seen_hides_no_permission_that_goes(world: World) -> None:
    declare(world, groups=[{"name": "staff"}])
    world.apply()
    world.admin.post(world.path("groups"), json={"name": "secret service"})
    groups = {item["name"]: item["id"] for item in world.admin.json(world.path("groups"))}
    desk = world.admin.json(server(world, "policy", "search"), name="help desk")["id"]
    client = world.in_client("orders").rsplit("/", 1)[1]
    for name, kind, item in (
        ("on clients", "Clients", client),
        ("on groups", "Groups", groups["staff"]),
        ("on others", "Groups", groups["secret service"]),
    ):
        body = {"name": name, "resourceType": kind, "scopes": ["view"], "policies": [desk]}
        at = server(world, "permission", "scope")
        world.admin.post(at, json={**body, "resources": [item]})
    declare(world, clients=[{"clientId": "billing"}])
    transport = FaultyTransport()
    unseen = f"/groups/{groups['secret service']}"
    transport.fail(status(403), method="GET", path=unseen)
    with sent_through(transport):
        plan = world.plan()
    assert transport.count("GET", unseen) == 1
    assert "takes along the admin permission on clients" in plan.change("clients/orders")["notes"]
    assert "takes along the admin permission on groups" in plan.change("groups/staff")["notes"]
