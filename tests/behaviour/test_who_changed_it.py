"""Drift says who made it and when, where the realm keeps admin events."""

import re
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.authors import OwnAccount, has_written
from support.harness import Admin, Server
from support.readers import SECRET, sign_in
from support.world import World

PASSWORD = "password-of-the-second-administrator"
MAPPER = {
    "name": "to-orders",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-audience-mapper",
    "config": {"included.custom.audience": "orders"},
}


@pytest.fixture
def second(world: World, keycloak: Server) -> Iterator[Admin]:
    """A second administrator, `admin2-…`, of whom the realm master knows."""
    name = f"admin2-{world.realm}"
    user = world.admin.create(
        "master/users",
        {
            "username": name,
            "enabled": True,
            "credentials": [{"type": "password", "value": PASSWORD}],
        },
    )
    role = world.admin.json("master/roles/admin")
    world.admin.post(f"master/users/{user}/role-mappings/realm", json=[role])
    with closing(Admin(Server(keycloak.url, name, PASSWORD))) as client:
        yield client
    world.admin.delete(f"master/users/{user}")


def declare(world: World, description: str = "Web", **realm: Any) -> None:
    world.declare(
        **{"enabled": True, "adminEventsEnabled": True, **realm},
        clients=[
            {"clientId": "web", "description": description, "protocolMappers": [MAPPER]},
            {"clientId": "svc", "serviceAccountsEnabled": True, "publicClient": False},
        ],
        roles={"realm": [{"name": "reader", "description": "reads"}]},
    )


def who(world: World, of: str = "outside", **more: Any) -> dict[str, list[str]]:
    """Who changed what, by address."""
    found = world.refresh(**more)
    return {
        found._local(item["address"]): [
            author["user"].removesuffix(f"-{world.realm}") for author in item["changed_by"]
        ]
        for item in found.document[of]
    }


def masked(world: World, text: str) -> str:
    text = text.replace(world.realm, "REALM")
    return re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d UTC", "2026-11-24 21:03 UTC", text)


def test_who_changed_a_client_is_named(world: World, second: Admin) -> None:
    declare(world)
    world.apply()
    second.put(world.in_client("web"), json={"clientId": "web", "redirectUris": ["https://a/*"]})
    declare(world, "Another")
    world.apply()
    text = world.kcplan("refresh").stdout
    assert masked(world, text) == snapshot("""\
Changed outside of the files, left as it is

No file mentions these fields, so kcplan leaves them as they are. Declare them,
or accept them with `kcplan refresh --accept`. Until then they are reported.

  # REALM/clients/web has changed
  # Changed by admin2-REALM from 127.0.0.1, 2026-11-24 21:03 UTC
  ~ client "web" {
      ~ redirectUris = [
          + "https://a/*"
        ]
      ~ webOrigins   = [
          + "https://a"
        ]
        # (4 unchanged attributes hidden)
    }

No managed field changed, but 2 fields that no file mentions did.
""")
    [author] = world.refresh().change("clients/web", of="outside")["changed_by"]
    assert author["user"] == f"admin2-{world.realm}"
    assert author["ip_address"] == "127.0.0.1"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", author["time"])
    assert world.plan().change("clients/web", of="outside")["changed_by"] == [author]


def test_each_kind_of_object_has_its_events(world: World, second: Admin) -> None:
    declare(world)
    world.apply()
    second.put(world.path(), json={"realm": world.realm, "sslRequired": "none"})
    events = {**world.admin.json(world.path("events", "config")), "eventsEnabled": True}
    second.put(world.path("events", "config"), json=events)
    client = world.client("web") or {}
    mapper = client["protocolMappers"][0]
    mapper["config"]["access.token.claim"] = "true"
    second.put(world.in_client("web", "protocol-mappers", "models", mapper["id"]), json=mapper)
    role = world.role("reader") or {}
    second.put(world.path("roles-by-id", role["id"]), json={**role, "attributes": {"a": ["b"]}})
    user = (world.account("svc") or {})["id"]
    second.post(world.path("users", user, "role-mappings", "realm"), json=[role])
    assert who(world) == {
        ".": ["admin2"],
        "clients/web": ["admin2"],
        "roles/reader": ["admin2"],
    }
    assert who(world, "drift") == {"clients/svc/service-account": ["admin2"]}


def test_who_deleted_something_is_named(world: World, second: Admin) -> None:
    declare(world)
    world.apply()
    second.delete(world.path("roles", "reader"))
    second.delete(world.in_client("svc"))
    assert who(world, "drift") == {"clients/svc": ["admin2"], "roles/reader": ["admin2"]}
    assert "# Deleted by admin2-" in world.kcplan("refresh").stdout


def test_who_cannot_have_made_a_change_is_not_named(world: World, second: Admin) -> None:
    """A change of a mapper's does not make a redirect URI, nor does a client role of its own."""
    declare(world)
    world.apply()
    world.edit_client("web", redirectUris=["https://a/*"])
    second.post(world.in_client("web", "roles"), json={"name": "own"})
    second.post(
        world.in_client("web", "protocol-mappers", "models"), json={**MAPPER, "name": "theirs"}
    )
    changed = world.refresh().change("clients/web", of="outside")
    assert ["redirectUris"] in [item["path"] for item in changed["changes"]]
    world.admin.delete(
        world.in_client("web", "protocol-mappers", "models", mapper_id(world, "theirs"))
    )
    assert who(world) == {"clients/web": []}


def mapper_id(world: World, name: str) -> str:
    client = world.client("web") or {}
    return str(next(item["id"] for item in client["protocolMappers"] if item["name"] == name))


def test_an_account_that_may_not_see_events_is_told_so_once(world: World, second: Admin) -> None:
    declare(world)
    world.apply()
    second.put(world.in_client("web"), json={"clientId": "web", "redirectUris": ["https://a/*"]})
    reader = sign_in(world, ["view-realm", "view-clients", "view-users"])
    found = world.refresh(env=reader)
    assert found.codes == ["authors-not-seen"]
    assert found.change("clients/web", of="outside")["changed_by"] == []
    assert masked(world, world.kcplan("refresh", env=reader).stderr) == snapshot("""\
Note: who made the changes is not known: the account may not see admin events [authors-not-seen]
  in REALM

Give it the role view-events of the client realm-management, and kcplan names who
changed what, and when.

""")


def test_who_may_not_be_seen_is_named_by_id(world: World, second: Admin) -> None:
    """An account of the realm cannot read the users of master."""
    declare(world)
    world.apply()
    second.put(world.in_client("web"), json={"clientId": "web", "redirectUris": ["https://a/*"]})
    reader = sign_in(world, ["view-realm", "view-clients", "view-users", "view-events"])
    user = world.admin.json("master/users", username=f"admin2-{world.realm}")[0]["id"]
    assert who(world, env=reader) == {"clients/web": [user]}


def test_a_realm_that_keeps_no_events_could(world: World, second: Admin) -> None:
    declare(world, adminEventsEnabled=False)
    world.apply()
    assert world.refresh().codes == []
    second.put(world.in_client("web"), json={"clientId": "web", "redirectUris": ["https://a/*"]})
    assert who(world) == {"clients/web": []}
    assert masked(world, world.kcplan("refresh").stderr) == snapshot("""\
Note: who made the changes is not known: the realm keeps no admin events [authors-not-kept]
  in REALM

Set `adminEventsEnabled` to true in the realm's file (in the console: Realm settings,
Events, Admin events settings), and kcplan names who changed what, and when.
`adminEventsExpiration` in `attributes` says for how many seconds they are kept.

""")


def test_what_counts_as_written_by_kcplan() -> None:
    person = OwnAccount("u", "admin-cli", 1000)
    assert has_written([person], "u", "admin-cli", 1000)
    assert has_written([person], "u", None, 1000), "the client may not be seen"
    assert not has_written([person], "u", "security-admin-console", 1000), "at the console"
    assert not has_written([person], "u", "admin-cli", 2000), "after kcplan was there"
    assert not has_written([person], "another", "admin-cli", 1000)
    assert has_written([OwnAccount("s", None, 1000)], "s", None, 2000), "a service account"


def test_what_came_before_a_change_was_accepted_did_not_make_it(
    world: World, second: Admin, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(world)
    world.apply()
    second.put(world.in_client("web"), json={"clientId": "web", "redirectUris": ["https://a/*"]})
    monkeypatch.setattr("kcplan_keycloak.authorship.CLOCKS", -1)
    world.refresh("--accept")
    world.edit_client("web", redirectUris=["https://b/*"])
    assert who(world) == {"clients/web": []}


def test_without_drift_no_events_are_asked_for(world: World, sent: Any) -> None:
    declare(world)
    world.apply()
    world.refresh()
    world.plan()
    assert not [request for request in sent() if "admin-events" in request]


def test_a_change_of_client_policies_leaves_no_event(world: World, second: Admin) -> None:
    declare(world)
    world.apply()
    before = world.admin.json(world.path("admin-events"))
    profiles = {"profiles": [{"name": "strict", "executors": []}]}
    second.put(world.path("client-policies", "profiles"), json=profiles)
    assert world.admin.json(world.path("admin-events")) == before
    assert who(world) == {".": []}


def test_a_client_without_authorization_has_an_event_of_its_deletion(
    world: World, second: Admin
) -> None:
    """At the client's own path, of another type: nobody is named for having deleted the client."""
    declare(world)
    world.apply()
    web = world.in_client("web")
    services = {"serviceAccountsEnabled": True, "publicClient": False}
    on = {"clientId": "web", **services, "authorizationServicesEnabled": True}
    second.put(web, json=on)
    second.put(web, json={**on, "authorizationServicesEnabled": False})
    kinds = {
        (event["operationType"], event["resourceType"])
        for event in world.admin.json(world.path("admin-events"))
        if event.get("resourcePath") == web.partition("/")[2]
    }
    assert ("DELETE", "AUTHORIZATION_RESOURCE_SERVER") in kinds
    world.admin.delete(web)
    assert who(world, "drift") == {"clients/web": []}


def test_a_service_account_that_kcplan_writes_with_is_never_named(
    world: World, second: Admin
) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    own = sign_in(world, ["realm-admin"])
    declare(world)
    world.apply(env=own)
    second.put(world.in_client("web"), json={"clientId": "web", "redirectUris": ["https://a/*"]})
    declare(world, "Another")
    world.apply(env=own)
    assert who(world)["clients/web"] == ["admin2"]
    assert SECRET not in world.state_file.read_text()
