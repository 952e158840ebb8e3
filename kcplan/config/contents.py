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
    """The content of a regular file.

    Args:
        path: The file.
        own: kcplan's own files; those that do not exist do not matter.
        within: The folders that it may be in, with what its name stands for.

    Raises:
        OutsideFileError: It is in none of these, or one of Git's own.
        OwnFileError: It is one of kcplan's own, perhaps under another name.
        UnusableFileError: It is not there, no regular file, made up by the system, too large, or
            no text.
    """
    try:
        return _read(path, own, within).decode()
    except OSError as problem:
        raise UnusableFileError(problem.strerror or "it cannot be read") from None
    except ValueError:
        raise UnusableFileError("it is not text in UTF-8, or its name is no file name") from None


def _read(path: Path, own: Iterable[Path], within: Iterable[Path]) -> bytes:
    real = Path(os.path.realpath(path))
    if any(real.is_relative_to(folder) for folder in _SYSTEM_FOLDERS):
        raise UnusableFileError("files in /proc, /sys and /dev are never substituted")
    if not any(_is_in(real, Path(os.path.realpath(folder))) for folder in within):
        raise OutsideFileError
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
        content = file.read(LARGEST + 1)
    if len(content) > LARGEST:
        raise UnusableFileError(f"it is larger than {LARGEST:,} bytes")
    return content


def _is_in(file: Path, folder: Path) -> bool:
    return file.is_relative_to(folder) and ".git" not in file.relative_to(folder).parts


def _known(own: Iterable[Path]) -> Iterator[os.stat_result]:
    for path in own:
        with suppress(OSError, ValueError):
            yield path.stat()


def _is_of_the_system(found: os.stat_result) -> bool:
    """Whether the file is on a file system such as `proc`, wherever that is mounted."""
    device = f"{os.major(found.st_dev)}:{os.minor(found.st_dev)}"
    try:
        lines = _MOUNTS.read_text(errors="replace").splitlines()
    except OSError:  # no Linux
        return False
    return any(
        line.split()[2] == device and line.partition(" - ")[2].split()[0] in _SYSTEM_KINDS
        for line in lines
        if " - " in line
    )
