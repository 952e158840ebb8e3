"""Files that survive: written whole or not at all, for their owner's eyes only."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kcplan.errors import StateError
from kcplan.files import SpecialFileError, refuse_special

_OWNER_ONLY = 0o600

JOURNAL: Final = ".journal"
"""The ending of the journal's name."""


def resolved(state_path: str | Path) -> Path:
    """The file that a path to a state stands for, with symbolic links followed."""
    return Path(os.path.realpath(state_path))


def beside(state_path: str | Path, suffix: str) -> Path:
    """A companion of the state file: `beside(path, ".lock")`."""
    path = resolved(state_path)
    return path.with_name(path.name + suffix)


def journal_exists(state_path: str | Path) -> bool:
    """Whether an apply of this state is running, or was killed.

    Raises StateError where something other than a file has the journal's name.
    """
    path = beside(state_path, JOURNAL)
    try:
        refuse_special(path, links=False)
    except OSError as error:
        raise failure("use the journal", path, error) from None
    return path.exists()


def now() -> str:
    """The time, in UTC, to the second, as ISO 8601."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def require_folder(path: Path, what: str) -> None:
    """Raise StateError where the folder for a file does not exist."""
    if not path.parent.is_dir():
        raise StateError(
            f"the folder of {what} does not exist",
            f"{path} cannot be there, because {path.parent} is not a folder. Create the folder, or "
            "name another file with --state.",
        )


def failure(action: str, path: Path, error: OSError, consequence: str = "") -> StateError:
    """What to tell the user when the system refused: `action` is such as "write the state"."""
    reason = error.strerror or str(error)
    named = error.filename if isinstance(error, SpecialFileError) else path
    detail = f"{named}: {reason}."
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        detail += (
            f" kcplan must be able to read and write there, and to create files in {path.parent}."
        )
    elif error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}:
        detail += " Make room there first."
    return StateError(f"cannot {action}", f"{detail} {consequence}".rstrip())


def replace_file(path: Path, data: bytes) -> None:
    """Put `data` where `path` is, in one go, durably, with mode 0600. Raises OSError.

    Until the very last moment the old file is untouched, and it stays where anything fails. What is
    no regular file is not replaced.
    """
    refuse_special(path, links=False)
    with _temporary(path, data) as temporary:
        temporary.replace(path)
    sync_folder(path.parent)


def publish_file(path: Path, data: bytes) -> None:
    """As `replace_file`, for a file that must not be there yet: raises FileExistsError."""
    with _temporary(path, data) as temporary:
        try:
            path.hardlink_to(temporary)
        except FileExistsError:
            raise
        except OSError:  # a file system without hard links
            if path.exists():
                raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path) from None
            temporary.replace(path)
    sync_folder(path.parent)


@contextmanager
def _temporary(path: Path, data: bytes) -> Iterator[Path]:
    """A durable file with this content in the same folder, which is gone afterwards."""
    from tempfile import mkstemp  # late: a plan with nothing to save does without

    handle, name = mkstemp(prefix=f"{path.name}.", suffix=".tmp", dir=path.parent)
    temporary = Path(name)
    try:
        try:
            write_all(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
        yield temporary
    finally:
        temporary.unlink(missing_ok=True)


def create_file(path: Path, data: bytes) -> None:
    """Create a file with mode 0600. Raises FileExistsError where there is one, else OSError.

    A file that could not be written whole does not stay.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, _OWNER_ONLY)
    try:
        try:
            write_all(handle, data)
            os.fsync(handle)
        finally:
            os.close(handle)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def write_all(handle: int, data: bytes) -> None:
    """Write all of `data`; a single `write` may stop short of it."""
    view = memoryview(data)
    while view:
        view = view[os.write(handle, view) :]


def sync_folder(folder: Path) -> None:
    """Make a rename, creation or removal in the folder durable. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    except OSError as error:
        # Some file systems cannot sync a folder, and say so with EINVAL.
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(handle)
