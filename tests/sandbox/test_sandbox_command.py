"""`kcplan sandbox`, with a real server."""

import json
import os
import re
import socket
import stat
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from inline_snapshot import snapshot

from kcplan_keycloak.sandbox import instance_folder, load, stop
from kcplan_keycloak.sandbox.distribution import fetch, local
from support.harness import Result, Run, Server

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, run_offline: Run) -> Iterator[Run]:
    """Run `kcplan sandbox ARGS`; what it started is ended after the test."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    yield lambda *args, **rest: run_offline("sandbox", *args, **rest)
    if left := load(instance_folder("default")):
        stop(left)


def _written(folder: Path) -> dict[str, int]:
    """When each file below a folder was written last."""
    return {
        str(file.relative_to(folder)): file.stat().st_mtime_ns
        for file in folder.rglob("*")
        if file.is_file()
    }


def _shown(command: str) -> str:
    """What the page on sandboxes shows of a command, which begins with these words."""
    block = PAGE.read_text().split("```console\n")[1].split("```")[0]
    return block.partition(f"$ {command}\n")[2].split("$ ")[0]


def _error(result: Result) -> str:
    """What a run that failed said at the end, after its progress."""
    assert result.exit_code == 1
    assert result.stdout == ""
    return result.stderr[result.stderr.index("Error: ") :]


@pytest.mark.own_server
@pytest.mark.long("starts a Keycloak")
def test_a_sandbox_from_up_to_down(run: Run) -> None:
    up = run("up", "--port", 0)
    assert up.exit_code == 0, up.stderr
    assert up.stdout == ""
    assert "Starting Keycloak 26.7.3 at http://127.0.0.1:" in up.stderr

    variables = _exports(run("env").stdout)
    assert _may_sign_in(variables)
    url = variables["KCPLAN_URL"]
    said = re.sub(r"Waiting for Keycloak .+\n", "", up.stderr)
    assert said == _shown("kcplan sandbox up").replace("http://127.0.0.1:8480", url)

    again = run("up")
    assert again.exit_code == 0
    assert f"Keycloak 26.7.3 runs at {variables['KCPLAN_URL']} already." in again.stderr
    assert _exports(run("env").stdout) == variables

    assert "another sandbox runs" in _error(run("up", "--features", "token-exchange"))

    record = instance_folder("default") / "record.json"
    assert stat.S_IMODE(record.stat().st_mode) == 0o600
    group = json.loads(record.read_text())["process"]["pid"]
    assert _listening_addresses(group) == {"127.0.0.1"}
    assert variables["KCPLAN_PASSWORD"] not in _command_lines(group)

    down = run("down")
    assert down.exit_code == 0
    assert down.stderr == _shown("kcplan sandbox down").replace("http://127.0.0.1:8480", url)
    assert _command_lines(group) == ""
    assert not record.parent.exists()
    assert run("down").stderr == "No sandbox runs.\n"


@pytest.mark.own_server
@pytest.mark.long("builds and starts a Keycloak")
def test_a_server_builds_in_its_own_folder_only(run: Run) -> None:
    """Servers that start at the same time do not meet in the distribution."""
    distribution = local(None) or fetch(None, print)
    before = _written(distribution.folder / "lib")

    up = run("up", "--port", 0, "--features", "transient-users")

    assert up.exit_code == 0, up.stderr
    assert _written(distribution.folder / "lib") == before


@pytest.mark.own_server
def test_a_server_that_does_not_start_is_told_with_its_last_words(run: Run) -> None:
    result = run("up", "--port", 0, "--features", "bogus")

    assert _error(result).startswith("Error: Keycloak ended before it was ready\n")
    assert "'bogus' is an unrecognized feature" in result.stderr
    assert not instance_folder("default").exists()


@pytest.mark.own_server
def test_a_server_that_is_too_slow_is_ended(run: Run) -> None:
    result = run("up", "--port", 0, "--timeout", 1)

    assert "Keycloak was not ready within 1 seconds" in _error(result)
    assert not instance_folder("default").exists()


def test_a_taken_port_is_told(run: Run) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        result = run("up", "--port", port)

    assert _error(result).replace(str(port), "PORT") == snapshot(
        """\
Error: port PORT of 127.0.0.1 cannot be used: Address already in use

Give another one with --port.
"""
    )


def test_without_java_and_docker_it_says_what_is_missing(
    run: Run,
) -> None:
    result = run("up", "--port", 0, env={"JAVA_HOME": "/nowhere", "JAVA": None})

    assert _error(result) == snapshot("""\
Error: Keycloak needs Java, and /nowhere/bin/java is not there

Install a JDK of version 17 or later, or start Docker.
""")


def test_env_needs_a_sandbox(run: Run) -> None:
    assert _error(run("env")) == snapshot("""\
Error: no sandbox runs

Start one: kcplan sandbox up
""")


def test_a_sandbox_whose_server_is_gone_gives_no_env(run: Run) -> None:
    _write_record(pid=2**22 + 1)

    assert "no sandbox runs" in _error(run("env"))
    assert run("down").exit_code == 0
    assert load(instance_folder("default")) is None


def test_a_damaged_record_is_told(run: Run) -> None:
    folder = _write_record(pid=1)
    (folder / "record.json").write_text("{")

    assert f"the record of the sandbox is damaged: {folder / 'record.json'}" in _error(run("down"))
    (folder / "record.json").unlink()


def test_a_name_cannot_lead_out_of_the_folder(run: Run) -> None:
    assert _error(run("down", "--name", "../../home")) == snapshot(
        """\
Error: '../../home' is not a name for a sandbox

Use letters, digits, hyphens and underscores, at most 64 of them.
"""
    )


def test_nothing_answers_at_the_given_url(run: Run, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("secret\n")

    result = run("up", "--url", "http://127.0.0.1:1", "--password-file", tmp_path / "password")

    assert _error(result) == snapshot("""\
Error: no Keycloak answers at http://127.0.0.1:1

GET http://127.0.0.1:1/realms/master must give 200.
""")
    assert load(instance_folder("default")) is None


def test_a_running_server_is_recorded_and_only_forgotten(
    run: Run, keycloak: Server, tmp_path: Path
) -> None:
    (tmp_path / "password").write_text(f"{keycloak.password}\n")
    given = ["--username", keycloak.username, "--password-file", tmp_path / "password"]

    assert run("up", "--url", f"{keycloak.url}/", *given).exit_code == 0

    assert _exports(run("env").stdout) == keycloak.environment
    assert "it still runs" in run("down").stderr
    assert _may_sign_in(keycloak.environment)


def test_a_given_server_needs_a_password(run: Run) -> None:
    assert _error(run("up", "--url", "http://127.0.0.1:1")) == snapshot(
        """\
Error: the password of the server at --url is not known

Set KCPLAN_PASSWORD, or give --password-file.
"""
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
    sockets = {target for folder in _members(group) for target in _open_files(folder)}
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in Path(table).read_text().splitlines()[1:]:
            _, local, _, state, *_, inode = line.split()[:10]
            if state == "0A" and f"socket:[{inode}]" in sockets:
                found.add(_address(local.split(":")[0]))
    return found


def _open_files(folder: Path) -> Iterator[str]:
    """What a process has open; what it closes meanwhile is none of it."""
    for link in (folder / "fd").glob("*"):
        with suppress(FileNotFoundError):
            yield str(link.readlink())


def _address(hexadecimal: str) -> str:
    """An address of /proc/net: words in the byte order of the machine."""
    words = [bytes.fromhex(hexadecimal[i : i + 8])[::-1] for i in range(0, len(hexadecimal), 8)]
    packed = b"".join(words)
    if len(packed) == 16 and packed.startswith(b"\0" * 10 + b"\xff\xff"):
        packed = packed[12:]
    return socket.inet_ntop(socket.AF_INET if len(packed) == 4 else socket.AF_INET6, packed)
