"""`for_each` of `[[realms]]`: the tenants, and what each is called.

They stand in kcplan.toml, or in a file: a table of tables in TOML or JSON, or CSV whose first line
names the columns. Every value is a text.
"""

import csv
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from io import StringIO
from pathlib import Path
from typing import Any, Final

from attrs import field

from kcplan.classes import frozen
from kcplan.config.contents import (
    OutsideFileError,
    OwnFileError,
    UnusableFileError,
    read_bytes,
)
from kcplan.config.document import Document, decoded, parse_document, unreadable, without_quotes
from kcplan.config.model import Tenants
from kcplan.config.positions import Mark
from kcplan.config.settings import Settings
from kcplan.config.syntax import Parsed, SyntaxProblemError
from kcplan.diagnostics import Diagnostic, Source, error
from kcplan.errors import ConfigError
from kcplan.schema import describe

NAME: Final = "name"
"""The key that each tenant has by itself."""

_WRONG: Final = "wrong-tenants"
_LARGEST: Final = 50_000_000
_WHAT: Final = 'It is one table with a table for each tenant: `{"acme": {"url": "…"}}`.'


@frozen
class Tenant:
    """A tenant.

    Attributes:
        name: What it is called.
        values: What `${each.KEY}` stands for, by key; with its name.
    """

    name: str
    values: Mapping[str, str] = field(repr=False)


def tenants_of(template: Tenants, settings: Settings, findings: list[Diagnostic]) -> list[Tenant]:
    """The tenants of a `[[realms]]`; what is wrong with them goes to the findings."""
    each, before = template.for_each, len(findings)
    try:
        if isinstance(each, Path):
            document = _document(each, settings)
            findings.extend(without_quotes(document))
            found = list(_of_table(document.data, document.source, findings))
            source: Source | None = Source(str(each))
        else:
            source = template.source
            table = each if isinstance(each, Mapping) else {name: {} for name in each}
            if len(table) < len(each):
                findings.append(_twice(each, source))
            found = list(_of_table(table, lambda _: source, findings))
    except ConfigError as problem:
        findings.extend(problem.diagnostics)
        return []
    if not found and len(findings) == before:
        summary = f"there is no tenant for {template.file}"
        findings.append(error(_WRONG, summary, "Name one, or remove `[[realms]]`.", source=source))
    return found


def _document(path: Path, settings: Settings) -> Document:
    """A file of tenants. Raises ConfigError."""
    suffix = path.suffix.lower()
    if suffix not in {".toml", ".json", ".csv"}:
        summary = "a file of tenants ends with .toml, .json or .csv"
        detail = "Correct `for_each` of `[[realms]]`."
        raise ConfigError([error(_WRONG, summary, detail, source=Source(str(path)))])
    read = _read_csv if suffix == ".csv" else None
    text = decoded(path, _content(path, settings))
    return parse_document(path, text, may_be_empty=True, read=read, what=_WHAT)


def _content(path: Path, settings: Settings) -> bytes:
    """What is in a file of tenants, under the rules of `${file:…}`: realms, and messages, show it.

    Raises ConfigError.
    """
    folders = (settings.folder, *settings.file_folders)
    try:
        return read_bytes(path, settings.own_files, folders, _LARGEST)
    except OutsideFileError:
        found = error(
            "file-outside",
            "the file is outside of the folders that files of tenants are taken from",
            "Those are the folder of kcplan.toml, and those that the variable KCPLAN_FILES names.",
            source=Source(str(path)),
        )
    except OwnFileError:
        found = error(
            "own-credential",
            "the file is one of kcplan's own, and no file of tenants",
            "It holds what kcplan logs in with, its settings or its state. Put the tenants into "
            "another file.",
            source=Source(str(path)),
        )
    except UnusableFileError as problem:
        found = unreadable(path, str(problem))
    raise ConfigError([found])


def _of_table(
    table: Mapping[str, Any],
    source: Callable[[tuple[str, ...]], Source | None],
    findings: list[Diagnostic],
) -> Iterator[Tenant]:
    for name, values in table.items():
        wrong = list(_wrong(name, values, source))
        findings.extend(wrong)
        if not wrong:
            yield Tenant(name, {**values, NAME: name})


def _wrong(
    name: str, values: Any, source: Callable[[tuple[str, ...]], Source | None]
) -> Iterator[Diagnostic]:
    if not name:
        yield error(_WRONG, "a tenant has no name", "Give it one.", source=source((name,)))
    if not isinstance(values, dict):
        summary = f"the tenant {name} must be a table, not {describe(values)}"
        yield error("wrong-type", summary, _WHAT, source=source((name,)))
        return
    for key, value in values.items():
        here = source((name, key))
        if key == NAME and value != name:
            yield error(
                _WRONG,
                f"the tenant {name} has a key `name` of its own",
                "`${each.name}` is the name of the tenant. Choose another key.",
                source=here,
            )
        elif not isinstance(value, str):
            yield error(
                "wrong-type",
                f"`{key}` of the tenant {name} must be a string, not {describe(value)}",
                "It takes the type of the field that it stands in. Put it into quotes.",
                source=here,
            )


def _twice(names: Iterable[str], source: Source | None) -> Diagnostic:
    twice = next(name for name, number in Counter(names).items() if number > 1)
    return error(
        "duplicate-definition",
        f"the tenant {twice} stands twice in `for_each`",
        "Remove one of them.",
        source=source,
    )


def _read_csv(text: str) -> Parsed:
    """The tenants of a CSV by their names. Raises SyntaxProblemError."""
    rows = csv.reader(StringIO(text, newline=""), strict=True)
    marks, data, columns = Mark(0), dict[str, dict[str, str]](), list[str]()
    starts, begins = _line_offsets(text), 0
    try:
        for row in rows:
            here, begins = starts[begins], rows.line_num
            if not columns:
                columns = _columns(row)
            elif row:
                values = _cells(columns, row, here)
                name = values.pop(NAME)
                if name in data:
                    raise SyntaxProblemError(
                        f"the tenant {name} stands twice",
                        "Remove one of the lines.",
                        offset=here,
                        code="duplicate-definition",
                    )
                data[name] = values
                marks.set(name, Mark(here))
    except csv.Error as problem:
        raise SyntaxProblemError(
            f"the CSV is broken: {problem}",
            "Cells with commas, quotes or line breaks stand in double quotes.",
            offset=starts[begins],
        ) from None
    return Parsed(data, lambda: marks)


def _line_offsets(text: str) -> list[int]:
    """The offset of each line, and of the end."""
    starts = [0]
    for line in text.splitlines(keepends=True):
        starts.append(starts[-1] + len(line))
    return starts


def _columns(row: list[str]) -> list[str]:
    columns = [cell.strip() for cell in row]
    if NAME not in columns or len({*columns}) < len(columns) or "" in columns:
        raise SyntaxProblemError(
            "the first line must name each column once, and one of them `name`",
            "As in `name,url`, and then a line for each tenant.",
            offset=0,
            code=_WRONG,
        )
    return columns


def _cells(columns: list[str], row: list[str], offset: int) -> dict[str, str]:
    if len(row) == len(columns):
        return dict(zip(columns, row, strict=True))
    at = columns.index(NAME)
    who = f"the tenant {row[at]}" if at < len(row) else "a tenant"
    plural = "" if len(row) == 1 else "s"
    raise SyntaxProblemError(
        f"{who} has {len(row)} cell{plural}, and the first line has {len(columns)}",
        "Each line has a cell for each column. An empty cell is an empty text.",
        offset=offset,
        code=_WRONG,
    )
