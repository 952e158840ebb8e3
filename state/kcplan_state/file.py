"""The state file: the only record of what kcplan made, so it is never half written or misread.

Reading goes through one gate: the bytes are text, the text is JSON, the JSON is a state of a
format that is known, its checksum fits, an older format is migrated, every value has its type.
Whatever does not get through is one StateError that names the file, and the backup where that
one would get through.
"""

import json
import shlex
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

from attrs import evolve

from kcplan import __version__
from kcplan.address import Address
from kcplan.authors import OwnAccount
from kcplan.classes import frozen
from kcplan.errors import StateError
from kcplan.files import read_regular, refuse_special
from kcplan.nesting import is_too_deep
from kcplan.planlayout import spread
from kcplan.state import ResourceState, ServerIdentity, State, sorted_by_address
from kcplan_state import disk
from kcplan_state.digests import derive_key, new_key
from kcplan_state.document import (
    canonical,
    checksum,
    decode,
    encode,
    entry_from_document,
    entry_to_document,
)
from kcplan_state.migrations import CURRENT, MIGRATIONS, migrate
from kcplan_state.strict import structure


class StateReader(Protocol):
    """Sees the state and never changes it."""

    def load(self) -> State:
        """The state as it is recorded. Raises StateError."""


class StateWriter(StateReader, Protocol):
    """May record another state, too."""

    def save(self, state: State) -> State:
        """Record a state; gives it with the serial that it now has. Raises StateError."""


@frozen
class StateDocument:
    """The state file in its current format."""

    format_version: int
    kcplan_version: str
    lineage: str
    serial: int
    server: ServerIdentity | None
    updated_at: str
    resources: tuple[Any, ...]
    checksum: str
    secret_key: str | None = None
    own_accounts: tuple[OwnAccount, ...] = ()


class StateFile:
    """A state in a file; it reads (`StateReader`) and writes (`StateWriter`).

    Take the lock around a load and the saves that follow it. The first save keeps the file that
    was there as `.backup`: the state before the command, however often the command saves.

    Args:
        path: The state file. A symbolic link is followed; one to nowhere is an error.
        passphrase: KCPLAN_STATE_KEY. The key of the digests is made from it and not stored.
    """

    def __init__(self, path: str | Path, passphrase: str | None = None) -> None:
        self._given = Path(path)
        self.path = disk.resolved(path)
        self.backup = disk.beside(path, ".backup")
        self._passphrase = passphrase
        self._backed_up = False
        self._lines: dict[Address, tuple[ResourceState, str]] = {}

    def load(self) -> State:
        """The state in the file; a new one, with a lineage of its own, where there is no file.

        Raises StateError for a file that cannot be read or is not exactly what kcplan wrote.
        """
        disk.require_folder(self.path, "the state file")
        try:
            refuse_special(self._given)
            data = read_regular(self.path)
        except FileNotFoundError:
            return self._with_key(State(lineage=str(uuid.uuid4())))
        except OSError as error:
            raise disk.failure("read the state", self.path, error) from None
        try:
            return self._with_key(parse(data))
        except _UnusableError as error:
            raise self._unusable(error) from None

    def save(self, state: State) -> State:
        """Write the state with the next serial, and give it with that.

        Raises StateError where it cannot be written, and the file is then as it was before.
        Raises TypeError for a state that holds a secret, which is a defect of kcplan.
        """
        written = evolve(state, serial=state.serial + 1)
        data = self._render(written)
        disk.require_folder(self.path, "the state file")
        try:
            self._keep_backup()
            disk.replace_file(self.path, data)
        except OSError as error:
            kept = "The state file is as it was before."
            raise disk.failure("write the state", self.path, error, kept) from None
        return written

    def _with_key(self, state: State) -> State:
        if self._passphrase is not None:
            return evolve(state, key=derive_key(self._passphrase, state.lineage))
        return state if state.key is not None else evolve(state, key=new_key())

    def _keep_backup(self) -> None:
        if self._backed_up:
            return
        try:
            data = read_regular(self.path)
        except FileNotFoundError:
            pass
        else:
            disk.replace_file(self.backup, data)
        self._backed_up = True

    def _render(self, state: State) -> bytes:
        """The bytes of the file. Resources that are the same as in the last save are not redone."""
        self._lines = {
            address: (entry, self._line(address, entry))
            for address, entry in state.resources.items()
        }
        key = None if self._passphrase is not None or state.key is None else state.key.hex()
        server = state.server
        parts = {
            "format_version": canonical(CURRENT),
            "kcplan_version": canonical(__version__),
            "lineage": canonical(state.lineage),
            "serial": canonical(state.serial),
            "server": canonical(server and {"url": server.url, "version": server.version}),
            "updated_at": canonical(disk.now()),
            "secret_key": canonical(key),
        }
        if state.own_accounts:
            parts["own_accounts"] = canonical([_account(item) for item in state.own_accounts])
        lines = [line for _, (_, line) in sorted_by_address(self._lines)]
        return b"".join(map(encode, _layout(parts, lines)))

    def _line(self, address: Address, entry: ResourceState) -> str:
        before, line = self._lines.get(address, (None, ""))
        return line if before is entry else canonical(entry_to_document(entry))

    def _unusable(self, error: "_UnusableError") -> StateError:
        detail = f"{self.path}: {error.detail} {self._way_out(error)}"
        return StateError(error.summary, detail.rstrip())

    def _way_out(self, error: "_UnusableError") -> str:
        try:
            before = parse(read_regular(self.backup))
        except (OSError, _UnusableError):
            return "" if error.intact else _NO_BACKUP
        command = f"cp {shlex.quote(str(self.backup))} {shlex.quote(str(self.path))}"
        return (
            f"The state before it (serial {before.serial}) is in {self.backup}. To go back to "
            f"it, run `{command}`, then `kcplan plan` to see what it does not know of."
        )


_NO_BACKUP = (
    "There is no usable backup beside it. Bring the file back from where you keep copies of it. "
    "Without a state, kcplan takes what is in Keycloak for somebody else's: it adopts what the "
    "files declare, and deletes nothing."
)


def _layout(parts: dict[str, str], lines: list[str]) -> Iterator[str]:
    """The file's text, in pieces: a field a line, a resource a line, and the checksum of it all."""
    made = checksum(spread({**parts, "resources": lines}, str))
    yield "{\n"
    yield from (f'  "{name}": {text},\n' for name, text in parts.items())
    yield '  "resources": ['
    for number, line in enumerate(lines):
        yield ",\n    " if number else "\n    "
        yield line
    yield "\n  ],\n" if lines else "],\n"
    yield f'  "checksum": {canonical(made)}\n}}\n'


def _is_whole(text: str, fits: object) -> bool:
    """Whether a text is certainly as `_layout` made it: it need not be encoded again to see that.

    A line break within a value would be an escape, so what is taken out is white space. A line that
    has more than a checksum, or a name that was there before, is none of that layout.
    """
    head, *fields = text.removeprefix("{").removesuffix("\n}\n").split('\n  "')
    parts: dict[str, str] = {}
    for item in fields:
        name, _, value = item.removesuffix(",").partition('": ')
        parts[name] = value.replace("\n    ", "").replace("\n  ]", "]")
    if head or len(parts) != len(fields) or parts.pop("checksum", None) != f'"{fits}"':
        return False
    return fits == checksum(spread(parts, str))


class _UnusableError(Exception):
    """The bytes are no state that this kcplan can use; `intact` ones are for another kcplan."""

    def __init__(self, summary: str, detail: str, *, intact: bool = False) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.intact = intact


def parse(data: bytes) -> State:
    """The state in the bytes of a file."""
    document, whole = _json(data)
    version = document.get("format_version")
    if type(version) is not int or "lineage" not in document:
        raise _UnusableError(
            "the state file is not a state of kcplan",
            "It is JSON, but has no `format_version` and `lineage`. Does --state name the right "
            "file?",
        )
    if version > CURRENT:
        raise _UnusableError(
            "the state file was written by a newer kcplan",
            f"It has format {version}, written by kcplan {document.get('kcplan_version')}; this "
            f"is kcplan {__version__}, which knows formats up to {CURRENT}. Use that version.",
            intact=True,
        )
    if version != CURRENT and version not in MIGRATIONS:
        raise _UnusableError(
            "the state file has a format that never was", f"There is no format {version}."
        )
    if not whole:
        _require_checksum(document)
    try:
        return _state(structure(migrate(document), StateDocument))
    except (ValueError, TypeError, KeyError) as error:
        raise _UnusableError(
            "the state file is damaged",
            f"Its checksum fits, its content does not: {error}.",
        ) from None


def _json(data: bytes) -> tuple[dict[str, Any], bool]:
    """The document in the bytes of a file, and whether it is certainly as kcplan wrote it."""
    if not data:
        raise _UnusableError("the state file is empty", "It has 0 bytes.")
    try:
        text = decode(data)
        document = json.loads(text)
    except UnicodeDecodeError as error:
        raise _UnusableError(
            "the state file is not text", f"Byte {error.start} is not UTF-8."
        ) from None
    except (ValueError, RecursionError) as error:
        raise _UnusableError(
            "the state file is not valid JSON",
            f"It was cut off or edited: {error}.",
        ) from None
    if not isinstance(document, dict):
        raise _UnusableError(
            "the state file is not a state of kcplan",
            "It is JSON, but not an object. Does --state name the right file?",
        )
    if is_too_deep(document):
        raise _UnusableError("the state file is not a state of kcplan", "It is nested too deeply.")
    return document, _is_whole(text, document.get("checksum"))


def _require_checksum(document: dict[str, Any]) -> None:
    content = {name: value for name, value in document.items() if name != "checksum"}
    try:
        fits = document.get("checksum") == checksum(spread(content, canonical))
    except (ValueError, RecursionError):  # NaN, or deeper than anything that kcplan writes
        fits = False
    if not fits:
        raise _UnusableError(
            "the state file was changed by hand or damaged",
            "Its content does not fit its checksum. Use `kcplan state rm` and `kcplan state mv` "
            "to change a state.",
        )


def _entry(number: int, document: object) -> ResourceState:
    try:
        return entry_from_document(document)
    except ValueError as error:
        raise ValueError(f"resource {number}: {error}") from None


def _state(document: StateDocument) -> State:
    entries = [_entry(number, item) for number, item in enumerate(document.resources, 1)]
    resources = {entry.address: entry for entry in entries}
    if len(resources) != len(entries):
        raise ValueError("two resources have the same address")
    return State(
        lineage=document.lineage,
        serial=document.serial,
        server=document.server,
        resources=resources,
        key=None if document.secret_key is None else bytes.fromhex(document.secret_key),
        own_accounts=document.own_accounts,
    )


def _account(item: OwnAccount) -> dict[str, Any]:
    return {"user": item.user, "client": item.client, "seconds": item.seconds}
