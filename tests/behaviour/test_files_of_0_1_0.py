"""What kcplan 0.1.0 left is read by this one: its state, a saved plan, the journal of a killed apply.

The apply had taken the role `outer`, the identity provider `idp` and the client `app` with all
that was in it, and had changed the role `inner` and the realm's client profiles.
"""

import json
from typing import Any

import pytest
from inline_snapshot import snapshot

from support.golden import JOURNAL, PLAN, Golden
from support.world import Json, World

_INNER = "ef188957-1074-4d8f-b49e-60e440f073f3"
_REALM, _CLIENT, _ACCOUNT = (
    "f6711c5e-acfa-45f8-b0d4-0932c377547f",
    "5b0674b7-aaa0-4668-9904-92acc0b03c89",
    "e0e77389-5fe2-4a79-bb2c-c755cc11040c",
)

SECRETS = {
    "APP_SECRET": "app-secret-that-is-long-enough",
    "IDP_SECRET": "idp-secret-that-is-long-enough",
}

FILE: Json = {
    "enabled": True,
    "clientProfiles": {"profiles": [{"name": "strict", "executors": []}]},
    "roles": {
        "realm": [
            {"name": "inner"},
            {"name": "outer", "composites": {"realm": ["inner"], "client": {"app": ["view"]}}},
        ],
        "client": {"app": [{"name": "view"}]},
    },
    "clients": [
        {
            "clientId": "app",
            "secret": "${APP_SECRET}",
            "publicClient": False,
            "serviceAccountsEnabled": True,
            "authorizationServicesEnabled": True,
            "protocolMappers": [
                {
                    "name": "m",
                    "protocol": "openid-connect",
                    "protocolMapper": "oidc-audience-mapper",
                    "config": {"included.custom.audience": "x"},
                }
            ],
            "authorizationSettings": {
                "scopes": [{"name": "s"}],
                "resources": [{"name": "r", "scopes": [{"name": "s"}]}],
                "policies": [{"name": "p", "type": "role", "config": {"roles": [{"id": "inner"}]}}],
            },
        }
    ],
    "users": [
        {
            "username": "service-account-app",
            "serviceAccountClientId": "app",
            "realmRoles": ["outer"],
        }
    ],
    "identityProviders": [
        {
            "alias": "idp",
            "providerId": "oidc",
            "config": {
                "clientId": "a",
                "clientSecret": "${IDP_SECRET}",
                "tokenUrl": "https://a/t",
                "authorizationUrl": "https://a/a",
            },
        }
    ],
}
"""The realm's file as it was before the change."""


@pytest.fixture
def golden(world: World, keycloak: Any) -> Golden:
    """The files under the names of a realm that is not there, and their secrets."""
    world.variables.update(SECRETS)
    return Golden("0.1.0", world.realm, keycloak.url)


@pytest.fixture
def killed(world: World, golden: Golden) -> Golden:
    """A realm as the killed apply left it, and the state and the journal that it left."""
    world.admin.post(
        "",
        json={
            "realm": world.realm,
            "id": golden.new_id(_REALM),
            "enabled": True,
            "clientProfiles": {"profiles": [{"name": "lax", "executors": []}]},
        },
    )
    world.admin.post(world.path("roles"), json={"name": "inner", "description": "changed"})
    golden.ids[_INNER] = (world.role("inner") or {})["id"]
    golden.write_state(world.folder)
    golden.write_journal(world.folder)
    return golden


def entries(world: World) -> list[Json]:
    """The resources of the state."""
    found: list[Json] = json.loads(world.state_file.read_text())["resources"]
    return found


def in_client(world: World, *segments: str) -> Any:
    return world.admin.json(world.in_client("app", *segments))


def names(found: list[Json]) -> list[str]:
    return sorted(item["name"] for item in found)


def profiles(world: World) -> list[str]:
    return names(world.admin.json(world.path("client-policies", "profiles"))["profiles"])


def test_a_saved_plan_is_shown(world: World, golden: Golden) -> None:
    golden.write_plan(world.folder)
    shown = world.kcplan("show", PLAN).stdout.replace(world.realm, "REALM")
    first, rest = shown.split("  # REALM will be")
    realm, rest = rest.split("  # REALM/roles/inner")
    destroyed = [line for line in first.splitlines() if line.startswith("  - ")]
    assert destroyed == snapshot(
        [
            "  - destroy",
            '  - role "outer" {',
            '  - identity-provider "idp" {',
            '  - client "app" {',
            '  - client-role "view"',
            '  - service-account "app" {',
            '  - authorization "app"',
            '  - authorization-scope "s"',
            '  - authorization-resource "r" {',
            '  - authorization-policy "p" {',
        ]
    )
    assert realm == snapshot("""\
 updated in-place
  ~ realm "REALM" {
      ~ clientProfiles = {
          ~ profiles = [
              - {
                  - executors = [] -> null
                  - name      = "strict" -> null
                }
              + {
                  + executors = []
                  + name      = "lax"
                }
            ]
        }
        # (1 unchanged attribute hidden)
    }

""")
    assert rest.splitlines()[-1] == snapshot("Plan: 0 to add, 2 to change, 9 to destroy.")


@pytest.mark.usefixtures("golden")
def test_a_saved_plan_is_refused_for_another_server(world: World) -> None:
    elsewhere = Golden("0.1.0", world.realm, "https://sso.example")
    elsewhere.write_state(world.folder)
    elsewhere.write_plan(world.folder)
    result = world.kcplan("apply", PLAN, exit_code=1)
    assert "the plan was made for https://sso.example, and this is" in result.stderr


def test_a_saved_plan_is_refused_where_something_has_changed(world: World, golden: Golden) -> None:
    golden.write_state(world.folder)
    golden.write_plan(world.folder)
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    result = world.kcplan("apply", PLAN, exit_code=1)
    assert f"{world.realm} has changed in Keycloak since the plan was made" in result.stderr
    assert result.stderr.count("Error:") == 1


def test_the_state_says_the_same_of_a_realm_that_is_as_it_was(world: World, golden: Golden) -> None:
    world.declare(**FILE)
    world.apply()
    now = {item["address"]: item["id"] for item in entries(world)}
    golden.write_state(world.folder)
    made_up = {new: old for old, new in golden.ids.items()}
    golden.ids.update(
        {made_up[item["id"]]: now[item["address"]] for item in entries(world) if item["id"]}
    )
    golden.write_state(world.folder)
    world.is_settled()

    # What kcplan made then is its own to remove.
    others = {"profiles": [{"name": "other", "executors": []}]}
    world.declare(**{**FILE, "clientProfiles": others})
    world.apply()
    assert profiles(world) == ["other"]
    world.is_settled()


def test_an_apply_that_was_killed_is_rolled_back(world: World, killed: Golden) -> None:
    result = world.kcplan("recover", "--auto-approve", exit_code=4)
    assert f"{world.realm}/identity-providers/idp is back without its secret" in result.stderr
    assert not (world.folder / JOURNAL).exists()

    assert profiles(world) == ["strict"]
    assert "description" not in (world.role("inner") or {})
    assert world.composites("roles", "outer") == {"inner", "view"}

    client = world.client("app") or {}
    assert (client["id"], client["secret"]) == (killed.new_id(_CLIENT), SECRETS["APP_SECRET"])
    assert names(client["protocolMappers"]) == ["m"]
    assert names(in_client(world, "roles")) == ["uma_protection", "view"]
    account = world.account("app") or {}
    assert account["id"] == killed.new_id(_ACCOUNT)
    assert world.granted("app") == {"outer", "app/uma_protection"}

    server = ("authz", "resource-server")
    assert names(in_client(world, *server, "scope")) == ["s"]
    assert names(in_client(world, *server, "resource")) == ["r"]
    (policy,) = in_client(world, *server, "policy")
    assert (policy["name"], killed.ids[_INNER] in policy["config"]["roles"]) == ("p", True)

    provider = world.admin.json(world.path("identity-provider", "instances", "idp"))
    assert provider["config"]["tokenUrl"] == "https://a/t"
    assert "clientSecret" not in provider["config"]


@pytest.mark.usefixtures("killed")
def test_and_the_plan_of_the_file_as_it_was_has_nothing_left_but_the_secret(
    world: World,
) -> None:
    world.kcplan("recover", "--auto-approve", exit_code=4)
    world.declare(**FILE)
    plan = world.plan()
    assert set(plan.actions) == {"identity-providers/idp"}
    assert set(plan.fields("identity-providers/idp")) == {"config.clientSecret"}
    world.apply()
    world.is_settled()


@pytest.mark.usefixtures("killed")
def test_an_apply_that_was_killed_is_finished(world: World) -> None:
    world.kcplan("recover", "--forward", "--auto-approve")
    assert not (world.folder / JOURNAL).exists()
    assert profiles(world) == ["lax"]
    assert world.known() == {".", "roles/inner"}
    inner = {"name": "inner", "description": "changed"}
    lax = {"profiles": [{"name": "lax", "executors": []}]}
    world.declare(enabled=True, clientProfiles=lax, roles={"realm": [inner]})
    world.is_settled()
