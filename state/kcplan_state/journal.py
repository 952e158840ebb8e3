"""The journal of a running apply: what it is about to do and what it has done.

`<state>.journal` is there while an apply runs, and after one that was killed; it is all that a
recovery needs. A line is a record (see `records`) as JSON with a checksum, which covers the line
before as well, so that a line that was lost or put elsewhere is seen. Lines are only ever added,
and each is on the disk before the apply goes on. The last line may therefore be torn, which means
that what it announces was not begun; anything else that does not fit is damage.
"""

import json
import os
import threading
from collections.abc import Iterable, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kcplan import __version__
from kcplan.classes import frozen
from kcplan.errors import StateError
from kcplan.files import read_regular, refuse_special
from kcplan.nesting import is_too_deep
from kcplan.planlayout import each_encoded, spread
from kcplan_state import cipher, disk
from kcplan_state.document import canonical, checksum, decode, encode
from kcplan_state.records import FORMAT, Header, Record, from_document, to_document

_LINK = 32
"""So many characters a checksum has."""

_FIRST = ""
"""What the checksum of the first line covers in place of the line before."""


@frozen
class Journal:
    """What a journal says: what was to be done, and the records in the order of their writing."""

    header: Header
    records: tuple[Record, ...] = ()


@frozen
class _Read:
    """A journal, and where a writer would go on in its file."""

    journal: Journal
    cipher: cipher.Cipher
    link: str
    size: int


class Writer:
    """Adds records to a journal. Made by `begin` and `resume`.

    Only one thread may add records. Any may have them brought to the disk.
    """

    def __init__(self, path: Path, line_cipher: cipher.Cipher, link: str, size: int) -> None:
        self.path = path
        self._cipher = line_cipher
        self._link = link
        self._size = size
        self._synced = size
        self._syncing = threading.Lock()
        self._handle: int | None = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        os.ftruncate(self._handle, size)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def append(self, records: Sequence[Record], *, sync: bool = True) -> None:
        """Add records; they are on the disk when this returns. All of them cost one sync.

        Without `sync` they outlive the process, and reach the disk with the next records that
        are synced. That is enough for what can also be found out from Keycloak.

        Raises StateError where that failed. Nothing was added then, and one may try again.
        """
        if self._handle is None:
            raise ValueError("the journal is closed")
        data, link = _lines(records, self._cipher, self._link)
        try:
            os.lseek(self._handle, self._size, os.SEEK_SET)
            disk.write_all(self._handle, data)
            if sync:
                os.fsync(self._handle)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._handle, self._size)
            raise disk.failure("write the journal", self.path, error) from None
        self._size += len(data)
        self._link = link

    def sync(self) -> None:
        """Have on the disk what was added so far.

        A thread that comes while another one does that waits, and then often finds it done: the
        records of many threads cost one sync.

        Raises StateError where that failed.
        """
        added = self._size
        with self._syncing:
            if self._synced >= added or self._handle is None:
                return
            size = self._size
            try:
                os.fsync(self._handle)
            except OSError as error:
                raise disk.failure("write the journal", self.path, error) from None
            self._synced = size

    def close(self) -> None:
        """Leave the journal where it is."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None

    def remove(self) -> None:
        """Close the journal and remove it: there is nothing to recover. Raises StateError."""
        self.close()
        try:
            self.path.unlink(missing_ok=True)
            disk.sync_folder(self.path.parent)
        except OSError as error:
            raise disk.failure("remove the journal", self.path, error) from None


def begin(state_path: str | Path, header: Header, passphrase: str | None = None) -> Writer:
    """Begin a journal; its header is on the disk when this returns.

    Args:
        state_path: The state file. The caller holds its lock.
        header: What is about to be done.
        passphrase: KCPLAN_JOURNAL_KEY. Given one, all that follows is encrypted with it.

    Raises:
        StateError: There is a journal already, or one cannot be written or encrypted.
    """
    path = disk.beside(state_path, disk.JOURNAL)
    disk.require_folder(path, "the journal")
    line_cipher = cipher.new(passphrase)
    line, link = _first_line(header, line_cipher)
    data = line + b"\n"
    if line_cipher.preamble:
        data = line_cipher.preamble + b"\n" + data
    try:
        refuse_special(path, links=False)
        disk.publish_file(path, data)
        return Writer(path, line_cipher, link, len(data))
    except FileExistsError:
        raise StateError(
            "an apply did not end",
            f"Its journal is still there: {path}. Run `kcplan recover` to take back what it did, "
            "or `kcplan recover --forward` to finish it.",
        ) from None
    except OSError as error:
        raise disk.failure("write the journal", path, error) from None


def read(state_path: str | Path, passphrase: str | None = None) -> Journal:
    """What the journal of a state says, without a last line that is torn.

    Raises StateError where there is none, it is damaged, or it is encrypted and the passphrase
    is missing or another one.
    """
    return _read(disk.beside(state_path, disk.JOURNAL), passphrase).journal


def resume(state_path: str | Path, passphrase: str | None = None) -> tuple[Journal, Writer]:
    """Read a journal to go on with it; a torn last line is cut off. Raises StateError as `read`."""
    path = disk.beside(state_path, disk.JOURNAL)
    found = _read(path, passphrase)
    try:
        return found.journal, Writer(path, found.cipher, found.link, found.size)
    except OSError as error:
        raise disk.failure("write the journal", path, error) from None


def _first_line(header: Header, line_cipher: cipher.Cipher) -> tuple[bytes, str]:
    """The line for the header, and what the next line's checksum is to cover.

    The plan in it is encoded item by item: as tables of JSON it would be larger than all else.
    """
    texts = each_encoded(to_document(header), canonical)
    link = checksum(chain([_FIRST], spread(texts, str)))[:_LINK]
    texts["checksum"] = canonical(link)
    return line_cipher.seal(b"".join(map(encode, spread(texts, str)))), link


def _lines(records: Iterable[Record], line_cipher: cipher.Cipher, link: str) -> tuple[bytes, str]:
    """The lines for these records, and what the next line's checksum is to cover."""
    out = []
    for record in records:
        document = to_document(record)
        link = _checksum(document, link)
        out.append(line_cipher.seal(encode(canonical({**document, "checksum": link}))) + b"\n")
    return b"".join(out), link


def _checksum(document: dict[str, Any], link: str) -> str:
    return checksum([link, canonical(document)])[:_LINK]


def _read(path: Path, passphrase: str | None) -> _Read:
    try:
        data = read_regular(path, links=False)
    except FileNotFoundError:
        raise StateError("there is no journal", f"{path} does not exist.") from None
    except OSError as error:
        raise disk.failure("read the journal", path, error) from None
    whole = data[: data.rfind(b"\n") + 1]
    lines = whole.split(b"\n")[:-1]
    try:
        line_cipher = cipher.of(lines[0], passphrase) if lines else cipher.Clear()
    except (ValueError, RecursionError) as error:
        raise _damaged(path, 1, str(error)) from None
    return _decoded(path, lines, line_cipher, len(whole))


def _decoded(path: Path, lines: list[bytes], line_cipher: cipher.Cipher, size: int) -> _Read:
    reader = _LineReader(path, line_cipher)
    skipped = 1 if line_cipher.preamble else 0
    found = [reader.read(number, line) for number, line in enumerate(lines, 1) if number > skipped]
    if not found or not isinstance(found[0], Header):
        raise _damaged(path, skipped + 1, "the line that says what was to be done is missing")
    records = [record for record in found[1:] if not isinstance(record, Header)]
    if len(records) != len(found) - 1:
        raise _damaged(path, len(lines), "there are two journals in it")
    return _Read(Journal(found[0], tuple(records)), line_cipher, reader.link, size)


class _LineReader:
    """Reads line after line, each against the one before."""

    def __init__(self, path: Path, line_cipher: cipher.Cipher) -> None:
        self.link = _FIRST
        self._path = path
        self._cipher = line_cipher

    def read(self, number: int, line: bytes) -> Record | Header:
        """The record of a line. Raises StateError."""
        try:
            document = json.loads(decode(self._cipher.open(line)))
            return self._record(document)
        except cipher.UnreadableError:
            if self.link == _FIRST:
                raise self._wrong_key() from None
            raise _damaged(self._path, number, "it cannot be decrypted") from None
        except (ValueError, RecursionError) as error:
            raise _damaged(self._path, number, str(error)) from None

    def _record(self, document: object) -> Record | Header:
        if not isinstance(document, dict):
            raise ValueError("it is not a JSON object")  # noqa: TRY004 - what is wrong is the file
        if is_too_deep(document):
            raise ValueError("it is nested too deeply")
        found = document.pop("checksum", None)
        made = _checksum(document, self.link)
        if found != made:
            raise ValueError("it does not fit its checksum")
        if self.link == _FIRST:
            self._require_known_format(document)
        self.link = made
        return from_document(document)

    def _require_known_format(self, header: dict[str, Any]) -> None:
        version = header.get("format_version")
        if isinstance(version, int) and version > FORMAT:
            raise StateError(
                "the journal was written by a newer kcplan",
                f"{self._path} has format {version}, written by kcplan "
                f"{header.get('kcplan_version')}; this is kcplan {__version__}. Recover with that "
                "version.",
            )

    def _wrong_key(self) -> StateError:
        return StateError(
            "the journal cannot be decrypted",
            f"KCPLAN_JOURNAL_KEY is not the passphrase that {self._path} was written with, or its "
            "beginning is damaged.",
        )


def _damaged(path: Path, number: int, reason: str) -> StateError:
    return StateError(
        "the journal is damaged",
        f"Line {number} of {path} cannot be used: {reason}. kcplan cannot tell from it what the "
        "interrupted apply did. Move the file away, and see with `kcplan plan` how Keycloak "
        "differs from the files.",
    )
