"""Processes: start one in a group of its own, tell whether it is still that one, end it whole.

Keycloak's script starts a Java process and may replace itself by a second one; all stay in the
group of the first, so the group is what is ended.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from kcplan.classes import frozen
from kcplan_keycloak.sandbox.model import Process, SandboxError

_ZOMBIE = "Z"
_PROC = Path("/proc")
_HAS_PROC = (_PROC / "self/stat").exists()

# Reads until the one who holds the other end of the pipe is gone, then ends what is recorded.
_GUARD = """
import shutil, sys
from pathlib import Path
folder = Path(sys.argv[1])
sys.stdin.read()
from kcplan_keycloak.sandbox import load, stop
sandbox = load(folder)
if sandbox:
    stop(sandbox)
shutil.rmtree(folder, ignore_errors=True)
"""


@frozen
class _Entry:
    """A line of the process table."""

    pid: int
    group: int
    state: str
    started: str
    command: str


def spawn(argv: list[str], env: Mapping[str, str], log: Path) -> Process:
    """Start a program in a session of its own, apart from the caller's terminal.

    Raises SandboxError where it cannot be started.
    """
    log.touch(mode=0o600)
    actions = (
        (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
        (os.POSIX_SPAWN_OPEN, 1, str(log), os.O_WRONLY | os.O_APPEND, 0),
        (os.POSIX_SPAWN_DUP2, 1, 2),
    )
    try:
        pid = os.posix_spawn(argv[0], argv, env, file_actions=actions, setsid=True)
    except OSError as problem:
        raise SandboxError(f"{argv[0]} cannot be started: {problem.strerror}") from problem
    entry = _entry(pid)
    return Process(pid, entry.started if entry else "ended at once")


def alive(process: Process, marker: str) -> bool:
    """Whether the process, or what it left in its group, still runs.

    `marker` is a text that the command lines of the group have and no others.
    """
    leader = _entry(process.pid)
    if leader and leader.started == process.started and not _ended(leader):
        return True
    # A group outlives its leader, and its id is not given to another while it does.
    return any(
        entry.group == process.pid and entry.state != _ZOMBIE and marker in entry.command
        for entry in _entries()
    )


def end(process: Process, marker: str, grace: float = 10.0) -> None:
    """End the process and all its children, politely first. Does nothing where it is gone.

    `grace` is the time in seconds that they have to end by themselves.

    Raises SandboxError where something of it survives.
    """
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not alive(process, marker):
            return
        with suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        deadline = time.monotonic() + grace
        while alive(process, marker) and time.monotonic() < deadline:
            time.sleep(0.05)
    if alive(process, marker):
        raise SandboxError(f"process {process.pid} cannot be ended")


@contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """Have the sandbox that is recorded in the folder ended should the caller die in between."""
    guard = subprocess.Popen(
        [sys.executable, "-P", "-c", _GUARD, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield
    finally:
        guard.kill()
        guard.communicate()


def _ended(entry: _Entry) -> bool:
    """Whether it is a zombie without threads that still run; lets go of it if it is our child."""
    if entry.state != _ZOMBIE:
        return False
    try:
        return os.waitpid(entry.pid, os.WNOHANG) != (0, 0)
    except ChildProcessError:
        return True


def _entry(pid: int) -> _Entry | None:
    if _HAS_PROC:
        return _linux_entry(pid)
    return next((entry for entry in _ps("-p", str(pid))), None)


def _entries() -> Iterator[_Entry]:
    if not _HAS_PROC:
        yield from _ps("-A")
        return
    for folder in _PROC.iterdir():
        if folder.name.isdigit() and (entry := _linux_entry(int(folder.name))):
            yield entry


def _linux_entry(pid: int) -> _Entry | None:
    """An entry of /proc: small containers have no ps."""
    folder = _PROC / str(pid)
    try:
        # The name in brackets may hold anything; what follows is state, parent, group, …, and
        # in place 22 the start in clock ticks since the boot.
        fields = (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
        command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return None
    boot = (_PROC / "sys/kernel/random/boot_id").read_text().strip()
    return _Entry(pid, int(fields[2]), fields[0], f"{boot}/{fields[19]}", command)


def _ps(*selection: str) -> Iterator[_Entry]:
    columns = "pid=,pgid=,state=,lstart=,command="
    table = subprocess.run(
        ["ps", "-ww", *selection, "-o", columns],
        env={"LC_ALL": "C", "PATH": os.defpath},
        capture_output=True,
        text=True,
        check=False,
    )
    for line in table.stdout.splitlines():
        # The start is five words: Mon Nov 24 08:28:01 2025.
        pid, group, state, *rest = line.split(maxsplit=8)
        yield _Entry(int(pid), int(group), state[0], " ".join(rest[:5]), " ".join(rest[5:]))
