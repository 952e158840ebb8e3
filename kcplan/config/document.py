"""A configuration file as it is read: its values, and the place of each.

A file is one document. In YAML it may be several, each after a line `---`.
"""

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from attrs import evolve, field

from kcplan.classes import frozen
from kcplan.config.contents import UnusableFileError, refuse_system_file
from kcplan.config.json_reader import read_json
from kcplan.config.positions import Mark, Place, Positions
from kcplan.config.syntax import Parsed, SyntaxProblemError, check_values
from kcplan.diagnostics import Diagnostic, Source, error
from kcplan.errors import ConfigError


def _read_toml(text: str) -> list[Parsed]:
    from kcplan.config.toml_reader import read_toml

    return [read_toml(text)]


def _read_json(text: str) -> list[Parsed]:
    return [read_json(text)]


def _read_yaml(text: str) -> list[Parsed]:
    from kcplan.config.yaml_reader import read_yaml

    return read_yaml(text)


Reader = Callable[[str], list[Parsed]]
"""Reads the documents of a text in one format. Raises SyntaxProblemError."""

READERS: Final[Mapping[str, Reader]] = {
    ".toml": _read_toml,
    ".json": _read_json,
    ".yaml": _read_yaml,
    ".yml": _read_yaml,
}
"""The readers, by the ending of the file's name."""


@frozen(eq=False)
class Document:
    """A file that was read.

    Attributes:
        file: Its name, as messages have it.
        folder: Where it lies; relative paths in it start here.
        data: Its values, a table.
        positions: Their places.
        moved: For values that were gathered elsewhere, where they stand in the file.
        extending: The places of tables that only add to a resource; see `kcplan.gathered`.
        tenant: The tenant that it is of, where it comes from a file of `[[realms]]`.
        renamed: For keys that are the tenant's, where each stands in the file.
        layer: Which layer of overlays it is in, from 1; 0 where it is no overlay.
        unquoted: The offsets of placeholders that were read as if they had quotes.
    """

    file: str
    folder: Path
    data: Mapping[str, Any] = field(repr=False)
    positions: Positions = field(repr=False)
    moved: Mapping[Place, Place] = field(factory=dict, repr=False)
    extending: frozenset[Place] = frozenset()
    tenant: str = ""
    renamed: Mapping[Place, Place] = field(factory=dict, repr=False)
    layer: int = 0
    unquoted: tuple[int, ...] = ()

    @cached_property
    def places(self) -> "Document":
        """The same without its values, for whoever asks for places when nobody needs those."""
        return evolve(self, data={})

    def source(self, place: Place = ()) -> Source:
        """The place of a value, for a message."""
        place = self._written(place)
        line, column = self.positions.locate(place)
        return Source(self.file, line, column, place, self.tenant)

    def unlocated(self, place: Place) -> Source:
        """The same without line and column, which it takes reading the text once more to know."""
        return Source(self.file, path=self._written(place), tenant=self.tenant)

    def whole(self) -> Source:
        """The file, without a place in it."""
        return Source(self.file, tenant=self.tenant)

    def _written(self, place: Place) -> Place:
        """Where a value stands in the file."""
        return _before(_before(place, self.moved), self.renamed)


def _before(place: Place, moved: Mapping[Place, Place]) -> Place:
    """Where a value was before it, or something around it, was moved."""
    for size in range(len(place), 0, -1) if moved else ():
        if place[:size] in moved:
            return (*moved[place[:size]], *place[size:])
    return place


REALM_FILE: Final = 'A realm file is one table: `{"realm": "my-realm", …}`.'
"""What a file is that nobody says anything else of."""


def read_document(path: Path, *, may_be_empty: bool = False, what: str = REALM_FILE) -> Document:
    """Read a file that is one document, in the format that its ending names.

    Args:
        path: The file.
        may_be_empty: Whether a file with nothing in it is an empty table, and no mistake.
        what: What such a file is, for whoever wrote something else at its top.

    Raises:
        ConfigError: The file cannot be read, or is not what its ending says.
    """
    return parse_document(path, read_text(path), may_be_empty=may_be_empty, what=what)


def parse_document(
    path: Path,
    text: str,
    *,
    may_be_empty: bool = False,
    read: Callable[[str], Parsed] | None = None,
    what: str = REALM_FILE,
) -> Document:
    """The one document that a file with this text is; see `parse_documents`."""
    alone: Reader | None = None if read is None else lambda each: [read(each)]
    return parse_documents(path, text, may_be_empty=may_be_empty, read=alone, what=what)[0]


def read_documents(path: Path) -> list[Document]:
    """Read all documents of a file. Raises ConfigError, as `read_document` does."""
    return parse_documents(path, read_text(path))


def parse_documents(
    path: Path,
    text: str,
    *,
    may_be_empty: bool = False,
    read: Reader | None = None,
    what: str = REALM_FILE,
) -> list[Document]:
    """The documents that a file with this text is.

    Args:
        path: The file.
        text: Its text.
        may_be_empty: Whether a file with nothing in it is an empty table, and no mistake.
        read: Its format; the one that its ending names, unless it is given.
        what: What such a file is, for whoever wrote something else at its top.

    Raises:
        ConfigError: The text is not in its format.
    """
    file = str(path)
    try:
        if not text.strip() and not may_be_empty:
            raise _empty()
        found = (read or READERS[path.suffix.lower()])(text)
    except SyntaxProblemError as problem:
        raise ConfigError([_diagnostic(problem, file, Positions(text, _no_marks))]) from None
    documents = []
    for parsed in found:
        positions = Positions(text, parsed.marks)
        try:
            _check(parsed.data, what)
        except SyntaxProblemError as problem:
            raise ConfigError([_diagnostic(problem, file, positions)]) from None
        documents.append(
            Document(file, path.parent, parsed.data, positions, unquoted=parsed.unquoted)
        )
    return documents


def without_quotes(
    document: Document, told: Callable[[str, int], bool] = lambda _text, _offset: False
) -> Iterator[Diagnostic]:
    """An error for each placeholder without quotes, where none is replaced.

    Args:
        document: The document.
        told: Whether something is said of the one at an offset of a text anyway.
    """
    for offset in document.unquoted:
        if told(document.positions.text, offset):
            continue
        line, column = document.positions.line_and_column(offset)
        yield error(
            "unknown-placeholder",
            "`$(…)` without quotes is a placeholder of keycloak-config-cli, and not replaced",
            'In realm files, set `substitution = "keycloak-config-cli"` in the section `[config]` '
            'of kcplan.toml, or write `"${env:NAME}"`. Elsewhere, write the value out.',
            source=Source(document.file, line, column, tenant=document.tenant),
        )


def _empty() -> SyntaxProblemError:
    return SyntaxProblemError(
        "the file is empty", "A realm file has at least the key `realm`, with its name."
    )


def _check(data: Any, what: str) -> None:
    """Refuse what is no document. Raises SyntaxProblemError."""
    if not isinstance(data, dict):
        raise _no_table(data, what)
    check_values(data)


def _no_table(data: Any, advice: str) -> SyntaxProblemError:
    held = "a list" if isinstance(data, list) else "no table"
    if isinstance(data, list) and advice == REALM_FILE:
        advice += (
            " An export of several realms is a list: put each into a file of its own, as "
            "`kc.sh export --dir` does."
        )
    return SyntaxProblemError(
        f"the file holds {held} at its top", advice, place=(), code="wrong-type"
    )


def read_text(path: Path) -> str:
    """The text of a file, lines ending with a newline only, without a byte order mark.

    Raises ConfigError where it is no regular file in UTF-8, or one that the system makes up: what
    is wrong in a file is told with pieces of it, and `/proc/self/environ` is the environment.
    """
    try:
        refuse_system_file(path)
        if not path.is_file():
            raise ConfigError([unreadable(path, "it is not a regular file")])
        content = path.read_bytes()
    except UnusableFileError as problem:
        raise ConfigError([unreadable(path, str(problem))]) from None
    except OSError as problem:
        raise ConfigError([unreadable(path, problem.strerror or "it cannot be read")]) from None
    return decoded(path, content)


def decoded(path: Path, content: bytes) -> str:
    """The text that a file with these bytes has. Raises ConfigError."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = problem.object.count(b"\n", 0, problem.start) + 1
        raise ConfigError(
            [
                error(
                    "syntax-error",
                    "the file is not text in UTF-8",
                    "Save it as UTF-8. If it is no text at all, leave it out.",
                    source=Source(str(path), line),
                )
            ]
        ) from None
    return text.replace("\r\n", "\n")


def unreadable(path: Path, reason: str) -> Diagnostic:
    """That a file cannot be read, and why."""
    return error(
        "unreadable-file",
        f"the file cannot be read: {reason[:1].lower()}{reason[1:]}",
        "Check that it is there, and its permissions.",
        source=Source(str(path)),
    )


def _diagnostic(problem: SyntaxProblemError, file: str, positions: Positions) -> Diagnostic:
    source = Source(file)
    if problem.place is not None:
        source = Source(file, *positions.locate(problem.place), problem.place)
    elif problem.offset is not None:
        source = Source(file, *positions.line_and_column(problem.offset))
    return error(problem.code, problem.summary, problem.detail, source=source)


def _no_marks() -> Mark:
    raise AssertionError("a text that could not be read has no places")
