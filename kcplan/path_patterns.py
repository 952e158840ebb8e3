"""Patterns of paths: one field of a resource, or a family of fields."""

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Final, Self

from kcplan.diagnostics import Path

Pattern = tuple[str, ...]
"""A path with `*` in its segments, for a field or a family of fields."""


_MANY: Final = 5_000
"""More answers than these are not kept, since what has so many paths names them after objects."""


class Patterns(tuple[Pattern, ...]):  # noqa: SLOT001 - it has more than its items
    """Patterns that are asked about the fields of many objects: the same few, again and again."""

    _known: dict[Path, bool]
    _firsts: frozenset[str]
    _open: bool

    def __new__(cls, patterns: Iterable[Pattern] = ()) -> Self:
        """The same patterns, with what they answered before."""
        made = super().__new__(cls, patterns)
        made._known = {}
        made._firsts = frozenset(item[0] for item in made if item)
        made._open = any(not item or "*" in item[0] for item in made)
        return made

    def match(self, path: Path) -> bool:
        """Whether a path lies at or below one of them."""
        if not self._open and (not path or path[0] not in self._firsts):
            return False
        found = self._known.get(path)
        if found is None:
            found = _matches(path, self)
            if len(self._known) < _MANY:
                self._known[path] = found
        return found


def path_matches(path: Path, patterns: Sequence[Pattern]) -> bool:
    """Whether a path lies at or below one of the patterns."""
    return patterns.match(path) if isinstance(patterns, Patterns) else _matches(path, patterns)


def _matches(path: Path, patterns: Sequence[Pattern]) -> bool:
    # A loop, since generators take longer than the question.
    for pattern in patterns:
        if len(path) >= len(pattern):
            for segment, wanted in zip(path, pattern, strict=False):
                if segment != wanted and not ("*" in wanted and fnmatchcase(segment, wanted)):
                    break
            else:
                return True
    return False
