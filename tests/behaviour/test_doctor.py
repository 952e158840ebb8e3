"""`kcplan doctor` says what would fail, and what to do about it."""

import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

import kcplan
import kcplan_keycloak
import kcplan_state
from kcplan.address import Address
from kcplan.cli.doctor import VARIABLES
from kcplan.cli.options import make_connection
from kcplan.config.settings import KeycloakSettings
from kcplan.doctor import Recorder, Verdict
from kcplan_keycloak.api import Connection
from kcplan_keycloak.checkup import check_clock, check_rights, check_tls, check_version
from kcplan_keycloak.examination import Account, Held
from kcplan_keycloak.resources import resource_types
from kcplan_keycloak.rights import AREAS, CLIENTS, REALM, areas_of
from support.harness import Run
from support.world import World

NOBODY = {"KCPLAN_URL": "http://127.0.0.1:9", "KCPLAN_USERNAME": "a", "KCPLAN_PASSWORD": "b"}
SETTINGS = """\
[config]
files = ["shop.toml"]

[[lifecycle]]
match = "shop/clients/*"
ignore_changes = ["attributes.x", "colour"]

[[lifecycle]]
match = "stop/**"
prevent_destroy = true

[[lint]]
code = "redirect-anywhere"
level = "off"
reason = "a test"
match = "*/clients/ghost"

[[moved]]
from = "shop/roles/old"
to = "shop/roles/new"
"""


def write(folder: Path, **more: str) -> None:
    (folder / "kcplan.toml").write_text(SETTINGS)
    (folder / "shop.toml").write_text(
        'realm = "shop"\ndisplayName = "${env:KCPLAN_SHOP}"\n[[clients]]\nclientId = "web"\n'
    )
    for name, text in more.items():
        (folder / f"kcplan.state.json.{name}").write_text(text)


def test_without_a_server_it_checks_the_rest(run_offline: Run, tmp_path: Path) -> None:
    write(tmp_path)
    variables = {"KCPLAN_SHOP": "Shop", "KCPLAN_PASWORD": "never shown"}
    result = run_offline("doctor", env={**NOBODY, **variables})
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == snapshot("""\
ok       settings: kcplan.toml
ok       files: 2 resources of shop
caution  variables: kcplan does not read KCPLAN_PASWORD (did you mean KCPLAN_PASSWORD?)
             Correct the name, or remove the variable. What only your own scripts read
             is fine.
ok       state: there is none yet: kcplan.state.json
ok       lock: nobody holds it
ok       journal: none: no apply was interrupted
caution  rules: of the rules in kcplan.toml, 4 can do nothing: [[lifecycle]]
           shop/clients/* ignores colour, which nothing there has; [[lifecycle]] stop/**
           matches nothing; [[lint]] redirect-anywhere matches nothing at
           */clients/ghost; [[moved]] shop/roles/old is not in the state (any more)
             Correct the address or the field, or remove the rule.
fails    connection: nothing accepts connections at http://127.0.0.1:9
             Check host and port, and whether Keycloak is running and has finished
             starting.
unknown  TLS: not known, since nothing was asked
unknown  clock: not known, since nothing was asked
unknown  version: not known, since nothing was asked
unknown  rights: not known, since nothing was asked

Something would fail.
""")


def lock(pid: int, machine: str | None = None) -> str:
    """The lock of a process of this host."""
    from kcplan_state import processes

    return json.dumps(
        {
            "who": "ann",
            "host": processes.host(),
            "pid": pid,
            "since": "2026-01-02T03:04:05Z",
            "operation": "apply",
            "process_started": processes.started(pid),
            "machine": machine or processes.machine(),
        }
    )


def found(run: Run, *arguments: object) -> dict[str, tuple[str, str, str]]:
    """Verdict, finding and advice by the name of the check."""
    result = run("doctor", "--format", "json", *arguments, env={**NOBODY, "KCPLAN_SHOP": "x"})
    document = json.loads(result.stdout)
    assert document["ok"] == (result.exit_code == 0)
    return {c["name"]: (c["verdict"], c["found"], c["advice"]) for c in document["checks"]}


def test_a_lock_that_somebody_holds_fails(run_offline: Run, tmp_path: Path) -> None:
    write(tmp_path, lock=lock(os.getpid()))
    verdict, text, advice = found(run_offline)["lock"]
    assert verdict == "fails"
    assert "held by ann on" in text
    assert "kcplan unlock" in advice


def test_a_lock_whose_process_is_gone_is_left_to_the_next_command(
    run_offline: Run, tmp_path: Path
) -> None:
    with subprocess.Popen(["/bin/true"]) as gone:
        gone.wait()
    write(tmp_path, lock=lock(gone.pid))
    assert found(run_offline)["lock"][0] == "caution"
    assert (tmp_path / "kcplan.state.json.lock").exists()


def test_an_apply_that_did_not_end_fails(run_offline: Run, tmp_path: Path) -> None:
    write(tmp_path, journal="")
    verdict, text, advice = found(run_offline)["journal"]
    assert (verdict, text) == ("fails", "an apply did not end")
    assert "kcplan recover" in advice


def test_a_damaged_state_fails_and_the_rest_is_checked(run_offline: Run, tmp_path: Path) -> None:
    write(tmp_path)
    (tmp_path / "kcplan.state.json").write_text("{")
    checks = found(run_offline)
    assert checks["state"][0] == "fails"
    assert "rules" not in checks
    assert checks["files"][0] == "ok"


def test_settings_that_cannot_be_read_are_all_it_says(run_offline: Run, tmp_path: Path) -> None:
    (tmp_path / "kcplan.toml").write_text('[keycloak]\nurk = "x"\n[state]\nlock_timeout = "y"\n')
    result = run_offline("doctor")
    assert (result.exit_code, result.stderr) == (1, "")
    assert result.stdout == snapshot("""\
fails    settings: unknown key `urk` in keycloak; did you mean `url`? (kcplan.toml:2:1),
           and 1 more
             `kcplan validate` shows all findings and what to do.
unknown  all else: not known, since the settings cannot be read

Something would fail.
""")


def rights(world: World, **more: Any) -> str:
    """What is said of the rights, in one line."""
    told = world.kcplan("doctor", world.file, exit_code=None, **more).stdout
    return " ".join(told.partition("rights in ")[2].split()) or str(told)


def test_an_administrator_may_do_everything(world: World) -> None:
    world.declare(clients=[{"clientId": "a"}])
    assert "there is no such realm yet, and the account may create it" in rights(world)
    world.apply()

    result = world.kcplan("doctor", world.file, "--verbose")

    assert "plan, refresh and apply work\n" in result.stdout
    assert re.search(r"version: 26\.\d+\.\d+: supported", result.stdout)
    assert result.stdout.endswith("\nAll is well.\n")
    sent = [line.split()[0] for line in result.stderr.splitlines()]
    assert sent.count("POST") == 1, "to log in"
    assert set(sent) == {"GET", "POST"}


def test_it_reads_the_rights_of_an_account_without_a_full_token(world: World) -> None:
    """A user of the realm, at admin-cli, may view and may look itself up."""
    world.declare(enabled=True, clients=[{"clientId": "a"}])
    world.apply()
    user = {"username": "anna", "firstName": "A", "lastName": "B", "email": "a@b.example"}
    credentials = [{"type": "password", "value": "a-password-of-a-user"}]
    user_id = world.admin.create(
        world.path("users"), {**user, "enabled": True, "credentials": credentials}
    )
    client = world.admin.client_id(world.realm, "realm-management")
    login = {
        "KCPLAN_AUTH_REALM": world.realm,
        "KCPLAN_USERNAME": "anna",
        "KCPLAN_PASSWORD": "a-password-of-a-user",
    }

    def rights_with(*roles: str) -> str:
        granted = [
            world.admin.json(f"{world.in_client('realm-management')}/roles/{role}")
            for role in roles
        ]
        world.admin.post(
            world.path("users", user_id, "role-mappings", "clients", client), json=granted
        )
        return rights(world, env=login)

    assert "not known: neither the token nor Keycloak tells" in rights_with("view-realm")
    assert "apply would lack manage-realm, manage-clients" in rights_with(
        "view-users", "view-clients"
    )


def test_a_state_of_another_server_fails(world: World) -> None:
    world.declare()
    world.apply()
    elsewhere = world.variables | {"KCPLAN_URL": "http://127.0.0.1:9"}
    result = world.kcplan("doctor", world.file, exit_code=1, env=elsewhere)
    assert "fails    state: the state belongs to http://" in result.stdout
    assert "unknown  connection: not known" in result.stdout


@pytest.mark.parametrize(
    ("claims", "roles"),
    [
        ({"resource_access": {"realm-management": {"roles": ["view-realm"]}}}, {"view-realm"}),
        ({"realm_access": {"roles": ["admin"]}}, set()),
        ({"resource_access": "shop"}, set()),
        ({"resource_access": {"realm-management": {"roles": 7}}}, set()),
        ({"resource_access": {"realm-management": {"roles": [None]}}}, set()),
    ],
)
def test_roles_are_read_from_a_token_of_any_shape(claims: Any, roles: set[str]) -> None:
    account = Account.told("shop", claims)
    assert account is not None
    assert account.clients is not None
    assert account.clients.get("realm-management", set()) == roles


def test_doctor_knows_the_variables_that_kcplan_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[str] = set()
    with monkeypatch.context() as patch:
        patch.setattr(os, "environ", Recorder({}, read.add))
        make_connection({}, KeycloakSettings(url="https://sso.example"))
    own = {name for name in read if name.startswith("KCPLAN_")}
    assert "KCPLAN_TIMEOUT" in own
    written = {
        name
        for package in (kcplan, kcplan_keycloak, kcplan_state)
        for file in Path(str(package.__file__)).parent.rglob("*.py")
        for name in re.findall(r"(?<![A-Z_])KCPLAN_[A-Z_]*[A-Z]", file.read_text(encoding="utf-8"))
    }
    assert own | written == VARIABLES


def test_a_variable_that_takes_an_environment_elsewhere_fails(
    run_offline: Run, tmp_path: Path
) -> None:
    write(tmp_path)
    with (tmp_path / "kcplan.toml").open("a") as file:
        file.write('[environments.prod]\nurl = "https://prod.example"\nstate = "prod.json"\n')
    left_over = {"KCPLAN_ENV": "prod", "KCPLAN_STATE": "dev.json", "KCPLAN_SHOP": "x"}
    result = run_offline("doctor", env={**NOBODY, **left_over})
    assert (result.exit_code, result.stderr) == (1, "")
    assert "settings: kcplan.toml, environment prod\n" in result.stdout
    assert "variables: kcplan knows all that begin with KCPLAN_\n" in result.stdout
    for name in ("state", "lock", "journal", "connection"):
        assert f"fails    {name}: KCPLAN_STATE is dev.json" in result.stdout


# -- what comes of what a server tells -------------------------------------------------------


@pytest.mark.parametrize(
    ("skew", "verdict", "words"),
    [
        (30.0, Verdict.OK, "as Keycloak's"),
        (31.0, Verdict.CAUTION, "31 seconds behind Keycloak's"),
        (-4000.0, Verdict.CAUTION, "4,000 seconds ahead of Keycloak's"),
        (None, Verdict.UNKNOWN, "not known"),
    ],
)
def test_clocks(skew: float | None, verdict: Verdict, words: str) -> None:
    check = check_clock(skew)
    assert check.verdict is verdict
    assert words in check.found


@pytest.mark.parametrize(
    ("url", "insecure", "days", "verdict", "words"),
    [
        ("http://[::1]:8080", False, None, Verdict.OK, "none is needed"),
        ("http://sso.example", False, None, Verdict.CAUTION, "reads passwords"),
        ("https://sso.example", True, None, Verdict.CAUTION, "--insecure"),
        ("https://sso.example", False, 13.4, Verdict.CAUTION, "13 more days"),
        ("https://sso.example", False, 90, Verdict.OK, "90 more days"),
    ],
)
def test_tls(url: str, *, insecure: bool, days: float | None, verdict: Verdict, words: str) -> None:
    ends = None if days is None else 1000 + days * 86_400
    check = check_tls(Connection(url=url, insecure=insecure), ends, 1000)
    assert check.verdict is verdict
    assert words in check.found


@pytest.mark.parametrize(
    ("version", "stated", "verdict", "words"),
    [
        ("26.7.3", None, Verdict.OK, "26.7.3: supported"),
        ("26.4.7", None, Verdict.OK, "tested with 26.7"),
        ("26.1.0", None, Verdict.CAUTION, "not supported"),
        ("26.8.0", None, Verdict.CAUTION, "newer than 26.7"),
        (None, None, Verdict.CAUTION, "the account may not see it"),
        (None, "26.7", Verdict.OK, "26.7, as kcplan.toml says"),
        ("nightly", None, Verdict.UNKNOWN, "nightly"),
    ],
)
def test_versions(version: str | None, stated: str | None, verdict: Verdict, words: str) -> None:
    check = check_version(version, stated)
    assert check.verdict is verdict
    assert words in check.found


@pytest.mark.parametrize(
    ("roles", "verdict", "words"),
    [
        ({"view-realm", "view-clients"}, Verdict.OK, "would lack manage-realm, manage-clients"),
        ({"view-realm"}, Verdict.FAILS, "lacks view-clients"),
        ({"manage-realm", "manage-clients"}, Verdict.OK, "apply work"),
        ({"manage-realm", "view-clients"}, Verdict.OK, "would lack manage-clients"),
        (None, Verdict.UNKNOWN, "not known"),
    ],
)
def test_rights(roles: set[str] | None, verdict: Verdict, words: str) -> None:
    held = Held(exists=True, roles=None if roles is None else frozenset(roles), creates=False)
    check = check_rights("shop", held, [REALM, CLIENTS])
    assert check.verdict is verdict
    assert words in check.found


def test_who_is_realm_admin_may_do_everything() -> None:
    held = Held(exists=True, roles=frozenset({"realm-admin"}), creates=None)
    assert check_rights("shop", held, AREAS).found == "plan, refresh and apply work"


@pytest.mark.parametrize(
    ("creates", "verdict"),
    [(True, Verdict.OK), (False, Verdict.CAUTION), (None, Verdict.UNKNOWN)],
)
def test_rights_to_create_a_realm(*, creates: bool | None, verdict: Verdict) -> None:
    held = Held(exists=False, roles=frozenset(), creates=creates)
    assert check_rights("shop", held, [REALM]).verdict is verdict


def test_each_type_is_in_an_area() -> None:
    found = {}
    for name, kind in resource_types().items():
        address = Address(tuple(kind.spec.pattern.replace("...", "").split("/")))
        areas = areas_of([(name, address)])
        found[name] = ", ".join(area.view for area in areas if area is not REALM)
    assert found == snapshot(
        {
            "realm": "",
            "localization": "",
            "flow": "",
            "required-action": "",
            "role": "",
            "client-scope": "view-clients",
            "user-profile": "",
            "identity-provider": "view-identity-providers",
            "registration-policy": "",
            "component": "",
            "component-mapper": "",
            "identity-provider-mapper": "view-identity-providers",
            "organization": "view-organizations",
            "client": "view-clients",
            "client-role": "view-clients",
            "group": "view-users",
            "organization-group": "view-organizations",
            "service-account": "view-clients, view-users",
            "user": "view-users",
            "authorization": "view-clients",
            "authorization-scope": "view-clients",
            "authorization-resource": "view-clients",
            "authorization-policy": "view-clients",
            "authorization-permission": "view-clients",
            "admin-policy": "view-clients",
            "admin-permission": "view-clients",
            "impersonation": "view-clients, view-users",
            "legacy-exchange": "view-clients",
            "workflow": "realm-admin",
        }
    )
