"""kcplan.toml names another server than the state: nothing is sent there, no log-in either."""

import json
from pathlib import Path

import httpx
import pytest

from kcplan.state import ServerIdentity, State
from kcplan_keycloak.api import AdminApi
from kcplan_state.file import StateFile
from support.harness import Run

COMMANDS: list[tuple[str, ...]] = [
    ("plan",),
    ("plan", "--destroy"),
    ("apply", "--auto-approve"),
    ("destroy", "--auto-approve"),
    ("refresh",),
    ("refresh", "--quick"),
    ("import", "shop", "--out", "x.json"),
    ("doctor",),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_log_in_is_sent_to_another_server_than_that_of_the_state(
    command: tuple[str, ...], tmp_path: Path, run_offline: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    send = httpx.HTTPTransport.handle_request

    def handle_request(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return send(self, request)

    # It sends from a thread: whether that comes to it before the error is chance.
    monkeypatch.setattr(AdminApi, "log_in_ahead", lambda _: asked.append("a log-in"))
    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle_request)
    (tmp_path / "kcplan.toml").write_text(
        'config.files = ["realm.json"]\n[keycloak]\nurl = "http://127.0.0.1:9"\n'
    )
    (tmp_path / "realm.json").write_text(json.dumps({"realm": "shop"}))
    state = tmp_path / "kept.json"
    server = ServerIdentity("https://sso.example", "26.7.3")
    StateFile(state).save(State(lineage="a", server=server))

    env = {"KCPLAN_URL": None, "KCPLAN_STATE": str(state), "KCPLAN_PASSWORD": "hidden"}
    result = run_offline(*command, env=env)

    assert result.exit_code == 1
    said = result.stdout + result.stderr
    assert "the state belongs to https://sso.example, and this is http://127.0.0.1:9" in said
    assert asked == []
