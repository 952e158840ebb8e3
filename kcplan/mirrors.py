"""Mirrors: entries of maps that only say again what a field says, as exports have them.

A realm's attribute `bruteForceProtected` is its field of that name: Keycloak has one value for
both, and where both are sent, the field counts.
"""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.secret import reveal


@frozen
class Mirror:
    """What an entry says again.

    Attributes:
        path: The field. A `*` in it stands for what the `*` of the entry's pattern stands for.
        kept: Whether Keycloak gives the entry back, beside the field.
        older: Whether older versions have the entry only, so that it counts where no file declares
            the field.
    """

    path: Path
    kept: bool = False
    older: bool = False


Mirrors = Mapping[Path, Mirror]
"""By the path of the entry; its last segment may have one `*`."""


def mirrored(mirrors: Mirrors, path: Path) -> Mirror | None:
    """What an entry says again, if it does."""
    if path in mirrors:
        return mirrors[path]
    for pattern, mirror in mirrors.items():
        before, star, after = pattern[-1].partition("*")
        middle = path[-1][len(before) : len(path[-1]) - len(after)]
        if star and middle and path == (*pattern[:-1], f"{before}{middle}{after}"):
            field = tuple(part.replace("*", middle) for part in mirror.path)
            return evolve(mirror, path=field)
    return None


def says(entry: Any, value: Any) -> bool:
    """Whether an entry, which is a text, says the same as the value of a field.

    An empty one says that the field is off, or has no value.
    """
    entry, value = reveal(entry), reveal(value)
    if not entry:
        return not value
    if isinstance(value, list):
        return set(filter(None, str(entry).split(","))) == set(map(str, value))
    return as_entry(entry) == as_entry(value)


def as_entry(value: Any) -> str:
    """The text of an entry that says the same as a field."""
    value = reveal(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return ",".join(map(str, value))
    return "" if value is None else str(value)
