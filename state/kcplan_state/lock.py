"""The lock: one command at a time works on a state, and everybody else is told which.

`<state>.lock` is there while a command works, and says whose it is. It is created exclusively, so
of two commands one gets it. A lock whose process is gone is taken over by replacing it under an
advisory lock (`flock`) on the old file: of several commands that find it, the first replaces it,
and the others then see that the file they looked at is not the lock any more. So there is never a
moment without a lock, and nobody removes a lock that somebody else just got.
"""

import fcntl
import json
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from attrs import asdict

from kcplan.classes import frozen
from kcplan.errors import StateError
from kcplan.files import refuse_special
from kcplan_state import disk, processes
from kcplan_state.document import canonical, decode, encode
from kcplan_state.strict import structure

_POLL_SECONDS = 0.1
_BIRTH_SECONDS = 1.0
"""How long a lock file may be empty, between its creation and the writing of its content."""


@frozen
class Holder:
    """Whose a lock is.

    Attributes:
        who: The user's name.
        host: The name of the host.
        pid: The number of the process there.
        since: When it got the lock, UTC.
        operation: What it does, such as `apply`.
        process_started: A mark of the process, as numbers are used again.
        machine: A mark of the host, as names are used twice.
        token: A mark of this lock, as one process may ask for several.
    """

    who: str
    host: str
    pid: int
    since: str
    operation: str
    process_started: str | None = None
    machine: str | None = None
    token: str | None = None

    def __str__(self) -> str:
        return f"{self.who} on {self.host} (process {self.pid}, `kcplan {self.operation}`)"

    @property
    def is_local(self) -> bool:
        """Whether its process number is one of this host's."""
        here = processes.machine()
        return self.host == processes.host() and (
            self.machine is None or here is None or self.machine == here
        )

    @property
    def is_gone(self) -> bool:
        """Whether its process certainly runs no more."""
        return self.is_local and not processes.is_alive(self.pid, self.process_started)


UNKNOWN = Holder("somebody", "an unknown host", 0, "an unknown time", "?")
"""Whose a lock is that cannot be read."""


class _DamagedError(Exception):
    """The lock file does not say whose it is."""


def _ignore(_: str) -> None:
    pass


@contextmanager
def lock(
    state_path: str | Path,
    operation: str,
    timeout: float = 0.0,
    notify: Callable[[str], None] = _ignore,
) -> Iterator[Holder]:
    """Hold the lock of a state.

    Args:
        state_path: The state file.
        operation: What the command does, for others to read.
        timeout: How many seconds to wait for somebody else's lock.
        notify: Told that it waits, and that it took over the lock of a process that is gone.

    Raises:
        StateError: Somebody else has it, or the lock file cannot be written or understood.
    """
    path = disk.beside(state_path, ".lock")
    disk.require_folder(path, "the lock")
    mine = Holder(
        who=processes.user(),
        host=processes.host(),
        pid=os.getpid(),
        since=disk.now(),
        operation=operation,
        process_started=processes.started(os.getpid()),
        machine=processes.machine(),
        token=secrets.token_hex(8),
    )
    try:
        _acquire(path, mine, time.monotonic() + timeout, notify)
    except OSError as error:
        raise disk.failure("take the lock of the state", path, error) from None
    try:
        yield mine
    finally:
        _release(path, mine)


def holder(state_path: str | Path) -> Holder | None:
    """Whose the lock is; None where there is none, `UNKNOWN` where the file does not say."""
    path = disk.beside(state_path, ".lock")
    try:
        with _opened(path) as handle:
            return _read(handle)
    except FileNotFoundError:
        return None
    except _DamagedError:
        return UNKNOWN
    except OSError as error:
        raise disk.failure("read the lock of the state", path, error) from None


def unlock(state_path: str | Path) -> Holder | None:
    """Remove a lock by force; gives whose it was, None where there was none.

    Raises StateError where its process runs on this host, or the file cannot be removed.
    """
    path = disk.beside(state_path, ".lock")
    try:
        with _opened(path) as handle:
            try:
                found = _read(handle)
            except _DamagedError:
                found = UNKNOWN
            if found.is_local and not found.is_gone:
                raise StateError(
                    "the lock is in use",
                    f"It is held by {found} since {found.since}, and that process is running. "
                    "Wait until it ends, or end it first.",
                )
            path.unlink()
            return found
    except FileNotFoundError:
        return None
    except OSError as error:
        raise disk.failure("remove the lock of the state", path, error) from None


def _acquire(path: Path, mine: Holder, deadline: float, notify: Callable[[str], None]) -> None:
    waiting = False
    while True:
        with suppress(FileExistsError):
            disk.create_file(path, _content(mine))
            return
        try:
            found = _take_over(path, mine, notify)
        except _DamagedError as error:
            raise _damaged(path, error) from None
        if found == mine:
            return
        if found is None:
            continue  # it went away in the meantime
        if time.monotonic() >= deadline:
            raise _held(found)
        if not waiting:
            notify(f"Waiting for the lock of the state, held by {found} since {found.since}.")
            waiting = True
        time.sleep(_POLL_SECONDS)


def _take_over(path: Path, mine: Holder, notify: Callable[[str], None]) -> Holder | None:
    """Whose the lock is now: `mine` if it was an orphan, None if it is gone."""
    try:
        with _opened(path) as handle:
            found = _read(handle)
            if not found.is_gone:
                return found
            disk.replace_file(path, _content(mine))
    except FileNotFoundError:
        return None
    notify(f"Took over the lock of {found}, held since {found.since}: that process is gone.")
    return mine


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    """The lock file, open, and no other process can remove or replace it meanwhile.

    Raises FileNotFoundError where there is none (any more).
    """
    refuse_special(path, links=False)
    handle = os.open(path, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        if not os.path.samestat(os.fstat(handle), path.stat()):
            raise FileNotFoundError(path)
        yield handle
    finally:
        os.close(handle)


def _read(handle: int) -> Holder:
    """Whose the lock is. Waits a moment where it was created just now and is not written yet."""
    deadline = time.monotonic() + _BIRTH_SECONDS
    while not (size := os.fstat(handle).st_size) and time.monotonic() < deadline:
        time.sleep(_BIRTH_SECONDS / 100)
    if not size:
        raise _DamagedError("it is empty")
    try:
        found = structure(json.loads(decode(os.pread(handle, size, 0))), Holder)
    except (ValueError, RecursionError) as error:
        raise _DamagedError(str(error)) from None
    if found.pid <= 0:
        raise _DamagedError(f"{found.pid} is no process")
    return found


def _release(path: Path, mine: Holder) -> None:
    """Remove the lock, unless it is not ours any more."""
    with suppress(OSError, _DamagedError), _opened(path) as handle:
        if _read(handle) == mine:
            path.unlink()


def _content(mine: Holder) -> bytes:
    return encode(canonical(asdict(mine)) + "\n")


def _held(found: Holder) -> StateError:
    detail = f"{found} holds it since {found.since}."
    if found.is_local:
        advice = "Wait until it ends, or let this command wait for it with --lock-timeout."
    else:
        advice = (
            "Wait until it ends, or let this command wait for it with --lock-timeout. If that "
            "process is gone for certain, which cannot be seen from here, run `kcplan unlock`."
        )
    return StateError("the state is locked", f"{detail} {advice}")


def _damaged(path: Path, error: _DamagedError) -> StateError:
    return StateError(
        "the lock of the state is damaged",
        f"{path} does not say whose it is: {error}. If no other kcplan is at work on this state, "
        "run `kcplan unlock`.",
    )
