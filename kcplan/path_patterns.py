"""Patterns of paths: one field of a resource, or a family of fields."""

from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Final, Self

from kcplan.diagnostics import Path

Pattern = tuple[str, ...]
"""A path with `*` in its segments, for a field or a family of fields."""


_MANY: Final = 20_000
"""More answers than these are not kept: what has so many paths names them after its objects."""


class Patterns(tuple[Pattern, ...]):  # noqa: SLOT001 - it has more than its items
    """Patterns that are asked about the fields of many objects: few may fit any one of those."""

    _families: Mapping[str, tuple[Pattern, ...]]
    _any: tuple[Pattern, ...]
    _answers: dict[Path, bool]

    def __new__(cls, patterns: Iterable[Pattern] = ()) -> Self:
        """The same patterns, sorted by the field that each is about."""
        made = super().__new__(cls, patterns)
        made._answers = {}
        made._any = tuple(item for item in made if not item or "*" in item[0])
        fields = {item[0] for item in made if item and "*" not in item[0]}
        made._families = {
            field: tuple(item for item in made if item in made._any or item[0] == field)
            for field in fields
        }
        return made

    def about(self, path: Path) -> tuple[Pattern, ...]:
        """Those that may fit a path, by its first segment."""
        return self._families.get(path[0], self._any) if path else self._any

    def match(self, path: Path) -> bool:
        """Whether a path lies at or below one of them; it is found out once, while they are few."""
        known = self._answers.get(path)
        if known is None:
            known = path_matches(path, self.about(path))
            if len(self._answers) < _MANY:
                self._answers[path] = known
        return known


def path_matches(path: Path, patterns: Sequence[Pattern]) -> bool:
    """Whether a path lies at or below one of the patterns."""
    if isinstance(patterns, Patterns):
        return patterns.match(path)
    # Asked for each field of each object: a loop, since generators take longer than the question.
    for pattern in patterns:
        if len(path) >= len(pattern):
            for segment, wanted in zip(path, pattern, strict=False):
                if segment != wanted and not ("*" in wanted and fnmatchcase(segment, wanted)):
                    break
            else:
                return True
    return False
