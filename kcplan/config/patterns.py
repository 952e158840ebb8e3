"""Following the patterns of fields (`Pattern`) down a document, one segment at a time."""

from fnmatch import fnmatchcase
from functools import lru_cache

from kcplan.resource import Pattern


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


def at_or_below(patterns: tuple[Pattern, ...]) -> bool:
    """Whether one of the patterns has been followed to its end."""
    return () in patterns
