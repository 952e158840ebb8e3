"""`kcplan sandbox`, with a real server."""

import json
import os
import socket
import stat
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner, Result
from inline_snapshot import snapshot

from kcplan.cli.sandbox import sandbox
from kcplan.errors import KcplanError, UsageError
from kcplan_keycloak.sandbox import SandboxError, instance_folder, load, stop

Sandbox = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Sandbox]:
    """Run `kcplan sandbox ARGS`; what it started is ended after the test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    monkeypatch.delenv("KCPLAN_PASSWORD", raising=False)
    yield lambda *args: CliRunner().invoke(sandbox, [str(arg) for arg in args])
    if left := load(instance_folder("default")):
        stop(left)


def _error(result: Result, kind: type[KcplanError]) -> KcplanError:
    assert isinstance(result.exception, kind)
    return result.exception


def test_a_sandbox_from_up_to_down(run: Sandbox) -> None:
    up = run("up", "--port", 0)
    assert up.exit_code == 0, up.stderr
    assert up.stdout == ""
    assert "Starting Keycloak 26.7.3 at http://127.0.0.1:" in up.stderr

    variables = _exports(run("env").stdout)
    assert _may_sign_in(variables)

    again = run("up")
    assert again.exit_code == 0
    assert f"Keycloak 26.7.3 runs at {variables['KCPLAN_URL']} already." in again.stderr
    assert _exports(run("env").stdout) == variables

    other = _error(run("up", "--features", "token-exchange"), SandboxError)
    assert "another sandbox runs" in other.summary

    record = instance_folder("default") / "record.json"
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    group = json.loads(record.read_text())["process"]["pid"]
    assert _listening_addresses(group) == {"127.0.0.1"}
    assert variables["KCPLAN_PASSWORD"] not in _command_lines(group)

    down = run("down")
    assert down.exit_code == 0
    assert "has ended, and its data is removed" in down.stderr
    assert _command_lines(group) == ""
    assert not record.parent.exists()
    assert run("down").stderr == "No sandbox runs.\n"


def test_a_server_that_does_not_start_is_told_with_its_last_words(run: Sandbox) -> None:
    result = run("up", "--port", 0, "--features", "bogus")

    problem = _error(result, SandboxError)
    assert problem.summary == snapshot("Keycloak ended before it was ready")
    assert "'bogus' is an unrecognized feature" in problem.detail
    assert not instance_folder("default").exists()


def test_a_server_that_is_too_slow_is_ended(run: Sandbox) -> None:
    problem = _error(run("up", "--port", 0, "--timeout", 1), SandboxError)

    assert problem.summary == snapshot("Keycloak was not ready within 1 seconds")
    assert not instance_folder("default").exists()


def test_a_taken_port_is_told(run: Sandbox) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        problem = _error(run("up", "--port", port), SandboxError)

    assert problem.summary == f"port {port} of 127.0.0.1 cannot be used: Address already in use"
    assert problem.detail == snapshot("Give another one with --port.")


def test_without_java_and_docker_it_says_what_is_missing(
    run: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    monkeypatch.delenv("JAVA", raising=False)

    problem = _error(run("up", "--port", 0), SandboxError)

    assert str(problem) == snapshot("Keycloak needs Java, and /nowhere/bin/java is not there")


def test_env_needs_a_sandbox(run: Sandbox) -> None:
    problem = _error(run("env"), UsageError)

    assert (problem.summary, problem.detail) == snapshot(
        ("no sandbox runs", "Start one: kcplan sandbox up")
    )


def test_a_sandbox_whose_server_is_gone_gives_no_env(run: Sandbox) -> None:
    _write_record(pid=2**22 + 1)

    assert _error(run("env"), UsageError).summary == "no sandbox runs"
    assert run("down").exit_code == 0
    assert load(instance_folder("default")) is None


def test_a_damaged_record_is_told(run: Sandbox) -> None:
    folder = _write_record(pid=1)
    (folder / "record.json").write_text("{")

    problem = _error(run("down"), SandboxError)

    assert problem.summary == f"the record of the sandbox is damaged: {folder / 'record.json'}"
    (folder / "record.json").unlink()


def test_a_name_cannot_lead_out_of_the_folder(run: Sandbox) -> None:
    problem = _error(run("down", "--name", "../../home"), UsageError)

    assert problem.summary == snapshot("'../../home' is not a name for a sandbox")


def test_nothing_answers_at_the_given_url(run: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret\n")

    result = run("up", "--url", "http://127.0.0.1:1", "--password-file", tmp_path / "password")

    assert str(_error(result, SandboxError)) == snapshot(
        "no Keycloak answers at http://127.0.0.1:1"
    )
    assert load(instance_folder("default")) is None


def test_a_given_server_needs_a_password(run: Sandbox) -> None:
    assert _error(run("up", "--url", "http://127.0.0.1:1"), UsageError).detail == snapshot(
        "Set KCPLAN_PASSWORD, or give --password-file."
    )


def _write_record(pid: int) -> Path:
    folder = instance_folder("default")
    folder.mkdir(parents=True)
    record: dict[str, object] = {
        "url": "http://127.0.0.1:1",
        "username": "admin",
        "password": "secret",
        "version": "26.7.3",
        "features": [],
        "process": {"pid": pid, "started": "long ago"},
        "container": None,
    }
    (folder / "record.json").write_text(json.dumps(record))
    return folder


def _exports(script: str) -> dict[str, str]:
    lines = [line.removeprefix("export ").split("=", 1) for line in script.splitlines()]
    return {name: value.strip("'") for name, value in lines}


def _may_sign_in(variables: dict[str, str]) -> bool:
    answer = httpx.post(
        f"{variables['KCPLAN_URL']}/realms/master/protocol/openid-connect/token",
        data={
            "grant_type": "password",
            "client_id": "admin-cli",
            "username": variables["KCPLAN_USERNAME"],
            "password": variables["KCPLAN_PASSWORD"],
        },
    )
    return answer.is_success


def _members(group: int) -> list[Path]:
    """The processes of a group, as folders of /proc."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(folder.name)) == group:
                found.append(folder)
        except ProcessLookupError:
            continue
    return found


def _command_lines(group: int) -> str:
    return "".join((folder / "cmdline").read_text() for folder in _members(group))


def _listening_addresses(group: int) -> set[str]:
    """The addresses on which the processes of a group accept connections."""
    sockets = {
        str(link.readlink()) for folder in _members(group) for link in (folder / "fd").glob("*")
    }
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == "0A" and f"socket:[{inode}]" in sockets:
                found.add(_address(local.split(":")[0]))
    return found


def _address(hexadecimal: str) -> str:
    """An address of /proc/net: words in the byte order of the machine."""
    words = [bytes.fromhex(hexadecimal[i : i + 8])[::-1] for i in range(0, len(hexadecimal), 8)]
    packed = b"".join(words)
    if len(packed) == 16 and packed.startswith(b"\0" * 10 + b"\xff\xff"):
        packed = packed[12:]
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)
