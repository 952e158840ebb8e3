"""Client scopes of another protocol than the client's: Keycloak drops them without a word."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.plan import Plan
from kcplan.toml_writer import to_toml
from support.importing import forget, imported
from support.planning import plan, there
from support.world import Json, World

SAML = {"protocol": "saml", "attributes": {"saml.client.signature": "false"}}
OLD_EXPORT: Json = {
    "enabled": True,
    "clients": [
        {
            "clientId": "app",
            "protocol": "openid-connect",
            "defaultClientScopes": ["role_list", "profile", "roles"],
            "optionalClientScopes": ["phone", "saml_organization"],
        },
        {
            "clientId": "urn:sp",
            **SAML,
            "defaultClientScopes": ["role_list", "profile"],
            "optionalClientScopes": ["phone"],
        },
        {"clientId": "quiet", "defaultClientScopes": ["role_list", "email"]},
    ],
}


def scopes(world: World, client_id: str) -> tuple[set[str], set[str]]:
    there = world.client(client_id)
    assert there is not None
    return set(there["defaultClientScopes"]), set(there["optionalClientScopes"])


@pytest.mark.parametrize("realm_is", ["new", "there"])
def test_scopes_that_keycloak_makes_are_left_out_with_one_note(world: World, realm_is: str) -> None:
    if realm_is == "there":
        world.declare(enabled=True)
        world.apply()
    world.declare(**OLD_EXPORT)
    made = world.plan()
    assert {item["severity"] for item in made.document["diagnostics"]} == {"note"}
    assert [item["summary"] for item in made.document["diagnostics"]] == snapshot(
        [
            "role_list (saml) is left out of the list of app (openid-connect)",
            "saml_organization (saml) is left out of the list of app (openid-connect)",
            "profile (openid-connect) is left out of the list of urn:sp (saml)",
            "phone (openid-connect) is left out of the list of urn:sp (saml)",
            "role_list (saml) is left out of the list of quiet (openid-connect)",
        ]
    )
    shown = world.kcplan("plan", world.file).stderr
    assert shown.count("Note:") == 1
    assert "5 items have another protocol, and are left out" in shown
    world.apply()
    world.is_settled()
    assert scopes(world, "app") == ({"profile", "roles"}, {"phone"})
    assert scopes(world, "urn:sp") == ({"role_list"}, set())
    assert scopes(world, "quiet") == ({"email"}, set())

    # Keycloak's own view of it is a file without them.
    forget(world)
    document = imported(world, "realm.json")
    world.is_settled()
    lists = {client["clientId"]: client["defaultClientScopes"] for client in document["clients"]}
    assert lists == {"app": ["profile", "roles"], "urn:sp": ["role_list"], "quiet": ["email"]}


@pytest.mark.parametrize("write", [json.dumps, to_toml], ids=["YAML", "TOML"])
def test_in_every_language_from_validate_on(world: World, write: Callable[[Json], str]) -> None:
    own = {"name": "orders", "protocol": "saml"}
    client = {"clientId": "app", "protocol": "openid-connect", "defaultClientScopes": ["orders"]}
    document = {"realm": world.realm, "clientScopes": [own], "clients": [client]}
    name = "realm.toml" if write is to_toml else "realm.yaml"
    (world.folder / name).write_text(write(document))
    for command in ("validate", "plan"):
        result = world.kcplan(command, name, exit_code=1)
        assert "does-not-agree" in result.stdout + result.stderr


def test_one_that_is_meant_is_an_error_before_anything_is_written(world: World) -> None:
    """Also where only Keycloak knows the scope's protocol, or the client's."""
    world.declare(enabled=True, clients=[{"clientId": "urn:sp", **SAML}])
    world.apply()
    for name, protocol in (("theirs", "saml"), ("ours", "openid-connect")):
        world.admin.create(world.path("client-scopes"), {"name": name, "protocol": protocol})
    new = {"name": "new", "attributes": {"gui.order": "1"}}
    lists = {"defaultClientScopes": ["theirs", "ours"], "optionalClientScopes": ["new"]}
    world.declare(
        clientScopes=[new],
        clients=[{"clientId": "app", **lists}, {"clientId": "urn:sp", **lists}],
    )
    made = world.plan(exit_code=1)
    found = made.document["diagnostics"]
    assert [(item["summary"], item["source"]["path"]) for item in found] == snapshot(
        [
            (
                "client app has the protocol openid-connect, and defaultClientScopes names theirs (saml)",
                ["clients", 0, "defaultClientScopes"],
            ),
            (
                "client urn:sp has the protocol saml, and defaultClientScopes names ours (openid-connect)",
                ["clients", 1, "defaultClientScopes"],
            ),
            (
                "client urn:sp has the protocol saml, and optionalClientScopes names new (openid-connect)",
                ["clients", 1, "optionalClientScopes"],
            ),
        ]
    )
    world.apply(exit_code=1)
    assert world.client("app") is None

    world.declare(
        clientScopes=[{**new, "protocol": "saml"}],
        clients=[
            {"clientId": "app", "defaultClientScopes": ["ours"]},
            {"clientId": "urn:sp", "defaultClientScopes": ["theirs", "new"]},
        ],
    )
    world.apply()
    world.is_settled()
    assert scopes(world, "urn:sp")[0] == {"theirs", "new"}


# -- on values ---------------------------------------------------------------------------------


def codes(made: Plan) -> list[tuple[str, str]]:
    return [(item.severity, item.code) for item in made.diagnostics]


LISTED = {"clientId": "a", "defaultClientScopes": ["s"]}


@pytest.mark.parametrize(
    ("client", "scope", "live_client", "live_scope", "expected"),
    [
        ({"protocol": "saml"}, {"protocol": "saml"}, None, None, []),
        ({"protocol": "saml"}, {}, None, None, ["does-not-agree"]),
        ({}, {"protocol": "saml"}, None, None, ["does-not-agree"]),
        # What the files say counts, and where they are silent what Keycloak has.
        ({}, {"protocol": "saml"}, {"protocol": "saml"}, None, []),
        ({}, {}, {"protocol": "saml"}, {"protocol": "saml"}, []),
        ({}, {}, None, {"protocol": "saml"}, ["does-not-agree"]),
        (
            {"protocol": "openid-connect"},
            {},
            {"protocol": "saml"},
            {"protocol": "saml"},
            ["does-not-agree"],
        ),
        ({}, {"protocol": "openid-connect"}, None, {"protocol": "saml"}, []),
        # What another version of Keycloak has attached all the same stays.
        ({}, {"protocol": "saml"}, {"defaultClientScopes": ["s"]}, None, []),
    ],
)
def test_the_protocols_are_those_that_the_plan_leaves(
    tmp_path: Path,
    client: Json,
    scope: Json,
    live_client: Json | None,
    live_scope: Json | None,
    expected: list[str],
) -> None:
    live = [there(".")]
    sides: list[tuple[str, Any]] = [("clients/a", live_client), ("client-scopes/s", live_scope)]
    live += [
        there(name, {"protocol": "openid-connect", **fields})
        for name, fields in sides
        if fields is not None
    ]
    made = plan(
        tmp_path,
        {"clients": [{**LISTED, **client}], "clientScopes": [{"name": "s", **scope}]},
        live=live,
    )
    assert [code for severity, code in codes(made) if severity == "error"] == expected


def test_a_scope_of_the_users_own_that_is_called_like_one_of_keycloaks_fits(
    tmp_path: Path,
) -> None:
    made = plan(
        tmp_path,
        {
            "clients": [{"clientId": "a", "defaultClientScopes": ["role_list"]}],
            "clientScopes": [{"name": "role_list", "protocol": "openid-connect"}],
        },
    )
    assert codes(made) == []
