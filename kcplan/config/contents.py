"""The content of a file that a placeholder names, and the files that none may name.

Whoever may write a realm file must not learn what kcplan logs in with. So its own files (with
passwords, secrets and keys, kcplan.toml, the state) are refused under every name that they have,
and so is everything that the system makes up: `/proc/self/environ` is the environment. Nor must
they learn what else lies on the machine: only files in certain folders are read, and none of Git's
own, which may have the token that fetched the repository.
"""

import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

LARGEST: Final = 1_000_000
_SYSTEM_FOLDERS: Final = (Path("/proc"), Path("/sys"), Path("/dev"))
_SYSTEM_KINDS: Final = frozenset(
    "proc sysfs devtmpfs devpts debugfs tracefs securityfs configfs cgroup cgroup2 mqueue".split()
)
_MOUNTS: Final = Path("/proc/self/mountinfo")


class OwnFileError(Exception):
    """The file is one of kcplan's own."""


class OutsideFileError(Exception):
    """The file is in none of the folders that files may be in."""


class UnusableFileError(Exception):
    """The file cannot be substituted; the text says why."""


def read_text(path: Path, own: Iterable[Path], within: Iterable[Path]) -> str:
    """The content of a regular file that is text; see `read_bytes`."""
    try:
        return read_bytes(path, own, within).decode()
    except UnicodeDecodeError:
        raise UnusableFileError("it is not text in UTF-8") from None


def read_bytes(
    path: Path, own: Iterable[Path], within: Iterable[Path], largest: int = LARGEST
) -> bytes:
    """The content of a regular file.

    Args:
        path: The file.
        own: kcplan's own files; those that do not exist do not matter.
        within: The folders that it may be in, with what its name stands for.
        largest: The most bytes that it may have.

    Raises:
        OutsideFileError: It is in none of these, or one of Git's own.
        OwnFileError: It is one of kcplan's own, perhaps under another name, or one of variables:
            `.env`, `.env.prod`.
        UnusableFileError: It is not there, no regular file, made up by the system, or too large.
    """
    try:
        return _read(path, own, within, largest)
    except OSError as problem:
        raise UnusableFileError(problem.strerror or "it cannot be read") from None
    except ValueError:
        raise UnusableFileError("its name is no file name") from None


def refuse_system_file(path: Path) -> None:
    """Refuse what the system makes up, under whatever name.

    Raises:
        UnusableFileError: It is such a file.
        OSError: It is not there, or cannot be looked at.
    """
    _real(path)
    if _is_of_the_system(path.stat()):
        raise UnusableFileError("it is made up by the system")


def _real(path: Path) -> Path:
    """What the name of a file stands for. Raises UnusableFileError."""
    real = Path(os.path.realpath(path))
    if any(real.is_relative_to(folder) for folder in _SYSTEM_FOLDERS):
        raise UnusableFileError("files in /proc, /sys and /dev are never read")
    return real


def _read(path: Path, own: Iterable[Path], within: Iterable[Path], largest: int) -> bytes:
    real = _real(path)
    if not any(_is_in(real, Path(os.path.realpath(folder))) for folder in within):
        raise OutsideFileError
    if f"{real.name.casefold()}.".startswith(".env."):
        raise OwnFileError
    if not real.is_file():
        raise UnusableFileError("it does not exist, or is not a regular file")
    # From here on it is this file, whatever its name stands for in the next moment.
    handle = os.open(real, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise UnusableFileError("it does not exist, or is not a regular file")
        if _is_of_the_system(found):
            raise UnusableFileError("it is made up by the system")
        if any(os.path.samestat(found, known) for known in _known(own)):
            raise OwnFileError
        content = file.read(largest + 1)
    if len(content) > largest:
        raise UnusableFileError(f"it is larger than {largest:,} bytes")
    return content


def _is_in(file: Path, folder: Path) -> bool:
    """Whether a file is in a folder, and not in one of Git's there, which may be written `.GIT`."""
    if not file.is_relative_to(folder):
        return False
    return ".git" not in (part.casefold() for part in file.relative_to(folder).parts)


def _known(own: Iterable[Path]) -> Iterator[os.stat_result]:
    for path in own:
        with suppress(OSError, ValueError):
            yield path.stat()


def _is_of_the_system(found: os.stat_result) -> bool:
    """Whether the file is on a file system such as `proc`, wherever that is mounted."""
    return _is_a_system_device(found.st_dev)


@lru_cache
def _is_a_system_device(number: int) -> bool:
    device = f"{os.major(number)}:{os.minor(number)}"
    try:
        lines = _MOUNTS.read_text(errors="replace").splitlines()
    except OSError:  # no Linux
        return False
    return any(
        line.split()[2] == device and line.partition(" - ")[2].split()[0] in _SYSTEM_KINDS
        for line in lines
        if " - " in line
    )
