"""What older versions of Keycloak do otherwise, and kcplan takes into account."""

import json
from pathlib import Path

import httpx
import pytest
from inline_snapshot import snapshot

from kcplan.render.diagnostics import render_diagnostics
from kcplan.state import ServerIdentity
from support.planning import SERVER, entry, plan, there
from support.sabotage import sent_through
from support.world import World

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


def test_one_is_enough(tmp_path: Path) -> None:
    group = {"groups": [{"name": "a", "description": "A"}]}
    made = plan(tmp_path, group, server=ServerIdentity("https://sso.example", "26.2.5"))
    assert [item.summary for item in made.diagnostics] == snapshot(
        ["Keycloak 26.2.5 does not know description of r/groups/a"]
    )
    assert plan(tmp_path, group, server=OLD).diagnostics == ()


@pytest.mark.parametrize("version", [None, "26.4.7"])
def test_the_settings_tell_the_version_where_the_server_does_not(
    tmp_path: Path, version: str | None
) -> None:
    unseen = ServerIdentity("https://sso.example", None)
    made = plan(tmp_path, {"scimApiEnabled": True}, server=unseen, server_version=version)
    assert [item.code for item in made.diagnostics] == ["field-of-newer-version"] * bool(version)


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
