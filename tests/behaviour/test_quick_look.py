"""`refresh --quick` finds by admin events what changed, and reads all where they are not enough."""

import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from inline_snapshot import snapshot

from support.harness import Server
from support.readers import sign_in
from support.world import Changes, World

PASSWORD = "the-password-of-ann-in-the-tests"
SVC = {"clientId": "svc", "serviceAccountsEnabled": True, "publicClient": False}


def declare(world: World, **more: Any) -> None:
    world.declare(
        **{"enabled": True, "adminEventsEnabled": True, **more},
        clients=[{"clientId": "web", "description": "Web"}, SVC],
        roles={"realm": [{"name": "reader", "description": "reads"}]},
    )


@pytest.fixture
def looked(world: World) -> World:
    """A realm that was read in full, and of which admin events tell the rest."""
    declare(world)
    world.apply()
    assert why(world.refresh("--quick")) == "there was none in full before"
    return world


def why(found: Changes) -> str:
    """Why everything was read; empty where it was not."""
    [said] = [item for item in found.document["diagnostics"] if item["code"] in CODES]
    _, _, reason = said["detail"].partition("A quick look was not enough: ")
    assert bool(reason) == (said["code"] == "read-in-full")
    return str(reason).rstrip(".")


CODES = ("quick-look", "read-in-full")


def test_it_says_what_it_relied_on(looked: World) -> None:
    looked.edit_client("web", description="Changed")
    said = looked.kcplan("refresh", "--quick")
    text = said.stderr.replace(looked.realm, "REALM")
    assert " ".join(text.split()).replace(moment(looked), "2026-11-26 16:02") == snapshot(
        "Note: looked at by admin events: REALM [quick-look] Of 4 managed resources 2 were read: "
        "those that admin events since the last full reading (2026-11-26 16:02 UTC) are about, "
        "those that had changed then, and those of which no event tells. What somebody changed "
        "without an event is found by the next full reading."
    )
    assert '~ description = "Web" -> "Changed"' in said.stdout


def moment(world: World) -> str:
    """When everything was read."""
    seconds = json.loads(look_file(world))["seconds"]
    return time.strftime("%Y-%m-%d %H:%M", time.gmtime(seconds))


def look_file(world: World) -> str:
    return (world.folder / "kcplan.state.json.look").read_text()


def test_what_changed_is_told_until_it_is_accepted(looked: World) -> None:
    looked.edit_client("web", description="Changed")
    for _ in range(2):
        found = looked.refresh("--quick", "--detailed-exitcode", exit_code=2)
        assert why(found) == ""
        assert found.fields("clients/web", of="drift") == {
            "description": ("Web", "Changed", "drift")
        }
    assert looked.refresh("--quick", "--accept").drift == {"clients/web": "update"}
    assert why(looked.refresh("--quick")) == "kcplan changed something since the last one in full"
    found = looked.refresh("--quick", "--detailed-exitcode")
    assert (why(found), found.drift) == ("", {})


def test_what_an_account_that_no_file_declares_is_granted_is_found(looked: World) -> None:
    looked.grant("svc", "reader")
    found = looked.refresh("--quick", "--detailed-exitcode", exit_code=2)
    assert (why(found), list(found.drift)) == ("", ["clients/svc/service-account"])
    assert found.document["drift"] == looked.refresh().document["drift"]


def test_users_that_are_nobodys_account_are_no_reason_to_read_more(looked: World) -> None:
    user = looked.admin.create(looked.path("users"), {"username": "somebody"})
    role = looked.role("reader")
    looked.admin.post(looked.path("users", user, "role-mappings", "realm"), json=[role])
    looked.admin.delete(looked.path("users", user))
    assert why(looked.refresh("--quick")) == ""


def test_changes_that_leave_no_event_are_found_where_that_is_known(looked: World) -> None:
    profiles = {"profiles": [{"name": "strict", "executors": []}]}
    looked.admin.put(looked.path("client-policies", "profiles"), json=profiles)
    found = looked.refresh("--quick")
    assert (why(found), list(found.outside)) == ("", ["."])


def test_a_client_that_a_partial_import_replaces_is_found(looked: World) -> None:
    """Its event tells what was made, and not what was removed for that."""
    document = {"ifResourceExists": "OVERWRITE", "clients": [{"clientId": "web"}]}
    looked.admin.post(looked.path("partialImport"), json=document)
    found = looked.refresh("--quick", "--detailed-exitcode", exit_code=2)
    assert "UPDATE clients/" in why(found)
    assert found.drift == {"clients/web": "replace"}


def delete_role(world: World) -> None:
    world.admin.delete(world.path("roles", "reader"))


def switch_off_and_on(world: World) -> None:
    """What somebody does between is in no event."""
    for on in (False, True):
        world.admin.put(world.path(), json={"realm": world.realm, "adminEventsEnabled": on})
        if not on:
            world.edit_client("web", description="Changed")


def switch_off(world: World) -> None:
    config = {**world.admin.json(world.path("events", "config")), "adminEventsEnabled": False}
    world.admin.put(world.path("events", "config"), json=config)


def clear(world: World) -> None:
    world.edit_client("web", description="Changed")
    world.admin.delete(world.path("admin-events"))
    world.edit_client("svc", description="new")


def forge(world: World) -> None:
    document = json.loads(look_file(world))
    document["seconds"] += 1
    (world.folder / "kcplan.state.json.look").write_text(json.dumps(document))


def settle(world: World) -> None:
    world.settings("[refresh]\nfull_every = 0.0001\n")
    time.sleep(1)


NOT_FOLLOWED = "it does not follow admin events such as "


@pytest.mark.parametrize(
    ("happens", "reason", "drift"),
    [
        (delete_role, f"{NOT_FOLLOWED}DELETE roles/reader", {"roles/reader": "delete"}),
        (switch_off_and_on, f"{NOT_FOLLOWED}UPDATE of the realm", {"clients/web": "update"}),
        (switch_off, "the realm keeps no admin events (`adminEventsEnabled`)", {".": "update"}),
        (
            clear,
            "the last admin event that was seen is not there any more",
            {"clients/web": "update"},
        ),
        (forge, "there was none in full before", {}),
        (settle, "the last one in full was 0.0001 hours ago or more", {}),
    ],
)
def test_everything_is_read_where_events_are_not_enough(
    looked: World, happens: Callable[[World], None], reason: str, drift: dict[str, str]
) -> None:
    happens(looked)
    found = looked.refresh("--quick")
    assert (why(found), found.drift) == (reason, drift)


def test_an_account_that_may_not_see_events_reads_everything(looked: World) -> None:
    """That is said, and no error."""
    viewer = sign_in(looked, ["view-realm", "view-clients", "view-users"])
    looked.refresh("--quick", env=viewer)
    found = looked.refresh("--quick", env=viewer)
    assert why(found) == "the account may not see admin events (role view-events)"


def test_an_account_that_may_not_see_users_reads_everything_where_a_user_changed(
    looked: World,
) -> None:
    viewer = sign_in(looked, ["view-realm", "view-clients", "view-events"])
    assert why(looked.refresh("--quick", env=viewer)) == (
        "the last one in full was with another account"
    )
    looked.admin.put(looked.path("users", user_of(looked)), json={"firstName": "S"})
    assert why(looked.refresh("--quick", env=viewer)) == (
        "the account may not see users (role view-users)"
    )


def user_of(world: World) -> str:
    """Somebody of whom no file knows."""
    return world.admin.create(world.path("users"), {"username": "somebody"})


def test_what_users_change_themselves_is_found(world: World, keycloak: Server) -> None:
    """No admin event tells of it."""
    ann = {"username": "ann", "firstName": "Ann", "lastName": "B", "email": "ann@a.example"}
    world.declare(
        enabled=True,
        adminEventsEnabled=True,
        clients=[{"clientId": "app", "publicClient": True, "directAccessGrantsEnabled": True}],
        users=[
            {**ann, "enabled": True, "credentials": [{"type": "password", "value": PASSWORD}]},
        ],
    )
    world.apply()
    world.refresh("--quick")
    at = f"{keycloak.url}/realms/{world.realm}"
    form = {"grant_type": "password", "client_id": "app", "username": "ann", "password": PASSWORD}
    token = httpx.post(f"{at}/protocol/openid-connect/token", data=form).json()["access_token"]
    answer = httpx.post(
        f"{at}/account",
        json={**ann, "firstName": "Anna"},
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 204, answer.text
    found = world.refresh("--quick")
    assert (why(found), found.drift) == ("", {"users/ann": "update"})


@pytest.mark.parametrize("option", [("--unmanaged",), ("--target", "*/clients/*")])
def test_a_part_is_read_without_it(world: World, option: tuple[str, ...]) -> None:
    said = world.kcplan("refresh", "--quick", *option, exit_code=1).stderr
    assert said.startswith(f"Error: --quick and {option[0]} do not go together\n")
