"""What Keycloak keeps for itself: the client with the roles that administer a realm, and others."""

import json
from pathlib import Path

import httpx
import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.snapshot import LiveObject
from kcplan.state import ResourceState
from kcplan_state.file import StateFile
from support.importing import account, comes_back
from support.planning import plan
from support.sabotage import sent_through
from support.world import Changes, Json, World

CLIENT = "clients/realm-management"
ROLE: Json = {"name": "of ours"}


def said(plan: Changes) -> list[tuple[str, str, str]]:
    """What is said of such objects: code, address, path."""
    return [
        (item["code"], item["address"].replace(plan.realm, "REALM"), ".".join(item["path"]))
        for item in plan.document["diagnostics"]
        if item["code"].startswith("kept-object")
    ]


def exported(world: World) -> Json:
    """What an export has of the client and its roles."""
    export = world.export()
    [client] = [c for c in export["clients"] if c["clientId"] == "realm-management"]
    roles = export["roles"]["client"]["realm-management"]
    return {"clients": [client], "roles": {"client": {"realm-management": roles}}}


NOTED = [("kept-object", "REALM/clients/realm-management", "")]


def test_what_an_export_says_of_it_is_noted_and_left_alone(world: World) -> None:
    world.declare()
    world.apply()
    document = exported(world)
    before = world.export()
    world.declare(**document)
    plan = world.plan("--detailed-exitcode")
    assert (plan.actions, said(plan)) == ({}, NOTED)
    world.apply()
    assert world.export() == before
    assert world.known() == {"."}
    world.is_settled()
    text = world.kcplan("plan", world.file).stdout
    assert text.startswith("No changes."), "one note, and not a block for each role in every plan"


def test_what_an_export_says_of_it_holds_in_a_new_realm_too(world: World) -> None:
    world.admin.post("", json={"realm": world.realm})
    document = exported(world)
    world.admin.delete(world.realm)
    world.declare(**document)
    plan = world.plan()
    assert (plan.actions, said(plan)) == ({".": "create"}, NOTED)
    world.apply()
    assert world.known() == {"."}
    world.is_settled()


def test_an_export_of_an_older_keycloak_has_fewer_roles(world: World) -> None:
    world.declare()
    world.apply()
    document = exported(world)
    roles = document["roles"]["client"]["realm-management"]
    [admin] = [role for role in roles if role["name"] == "realm-admin"]
    admin["composites"]["client"]["realm-management"].remove("manage-organizations")
    roles[:] = [role for role in roles if role["name"] != "manage-organizations"]
    document["clients"][0]["optionalClientScopes"] = ["phone"]
    # Versions 19 to 26 gave it the first of these; once it was saved, it had the like of the other.
    said_of_it = {"post.logout.redirect.uris": "+", "saml.assertion.signature": "false"}
    document["clients"][0]["attributes"] |= said_of_it
    world.declare(**document)
    plan = world.plan("--detailed-exitcode")
    assert (plan.actions, said(plan)) == ({}, NOTED)


@pytest.mark.parametrize("realm_is", ["new", "there"])
@pytest.mark.parametrize(
    ("client", "roles", "at", "path"),
    [
        ({"description": "ours"}, [], CLIENT, "description"),
        ({"enabled": False}, [], CLIENT, "enabled"),
        ({"attributes": {"note": "x"}}, [], CLIENT, "attributes.note"),
        ({"defaultClientScopes": ["phone"]}, [], CLIENT, "defaultClientScopes"),
        (None, [ROLE], f"{CLIENT}/roles/of ours", ""),
        (
            None,
            [{"name": "view-users", "description": "ours"}],
            f"{CLIENT}/roles/view-users",
            "description",
        ),
        (
            None,
            [{"name": "view-users", "composites": {"realm": ["offline_access"]}}],
            f"{CLIENT}/roles/view-users",
            "composites.realm",
        ),
    ],
)
def test_what_differs_is_an_error_of_the_plan(
    world: World, realm_is: str, client: Json | None, roles: list[Json], at: str, path: str
) -> None:
    if realm_is == "there":
        world.declare()
        world.apply()
    clients = [] if client is None else [{"clientId": "realm-management", **client}]
    world.declare(clients=clients, roles={"client": {"realm-management": roles}} if roles else {})
    assert said(world.plan(exit_code=1)) == [("kept-object-differs", f"REALM/{at}", path)]


def test_an_error_names_all_that_differs_and_its_place(world: World) -> None:
    client = {"clientId": "realm-management", "serviceAccountsEnabled": True, "name": "ours"}
    world.declare(clients=[client])
    [found] = world.plan(exit_code=1).document["diagnostics"]
    assert found["summary"].replace(world.realm, "REALM") == snapshot(
        "Keycloak keeps REALM/clients/realm-management for itself, and the files want it otherwise: name, serviceAccountsEnabled"
    )
    assert found["detail"] == snapshot(
        "Nobody may change this client. Remove it from the files, or say of it what an export says."
    )
    assert found["source"]["line"] is not None


def test_a_state_that_knows_it_forgets_it(world: World) -> None:
    """It was adopted by an older kcplan, or from an older Keycloak."""
    world.declare()
    world.apply()
    file = StateFile(world.state_file)
    state = file.load()
    address = Address.of(world.realm, "clients", "realm-management")
    management = world.admin.client_id(world.realm, address.name)
    owned = ("attributes", "realm_client")
    entry = ResourceState(address, "client", management, owned=(owned,), managed={owned: "true"})
    file.save(state.with_resources([entry]))
    assert world.plan("--detailed-exitcode").actions == {}
    world.apply()
    assert world.known() == {"."}


def test_other_built_in_clients_and_their_roles_can_be_changed(world: World) -> None:
    clients = ["account", "account-console", "admin-cli", "broker", "security-admin-console"]
    world.declare(
        clients=[{"clientId": name, "description": "ours"} for name in clients],
        roles={"client": {name: [ROLE] for name in clients}},
    )
    plan = world.plan()
    assert said(plan) == []
    world.apply()
    for name in clients:
        assert (world.client(name) or {})["description"] == "ours"
    world.is_settled()


def test_a_client_of_another_realm_with_such_a_name_is_like_others(world: World) -> None:
    world.declare(clients=[{"clientId": "shop-realm"}], roles={"client": {"shop-realm": [ROLE]}})
    world.apply()
    world.is_settled()


@pytest.mark.parametrize("realm_is", ["new", "there"])
def test_the_client_of_the_permissions_of_administrators_is_kept_as_well(
    world: World, realm_is: str
) -> None:
    world.admin.post("", json={"realm": world.realm, "adminPermissionsEnabled": True})
    [client] = [c for c in world.export()["clients"] if c["clientId"] == "admin-permissions"]
    if realm_is == "new":
        world.admin.delete(world.realm)
    client.pop("authorizationSettings", None)
    world.declare(adminPermissionsEnabled=True, clients=[client])
    assert said(world.plan()) == [("kept-object", "REALM/clients/admin-permissions", "")]
    world.apply()
    world.is_settled()
    world.declare(adminPermissionsEnabled=True, clients=[{**client, "description": "ours"}])
    assert said(world.plan(exit_code=1)) == [
        ("kept-object-differs", "REALM/clients/admin-permissions", "description")
    ]


def test_those_of_other_realms_in_the_realm_master_are_kept_as_well(world: World) -> None:
    world.admin.post("", json={"realm": world.realm})
    name = f"{world.realm}-realm"
    document: Json = {
        "realm": "master",
        "clients": [{"clientId": name, "bearerOnly": True}],
        "roles": {"client": {name: [{"name": "view-users"}]}},
    }
    world.file.write_text(json.dumps(document))
    plan = world.plan("--detailed-exitcode", exit_code=2)
    assert (plan.document["summary"], said(plan)) == (
        snapshot(
            {
                "create": 0,
                "update": 0,
                "replace": 0,
                "delete": 0,
                "adopt": 1,
                "release": 0,
                "move": 0,
                "noop": 2,
            }
        ),
        [("kept-object", f"master/clients/{name}".replace(world.realm, "REALM"), "")],
    )
    document["roles"]["client"][name].append(ROLE)
    world.file.write_text(json.dumps(document))
    assert [code for code, _, _ in said(world.plan(exit_code=1))] == [
        "kept-object",
        "kept-object-differs",
    ]


def test_its_roles_can_be_held_and_be_parts_of_others(world: World) -> None:
    held = {"realm-management": ["view-users"]}
    world.declare(
        clients=[
            {"clientId": "app", "serviceAccountsEnabled": True},
            {"clientId": "realm-management"},
        ],
        roles={
            "realm": [{"name": "helper", "composites": {"client": held}}],
            "client": {"realm-management": [{"name": "view-users"}]},
        },
        users=[{"serviceAccountClientId": "app", "clientRoles": held}],
    )
    world.apply()
    assert "realm-management/view-users" in world.granted("app")
    world.is_settled()


def test_an_account_that_may_only_view_sees_the_same(world: World) -> None:
    world.declare(enabled=True)
    world.apply()
    world.declare(enabled=True, **exported(world))
    viewer = account(world, "view-realm", "view-clients", "view-users")
    plan = world.plan("--detailed-exitcode", env=viewer)
    assert (plan.actions, said(plan)) == ({}, NOTED)


class _Older(httpx.BaseTransport):
    """The real transport to a Keycloak before 26.6.3, of which an administrator may change all."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        answer = self._inner.handle_request(request)
        body = answer.read().replace(b'"manage":false', b'"manage":true')
        headers = {"Content-Type": answer.headers.get("Content-Type", "")}
        return httpx.Response(answer.status_code, headers=headers, content=body)

    def close(self) -> None:
        self._inner.close()


def test_where_keycloak_lets_it_be_changed_it_is_managed(world: World) -> None:
    world.declare()
    world.apply()
    world.declare(
        clients=[{"clientId": "realm-management", "description": "ours"}],
        roles={"client": {"realm-management": [ROLE]}},
    )
    with sent_through(_Older()):
        plan = world.plan()
    assert (plan.actions, said(plan)) == (
        {CLIENT: "adopt", f"{CLIENT}/roles/of ours": "create"},
        [],
    )


def test_an_import_leaves_it_out(world: World) -> None:
    world.declare(clients=[{"clientId": "app"}])
    world.apply()
    assert [item["clientId"] for item in comes_back(world)["clients"]] == ["app"]


def test_permissions_that_older_versions_kept_in_it_are_left_out_and_said(world: World) -> None:
    """Fine-grained permissions of administrators, as the versions before 26.2 have them."""
    world.declare()
    world.apply()
    document = exported(world)
    client = document["clients"][0]
    client["authorizationServicesEnabled"] = True
    client["authorizationSettings"] = {
        "scopes": [{"name": "manage"}, {"name": "token-exchange"}],
        "resources": [{"name": "client.resource.1", "type": "Client", "scopes": []}],
        "policies": [
            {"name": "clients", "type": "client", "config": {"clients": '["account"]'}},
            {
                "name": "manage.permission.client.1",
                "type": "scope",
                "config": {"resources": '["client.resource.1"]', "scopes": '["manage"]'},
            },
        ],
    }
    world.declare(**document)
    plan = world.plan("--detailed-exitcode")
    assert plan.actions == {}
    [finding] = [d for d in plan.document["diagnostics"] if d["code"] == "bygone-object"]
    assert finding["severity"] == "warning"
    assert finding["summary"].replace(world.realm, "R") == snapshot(
        "6 authorization objects of R/clients/realm-management are left out: this server has none there"
    )
    world.apply()
    world.is_settled()
    world.admin.delete(world.realm)
    world.state_file.unlink()
    plan = world.plan()
    assert plan.actions == {".": "create"}
    assert [code for code in plan.codes if code != "ignored-field"] == [
        "bygone-object",
        "kept-object",
    ]


def test_an_export_of_master_outlives_that_realms_come_and_go(world: World) -> None:
    """Keycloak gives the rights in each realm to `admin`, and takes them when the realm goes."""
    gone, came = f"{world.realm}-gone", f"{world.realm}-came"
    world.admin.post("", json={"realm": gone})
    export = world.admin.export("master")
    world.admin.delete(gone)
    world.admin.post("", json={"realm": came})
    try:
        [client] = [c for c in export["clients"] if c["clientId"] == f"{gone}-realm"]
        [admin] = [role for role in export["roles"]["realm"] if role["name"] == "admin"]
        roles = {
            "realm": [admin],
            "client": {client["clientId"]: export["roles"]["client"][client["clientId"]]},
        }
        document = {"realm": "master", "clients": [client], "roles": roles}
        world.file.write_text(json.dumps(document), encoding="utf-8")
        plan = world.plan()
        assert {item["address"]: item["action"] for item in plan.document["resource_changes"]} == {
            "master": "adopt",
            "master/roles/admin": "adopt",
        }
        assert [
            d["address"] for d in plan.document["diagnostics"] if d["code"] == "bygone-object"
        ] == [f"master/clients/{gone}-realm"]
    finally:
        world.admin.delete(came)


@pytest.mark.parametrize(
    ("client", "role", "made"),
    [
        ({"bearerOnly": True}, "view-users", False),
        ({"bearerOnly": True}, "somebody-s", False),
        ({}, "view-users", False),
        ({}, None, True),
        ({}, "somebody-s", True),
        ({"bearerOnly": False}, "view-users", True),
        ({"publicClient": True, "redirectUris": ["https://one.example/"]}, "buyer", True),
    ],
)
def test_a_client_that_is_only_called_like_that_of_a_realm_is_made(
    tmp_path: Path, client: Json, role: str | None, *, made: bool
) -> None:
    """There is no realm `single`: what an export of `master` has of one that is gone is left out."""
    master = LiveObject(Address.of("master"), "realm", "id", {})
    document: Json = {"realm": "master", "clients": [{"clientId": "single-realm", **client}]}
    if role is not None:
        document["roles"] = {"client": {"single-realm": [{"name": role}]}}
    found = plan(tmp_path, document, live=[master])
    actions = {str(item.address): str(item.action) for item in found.changes}
    name = "master/clients/single-realm"
    expected = {name: "create"} | ({} if role is None else {f"{name}/roles/{role}": "create"})
    assert actions == {"master": "adopt"} | (expected if made else {})
    assert ("bygone-object" in {item.code for item in found.diagnostics}) is not made
