"""Placeholders in values: what they stand for, and what never gets into a file's values."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.config.settings import ConfigSettings, Settings
from kcplan.diagnostics import Source
from kcplan.secret import Origin, Secret
from support.harness import Run

FOREIGN = Settings(config=ConfigSettings(substitution="keycloak-config-cli"))
LONG = "0123456789-0123456789"

Leaves = Callable[..., Any]
Load = Callable[..., Any]
TextOf = Callable[..., str]


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("${NAME}", "x"),
        ("a ${NAME} b ${OTHER}", "a x b y"),
        ("${env:lower}", "z"),
        ("${env:MISSING:-a default}", "a default"),
        ("${env:EMPTY:-a default}", "a default"),
        ("${env:NAME:-a default}", "x"),
        ("${env:EMPTY}", None),
        ("$${NAME}", "${NAME}"),
        ("$$${NAME}", "$${NAME}"),
        (
            "${role_admin} ${vault.key} ${lower} $NAME ${",
            "${role_admin} ${vault.key} ${lower} $NAME ${",
        ),
        ("${RECURSIVE}", "${NAME}"),
        ("${QUOTE}", '", "enabled": true'),
    ],
)
def test_placeholders_stand_for_variables(
    load_text: Load, leaves: Leaves, written: str, value: str
) -> None:
    environment = {
        "NAME": "x",
        "OTHER": "y",
        "lower": "z",
        "EMPTY": "",
        "RECURSIVE": "${NAME}",
        "QUOTE": '", "enabled": true',
    }
    config = load_text(f"displayName = '{written}'", environment=environment)

    assert leaves(config, "r") == {("displayName",): value}
    assert config.diagnostics == ()


def test_a_whole_placeholder_becomes_a_value_of_its_fields_type(
    load_text: Load, leaves: Leaves
) -> None:
    config = load_text(
        """
        accessTokenLifespan = "${TOKEN_LIFESPAN}"
        enabled = "${env:ON}"
        attributes.number = "${NUMBER}"
        [[clients]]
        clientId = "${ID}"
        nodes.a = "${NUMBER}"
        redirectUris = ["${NUMBER}", "https://${ID}/*"]
        """,
        environment={"TOKEN_LIFESPAN": "60", "ON": "true", "NUMBER": "5", "ID": "a/b"},
    )

    assert leaves(config, "r") == {
        ("accessTokenLifespan",): 60,
        ("enabled",): True,
        ("attributes", "number"): "5",
    }
    assert leaves(config, "r", "clients", "a/b") == {
        ("nodes", "a"): 5,
        ("redirectUris",): ["5", "https://a/b/*"],
    }


def test_a_variable_that_is_no_value_of_the_type_is_a_wrong_type(
    errors: Callable[..., str],
) -> None:
    text = 'realm = "r"\naccessTokenLifespan = "${N}"\nenabled = "${API_TOKEN}"'
    assert errors({"r.toml": text}, environment={"N": "soon", "API_TOKEN": "hunter2"}) == snapshot("""\
error wrong-type r.toml:2:1
  accessTokenLifespan must be an integer, not the string 'soon'
error wrong-type r.toml:3:1
  enabled must be a boolean (true or false), not a secret string\
""")


def test_all_that_is_undefined_is_listed_at_once_with_its_place(
    errors: Callable[..., str],
) -> None:
    assert errors(
        {
            "a.toml": """realm = "${REALM}"
displayName = "${ONE} and ${env:TWO}"
accessTokenLifespan = "${THREE}"
[[clients]]
clientId = "${FOUR}"
secret = "${FIVE}"
redirectUris = ["https://x", "${SIX}"]
""",
            "b.json": '{"realm": "r", "permissions": {"x": [{"y": "${SEVEN}"}]},\n'
            ' "attributes": {"a": "${file:missing}"}}',
        }
    ) == snapshot("""\
error undefined-variable a.toml:1:1
  the variable REALM is not set
error undefined-variable a.toml:2:1
  the variable ONE is not set
error undefined-variable a.toml:2:1
  the variable TWO is not set
error undefined-variable a.toml:3:1
  the variable THREE is not set
error undefined-variable a.toml:5:1
  the variable FOUR is not set
error undefined-variable a.toml:6:1
  the variable FIVE is not set
error undefined-variable a.toml:7:30
  the variable SIX is not set
error undefined-variable b.json:1:39
  the variable SEVEN is not set
error unreadable-file b.json:2:17
  the file 'missing' cannot be substituted: it does not exist, or is not a regular file\
""")


def test_a_variable_in_json_text_cannot_break_its_syntax(load_text: Load, leaves: Leaves) -> None:
    config = load_text(
        """
        [[clients]]
        clientId = "a"
        [[clients.authorizationSettings.policies]]
        name = "p"
        type = "role"
        config.roles = '[{"id": "${ROLE}"}]'
        """,
        environment={"ROLE": '"}, {"id": "admin'},
    )

    assert leaves(config, "r", "clients", "a", "authorization", "policies", "p") == {
        ("type",): "role",
        ("config", "roles"): [{"id": '"}, {"id": "admin'}],
    }


@pytest.mark.parametrize(
    "name",
    [
        "KCPLAN_CLIENT_SECRET",
        "KCPLAN_PASSWORD",
        "KEYCLOAK_CLIENT_SECRET",
        "KEYCLOAK_PASSWORD",
        "KCPLAN_USER_PASSWORD",
        "KCPLAN_STATE_KEY",
        "KCPLAN_JOURNAL_KEY",
    ],
)
@pytest.mark.parametrize("form", ["${%s}", "${env:%s}", "${env:%s:-x}", "$(env:%s)", "$(%s)"])
def test_kcplans_own_credentials_are_never_substituted(
    errors: Callable[..., str], name: str, form: str
) -> None:
    line = errors(
        {"r.toml": f'realm = "r"\ndisplayName = "{form % name}"'},
        environment={name: "hunter2"},
        settings=FOREIGN,
    )
    assert line == (
        f"error own-credential r.toml:2:1\n  {name} is kcplan's own credential and cannot be "
        "substituted into files"
    )


def test_placeholders_in_keys_are_refused(errors: Callable[..., str]) -> None:
    assert errors(
        {
            "r.json": '{"realm": "r", "attributes": {"${A}": "x", "${b}": "x"},\n'
            ' "roles": {"client": {"${A}": []}}}'
        },
        environment={"A": "a"},
    ) == snapshot("""\
error unknown-placeholder r.json:1:31
  a key cannot hold a placeholder
error unknown-placeholder r.json:2:23
  a key cannot hold a placeholder\
""")


def test_what_looks_like_a_variable_and_is_none_is_a_warning(
    load_text: Load, text_of: TextOf, leaves: Leaves
) -> None:
    config = load_text("displayName = '${NAME:-x} ${env:a-b}'", environment={"NAME": "n"})

    assert leaves(config, "r") == {("displayName",): "${NAME:-x} ${env:a-b}"}
    assert text_of(config.diagnostics) == snapshot("""\
warning unknown-placeholder r.toml:2:1
  `${NAME:-x}` is left as it is
warning unknown-placeholder r.toml:2:1
  `${env:a-b}` is left as it is\
""")


def test_files_are_read_beside_the_file_that_mentions_them(
    write: Callable[..., Path], load_files: Load, leaves: Leaves
) -> None:
    write("realms/secrets/one", f"{LONG}\n")
    write("realms/secrets/two", "first\nsecond\n\n")
    config = load_files(
        {
            "realms/r.toml": """
            realm = "r"
            attributes.two = "${file:secrets/two}"
            [[clients]]
            clientId = "a"
            secret = "${file:secrets/one}"
            """
        }
    )

    secret = leaves(config, "r", "clients", "a")["secret",]
    assert secret == Secret(LONG)
    assert (secret.origin.kind, secret.origin.key) == ("file", "realms/secrets/one")
    assert str(secret.origin.source) == "realms/r.toml"
    assert leaves(config, "r")["attributes", "two"] == Secret("first\nsecond\n")


@pytest.mark.parametrize(
    ("name", "content"),
    [("secret", b"\xff\xfe"), ("secret", b"x" * 1_000_001), ("secret/inner", b"x")],
)
def test_files_that_cannot_be_substituted_are_told(
    write: Callable[..., Path], errors: Callable[..., str], name: str, content: bytes
) -> None:
    write(name, content)
    line = errors({"r.toml": 'realm = "r"\ndisplayName = "${file:secret}"'})
    assert line.startswith(
        "error unreadable-file r.toml:2:1\n  the file 'secret' cannot be substituted: it "
    )


@pytest.mark.parametrize("written", ["${file:PATH}", "$(file:UTF-8:PATH:-a default)"])
def test_files_from_elsewhere_on_the_machine_are_not_substituted(
    write: Callable[..., Path], run_offline: Run, folder: Path, written: str
) -> None:
    """Whoever proposes a change of a file must not learn what the machine that applies it has."""
    elsewhere = folder / "machine" / "token"
    for name in ("machine/token", "work/realms/.git/config", "work/above", "work/realms/beside"):
        write(name, "very-secret-token")
    (folder / "work" / "realms" / "link").symlink_to(elsewhere)
    command = ("validate", "realms/r.toml")

    def said(path: object, **variables: str) -> str:
        write(
            "work/realms/r.toml",
            f"realm = 'r'\nsmtpServer.from = '{written}'".replace("PATH", str(path)),
        )
        result = run_offline(*command, cwd=folder / "work", env=variables)
        assert "very-secret" not in result.stdout + result.stderr
        return "refused" if "[file-outside]" in result.stderr else str(result.exit_code)

    write("work/kcplan.toml", "[config]\nsubstitution = 'keycloak-config-cli'")
    outside = (elsewhere, "/etc/passwd", "link", "../../machine/token", ".git/config")
    assert {path: said(path) for path in outside} == dict.fromkeys(outside, "refused")
    assert said("beside") == said("../above") == "0"
    assert said(elsewhere, KCPLAN_FILES=f"/nowhere:{elsewhere.parent}") == "0"
    assert said(elsewhere, KCPLAN_FILES="/nowhere") == "refused"


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("$(env:NAME)", "x"),
        ("$(NAME) and ${NAME}", "x and x"),
        ("$(env:MISSING:-a default)", "a default"),
        ("$(file:UTF-8:missing:-a default)", "a default"),
        ("$(file:UTF-8:content)", Secret("from a file")),
        ("$(base64Encoder:x y)", "eCB5"),
        ("$(base64Decoder:eCB5)", "x y"),
        ("$(base64Decoder:$(env:ENCODED))!", "x y!"),
        ("$(urlEncoder:a b/c)", "a+b%2Fc"),
        ("$(urlDecoder:a+b%2Fc)", "a b/c"),
        ("$(xmlEncoder:<a & b>)", "&lt;a &amp; b&gt;"),
        ("$(xmlDecoder:&lt;a &amp; b&gt;)", "<a & b>"),
        ("$(some.thing)", "by its usual name"),
        ("$(shop.url-of-it)", "y"),
        ("$(some.thing-else:-a default)", "a default"),
        ("$(env:NOT_THERE:-$(env:NEITHER:-$(env:NAME)))", "x"),
        ("$(env:IN_QUOTES)", "a \n b"),
        ("$(base64Encoder:$(env:A_SECRET))", Secret("czotdA==")),
        ("$$(env:NAME)", "$(env:NAME)"),
        ("$(env:NAME", "$(env:NAME"),
        ("f(x) $(", "f(x) $("),
        ("${role_admin}", "${role_admin}"),
    ],
)
def test_placeholders_of_keycloak_config_cli_work_where_asked_for(
    write: Callable[..., Path], load_text: Load, leaves: Leaves, written: str, value: object
) -> None:
    write("content", "from a file\n")
    environment = {
        "NAME": "x",
        "ENCODED": "eCB5",
        "A_SECRET": "s:-t",
        "SOME_THING": "by its usual name",
        "shop_url_of_it": "y",
        "IN_QUOTES": r'"a \n b"',
    }
    config = load_text(f"displayName = '{written}'", environment=environment, settings=FOREIGN)

    assert leaves(config, "r") == {("displayName",): value}


def test_other_lookups_of_keycloak_config_cli_are_errors(
    errors: Callable[..., str],
) -> None:
    assert errors(
        {
            "r.json": r"""{"realm": "r", "attributes": {
"a": "$(sys:user.name)",
"b": "$(script:javascript:1)",
"c": "$(env:MISSING)",
"d": "$(base64Decoder:%%)",
"e": "$(file:UTF-16:x)",
"f": "$(a.property)",
"g": "$(env:$(env:A_SECRET))",
"h": "$${javascript: env.A}"
}}"""
        },
        environment={"A_SECRET": "hunter2"},
        settings=FOREIGN,
    ) == snapshot("""\
error unknown-placeholder r.json:2:1
  `$(sys:…)` is not supported
error unknown-placeholder r.json:3:1
  `$(script:…)` is not supported
error undefined-variable r.json:4:1
  the variable MISSING is not set
error unknown-placeholder r.json:5:1
  what `$(base64Decoder:…)` is given cannot be decoded
error unknown-placeholder r.json:6:1
  `$(file:UTF-16:…)` is not supported
error undefined-variable r.json:7:1
  the variable A_PROPERTY is not set
error unknown-placeholder r.json:8:1
  a secret cannot be part of the name of a variable or file
error unknown-placeholder r.json:9:1
  `$${javascript:…}` is a script of keycloak-config-cli, and not run\
""")


def test_placeholders_of_keycloak_config_cli_need_no_quotes(
    load_files: Load, leaves: Leaves, errors: Callable[..., str]
) -> None:
    """That tool puts in values before it parses a file."""
    environment = {"ON": "true", "SECONDS": "60", "URIS": '["https://a/*", "b"]', "NAME": "x"}
    in_json = """{"realm": "$(env:NAME)",
 "enabled": $(env:ON), "accessTokenLifespan": $(env:NO_SECONDS:-$(env:SECONDS)),
 "clients": [{"clientId": $(env:NAME), "redirectUris": $(env:URIS)},
  {"clientId": "y", "redirectUris": ["$(env:URIS)"]}]}"""
    in_yaml = """
realm: $(env:NAME)
enabled: $(env:ON)
accessTokenLifespan: $(env:NO_SECONDS:-$(env:SECONDS))
clients:
- {clientId: $(env:NAME), redirectUris: $(env:URIS)}
- {clientId: y, redirectUris: ["$(env:URIS)"]}
"""
    for name, text in (("r.json", in_json), ("r.yaml", in_yaml)):
        config = load_files({name: text}, environment=environment, settings=FOREIGN)
        assert leaves(config, "x") == {("enabled",): True, ("accessTokenLifespan",): 60}
        assert leaves(config, "x", "clients", "x")["redirectUris",] == ["b", "https://a/*"]
        assert leaves(config, "x", "clients", "y")["redirectUris",] == ['["https://a/*", "b"]']
    wrong = {"r.json": in_json.replace('"y",', '"y"')}
    assert errors(wrong, environment=environment, settings=FOREIGN) == snapshot("""\
error syntax-error r.json:4:20
  the JSON is broken: expecting ',' delimiter\
""")
    unset = {"r.json": in_json.replace("URIS", "MORE_URIS")}
    assert errors(unset, environment=environment, settings=FOREIGN) == snapshot("""\
error undefined-variable r.json:3:40
  the variable MORE_URIS is not set
error undefined-variable r.json:4:38
  the variable MORE_URIS is not set\
""")
    assert errors({"r.json": in_json}, environment=environment) == snapshot("""\
error unknown-placeholder r.json:1:2
  `$(env:…)` is a placeholder of keycloak-config-cli, and not replaced
error unknown-placeholder r.json:2:2
  `$(env:…)` is a placeholder of keycloak-config-cli, and not replaced
error unknown-placeholder r.json:2:24
  `$(env:…)` is a placeholder of keycloak-config-cli, and not replaced
error unknown-placeholder r.json:3:15
  `$(env:…)` is a placeholder of keycloak-config-cli, and not replaced
error unknown-placeholder r.json:3:40
  `$(env:…)` is a placeholder of keycloak-config-cli, and not replaced
error unknown-placeholder r.json:4:38
  `$(env:…)` is a placeholder of keycloak-config-cli, and not replaced\
""")


def test_placeholders_of_keycloak_config_cli_are_named_where_not_asked_for(
    errors: Callable[..., str],
) -> None:
    """Keycloak would keep them as texts, which nobody wants."""
    assert errors(
        {
            "r.json": r"""{"realm": "r", "displayName": "${javascript: 1 + 1}",
"attributes": {
"a": "x $(env:NAME) y",
"b": "${sys:user.name} ${base64Decoder:eA==}",
"c": "${javascript: {1}}",
"$(env:NAME)": "d"},
"clients": [{"clientId": "$(env:NAME:-x)",
"redirectUris": ["a", "https://$(file:UTF-8:x)/*"]}]}"""
        },
        environment={"NAME": "x"},
    ) == snapshot("""\
error unknown-placeholder r.json:1:16
  `${javascript:…}` is a placeholder of keycloak-config-cli, and not replaced
error unknown-placeholder r.json:3:1
  `$(env:…)` is a placeholder of keycloak-config-cli, and not replaced
error unknown-placeholder r.json:4:1
  `${sys:…}` is a placeholder of keycloak-config-cli, and not replaced
error unknown-placeholder r.json:4:1
  `${base64Decoder:…}` is a placeholder of keycloak-config-cli, and not replaced
error unknown-placeholder r.json:5:1
  `${javascript:…}` is a placeholder of keycloak-config-cli, and not replaced
error unknown-placeholder r.json:6:1
  a key cannot hold a placeholder
error unknown-placeholder r.json:7:14
  `$(env:…)` is a placeholder of keycloak-config-cli, and not replaced
error unknown-placeholder r.json:8:23
  `$(file:…)` is a placeholder of keycloak-config-cli, and not replaced\
""")


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("$$(env:NAME)", "$(env:NAME)"),
        ("$${javascript: {1}} $$$(env:NAME)", "${javascript: {1}} $$(env:NAME)"),
        ("$(document) $(NAME) $$(x) (env:NAME)", "$(document) $(NAME) $$(x) (env:NAME)"),
        ("${role_admin} ${url} ${CLAIM.sub}", "${role_admin} ${url} ${CLAIM.sub}"),
    ],
)
def test_texts_that_only_look_like_them_stay(
    load_text: Load, leaves: Leaves, written: str, value: str
) -> None:
    config = load_text(f"displayName = '{written}'")
    assert leaves(config, "r") == {("displayName",): value}
    assert config.diagnostics == ()


def test_origins_say_where_a_secret_is_read_again(load_text: Load, leaves: Leaves) -> None:
    config = load_text(
        """
        attributes.a = "${DB_PASSWORD}"
        attributes.b = "user:${DB_PASSWORD}"
        """,
        environment={"DB_PASSWORD": "hunter2"},
    )
    a, b = leaves(config, "r").values()

    assert (a, a.origin) == (
        Secret("hunter2"),
        Origin("environment", "DB_PASSWORD", Source("r.toml", path=("attributes", "a"))),
    )
    assert (b, b.origin.kind, b.origin.key) == (Secret("user:hunter2"), "mixed", "")


@pytest.mark.parametrize("placeholder", ["${VIEWER}", "${env:VIEWER}", "$(VIEWER)", "${file:own}"])
@pytest.mark.parametrize("name", ["KCPLAN_CLIENT_SECRET", "KEYCLOAK_PASSWORD"])
def test_what_kcplan_logs_in_with_is_not_substituted_under_another_name(
    folder: Path, errors: Callable[..., str], placeholder: str, name: str
) -> None:
    (folder / "own").write_text("of-the-viewer\n")
    told = errors(
        {"r.toml": f'realm = "r"\ndisplayName = "{placeholder}"'},
        environment={name: "of-the-viewer", "VIEWER": "of-the-viewer", "KCPLAN_PASSWORD": ""},
        settings=FOREIGN,
    )
    assert told.startswith("error own-credential r.toml:2:1\n")
    assert f"has the value of {name} and cannot be substituted" in told


def test_a_short_password_is_no_reason_to_refuse_a_name_that_is_the_same(
    load_text: Load, leaves: Leaves
) -> None:
    environment = {"KCPLAN_PASSWORD": "admin", "ROLE": "admin", "KEYCLOAK_PASSWORD": "", "A": ""}
    config = load_text('displayName = "${ROLE}${A}"', environment=environment)
    assert leaves(config, "r") == {("displayName",): "admin"}


def test_the_password_of_a_user_to_verify_with_may_come_from_where_the_files_have_it(
    load_text: Load, leaves: Leaves
) -> None:
    environment = {"KCPLAN_USER_PASSWORD": "of-alice-2f1b", "ALICE_PASSWORD": "of-alice-2f1b"}
    config = load_text('displayName = "${ALICE_PASSWORD}"', environment=environment)
    assert leaves(config, "r") == {("displayName",): Secret("of-alice-2f1b")}


def test_a_url_with_a_password_is_a_secret(load_text: Load, leaves: Leaves) -> None:
    environment = {"PROXY": "https://me:of-the-proxy@proxy:8080/x", "PLAIN": "https://a:80/me@b"}
    config = load_text(
        'displayName = "${PROXY}"\nattributes.plain = "${PLAIN}"', environment=environment
    )
    assert leaves(config, "r") == {
        ("displayName",): Secret("https://me:of-the-proxy@proxy:8080/x"),
        ("attributes", "plain"): "https://a:80/me@b",
    }


UNQUOTED = """{"realm": "r",
 "displayName": $(NAME), "enabled": $(some.prop),
 "attributes": {"b": "x", "a": $(env:NAME)}}"""


def test_a_placeholder_without_quotes_is_an_error_where_it_is_not_replaced(
    errors: Callable[..., str], load_files: Load
) -> None:
    assert errors({"r.json": UNQUOTED}) == snapshot("""\
error unknown-placeholder r.json:2:17
  `$(…)` without quotes is a placeholder of keycloak-config-cli, and not replaced
error wrong-type r.json:2:26
  enabled must be a boolean (true or false), not the string '$(some.prop)'
error unknown-placeholder r.json:2:37
  `$(…)` without quotes is a placeholder of keycloak-config-cli, and not replaced
error unknown-placeholder r.json:3:27
  `$(env:…)` is a placeholder of keycloak-config-cli, and not replaced\
""")
    environment = {"NAME": "x", "SOME_PROP": "true"}
    load_files({"r.json": UNQUOTED}, environment=environment, settings=FOREIGN)


def test_variables_and_tenants_have_no_placeholders_without_quotes(
    folder: Path, run_offline: Run
) -> None:
    (folder / "v.json").write_text('{"A": $(B)}')
    (folder / "r.toml").write_text('realm = "r"\ndisplayName = "${A}"\n')
    told = run_offline("validate", "r.toml", "--var-file", "v.json").stderr
    (folder / "t.toml").write_text('realm = "${each.name}"\n')
    (folder / "t.json").write_text('{"a": {"x": $(B)}}')
    (folder / "kcplan.toml").write_text('[[realms]]\nfile = "t.toml"\nfor_each = "t.json"\n')
    assert (told + run_offline("validate").stderr) == snapshot("""\
Error: `$(…)` without quotes is a placeholder of keycloak-config-cli, and not replaced [unknown-placeholder]
  on v.json:1:7

In realm files, set `substitution = "keycloak-config-cli"` in the section `[config]` of
kcplan.toml, or write `"${env:NAME}"`. Elsewhere, write the value out.

Error: `$(…)` without quotes is a placeholder of keycloak-config-cli, and not replaced [unknown-placeholder]
  on t.json:1:13

In realm files, set `substitution = "keycloak-config-cli"` in the section `[config]` of
kcplan.toml, or write `"${env:NAME}"`. Elsewhere, write the value out.

""")


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (".GIT/config", "file-outside"),
        ("sub/.Git/config", "file-outside"),
        (".env", "own-credential"),
        (".env.prod", "own-credential"),
        ("sub/.env", "own-credential"),
        ("vars.json", "own-credential"),
        ("link", "own-credential"),
        (".environment", ""),
    ],
)
def test_no_file_of_variables_or_of_git_is_substituted_whole(
    write: Callable[[str, str], Path], run_offline: Run, file: str, code: str
) -> None:
    Path("link").symlink_to("vars.json")
    for name in ("vars.json", file):
        write(name, "{}")
    write("r.toml", f'realm = "r"\ndisplayName = "${{file:{file}}}"\n')
    told = run_offline("validate", "r.toml", "--var-file", "vars.json")
    assert told.exit_code == (1 if code else 0)
    assert f"[{code}]" in told.stderr or not code
