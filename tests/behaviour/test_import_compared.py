"""`kcplan import --compare-with-new-realm`: what Keycloak makes by itself is seen, not known."""

import json
import os
import signal
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.errors import ServerError
from kcplan.schema import Leaves
from kcplan.snapshot import LiveObject
from kcplan_keycloak import comparison, new_realm, version_tables
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.reader import KeycloakReader
from kcplan_keycloak.resources import registry
from support.importing import forget, imported, make_full, said
from support.world import World

OPTION = "--compare-with-new-realm"


@pytest.fixture(autouse=True)
def _realms_of_one_test(monkeypatch: pytest.MonkeyPatch, realm_name: str) -> None:
    """No test sees the realms that another one has kcplan make."""
    monkeypatch.setattr(new_realm, "_PREFIX", f"compare-{realm_name}-")


def left_behind(world: World) -> list[str]:
    """The realms that kcplan made to compare with, and that are still there."""
    names = [realm["realm"] for realm in world.admin.json("")]
    return [name for name in names if name.startswith(f"compare-{world.realm}-")]


def is_done(world: World) -> None:
    result = world.kcplan("plan", world.folder / "realm.toml", "--detailed-exitcode")
    assert result.stdout == "No changes. Your Keycloak matches the configuration.\n"


def test_what_kcplan_knows_is_seen_and_more(world: World) -> None:
    """Which attributes Keycloak gives to a new SAML client is in no table."""
    make_full(world)
    known = imported(world)
    before = world.export()
    forget(world)

    found = imported(world, "realm.toml", OPTION)

    saml, as_known = found["clients"].pop(), known["clients"].pop()
    assert said(world, json.dumps(saml.pop("attributes"))) == snapshot(
        '{"saml.client.signature": "false", "saml.signing.private.key": "${env:REALM_URN_SP_SAML_SIGNING_PRIVATE_KEY}"}'
    )
    assert as_known.pop("attributes").keys() > {"saml.server.signature"}
    assert (found, saml) == (known, as_known)
    is_done(world)
    assert world.export() == before
    assert left_behind(world) == []


def test_what_was_changed_of_what_keycloak_makes_is_written(inhabited: World) -> None:
    world = inhabited
    world.admin.post(world.path("roles"), json={"name": "reader"})
    default = f"default-roles-{world.realm}"
    world.admin.post(f"{world.path('roles', default)}/composites", json=[world.role("reader")])
    world.edit_client("account", description="Edited", enabled=False)
    world.edit_client("broker", description="With a secret")
    plain = imported(world)
    forget(world)

    document = json.loads(said(world, json.dumps(imported(world, "realm.toml", OPTION))))

    assert "clients" not in plain
    assert document["clients"] == snapshot(
        [
            {
                "clientId": "account",
                "description": "Edited",
                "enabled": False,
                "bearerOnly": False,
                "directAccessGrantsEnabled": False,
                "fullScopeAllowed": False,
                "implicitFlowEnabled": False,
                "publicClient": True,
                "serviceAccountsEnabled": False,
                "standardFlowEnabled": True,
            },
            {
                "clientId": "broker",
                "description": "With a secret",
                "enabled": True,
                "bearerOnly": True,
                "directAccessGrantsEnabled": False,
                "fullScopeAllowed": False,
                "implicitFlowEnabled": False,
                "publicClient": False,
                "secret": "${env:REALM_BROKER_SECRET}",
                "serviceAccountsEnabled": False,
                "standardFlowEnabled": True,
            },
        ]
    )
    assert document["roles"] == snapshot(
        {
            "realm": [
                {
                    "name": "default-roles-REALM",
                    "composites": {
                        "realm": ["offline_access", "reader", "uma_authorization"],
                        "client": {"account": ["manage-account", "view-profile"]},
                    },
                },
                {"name": "reader"},
            ]
        }
    )
    assert document.keys() - plain.keys() == {"clients"}
    is_done(world)


def test_what_kcplan_does_not_know_is_seen(
    inhabited: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As with a Keycloak that is newer than the tables."""
    from kcplan_keycloak import defaults

    everything = defaults.Defaults.of

    def little(known: defaults.Defaults, live: LiveObject) -> Leaves:
        spec = registry()[live.type]
        found = {p: v for p, v in everything(known, live).items() if p[0] in spec.seeds}
        return found | known.scopes_of(live)

    world = inhabited
    saml = {"protocol": "saml", "attributes": {"saml.client.signature": "false"}}
    world.admin.post(world.path("clients"), json={"clientId": "a", **saml})
    world.admin.post(world.path("clients"), json={"clientId": "b", "publicClient": True})
    provider = {"alias": "i", "providerId": "oidc", "config": {"clientId": "us"}}
    world.admin.post(world.path("identity-provider", "instances"), json=provider)
    known = imported(world, "realm.toml", OPTION)
    forget(world)
    monkeypatch.setattr(defaults.Defaults, "of", little)
    assert imported(world, "realm.toml", OPTION) == known
    forget(world)
    assert imported(world) != known


def test_nothing_is_said_of_a_version_without_a_table_whose_realm_is_looked_at(
    inhabited: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = inhabited
    monkeypatch.setattr(version_tables, "KNOWN", (99, 0))
    assert "kcplan knows" in world.kcplan("import", world.realm).stderr
    forget(world)
    assert "kcplan knows" not in world.kcplan("import", world.realm, OPTION).stderr


def test_an_account_that_may_not_create_realms_is_told(inhabited: World) -> None:
    from support.authorization import VIEWS
    from support.importing import account

    world = inhabited
    rights = account(world, *VIEWS)
    result = world.kcplan("import", world.realm, OPTION, env=rights, exit_code=1)
    assert result.stdout == ""
    assert result.stderr == snapshot("""\
Error: the account may not make a realm to compare with

`--compare-with-new-realm` makes a realm and removes it again. An account of the realm
master may, with the realm role create-realm or admin. Without the option kcplan goes by
what it knows of new realms.
""")
    assert list(world.folder.iterdir()) == []


def test_an_account_that_may_create_realms_and_little_else_may_compare(inhabited: World) -> None:
    world = inhabited
    client = {"clientId": world.realm, "serviceAccountsEnabled": True, "publicClient": False}
    made = world.admin.create("master/clients", client)
    try:
        user = world.admin.json(f"master/clients/{made}/service-account-user")["id"]
        role = world.admin.json("master/roles/create-realm")
        world.admin.post(f"master/users/{user}/role-mappings/realm", json=[role])
        holder = world.admin.client_id("master", f"{world.realm}-realm")
        views = [
            role
            for role in world.admin.json(f"master/clients/{holder}/roles")
            if role["name"].startswith("view-")
        ]
        world.admin.post(f"master/users/{user}/role-mappings/clients/{holder}", json=views)
        env = {
            "KCPLAN_CLIENT_ID": world.realm,
            "KCPLAN_CLIENT_SECRET": world.admin.json(f"master/clients/{made}")["secret"],
            "KCPLAN_USERNAME": None,
            "KCPLAN_PASSWORD": None,
        }
        world.kcplan("import", world.realm, OPTION, env=env)
    finally:
        world.admin.delete(f"master/clients/{made}")
    assert left_behind(world) == []


# -- the realm goes, whatever happens -----------------------------------------------------------


def test_it_goes_where_the_comparison_fails(
    inhabited: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = inhabited

    def failing(*_: object) -> None:
        raise ServerError("Keycloak fails")

    monkeypatch.setattr(comparison, "KeycloakReader", lambda _: failing())
    result = world.kcplan("import", world.realm, OPTION, exit_code=1)
    assert result.stderr == "Error: Keycloak fails\n"
    assert left_behind(world) == []
    assert list(world.folder.iterdir()) == []


@pytest.mark.parametrize("moment", ["while it is made", "while it is read", "while it goes"])
def test_it_goes_where_somebody_presses_ctrl_c(
    inhabited: World, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    world = inhabited
    post, delete = AdminApi.post, AdminApi.delete

    def press() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    class Interrupted(KeycloakReader):
        def read(self, *args: Any, **more: Any) -> Any:
            press()
            return super().read(*args, **more)

    def posted(self: AdminApi, at: str, *args: Any, **more: Any) -> str | None:
        made = post(self, at, *args, **more)
        press()
        return made

    def deleted(self: AdminApi, *args: Any, **more: Any) -> None:
        press()
        delete(self, *args, **more)

    match moment:
        case "while it is made":
            monkeypatch.setattr(AdminApi, "post", posted)
        case "while it is read":
            monkeypatch.setattr(comparison, "KeycloakReader", Interrupted)
        case _:
            monkeypatch.setattr(AdminApi, "delete", deleted)
    result = world.kcplan("import", world.realm, OPTION, exit_code=130)
    assert result.stderr.strip() == "Interrupted. Nothing more is done."
    assert left_behind(world) == []
    assert list(world.folder.iterdir()) == []


def test_one_that_cannot_be_removed_is_named(
    inhabited: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = inhabited

    def failing(*_: object, **__: object) -> None:
        raise ServerError("Keycloak fails")

    with monkeypatch.context() as patch:
        patch.setattr(AdminApi, "delete", failing)
        result = world.kcplan("import", world.realm, OPTION, exit_code=1)
    (left,) = left_behind(world)
    world.admin.delete(left)
    assert result.stderr.replace(left, "LEFT") == snapshot("""\
Error: the realm LEFT, which kcplan made to compare with, could not be removed

Nothing else is in it: delete it in the console. Keycloak fails.
""")
