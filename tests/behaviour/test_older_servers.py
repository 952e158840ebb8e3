"""What older versions of Keycloak do otherwise, and kcplan takes into account."""

import json
from pathlib import Path

import httpx
import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.render.diagnostics import render_diagnostics
from kcplan.secret import Secret
from kcplan.state import ServerIdentity
from kcplan_keycloak.api import AdminApi, Connection
from kcplan_keycloak.writer import KeycloakWriter
from support.authorization import delete_and_restore
from support.harness import Server
from support.planning import SERVER, entry, plan, there
from support.sabotage import sent_through
from support.world import Json, World

OLD = ServerIdentity("https://sso.example", "26.4.7")


def test_a_field_that_the_server_does_not_know_is_an_error(tmp_path: Path) -> None:
    declared = {"scimApiEnabled": False, "webAuthnPolicyResidentKey": "Yes", "displayName": "R"}
    made = plan(tmp_path, declared, server=OLD)
    assert render_diagnostics(made.diagnostics).replace(str(tmp_path), "") == snapshot("""\
Error: Keycloak 26.4.7 does not know scimApiEnabled, webAuthnPolicyResidentKey of r [field-of-newer-version]
  on /realm.json:1:16, in r, scimApiEnabled

It refuses the whole request. Remove them, or upgrade the server first.
""")
    assert plan(tmp_path, declared, server=SERVER).diagnostics == ()


@pytest.mark.parametrize(
    "name",
    [
        "webAuthnPolicyPasswordlessMediation",
        "webAuthnPolicyPasswordlessResidentKey",
        "webAuthnPolicyResidentKey",
    ],
)
def test_the_last_version_without_a_field_counts_as_well(tmp_path: Path, name: str) -> None:
    made = plan(tmp_path, {name: "none"}, server=ServerIdentity("https://sso.example", "26.6.1"))
    assert [item.code for item in made.diagnostics] == ["field-of-newer-version"]
    made = plan(tmp_path, {name: "none"}, server=ServerIdentity("https://sso.example", "26.7.0"))
    assert made.diagnostics == ()


def test_one_is_enough(tmp_path: Path) -> None:
    group = {"groups": [{"name": "a", "description": "A"}]}
    made = plan(tmp_path, group, server=ServerIdentity("https://sso.example", "26.2.5"))
    assert [item.summary for item in made.diagnostics] == snapshot(
        ["Keycloak 26.2.5 does not know description of r/groups/a"]
    )
    assert plan(tmp_path, group, server=OLD).diagnostics == ()


def test_a_type_that_the_server_does_not_have_is_one_error(tmp_path: Path) -> None:
    groups = [{"name": "a", "description": "A", "subGroups": [{"name": "b"}]}, {"name": "c"}]
    organizations = [{"name": "acme", "groups": groups}, {"name": "other"}]
    declared = {"organizationsEnabled": True, "organizations": organizations}
    made = plan(tmp_path, declared, server=ServerIdentity("https://sso.example", "26.5.6"))
    assert render_diagnostics(made.diagnostics).replace(str(tmp_path), "") == snapshot("""\
Error: Keycloak 26.5.6 has no organization-group, and the files declare r/organizations/acme/groups/a and 2 more [field-of-newer-version]
  on /realm.json:1:92, in r/organizations/acme/groups/a

Remove them, or upgrade the server first.
""")
    made = plan(tmp_path, declared, server=ServerIdentity("https://sso.example", "26.6.0"))
    assert made.diagnostics == ()
    without = {"organizationsEnabled": True, "organizations": [{"name": "acme"}]}
    assert plan(tmp_path, without, server=OLD).diagnostics == ()


def test_a_field_of_an_entry_counts_as_well(tmp_path: Path) -> None:
    attributes = [{"name": "team", "defaultValue": "a", "displayName": "Team"}]
    declared = {"userProfile": {"attributes": attributes}}
    made = plan(tmp_path, declared, server=ServerIdentity("https://sso.example", "26.3.5"))
    assert "field-of-newer-version" in [item.code for item in made.diagnostics]
    made = plan(tmp_path, declared, server=OLD)
    assert "field-of-newer-version" not in [item.code for item in made.diagnostics]


@pytest.mark.parametrize("version", [None, "26.4.7"])
def test_the_settings_tell_the_version_where_the_server_does_not(
    tmp_path: Path, version: str | None
) -> None:
    unseen = ServerIdentity("https://sso.example", None)
    made = plan(tmp_path, {"scimApiEnabled": True}, server=unseen, server_version=version)
    assert [item.code for item in made.diagnostics] == ["field-of-newer-version"] * bool(version)


@pytest.mark.parametrize("version", ["26", "2²6.7", "latest", "26.x", f"{'9' * 5000}.1"])
def test_a_version_without_two_numbers_counts_as_none(tmp_path: Path, version: str) -> None:
    declared = {"scimApiEnabled": True, "organizationsEnabled": True}
    for server, told in ((version, None), (None, version)):
        unseen = ServerIdentity("https://sso.example", server)
        made = plan(tmp_path, declared, server=unseen, server_version=told)
        assert made.diagnostics == ()


def test_what_leaves_the_files_is_no_error(tmp_path: Path) -> None:
    """As after a server was set back: the field is in the state only."""
    state, live = [entry(".", {"scimApiEnabled": True})], [there(".", {"displayName": "R"})]
    made = plan(tmp_path, {"displayName": "R"}, state, live, server=OLD)
    assert made.diagnostics == ()


class Forgetful(httpx.HTTPTransport):
    """The real server, which takes a switch that an update leaves out for one that is off."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "PUT" and "/clients/" in request.url.path:
            body = {"frontchannelLogout": False, **json.loads(request.read())}
            headers = {k: v for k, v in request.headers.items() if k != "content-length"}
            request = httpx.Request("PUT", request.url, headers=headers, json=body)
        return super().handle_request(request)


def test_an_update_of_a_client_leaves_front_channel_logout_as_it_is(world: World) -> None:
    """Keycloak before 26.6 switches it off with each update that does not say otherwise."""
    client = {"clientId": "app", "description": "before"}
    world.declare(enabled=True, clients=[client])
    world.apply()
    world.edit_client("app", frontchannelLogout=True)
    services = {"serviceAccountsEnabled": True, "authorizationServicesEnabled": True}
    for fields in ({"description": "after"}, {"description": "later", **services}):
        world.declare(enabled=True, clients=[{**client, **fields}])
        with sent_through(Forgetful()):
            world.apply()
        found = world.client("app") or {}
        assert (found["description"], found["frontchannelLogout"]) == (fields["description"], True)


class Generous(httpx.HTTPTransport):
    """The real server, which gives a client a permission when its authorization is switched on."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.method == "PUT" and b'"authorizationServicesEnabled":true' in request.read():
            self._make(request, "resource", {"name": "Default Resource"})
            self._make(request, "policy/time", {"name": "Default Policy", "hour": 1, "hourEnd": 2})
            resources = {"resources": ["Default Resource"], "policies": ["Default Policy"]}
            self._make(request, "permission/resource", {"name": "Default Permission", **resources})
        return response

    def _make(self, request: httpx.Request, kind: str, document: Json) -> None:
        headers = {name: request.headers[name] for name in ("host", "authorization")}
        at = f"{request.url}/authz/resource-server/{kind}"
        made = httpx.Request("POST", at, headers=headers, json=document)
        response = super().handle_request(made)
        assert response.status_code == httpx.codes.CREATED, response.read()
        response.close()


def test_a_client_comes_back_without_the_permission_that_older_servers_give_it(
    world: World, keycloak: Server
) -> None:
    """Keycloak before 26.5 makes one with authorization services, which permits everything."""
    services = {"serviceAccountsEnabled": True, "authorizationServicesEnabled": True}
    settings = {"scopes": [{"name": "view"}], "resources": [{"name": "Default Resource"}]}
    world.declare(
        enabled=True, clients=[{"clientId": "app", **services, "authorizationSettings": settings}]
    )
    world.apply()
    server = _delete_and_restore(world, keycloak, Generous())
    assert world.admin.json(f"{server}/policy") == []
    assert [item["name"] for item in world.admin.json(f"{server}/scope")] == ["view"]
    assert [item["name"] for item in world.admin.json(f"{server}/resource")] == ["Default Resource"]


def test_what_older_servers_make_comes_back_as_it_was_edited(
    world: World, keycloak: Server
) -> None:
    """It is there again under the same name, and permits everything again."""
    _declare_what_is_made(world)
    server = world.in_client("app", "authz", "resource-server")
    before = [world.admin.json(f"{server}/{kind}") for kind in ("policy", "resource")]
    assert _delete_and_restore(world, keycloak, Generous()) == server
    assert [world.admin.json(f"{server}/{kind}") for kind in ("policy", "resource")] == before


class Scripted(Generous):
    """The real server, whose `Default Policy` is said to be of a type that nobody can make."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if request.method != "GET" or "/resource-server/policy" not in request.url.path:
            return response
        said = response.read().replace(b'"type":"time"', b'"type":"js"')
        hidden = {"content-length", "content-encoding", "transfer-encoding"}
        headers = {k: v for k, v in response.headers.items() if k not in hidden}
        return httpx.Response(response.status_code, headers=headers, content=said)


def test_a_policy_that_only_the_server_can_make_stays_as_it_makes_it(
    world: World, keycloak: Server
) -> None:
    _declare_what_is_made(world)
    server = _delete_and_restore(world, keycloak, Scripted())
    found = {item["name"]: item for item in world.admin.json(f"{server}/policy")}
    assert found.keys() == {"Default Policy", "Default Permission"}
    assert found["Default Policy"]["config"]["hour"] == "1"
    edited = found["Default Permission"]
    assert (edited["description"], edited["logic"]) == ("for nobody", "NEGATIVE")
    applied = world.admin.json(f"{server}/policy/{edited['id']}/associatedPolicies")
    assert [item["id"] for item in applied] == [found["Default Policy"]["id"]]


def _declare_what_is_made(world: World) -> None:
    """A client with what older servers make by themselves, which somebody edited."""
    config = {"resources": ["Default Resource"], "applyPolicies": ["Default Policy"]}
    hours = {"name": "Default Policy", "type": "time", "config": {"hour": "8", "hourEnd": "9"}}
    nobody = {"type": "resource", "description": "for nobody", "logic": "NEGATIVE"}
    settings = {
        "resources": [{"name": "Default Resource", "uris": ["/edited"]}],
        "policies": [hours, {"name": "Default Permission", **nobody, "config": config}],
    }
    services = {"serviceAccountsEnabled": True, "authorizationServicesEnabled": True}
    client = {"clientId": "app", **services, "authorizationSettings": settings}
    world.declare(enabled=True, clients=[client])
    world.apply()


def _delete_and_restore(world: World, keycloak: Server, transport: httpx.HTTPTransport) -> str:
    """The client goes and comes back; where its authorization objects are."""
    client_id = (world.client("app") or {})["id"]
    connection = Connection(
        url=keycloak.url, username=keycloak.username, password=Secret(keycloak.password)
    )
    address = Address.of(world.realm, "clients", "app")
    with AdminApi(connection, transport) as api:
        delete_and_restore(KeycloakWriter(api), address, "client", client_id)
    return world.path("clients", client_id, "authz", "resource-server")
