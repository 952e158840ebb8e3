"""Regular files: the only ones that kcplan keeps anything in.

Where a pipe, a device, a socket or a link to nowhere has a name that a file is to have, kcplan
says so, at once: a pipe would be waited for, a device replaced by a file (which root may do).
"""

import errno
import os
import stat
from pathlib import Path

_KINDS = {
    stat.S_IFIFO: "a pipe (FIFO)",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
    stat.S_IFLNK: "a symbolic link",
}


class SpecialFileError(OSError):
    """Something other than a regular file; `strerror` says what."""


def refuse_special(path: Path, *, links: bool = True) -> None:
    """Raise SpecialFileError for what is neither a regular file nor missing.

    Folders pass: the system itself says what is wrong with them.

    Args:
        path: The file.
        links: Whether a symbolic link to a file is as good as the file. One to nowhere never is.
    """
    try:
        mode = path.stat().st_mode if links else path.lstat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        if path.is_symlink():
            raise _special(path, "a symbolic link to nowhere") from None
        return
    if stat.S_IFMT(mode) in _KINDS:
        raise _special(path, _KINDS[stat.S_IFMT(mode)])


def read_regular(path: Path, *, links: bool = True) -> bytes:
    """The content of a file, which is not waited for. Raises OSError."""
    refuse_special(path, links=links)
    # What is put in the file's place right now does not keep us waiting either.
    handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    with os.fdopen(handle, "rb") as file:
        mode = os.fstat(handle).st_mode
        if stat.S_IFMT(mode) in _KINDS:
            raise _special(path, _KINDS[stat.S_IFMT(mode)])
        return file.read()


def _special(path: Path, kind: str) -> SpecialFileError:
    return SpecialFileError(errno.EINVAL, f"It is {kind}, not a regular file", str(path))
