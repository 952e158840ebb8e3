"""Whatever shape `kcplan.toml` has: commands do their work, or say what is wrong with it."""

import json
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from support.faults import connection_refused
from support.harness import Run
from support.misshapen import TOO_LARGE, misshapen, seeded
from support.sabotage import sent_through

AT_ONCE: Final = 200
ALWAYS: Final = 2
ALL: Final = 20
"""4,000 files in all."""

SETTINGS: Final[dict[str, Any]] = {
    "keycloak": {
        "url": "https://login.example",
        "auth_realm": "master",
        "client_id": "kcplan",
        "client_secret": "hidden",
        "client_secret_file": "secret",
        "username": "admin",
        "password": "hidden",
        "password_file": "secret",
        "ca_file": "ca.pem",
        "client_cert": "cert.pem",
        "client_key": "key.pem",
        "insecure": False,
        "timeout": 5.5,
        "parallelism": 2,
        "max_answer_mib": 1,
        "version": "26.7.3",
    },
    "config": {"files": ["realm.json"], "substitution": "kcplan"},
    "state": {"path": "kcplan.state.json", "lock_timeout": 0},
    "lifecycle": [
        {
            "match": "r/clients/*",
            "ignore_changes": ["description"],
            "prevent_destroy": True,
            "on_remove": "release",
        }
    ],
    "moved": [{"from": "r/clients/a", "to": "r/clients/b"}],
}

_FILES: Final = {"ca_file", "client_cert", "client_key", "client_secret_file", "password_file"}
CONNECTING: Final = {
    **SETTINGS,
    "keycloak": {key: item for key, item in SETTINGS["keycloak"].items() if key not in _FILES},
}
"""Without files that are not there, so that a connection is tried."""

IN_ENVIRONMENT: Final = {
    **CONNECTING,
    "variables": {"A": "1"},
    "environments": {
        "dev": {
            **CONNECTING["keycloak"],
            "url": "https://login.example",
            "state": "dev.json",
            "files": ["realm.json"],
            "overlays": ["over"],
            "variables": {"B": "2"},
            "lifecycle": CONNECTING["lifecycle"],
            "protect": True,
        },
        "prod": {"url": "https://other.example", "full_every": 2, "lock_timeout": 1},
    },
}
"""With environments, of which `dev` is named."""

COMMANDS: Final = (("validate",), ("state", "list"), ("plan",), ("import", "r"), ("recover",))


class Nowhere(httpx.BaseTransport):
    """Nothing listens, whatever the address."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return connection_refused(self, request)


def _written(value: Any) -> str:
    """A value in TOML, each table in braces; a date where JSON has null, as TOML has none."""
    # `map` takes no frame of its own: some values are deep.
    if isinstance(value, dict):
        keys, items = map(json.dumps, value), map(_written, value.values())
        return f"{{{', '.join(map(' = '.join, zip(keys, items, strict=True)))}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(_written, value))}]"
    if value == TOO_LARGE:
        return "1e400"
    return "2026-01-31" if value is None else json.dumps(value)


def _as_toml(document: Any) -> str:
    if not isinstance(document, dict):
        return _written(document)
    return "\n".join(f"{json.dumps(key)} = {_written(item)}" for key, item in document.items())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "realm.json").write_text('{"realm": "r", "clients": [{"clientId": "b"}]}')
    (tmp_path / "secret").write_text("hidden")
    (tmp_path / "over").mkdir()
    (tmp_path / "over" / "realm.json").write_text('{"realm": "r", "enabled": null}')
    return tmp_path


@pytest.mark.parametrize("settings", [SETTINGS, CONNECTING, IN_ENVIRONMENT])
def test_what_is_changed_is_sound_before(
    settings: dict[str, Any], folder: Path, run_offline: Run
) -> None:
    (folder / "kcplan.toml").write_text(_as_toml(settings))
    assert run_offline("validate", env=_named(settings)).exit_code == 0


def _named(settings: dict[str, Any]) -> dict[str, str]:
    return {"KCPLAN_ENV": "dev"} if settings is IN_ENVIRONMENT else {}


def test_a_connection_is_tried(folder: Path, run_offline: Run) -> None:
    (folder / "kcplan.toml").write_text(_as_toml(CONNECTING))
    with sent_through(Nowhere()):
        assert "login.example" in run_offline("plan").stderr


@pytest.mark.parametrize(
    "turn",
    [
        pytest.param(turn, marks=() if turn < ALWAYS else pytest.mark.exhaustive)
        for turn in range(ALL)
    ],
)
def test_settings_of_any_shape_are_judged(turn: int, folder: Path, run_offline: Run) -> None:
    for number in range(turn * AT_ONCE, (turn + 1) * AT_ONCE):
        settings = (SETTINGS, CONNECTING, IN_ENVIRONMENT)[number % 3]
        text = _as_toml(misshapen(settings, seeded(number)))
        (folder / "kcplan.toml").write_bytes(text.encode("utf-8", "surrogatepass"))
        command = COMMANDS[number % len(COMMANDS)]
        with sent_through(Nowhere()):
            result = run_offline(*command, env={"KCPLAN_DEBUG": "1", **_named(settings)})
        told = f"seed {number}: {command}\n{text[:3000]}\n{result.stderr[-3000:]}"
        assert "Traceback" not in result.stderr, told
        assert "failed unexpectedly" not in result.stderr, told
        assert (result.exit_code == 0) != ("Error:" in result.stderr), told
        assert "\x1b" not in result.stderr, told
