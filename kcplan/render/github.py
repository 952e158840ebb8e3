"""What was found in files as workflow commands of GitHub Actions: it shows each at its line."""

from collections.abc import Iterator, Mapping
from os.path import normpath, relpath
from pathlib import Path
from typing import Final

from kcplan.diagnostics import Severity, Source
from kcplan.offline import Validation
from kcplan.render.findings import Finding, findings
from kcplan.render.values import safe
from kcplan.risk import Level

_COMMANDS: Final[Mapping[Severity | Level, str]] = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "notice",
    Level.DANGER: "error",
    Level.CAUTION: "warning",
}


def github_lines(found: Validation, folder: Path) -> Iterator[str]:
    """A workflow command for each finding that is not silenced.

    Args:
        found: What was found.
        folder: The folder that the repository is checked out to.
    """
    for item in findings(found):
        if not item.reason:
            yield _line(item, folder)


def _line(item: Finding, folder: Path) -> str:
    properties = [*_place(item.source, folder), f"title={_escaped(item.code, ':,')}"]
    summary = f"{item.summary} ({item.where})" if item.where else item.summary
    text = "\n".join(filter(None, (summary, item.detail)))
    message = "\n".join(map(safe, text.split("\n")))
    return f"::{_COMMANDS[item.level]} {','.join(properties)}::{_escaped(message)}"


def _place(source: Source | None, folder: Path) -> Iterator[str]:
    if source is None:
        return
    file = Path(source.file)
    place = relpath(file.absolute(), folder.absolute())
    yield f"file={_escaped(Path(normpath(place)).as_posix(), ':,')}"
    if source.line is not None:
        yield f"line={source.line}"
    if source.column is not None:
        yield f"col={source.column}"


def _escaped(text: str, more: str = "") -> str:
    """The text as a workflow command can hold it; else it could end the command, or begin one."""
    for character in "%\r\n" + more:
        text = text.replace(character, f"%{ord(character):02X}")
    return text
