"""Diagnostics: what kcplan has to say about a configuration, and where in which file.

A diagnostic is a terse summary, then full sentences: what is wrong, why, how to fix it. Its code
is stable, kebab-case, and has an explanation in `kcplan.catalogue` (`kcplan explain CODE`).
"""

from collections.abc import Iterable
from enum import StrEnum

from kcplan.address import Address
from kcplan.classes import frozen

Path = tuple[str, ...]
"""Where in a representation a value stands: field, then map key or entry name, and so on."""

Place = tuple[str | int, ...]
"""The same, and items of lists by their positions, which count from 0."""


class Severity(StrEnum):
    """How much a diagnostic weighs. Only an error stops a command."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@frozen(order=True)
class Source:
    """A place in a configuration file. `line` and `column` count from 1; None is "not known".

    `tenant` is the one that the file was read for, where it is one of `[[realms]]`.
    """

    file: str
    line: int | None = None
    column: int | None = None
    path: Place = ()
    tenant: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        place = place if self.column is None else f"{place}:{self.column}"
        return f"{place} (tenant {self.tenant})" if self.tenant else place


@frozen
class Diagnostic:
    """One finding.

    Attributes:
        severity: An error stops the command; a warning or a note does not.
        code: Its stable name, as in `kcplan explain CODE`.
        summary: What is wrong, in one line without a full stop.
        detail: Why, and how to fix it, in full sentences.
        address: The resource that it is about.
        path: The field within the resource.
        source: The place in the files.
        several: What is said of more than one finding of this kind, after their number. Persons
            get those as one finding, programs one by one.
        subject: What this one is about, in such a list; where it is empty, path and address.
    """

    severity: Severity
    code: str
    summary: str
    detail: str = ""
    address: Address | None = None
    path: Place = ()
    source: Source | None = None
    several: str = ""
    subject: str = ""


def error(code: str, summary: str, detail: str = "", **where: object) -> Diagnostic:
    """A diagnostic that stops the command. `where` is address, path, source, several, subject."""
    return Diagnostic(Severity.ERROR, code, summary, detail, **where)  # type: ignore[arg-type]


def warning(code: str, summary: str, detail: str = "", **where: object) -> Diagnostic:
    """A diagnostic that the user should read, and that stops nothing."""
    return Diagnostic(Severity.WARNING, code, summary, detail, **where)  # type: ignore[arg-type]


def note(code: str, summary: str, detail: str = "", **where: object) -> Diagnostic:
    """A diagnostic that informs."""
    return Diagnostic(Severity.NOTE, code, summary, detail, **where)  # type: ignore[arg-type]


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Whether any of them is an error."""
    return any(item.severity is Severity.ERROR for item in diagnostics)


def by_place(item: Diagnostic) -> tuple[str, int, int]:
    """A key that sorts findings by their places in the files; those without one come first."""
    source = item.source
    return (source.file, source.line or 0, source.column or 0) if source else ("", 0, 0)
