"""The suite's own fixtures: what every other test builds on."""

import os
import sys
from pathlib import Path
from typing import Any

import click
import pytest

import kcplan.cli
from support.harness import Admin, Run, Server
from support.world import World


def test_a_realm_is_fresh_and_exports_whole(admin: Admin, realm: str) -> None:
    assert admin.json(realm)["enabled"] is True
    assert {client["clientId"] for client in admin.export(realm)["clients"]} >= {"account"}


def test_a_realm_name_is_free(admin: Admin, realm_name: str) -> None:
    assert admin.get(realm_name, check=False).status_code == 404


def test_realms_come_with_keys_that_are_there_already(
    admin: Admin, realm: str, world: World, realm_name: str
) -> None:
    """Both those that tests make and those that kcplan makes."""
    assert realm == realm_name
    by_test = _signing_keys(admin, realm)
    admin.delete(realm)
    world.declare(enabled=True)
    world.apply()
    assert _signing_keys(admin, realm) == by_test
    assert {key["providerId"] for key in _key_providers(admin, realm)} == {
        "rsa-generated",
        "rsa-enc-generated",
        "hmac-generated",
        "aes-generated",
    }


def _key_providers(admin: Admin, realm: str) -> list[Any]:
    found = admin.json(f"{realm}/components", type="org.keycloak.keys.KeyProvider")
    return list(found)


def _signing_keys(admin: Admin, realm: str) -> set[str]:
    return {key["kid"] for key in admin.json(f"{realm}/keys")["keys"] if key["type"] == "RSA"}


def test_the_legacy_server_has_what_the_ordinary_one_lacks(
    keycloak: Server, legacy_keycloak: Server
) -> None:
    assert _features(keycloak) == {"TOKEN_EXCHANGE": False, "ADMIN_FINE_GRAINED_AUTHZ": False}
    assert _features(legacy_keycloak) == {"TOKEN_EXCHANGE": True, "ADMIN_FINE_GRAINED_AUTHZ": True}


def _features(server: Server) -> dict[str, bool]:
    admin = Admin(server)
    info = admin.get("../serverinfo").json()
    admin.close()
    wanted = {"TOKEN_EXCHANGE", "ADMIN_FINE_GRAINED_AUTHZ"}
    return {f["name"]: f["enabled"] for f in info["features"] if f["name"] in wanted}


@pytest.fixture
def _echo(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command in kcplan's place that tells what it was given."""

    @click.command()
    @click.argument("code", type=int)
    def echo(code: int) -> None:
        click.echo(sorted(name for name in os.environ if name.startswith(("KCPLAN_", "KEYCLOAK_"))))
        click.echo(Path.cwd().name)
        click.echo(sys.stdin.read(), err=True)
        sys.exit(code)

    monkeypatch.setattr(kcplan.cli, "main", echo)
    monkeypatch.setenv("KCPLAN_STATE", "elsewhere.json")
    monkeypatch.setenv("KEYCLOAK_URL", "http://production.example")


@pytest.mark.usefixtures("_echo")
def test_a_run_sees_nothing_of_the_developer_s_environment(
    run_offline: Run, tmp_path: Path
) -> None:
    result = run_offline(3, input="yes", env={"KCPLAN_TIMEOUT": "5"})

    assert result.exit_code == 3
    assert result.stdout == f"['KCPLAN_TIMEOUT']\n{tmp_path.name}\n"
    assert result.stderr == "yes\n"
    assert Path.cwd() != tmp_path


@pytest.mark.usefixtures("_echo")
def test_a_run_is_connected_to_the_session_s_server(run_kcplan: Run) -> None:
    result = run_kcplan(0)

    assert result.exit_code == 0
    assert "['KCPLAN_PASSWORD', 'KCPLAN_URL', 'KCPLAN_USERNAME']" in result.stdout
