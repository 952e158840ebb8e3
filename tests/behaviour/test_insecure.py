"""Where TLS is left unverified, that is what somebody said, and it is said back."""

from pathlib import Path

import pytest
from attrs import evolve
from inline_snapshot import snapshot

from kcplan.cli.options import make_connection
from kcplan.config.settings import KeycloakSettings
from kcplan.errors import UsageError
from support.harness import Run

URL = KeycloakSettings(url="https://sso.example")


@pytest.mark.parametrize(
    ("flag", "variable", "file", "is_insecure"),
    [
        (None, None, None, False),
        (None, None, True, True),
        (None, "true", None, True),
        (None, "false", True, False),
        (None, "", True, True),
        (True, "false", False, True),
        (False, "true", True, False),
    ],
)
def test_insecure_is_what_was_said_and_is_warned_of(
    flag: bool | None,  # noqa: FBT001 - a column of the table
    variable: str | None,
    file: bool | None,  # noqa: FBT001 - a column of the table
    is_insecure: bool,  # noqa: FBT001 - a column of the table
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if variable is not None:
        monkeypatch.setenv("KCPLAN_INSECURE", variable)
    connection = make_connection({"insecure": flag}, evolve(URL, insecure=file))
    assert connection.insecure is is_insecure
    warning = "Warning: TLS is not verified (--insecure, KCPLAN_INSECURE or kcplan.toml).\n"
    assert capsys.readouterr().err == (warning if is_insecure else "")


@pytest.mark.parametrize("text", ["0", "1", "no", "False"])
def test_another_text_in_the_variable_is_refused(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KCPLAN_INSECURE", text)
    with pytest.raises(UsageError, match="KCPLAN_INSECURE must be true or false, not"):
        make_connection({}, URL)


def test_the_flags_go_before_kcplan_toml(tmp_path: Path, run_offline: Run) -> None:
    (tmp_path / "kcplan.toml").write_text('[keycloak]\nurl = "http://127.0.0.1:9"\ninsecure = true')
    (tmp_path / "realm.json").write_text('{"realm": "shop"}')
    env = {"KCPLAN_URL": None}
    said = [
        run_offline("plan", "realm.json", *flags, env=env).stderr.partition("\n")[0]
        for flags in ((), ("--no-insecure",))
    ]
    assert said == snapshot(
        [
            "Warning: TLS is not verified (--insecure, KCPLAN_INSECURE or kcplan.toml).",
            "Error: there is nothing to log in to Keycloak with",
        ]
    )
