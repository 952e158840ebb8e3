"""What a server offers by name, and which fields hold such names. Values, and nothing else.

A server lists the names that it knows: kinds of identity providers, themes, password policies and
so on. Kinds are the provider's words; the engine only shows them.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from attrs import field

from kcplan.classes import frozen
from kcplan.diagnostics import Path

OFF: Final = "feature that is off"
"""The kind of the features that a server could have, and runs without."""


@frozen
class Offered:
    """What a server offers.

    Attributes:
        version: The server's version; None where it does not tell.
        names: For each kind, the names by the group that they belong to; `""` where they are in
            none. A kind that the server does not list is missing.
    """

    version: str | None = None
    names: Mapping[str, Mapping[str, frozenset[str]]] = field(factory=dict)

    def of(self, kind: str, group: object = None) -> frozenset[str] | None:
        """The names of a kind: those of the group if there is one; None where none are known."""
        groups = self.names.get(kind)
        if groups is None:
            return None
        if isinstance(group, str) and group in groups:
            return groups[group]
        return frozenset[str]().union(*groups.values())


@frozen
class Seen:
    """What a server offered when it was asked last.

    Attributes:
        url: The server.
        day: When that was, as `2026-01-31`, in UTC.
        offered: What it offered.
    """

    url: str
    day: str
    offered: Offered


def plain(value: Any) -> Iterable[str]:
    """The names in a value that is a name, or a list of names. An empty text is none."""
    items = value if isinstance(value, list) else (value,)
    return (item for item in items if isinstance(item, str) and item)


@frozen
class Listed:
    """That a field holds names which the server lists.

    Attributes:
        path: The field, with `*` for any name.
        kind: The kind, in the words of a message: `event listener`.
        beside: The field beside it that says to which group its names belong, where one does.
        of: The field of the resource that says so, where it is not beside the names.
        names: The names in a value of the field.
        keys: Whether the last segment of the path is the name, and not the value.
        always: The names, where all servers have the same and list them nowhere.
        binding: Whether a name that is not listed is wrong for certain; else it is a warning.
    """

    path: Path
    kind: str
    beside: str = ""
    of: str = ""
    names: Callable[[Any], Iterable[str]] = plain
    keys: bool = False
    always: frozenset[str] | None = None
    binding: bool = True

    def names_at(self, path: Path, value: Any) -> tuple[str, ...]:
        """The names in a field with this value, each once."""
        if not value:
            return ()
        return (path[-1],) if self.keys else tuple(dict.fromkeys(self.names(value)))


class Fields:
    """Finds out for a path what it holds, fast: most paths hold nothing of the kind."""

    def __init__(self, listed: Iterable[Listed]) -> None:
        self.first: set[str] = set()
        """The first segments of all paths that hold something."""
        self._exact: dict[Path, Listed] = {}
        self._families: dict[tuple[str, int], list[Listed]] = {}
        for item in listed:
            self.first.add(item.path[0])
            if "*" in item.path:
                self._families.setdefault((item.path[0], len(item.path)), []).append(item)
            else:
                self._exact[item.path] = item

    def at(self, path: Path) -> Listed | None:
        """What a field holds; None where it is nothing that servers list."""
        found = self._exact.get(path)
        if found is not None:
            return found
        family = self._families.get((path[0], len(path)), ())
        return next((item for item in family if _fits(path, item.path)), None)


def _fits(path: Path, pattern: Path) -> bool:
    return all(want in ("*", part) for part, want in zip(path, pattern, strict=True))
