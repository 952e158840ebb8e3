"""kcplan.toml: what it may say, and what is told where it says something else."""

from collections.abc import Callable
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.config.model import Lifecycle, Lint, Moved
from kcplan.config.settings import (
    ConfigSettings,
    KeycloakSettings,
    Settings,
    StateSettings,
)
from kcplan.config.settings_file import load_settings
from kcplan.diagnostics import Source
from kcplan.errors import ConfigError, UsageError
from kcplan.secret import Secret

Write = Callable[[str, str | bytes], Path]


def test_everything_that_kcplan_toml_may_say(write: Write, text_of: Callable[..., str]) -> None:
    path = write(
        "project/kcplan.toml",
        """
        [keycloak]
        url = "https://id.example.org"
        auth_realm = "ops"
        client_id = "kcplan"
        client_secret = "hunter2"
        username = "me"
        password_file = "secrets/password"
        ca_file = "/etc/ca.pem"
        client_cert = "c.pem"
        client_key = "k.pem"
        insecure = false
        timeout = 30
        parallelism = 4
        max_answer_mib = 256
        version = "26.7"

        [config]
        files = ["realms", "*.json"]
        substitution = "keycloak-config-cli"

        [state]
        path = "state.json"
        lock_timeout = 2.5

        [[lifecycle]]
        match = "prod/clients/*"
        prevent_destroy = true
        ignore_changes = ["redirectUris"]

        [[lifecycle]]
        match = "**"
        on_remove = "release"

        [[moved]]
        from = "r/roles/a%2Fb"
        to = "r/roles/c"

        [[lint]]
        code = "redirect-anywhere"
        level = "off"
        reason = "for testing only"
        """,
    )
    folder = Path("project")
    settings = load_settings(path)

    assert settings == Settings(
        keycloak=KeycloakSettings(
            url="https://id.example.org",
            auth_realm="ops",
            client_id="kcplan",
            client_secret=Secret("hunter2"),
            username="me",
            password_file=folder / "secrets/password",
            ca_file=Path("/etc/ca.pem"),
            client_cert=folder / "c.pem",
            client_key=folder / "k.pem",
            insecure=False,
            timeout=30.0,
            parallelism=4,
            max_answer_mib=256,
            version="26.7",
        ),
        config=ConfigSettings(files=("realms", "*.json"), substitution="keycloak-config-cli"),
        state=StateSettings(path=folder / "state.json", lock_timeout=2.5),
        lifecycle=(
            Lifecycle("prod/clients/*", prevent_destroy=True, ignore_changes=("redirectUris",)),
            Lifecycle("**", on_remove="release"),
        ),
        moved=(
            Moved(
                Address.of("r", "roles", "a/b"),
                Address.of("r", "roles", "c"),
                Source("project/kcplan.toml", 35, 9, ("moved", 0)),
            ),
        ),
        lint=(Lint("redirect-anywhere", "off", "for testing only", "**"),),
        folder=folder,
        diagnostics=settings.diagnostics,
    )
    assert settings.paths() == [folder / "realms", folder / "*.json"]
    assert text_of(settings.diagnostics) == snapshot("""\
warning own-secret-in-file project/kcplan.toml:6:9
  keycloak.client_secret is in plain text\
""")
    assert "hunter2" not in repr(settings)


def test_lifecycle_and_moves_reach_the_configuration(
    write: Write, load_text: Callable[..., object]
) -> None:
    path = write(
        "kcplan.toml",
        '[[lifecycle]]\nmatch = "r"\n[[moved]]\nfrom = "r/roles/a"\nto = "r/roles/b"\n'
        '[keycloak]\npassword = "hunter2"',
    )
    settings = load_settings(path)
    config = load_text("", settings=settings)

    assert (config.lifecycle, config.moved) == (settings.lifecycle, settings.moved)  # type: ignore[attr-defined]
    assert config.diagnostics == settings.diagnostics  # type: ignore[attr-defined]


@pytest.mark.parametrize("text", ["", "\n", "# nothing yet\n", "[keycloak]\n"])
def test_a_file_that_says_nothing_means_the_defaults(write: Write, text: str) -> None:
    assert load_settings(write("kcplan.toml", text)) == Settings()


@pytest.mark.usefixtures("folder")
def test_a_missing_file_means_the_defaults_unless_it_was_asked_for() -> None:
    assert load_settings(Path("kcplan.toml")) == Settings()
    with pytest.raises(UsageError, match=r"'kcplan\.toml' does not exist"):
        load_settings(Path("kcplan.toml"), required=True)


def _told(path: Path, text_of: Callable[..., str]) -> str:
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    return text_of(caught.value.diagnostics)


def test_every_wrong_key_and_type_is_told_with_its_place(
    write: Write, text_of: Callable[..., str]
) -> None:
    path = write(
        "kcplan.toml",
        """\
stat = 1
[keycloak]
parallelsm = 3
url = 5
insecure = "false"
timeout = true
parallelism = 1.0
client_secret = 12345
ca_file = ["x"]
[config]
files = "realms"
[state]
path = ""
[[lifecycle]]
ignore_changes = ["a", 1]
prevent_destory = true
[[lifecycle]]
match = "r"
[[moved]]
form = "r/roles/a"
to = "r//a"
[moved.source]
""",
    )
    assert _told(path, text_of) == snapshot("""\
error unknown-field kcplan.toml:1:1
  unknown key `stat`; did you mean `state`?
error unknown-field kcplan.toml:3:1
  unknown key `parallelsm` in keycloak; did you mean `parallelism`?
error wrong-type kcplan.toml:4:1
  keycloak.url must be a string, not the number 5
error wrong-type kcplan.toml:5:1
  keycloak.insecure must be true or false, not the string 'false'
error wrong-type kcplan.toml:6:1
  keycloak.timeout must be a number, not the boolean true
error wrong-type kcplan.toml:7:1
  keycloak.parallelism must be an integer, not the number 1.0
error wrong-type kcplan.toml:8:1
  keycloak.client_secret must be a string
error wrong-type kcplan.toml:9:1
  keycloak.ca_file must be a string, not a list
error wrong-type kcplan.toml:11:1
  config.files must be a list of strings, not the string 'realms'
error wrong-type kcplan.toml:13:1
  state.path must not be empty
error missing-name kcplan.toml:14:1
  the key `match` is missing in lifecycle.0
error wrong-type kcplan.toml:15:24
  lifecycle.0.ignore_changes.1 must be a string, not the number 1
error unknown-field kcplan.toml:16:1
  unknown key `prevent_destory` in lifecycle.0; did you mean `prevent_destroy`?
error missing-name kcplan.toml:19:1
  the key `from` is missing in moved.0
error unknown-field kcplan.toml:20:1
  unknown key `form` in moved.0; did you mean `from`?
error wrong-type kcplan.toml:21:1
  moved.0.to must be an address: 'r//a' is not an address: it has an empty segment
error unknown-field kcplan.toml:22:1
  unknown key `source` in moved.0\
""")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("keycloak = 1", "keycloak must be a table, not the number 1"),
        ("[lifecycle]\nmatch = 'r'", "lifecycle must be a list of tables, not a table"),
        ("lifecycle = ['r']", "lifecycle.0 must be a table, not the string 'r'"),
        ("keycloak.timeout = 0", "keycloak.timeout must be more than 0 seconds"),
        ("keycloak.timeout = nan", "a number must be finite"),
        ("keycloak.parallelism = 0", "keycloak.parallelism must be at least 1"),
        ("keycloak.max_answer_mib = 0", "keycloak.max_answer_mib must be at least 1"),
        *(
            (
                f"keycloak.version = '{version}'",
                "keycloak.version must be a version such as 26.7 or 26.7.3",
            )
            for version in ("", "26", "2²6.7", "v26.7", "26.x", "26.7.3.1", "latest")
        ),
        ("state.lock_timeout = -1", "state.lock_timeout must not be negative"),
        (
            "config.substitution = 'shell'",
            'config.substitution must be "kcplan" or "keycloak-config-cli"',
        ),
        (
            "lifecycle = [{ match = 'r', on_remove = 'keep' }]",
            'lifecycle.0.on_remove must be "delete" or "release"',
        ),
        (
            "lifecycle = [{ match = 'r//x' }]",
            "lifecycle.0.match must be an address or a pattern of addresses",
        ),
        ("moved = [{ from = 'r/a', to = 'r/a' }]", "moved.0.to is the same as `from`"),
        (
            "moved = [{ from = 'r/a', to = 'r/b' }, { from = 'r/a', to = 'r/c' }]",
            "moved.1.from is moved twice",
        ),
        (
            'state.path = "a\\u0000b"',
            "a text has a null character",
        ),
        ("realm = 'r'", "unknown key `realm`; did you mean `realms`?"),
        ("a = [", "the TOML is broken: invalid value"),
    ],
)
def test_what_makes_no_sense_is_told(
    write: Write, text_of: Callable[..., str], text: str, told: str
) -> None:
    lines = _told(write("kcplan.toml", text), text_of).splitlines()
    assert lines[1] == f"  {told}"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "[environments.dev.keycloak]\nurl = 'x'",
            snapshot(
                "unknown key `keycloak` in environments.dev An environment has the keys of `[keycloak]` itself, without that table."
            ),
        ),
        (
            "[environments.dev]\npath = 'x'",
            snapshot(
                "unknown key `path` in environments.dev In an environment its name is `state`."
            ),
        ),
        (
            "[[environments.dev.realms]]\nfile = 't.toml'",
            snapshot(
                "unknown key `realms` in environments.dev `realms` stands at the top level, and is for all environments."
            ),
        ),
        (
            "[config]\nvariables = {A = '1'}",
            snapshot(
                "unknown key `variables` in config `variables` stands at the top level: above the first table, or as a table itself."
            ),
        ),
        (
            "[config]\nfiles = ['']\noverlays = ['x', '']",
            snapshot("""\
config.files.0 must not be empty
config.overlays.1 must not be empty\
"""),
        ),
        (
            "[environments.dev]\noverlays = ['']",
            snapshot("environments.dev.overlays.0 must not be empty"),
        ),
        (
            "[[realms]]\nfile = 'kcplan.toml'\nfor_each = ['a']",
            snapshot(
                "realms.0.file must be a realm file, and this one holds kcplan's own settings"
            ),
        ),
    ],
)
def test_what_stands_in_the_wrong_place_is_told_the_right_one(
    text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "kcplan.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings(path)
    found = [
        (item.summary, item.detail.partition("Allowed")[0]) for item in caught.value.diagnostics
    ]
    assert "\n".join(" ".join(pair).strip() for pair in found) == said
