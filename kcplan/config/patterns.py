"""Following the patterns of fields (`Pattern`) down a document, one segment at a time."""

from fnmatch import fnmatchcase
from functools import cache, lru_cache
from typing import Final

from kcplan.path_patterns import Pattern


@lru_cache(maxsize=65536)
def _matches(segment: str, pattern: str) -> bool:
    return segment == pattern or ("*" in pattern and fnmatchcase(segment, pattern))


def narrow(patterns: tuple[Pattern, ...], segment: str) -> tuple[Pattern, ...]:
    """What is left of the patterns below a segment; `()` stays, as all below it matches too."""
    if not patterns:
        return patterns
    return tuple(
        pattern[1:] for pattern in patterns if not pattern or _matches(segment, pattern[0])
    )


class Below:
    """Patterns, and what is left of them below each segment: the same few ways, again and again."""

    __slots__ = ("_below", "_firsts", "_open", "_patterns", "ended")

    def __init__(self, patterns: tuple[Pattern, ...]) -> None:
        self._patterns = patterns
        self._firsts = frozenset(pattern[0] for pattern in patterns if pattern)
        self._open = () in patterns or any("*" in first for first in self._firsts)
        self._below: dict[str, Below] = {}
        self.ended = () in patterns
        """Whether one of the patterns has been followed to its end."""

    def at(self, segment: str) -> "Below":
        """What is left of the patterns below a segment."""
        if segment not in self._firsts:
            return following(narrow(self._patterns, segment)) if self._open else NOTHING
        found = self._below.get(segment)
        if found is None:
            found = self._below[segment] = following(narrow(self._patterns, segment))
        return found


@cache
def following(patterns: tuple[Pattern, ...]) -> Below:
    """The patterns, to be followed down many documents."""
    return Below(patterns)


NOTHING: Final = following(())
"""No pattern is left; there is no other such object."""
