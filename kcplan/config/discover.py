"""Which files the PATHs of a command name.

A PATH is a file, a folder (searched with all that is in it) or a glob. In folders and globs,
hidden files, kcplan.toml, and files that are neither TOML, JSON nor YAML are left out.
"""

import glob
import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from kcplan.classes import frozen
from kcplan.config.document import READERS
from kcplan.errors import UsageError

SETTINGS_FILE: Final = "kcplan.toml"
"""The file with kcplan's own settings; it is not a realm file."""

_ENDINGS: Final = ", ".join(READERS)


@frozen
class Found:
    """A file to be read.

    Attributes:
        path: The file.
        named: Whether the user named it, and did not just name its folder.
        layer: Which layer of overlays it is in, from 1; 0 where it is no overlay.
    """

    path: Path
    named: bool = False
    layer: int = 0


class _UnusableError(Exception):
    """A PATH that names no file."""

    def __init__(self, summary: str, detail: str) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail


def discover(paths: Sequence[Path | str]) -> list[Found]:
    """The files that the paths name, each once, in order.

    Raises:
        UsageError: A path is missing, names no file, or cannot be read.
    """
    found: dict[str, Found] = {}
    unusable: list[_UnusableError] = []
    for path in paths:
        try:
            for item in _expand(str(path)):
                key = os.path.realpath(item.path)
                if key not in found or item.named:
                    found[key] = item
        except _UnusableError as problem:
            unusable.append(problem)
        except (OSError, ValueError) as problem:
            reason = problem.strerror if isinstance(problem, OSError) else str(problem)
            unusable.append(_UnusableError(f"{str(path)!r} cannot be read", f"{reason}."))
    if len(unusable) == 1:
        raise UsageError(unusable[0].summary, unusable[0].detail)
    if unusable:
        lines = "\n".join(f"- {problem.summary}. {problem.detail}" for problem in unusable)
        raise UsageError(f"{len(unusable)} paths cannot be used", lines)
    return list(found.values())


def _expand(text: str) -> Iterable[Found]:
    path = Path(text)
    if text and path.is_dir():
        return _some(_folder(path), f"the folder {text!r} has no configuration files")
    if text and path.exists():
        return [_file(path)]
    if glob.has_magic(text):
        return _some(_glob(text), f"the pattern {text!r} matches no configuration file")
    raise _UnusableError(
        f"{text!r} does not exist", "Name a file, a folder, or a pattern such as `realms/*.toml`."
    )


def _some(files: Iterator[Path], otherwise: str) -> list[Found]:
    found = [Found(path) for path in files]
    if not found:
        raise _UnusableError(otherwise, f"Configuration files end with one of {_ENDINGS}.")
    return found


def _file(path: Path) -> Found:
    if path.name == SETTINGS_FILE:
        raise _UnusableError(
            f"{str(path)!r} holds kcplan's own settings and is not a realm file",
            "Realm files stand beside it. `[config] files` in it says which.",
        )
    if path.suffix.lower() not in READERS:
        raise _UnusableError(
            f"{str(path)!r} is not a configuration file",
            f"Configuration files end with one of {_ENDINGS}.",
        )
    return Found(path, named=True)


def _folder(folder: Path) -> Iterator[Path]:
    """The configuration files in a folder and in the folders in it, sorted."""
    for here, folders, files in os.walk(folder, onerror=_raise):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if _counts(name):
                yield Path(here, name)


def _glob(pattern: str) -> Iterator[Path]:
    for match in sorted(glob.glob(pattern, recursive=True)):  # noqa: PTH207 - takes absolute ones
        path = Path(match)
        if path.is_dir():
            yield from _folder(path)
        elif _counts(path.name):
            yield path


def _counts(name: str) -> bool:
    return (
        not name.startswith(".") and name != SETTINGS_FILE and Path(name).suffix.lower() in READERS
    )


def _raise(problem: OSError) -> None:
    raise problem
