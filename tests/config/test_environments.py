"""Environments of kcplan.toml: what each takes from the top level, and what is wrong with one."""

from collections.abc import Callable
from pathlib import Path

import pytest
from attrs import fields
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.config.environments import TABLES, chosen, listed
from kcplan.config.load import load
from kcplan.config.model import Lifecycle
from kcplan.config.settings import (
    ConfigSettings,
    Environment,
    KeycloakSettings,
    RefreshSettings,
    StateSettings,
)
from kcplan.config.settings_file import load_settings
from kcplan.diagnostics import Diagnostic
from kcplan.errors import ConfigError, UsageError
from kcplan.secret import Secret
from kcplan_keycloak.resources import registry

Write = Callable[[str, str | bytes], Path]
Text = Callable[[tuple[Diagnostic, ...]], str]

TOP = """
[keycloak]
url = "https://top"
client_id = "kcplan"
client_secret_file = "top.secret"
timeout = 30
[config]
files = ["realms"]
overlays = ["env/all"]
[state]
lock_timeout = 5
[variables]
A = "top"
B = "top"
[[lifecycle]]
match = "r/**"
[environments.dev]
"""


def test_what_an_environment_does_not_set_is_as_at_the_top_level(write: Write) -> None:
    settings = load_settings(write("kcplan.toml", TOP))
    dev = chosen(settings, "dev")

    assert dev.environment == "dev"
    assert (dev.keycloak, dev.config, dev.refresh) == (
        settings.keycloak,
        settings.config,
        settings.refresh,
    )
    assert dev.state == StateSettings(Path("kcplan.dev.state.json"), 5)
    assert dev.variables == {"A": "top", "B": "top"}
    assert not dev.protect


def test_what_an_environment_sets_goes_before_the_top_level(write: Write) -> None:
    text = """
    url = "https://dev"
    auth_realm = "ops"
    client_secret = "hidden"
    parallelism = 2
    state = "state/dev.json"
    lock_timeout = 0
    files = ["others"]
    overlays = []
    substitution = "keycloak-config-cli"
    ignore_unsupported = ["groups"]
    full_every = 1
    variables = { A = "dev" }
    protect = true
    lifecycle = [{ match = "r/clients/*", prevent_destroy = true }]
    """
    dev = chosen(load_settings(write("kcplan.toml", TOP + text)), "dev")

    assert dev.keycloak == KeycloakSettings(
        url="https://dev",
        auth_realm="ops",
        client_id="kcplan",
        client_secret=Secret("hidden"),
        timeout=30,
        parallelism=2,
    )
    assert dev.config == ConfigSettings(("others",), (), "keycloak-config-cli", ("groups",))
    assert dev.state == StateSettings(Path("state/dev.json"), 0)
    assert dev.refresh == RefreshSettings(1)
    assert dev.variables == {"A": "dev", "B": "top"}
    assert dev.protect
    assert dev.lifecycle == (Lifecycle("r/clients/*", prevent_destroy=True), Lifecycle("r/**"))


def test_an_environment_has_a_key_for_each_of_the_tables() -> None:
    tables = {
        "keycloak": KeycloakSettings,
        "config": ConfigSettings,
        "state": StateSettings,
        "refresh": RefreshSettings,
    }
    keys = {(table, item.name) for table, kind in tables.items() for item in fields(kind)}
    assert set(TABLES.values()) == keys
    assert set(TABLES) <= {item.name for item in fields(Environment)}


def test_the_overlays_of_other_environments_are_set_aside(write: Write) -> None:
    text = TOP + 'overlays = ["env/dev"]\n[environments.prod]\noverlays = ["env/prod"]'
    dev = chosen(load_settings(write("kcplan.toml", text)), "dev")

    assert dev.config.overlays == ("env/dev",)
    assert dev.set_aside == ("env/all", "env/dev", "env/prod")


def test_without_environments_none_needs_to_be_named(write: Write) -> None:
    settings = load_settings(write("kcplan.toml", '[keycloak]\nurl = "https://top"'))
    assert chosen(settings, None) == settings


def test_a_list_of_them_has_no_secrets(write: Write) -> None:
    text = 'url = "https://me:hidden@dev/kc"\nusername = "me"\npassword = "hidden"'
    found = listed(load_settings(write("kcplan.toml", TOP + text)))

    assert [item.url for item in found] == ["https://dev/kc"]
    assert "hidden" not in str(found)


SAID = {
    "none named": (None, "[environments.dev]\n[environments.prod]"),
    "no such": ("prd", "\n[environments.dev]\n[environments.prod]"),
    "nothing like it": ("x", "[environments.dev]"),
    "there are none": ("dev", ""),
}


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (
            "none named",
            snapshot("""\
kcplan.toml has environments, and none is named: `dev`, `prod`
Name one with `--env NAME`, or set KCPLAN_ENV. Without it, kcplan could change the wrong one.\
"""),
        ),
        (
            "no such",
            snapshot("""\
error unknown-environment kcplan.toml:2:1
  there is no environment `prd`; did you mean `prod`?\
"""),
        ),
        (
            "nothing like it",
            snapshot("""\
error unknown-environment kcplan.toml:1:1
  there is no environment `x`\
"""),
        ),
        (
            "there are none",
            snapshot("""\
there is no environment `dev`: kcplan.toml has none
kcplan reads the kcplan.toml of the current folder, or that of `-C DIR`. Where there are no environments, leave out --env and KCPLAN_ENV.\
"""),
        ),
    ],
)
def test_the_environment_must_be_one_that_there_is(
    case: str, said: str, write: Write, text_of: Text
) -> None:
    name, text = SAID[case]
    settings = load_settings(write("kcplan.toml", text))
    with pytest.raises((ConfigError, UsageError)) as caught:
        chosen(settings, name)
    problem = caught.value
    assert (
        text_of(problem.diagnostics)
        if isinstance(problem, ConfigError)
        else f"{problem.summary}\n{problem.detail}"
    ) == said


WRONG = {
    "unknown key": '[environments.prod]\nurls = "x"',
    "a table of the top level": '[environments.prod.state]\npath = "x"',
    "no table": "[environments]\nprod = 1",
    "no tables": "environments = 1",
    "wrong types": "[environments.prod]\nprotect = 1\nurl = 2\noverlays = 'x'\nfull_every = 'x'",
    "variables": "[environments.prod]\nvariables = { A = 1 }",
    "rules": "[environments.prod]\nlifecycle = [{ match = 'a//b', on_remove = 'x' }]",
    "values": "[environments.prod]\ntimeout = 0\nlock_timeout = -1\nsubstitution = 'x'",
    "names": "[environments.'a b']\n[environments.'']",
    "one state": "[environments.a]\nurl = 'https://a'\nstate = 's.json'\n"
    "[environments.b]\nurl = 'https://b'\nstate = './s.json'",
    "one state at the top": "[state]\npath = 's.json'\n[environments.a]\nurl = 'https://a'\n"
    "[environments.b]\nurl = 'https://b'\n[environments.c]\nurl = 'https://a/'",
    "lint": "[environments.prod]\nlint = [{ code = 'x', level = 'never', reason = '' }]",
}


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (
            "unknown key",
            snapshot("""\
error unknown-field kcplan.toml:2:1
  unknown key `urls` in environments.prod; did you mean `url`?\
"""),
        ),
        (
            "a table of the top level",
            snapshot("""\
error wrong-type kcplan.toml:1:1
  environments.prod.state must be a string, not a table\
"""),
        ),
        (
            "no table",
            snapshot("""\
error wrong-type kcplan.toml:2:1
  environments.prod must be a table, not the number 1\
"""),
        ),
        (
            "no tables",
            snapshot("""\
error wrong-type kcplan.toml:1:1
  environments must be a table, not the number 1\
"""),
        ),
        (
            "wrong types",
            snapshot("""\
error wrong-type kcplan.toml:2:1
  environments.prod.protect must be true or false, not the number 1
error wrong-type kcplan.toml:3:1
  environments.prod.url must be a string, not the number 2
error wrong-type kcplan.toml:4:1
  environments.prod.overlays must be a list of strings, not the string 'x'
error wrong-type kcplan.toml:5:1
  environments.prod.full_every must be a number, not the string 'x'\
"""),
        ),
        (
            "variables",
            snapshot("""\
error wrong-type kcplan.toml:2:15
  environments.prod.variables.A must be a string, not the number 1\
"""),
        ),
        (
            "rules",
            snapshot("""\
error wrong-type kcplan.toml:2:16
  environments.prod.lifecycle.0.match must be an address or a pattern of addresses
error wrong-type kcplan.toml:2:32
  environments.prod.lifecycle.0.on_remove must be "delete" or "release"\
"""),
        ),
        (
            "values",
            snapshot("""\
error wrong-type kcplan.toml:2:1
  environments.prod.timeout must be more than 0 seconds
error wrong-type kcplan.toml:3:1
  environments.prod.lock_timeout must not be negative
error wrong-type kcplan.toml:4:1
  environments.prod.substitution must be "kcplan" or "keycloak-config-cli"\
"""),
        ),
        (
            "names",
            snapshot("""\
error wrong-type kcplan.toml:1:1
  environments."a b" is no name of an environment
error wrong-type kcplan.toml:2:1
  environments."" is no name of an environment\
"""),
        ),
        (
            "one state",
            snapshot("""\
error wrong-type kcplan.toml:6:1
  environments.b.state has the state file of environments.a, and another server\
"""),
        ),
        (
            "one state at the top",
            snapshot("""\
error wrong-type kcplan.toml:5:1
  environments.b has the state file of environments.a, and another server
error wrong-type kcplan.toml:7:1
  environments.c has the state file of environments.b, and another server\
"""),
        ),
        (
            "lint",
            snapshot("""\
error wrong-type kcplan.toml:2:23
  environments.prod.lint.0.level must be "off", "caution" or "danger"
error wrong-type kcplan.toml:2:40
  environments.prod.lint.0.reason must not be empty\
"""),
        ),
    ],
)
def test_what_is_wrong_with_an_environment_is_told_with_its_place(
    case: str, said: str, write: Write, text_of: Text
) -> None:
    path = write("kcplan.toml", WRONG[case])
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert text_of(caught.value.diagnostics) == said


def test_one_state_on_one_server_may_be_shared(write: Write) -> None:
    text = "url = 'https://a'\nstate = 's.json'\n"
    path = write("kcplan.toml", f"[environments.a]\n{text}[environments.b]\n{text}")
    assert chosen(load_settings(path), "b").state.path == Path("s.json")


def test_secrets_of_an_environment_are_a_warning(write: Write, text_of: Text) -> None:
    settings = load_settings(write("kcplan.toml", "[environments.prod]\nclient_secret = 'x'"))
    assert text_of(settings.diagnostics) == snapshot("""\
warning own-secret-in-file kcplan.toml:2:1
  environments.prod.client_secret is in plain text\
""")


def test_variables_of_an_environment_are_judged_as_others_are(write: Write, text_of: Text) -> None:
    path = write("kcplan.toml", "[environments.dev]\nvariables = { DB_PASSWORD = 'x' }")
    settings = load_settings(path)
    assert text_of(settings.diagnostics) == snapshot("""\
warning own-secret-in-file kcplan.toml:2:15
  environments.dev.variables.DB_PASSWORD is in plain text\
""")
    assert str(chosen(settings, "dev").variable_sources["DB_PASSWORD"]) == "kcplan.toml:2:15"

    path = write("kcplan.toml", "[environments.dev]\nvariables = { 'a b' = 'x' }")
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    assert text_of(caught.value.diagnostics) == snapshot("""\
error wrong-variable kcplan.toml:2:15
  what stands before the value is no name of a variable\
""")


def test_an_overlay_lies_over_the_realm_of_one_tenant(write: Write) -> None:
    text = '[[realms]]\nfile = "tenant.toml"\nfor_each = ["acme", "globex"]\n'
    path = write("kcplan.toml", text + '[environments.dev]\noverlays = ["over"]')
    write("tenant.toml", 'realm = "t-${each.name}"\nenabled = true\ndisplayName = "${each.name}"')
    write("over/acme.toml", 'realm = "t-acme"\nenabled = false')
    settings = chosen(load_settings(path), "dev")

    for paths in ([], ["tenant.toml"]):
        found = load(paths, registry(), {}, settings).resources
        enabled = {str(a): found[a].leaves["enabled",] for a in found}
        assert enabled == {"t-acme": False, "t-globex": True}
        assert found[Address.of("t-acme")].leaves["displayName",] == "acme"


def test_an_overlay_over_a_tenant_who_left_is_an_error(write: Write, text_of: Text) -> None:
    path = write(
        "kcplan.toml",
        '[[realms]]\nfile = "tenant.toml"\nfor_each = ["globex"]\n'
        '[environments.dev]\noverlays = ["over"]\nvariables.STAGE = "dev"',
    )
    write("tenant.toml", 'realm = "${each.name}-${STAGE}"\n[[clients]]\nclientId = "web"')
    write("over/acme.toml", 'realm = "acme-${STAGE}"\nenabled = false')
    settings = chosen(load_settings(path), "dev")
    with pytest.raises(ConfigError) as caught:
        load([], registry(), {}, settings)
    assert text_of(caught.value.diagnostics) == snapshot("""\
error wrong-tenants over/acme.toml:1:1
  the overlay is for the realm acme-dev, which no tenant and no other file has\
""")
    # Nothing is said of others where only some are named.
    write("more.toml", 'realm = "more"')
    assert load(["more.toml"], registry(), {}, settings).realms == {"more"}
    write("over/acme.toml", 'realm = "globex-${STAGE}"\nenabled = false')
    assert load([], registry(), {}, settings).realms == {"globex-dev"}
