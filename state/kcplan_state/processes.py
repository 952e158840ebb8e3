"""Whether the process that left a file behind is still there."""

import getpass
import hashlib
import os
import socket
from pathlib import Path

_PROC = Path("/proc")


def user() -> str:
    """The name of the user, or the number where it has no name (as in many containers)."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def host() -> str:
    """The name of this host."""
    return socket.gethostname()


def machine() -> str | None:
    """A mark of this machine and its process numbers; None where the system tells neither.

    Containers and cloned machines may share a host name while their process numbers have nothing
    to do with each other.
    """
    known = [_text(Path("/etc/machine-id")), _link(_PROC / "self/ns/pid")]
    if not any(known):
        return None
    return hashlib.sha256("\n".join(known).encode()).hexdigest()[:16]


def started(pid: int) -> str | None:
    """When a process started, as a mark that no other process of its number has.

    None where the system does not tell (there is no /proc), or the process is gone.
    """
    fields = _stat(pid)
    boot = _text(_PROC / "sys/kernel/random/boot_id")
    return f"{boot}/{fields[19]}" if len(fields) > 19 else None  # noqa: PLR2004 - field of proc(5)


def is_alive(pid: int, start: str | None) -> bool:
    """Whether the process of this number, started then (None: not known), runs on this host."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # another user's: it is there
    except OverflowError:
        return False
    if _stat(pid)[:1] in (["Z"], ["X"]):
        return False  # it ended, and its parent has not asked yet how
    found = started(pid)
    return start is None or found is None or found == start


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the third on; the second may hold anything."""
    return _text(_PROC / str(pid) / "stat").rpartition(")")[2].split()


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="replace").strip()
    except OSError:
        return ""


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
