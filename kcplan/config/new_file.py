"""Where a new realm file goes, so that the patterns of `[config] files` find it."""

import glob
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path


def place_for(names: Iterable[str], patterns: Iterable[Path]) -> Path | None:
    """The place of a file with the first of these names that a pattern finds; None if none does."""
    names = tuple(names)
    places = (_place(name, pattern) for pattern in patterns for name in names)
    return next((place for place in places if place is not None), None)


def _place(name: str, pattern: Path) -> Path | None:
    if not glob.has_magic(str(pattern)):
        is_folder = pattern.is_dir() or not pattern.suffix
        return pattern / name if is_folder else pattern if pattern.name == name else None
    folders, last = list(pattern.parts[:-1]), pattern.name
    while folders and folders[-1] == "**":
        folders.pop()
    fits = last == "**" or fnmatchcase(name, last)
    return Path(*folders, name) if fits and not glob.has_magic("/".join(folders)) else None
