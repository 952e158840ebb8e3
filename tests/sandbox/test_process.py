"""Processes are told apart from later ones with the same pid, and ended with all their children."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from attrs import evolve

from kcplan_keycloak.sandbox.model import Process
from kcplan_keycloak.sandbox.process import alive, end, spawn


def _sleeper(tmp_path: Path) -> Process:
    """A shell with a child that ignores a polite request, as a server may."""
    script = tmp_path / "server.sh"
    script.write_text("#!/bin/sh\nsh -c 'trap : TERM; while :; do sleep 1; done' $0 &\nwait\n")
    script.chmod(0o700)
    return spawn([str(script)], {"PATH": os.defpath}, tmp_path / "log")


def test_a_process_is_ended_with_its_children(tmp_path: Path) -> None:
    process = _sleeper(tmp_path)
    _until(lambda: "trap" in _commands(process.pid))
    assert alive(process, str(tmp_path))

    end(process, str(tmp_path), grace=0.5)

    assert not alive(process, str(tmp_path))
    assert "trap" not in _commands(process.pid)


def test_another_process_with_the_same_pid_is_left_alone(tmp_path: Path) -> None:
    process = _sleeper(tmp_path)
    earlier = evolve(process, started="long ago")

    end(earlier, "a folder that no process names")

    assert alive(process, str(tmp_path))
    end(process, str(tmp_path), grace=0.5)


def test_children_are_found_when_their_parent_was_killed(tmp_path: Path) -> None:
    process = _sleeper(tmp_path)
    _until(lambda: "trap" in _commands(process.pid))
    os.kill(process.pid, signal.SIGKILL)
    os.waitpid(process.pid, 0)
    assert alive(process, str(tmp_path))

    end(process, str(tmp_path), grace=0.5)

    assert "trap" not in _commands(process.pid)


def test_a_guarded_server_ends_when_its_owner_is_killed(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    folder.mkdir()
    owner = subprocess.Popen([sys.executable, "-c", _OWNER, str(folder)], stdout=subprocess.PIPE)
    assert owner.stdout
    pid, started = owner.stdout.readline().decode().split()
    server = Process(int(pid), started)
    assert alive(server, str(folder))

    owner.kill()
    owner.communicate()

    _until(lambda: not folder.exists())
    assert not alive(server, str(folder))


_OWNER = """
import sys, time
from pathlib import Path
from kcplan.secret import Secret
from kcplan_keycloak.sandbox import Sandbox
from kcplan_keycloak.sandbox.process import guarded, spawn
from kcplan_keycloak.sandbox.record import save
folder = Path(sys.argv[1])
with guarded(folder):
    server = spawn(["/bin/sleep", "1000"], {}, folder / "server.log")
    save(Sandbox(folder, "http://127.0.0.1:1", "admin", Secret("x"), process=server))
    print(server.pid, server.started, flush=True)
    time.sleep(1000)
"""


def _commands(group: int) -> str:
    listing = subprocess.run(
        ["/bin/ps", "-A", "-o", "pgid=,args="], capture_output=True, text=True, check=True
    )
    lines = [line.split(maxsplit=1) for line in listing.stdout.splitlines()]
    return "\n".join(args for pgid, args in lines if int(pgid) == group)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)
