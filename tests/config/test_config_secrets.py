"""Secrets are wrapped from the moment they are read, and never shown."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.config.load import load
from kcplan.config.settings import Settings
from kcplan.errors import ConfigError
from kcplan.secret import Secret
from kcplan_keycloak.resources import registry

LONG = "0123456789-0123456789"

Leaves = Callable[..., Any]
Load = Callable[..., Any]
TextOf = Callable[..., str]


def test_a_secret_written_in_a_file_is_wrapped(load_text: Load, leaves: Leaves) -> None:
    config = load_text(
        """
        smtpServer = { host = "mail", password = "hunter2" }
        [[clients]]
        clientId = "a"
        secret = "0123456789-0123456789"
        attributes = { "saml.signing.private.key" = "${env:MISSING:-hunter3}", "x" = "y" }
        """
    )

    assert leaves(config, "r")["smtpServer", "password"] == Secret("hunter2")
    assert leaves(config, "r")["smtpServer", "host"] == "mail"
    assert leaves(config, "r", "clients", "a") == {
        ("secret",): Secret(LONG),
        ("attributes", "saml.signing.private.key"): Secret("hunter3"),
        ("attributes", "x"): "y",
    }
    assert leaves(config, "r")["smtpServer", "password"].origin.kind == "literal"
    assert config.diagnostics == ()
    assert "hunter" not in repr(config)


def test_a_long_secret_from_outside_is_fine(load_text: Load, leaves: Leaves) -> None:
    config = load_text(
        "[[clients]]\nclientId = 'a'\nsecret = '${VALUE}'", environment={"VALUE": LONG}
    )
    secret = leaves(config, "r", "clients", "a")["secret",]

    assert secret == Secret(LONG)
    assert (secret.origin.kind, secret.origin.key) == ("environment", "VALUE")
    assert config.diagnostics == ()


def test_a_reference_to_keycloaks_vault_is_no_secret_in_clear(load_text: Load) -> None:
    config = load_text("smtpServer.password = '${vault.smtp}'")
    assert config.diagnostics == ()


@pytest.mark.parametrize(
    ("name", "sensitive"),
    [
        ("CLIENT_SECRET", True),
        ("db_password", True),
        ("GithubToken", True),
        ("APIKEY", True),
        ("SIGNING_KEYS", True),
        ("KEYCLOAK_URL", False),
        ("HOST", False),
        ("KEYSTONE_HOST", False),
    ],
)
def test_a_variable_that_says_secret_is_one_wherever_it_stands(
    load_text: Load, leaves: Leaves, name: str, sensitive: object
) -> None:
    config = load_text(f"displayName = 'x ${{env:{name}}} y'", environment={name: "hunter2"})

    value = leaves(config, "r")["displayName",]
    assert value == (Secret("x hunter2 y") if sensitive else "x hunter2 y")
    assert config.diagnostics == ()


def test_masked_values_are_not_declared(load_files: Load, leaves: Leaves, text_of: TextOf) -> None:
    config = load_files(
        {
            "r.json": """{"realm": "r", "smtpServer": {"host": "mail",
"password": "**********"}, "clients": [{"clientId": "a",
"secret": "**********", "redirectUris": ["**********"]}]}"""
        }
    )

    assert leaves(config, "r") == {("smtpServer", "host"): "mail"}
    assert leaves(config, "r", "clients", "a") == {}
    assert text_of(config.diagnostics) == snapshot("""\
warning masked-value r.json:2:1
  smtpServer.password is masked (`**********`), and left out
warning masked-value r.json:3:1
  secret is masked (`**********`), and left out
warning masked-value r.json:3:42
  redirectUris.0 is masked (`**********`), and left out\
""")


def test_a_masked_value_is_that_of_the_variable_that_an_import_names(
    load_files: Load, leaves: Leaves, text_of: TextOf
) -> None:
    config = load_files(
        {
            "r.json": """{"realm": "r", "smtpServer": {"password": "**********"}, "clients": [
{"clientId": "a b", "secret": "**********"},
{"clientId": "other", "secret": "**********"}]}"""
        },
        environment={
            "R_SMTPSERVER_PASSWORD": "one ${A}",
            "R_A_B_SECRET": "two",
            "R_OTHER_SECRET": "",
        },
    )

    assert leaves(config, "r") == {("smtpServer", "password"): Secret("one ${A}")}
    assert leaves(config, "r", "clients", "a b") == {("secret",): Secret("two")}
    assert leaves(config, "r", "clients", "other") == {}
    assert [(str(item.address), item.variable) for item in config.masked] == [
        ("r/clients/other", "R_OTHER_SECRET")
    ]
    assert text_of(config.diagnostics) == snapshot("""\
note masked-value r.json:1:31
  smtpServer.password is masked (`**********`), and taken from R_SMTPSERVER_PASSWORD
note masked-value r.json:2:21
  secret is masked (`**********`), and taken from R_A_B_SECRET
warning masked-value r.json:3:23
  secret is masked (`**********`), and left out\
""")


_MASKED = '{"clientId": "my.app", "secret": "**********"}'


@pytest.mark.parametrize(
    ("other", "more"),
    [
        ('{"clientId": "my-app", "secret": "**********"}', {}),
        ('{"clientId": "my-app", "secret": "${env:SHOP_MY_APP_SECRET}"}', {}),
        ('{"clientId": "my-app", "secret": "another"}', {}),
        ('{"clientId": "my-app"}', {}),
        ('{"clientId": "old", "secret": "${env:SHOP_MY_APP_SECRET}"}', {}),
        ('{"clientId": "old"}', {"SHOP_MY_APP_SECRET_2": "second"}),
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_a_variable_that_may_be_another_object_s_is_never_taken(
    load_files: Load, leaves: Leaves, other: str, more: dict[str, str], *, first: bool
) -> None:
    """An import numbers variables of one name: which is whose, files of today need not show."""
    texts = [f'{{"realm": "shop", "clients": [{text}]}}' for text in (_MASKED, other)]
    config = load_files(
        dict(zip(("a.json", "b.json"), texts if first else texts[::-1], strict=True)),
        environment={"SHOP_MY_APP_SECRET": "first", **more},
    )

    assert leaves(config, "shop", "clients", "my.app") == {}
    assert {(str(item.address), item.variable) for item in config.masked} >= {
        ("shop/clients/my.app", "")
    }
    assert {item.severity.name for item in config.diagnostics} == {"WARNING"}


def test_a_variable_with_a_number_is_never_taken(load_files: Load, leaves: Leaves) -> None:
    """KCPLAN_CLIENT_SECRET is kcplan's own, so that an import numbers from the first field on."""
    text = '{"realm": "kcplan", "clients": [{"clientId": "client", "secret": "**********"}]}'
    config = load_files({"a.json": text}, environment={"KCPLAN_CLIENT_SECRET_2": "whose"})

    assert leaves(config, "kcplan", "clients", "client") == {}
    assert [item.variable for item in config.masked] == [""]


def test_other_objects_do_not_take_a_variable_from_a_masked_value(
    load_files: Load, leaves: Leaves
) -> None:
    config = load_files(
        {
            "a.json": f'{{"realm": "shop", "clients": [{_MASKED}]}}',
            "b.json": """{"realm": "shop", "clients": [{"clientId": "your.app", "secret": "x"}],
"roles": {"realm": [{"name": "my-app"}]}}""",
            "c.json": '{"realm": "bar", "clients": [{"clientId": "my-app", "secret": "y"}]}',
        },
        environment={"SHOP_MY_APP_SECRET": "mine"},
    )

    assert leaves(config, "shop", "clients", "my.app") == {("secret",): Secret("mine")}
    assert config.masked == ()


def test_an_empty_secret_from_outside_is_an_error(errors: Callable[..., str]) -> None:
    assert errors(
        {"r.toml": 'realm = "r"\n[[clients]]\nclientId = "a"\nsecret = "${VALUE}"'},
        environment={"VALUE": ""},
    ) == snapshot("""\
error undefined-variable r.toml:4:1
  secret is a secret, and VALUE is empty\
""")


def test_no_message_shows_a_secret(errors: Callable[..., str]) -> None:
    assert errors(
        {
            "r.json": """{"realm": "r", "enabled": "${A_TOKEN}", "attributes": "${A_TOKEN}",
"clients": [{"clientId": "a", "secret": 12345678,
"redirectUris": {"${x}": "${A_TOKEN}"}}]}""",
            "s.json": '{"realm": "r", "clients": [{"clientId": "a", "secret": "hunter3"}]}',
            "t.json": '{"realm": "r", "clients": [{"clientId": "a", "secret": "hunter4"}]}',
        },
        environment={"A_TOKEN": "hunter2"},
    ) == snapshot("""\
error wrong-type r.json:1:16
  enabled must be a boolean (true or false), not a secret string
error wrong-type r.json:1:41
  attributes must be a table, not a secret string
error wrong-type r.json:2:31
  secret must be a string
error wrong-type r.json:3:1
  redirectUris must be a list, not a table
error duplicate-definition t.json:1:46
  secret is set differently in two files\
""")


def test_names_cannot_come_from_secrets(errors: Callable[..., str]) -> None:
    assert errors(
        {
            "r.toml": """realm = "r"
permissions.a = ["${A_TOKEN}"]
[[clients]]
clientId = "${A_TOKEN}"
[[clients.protocolMappers]]
name = "${A_TOKEN}"
"""
        },
        environment={"A_TOKEN": "hunter2"},
    ) == snapshot("""\
error secret-name r.toml:2:18
  a name cannot come from a secret
error secret-name r.toml:4:1
  a name cannot come from a secret
error secret-name r.toml:6:1
  a name cannot come from a secret\
""")


def test_what_names_another_object_cannot_be_a_secret(tmp_path: Path) -> None:
    file = tmp_path / "r.toml"
    file.write_text("""realm = "r"
browserFlow = "${A_TOKEN}"
[[roles.realm]]
name = "a"
composites.realm = ["b", "${A_TOKEN}"]
[[roles.realm]]
name = "b"
[[clients]]
clientId = "c"
defaultClientScopes = ["x-${A_TOKEN}"]
redirectUris = ["https://x/${A_TOKEN}"]
""")
    with pytest.raises(ConfigError) as caught:
        load([str(file)], registry(), {"A_TOKEN": "hunter2"}, Settings())
    assert [(d.code, d.source.line) for d in caught.value.diagnostics if d.source] == [
        ("secret-name", 2),
        ("secret-name", 5),
        ("secret-name", 10),
    ]
