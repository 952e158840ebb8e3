"""What new objects have in older versions of Keycloak, where it is not what the types say.

The types say it of Keycloak 26.7 (`TypeSpec.defaults`, `born` and `origin`). What an older version
has otherwise is in `versions.json`. `make versions` writes that: it starts each version, and looks.
"""

import json
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from attrs import field

from kcplan.classes import frozen
from kcplan.newer_fields import unknown
from kcplan.schema import Leaves
from kcplan.snapshot import LiveObject
from kcplan.versions import KNOWN, numbers, tells
from kcplan_keycloak.resources import registry

Name = tuple[str, ...]
"""The segments of an address below the realm."""

_FILE: Final = "versions.json"


@frozen
class Difference:
    """What some new objects have otherwise.

    Attributes:
        type: The word for their type.
        name: The one that is meant, of those that Keycloak makes by itself; empty for all.
        like: Fields that they have; others are not meant.
        fields: What they have in the fields that differ; None for one that they do not have.
    """

    type: str
    name: Name = ()
    like: Mapping[str, Any] = field(factory=dict)
    fields: Leaves = field(factory=dict)

    def is_of(self, live: LiveObject) -> bool:
        """Whether the object is one of those."""
        if live.type != self.type or self.name not in ((), live.address.segments[1:]):
            return False
        return all(live.leaves.get((key,)) == value for key, value in self.like.items())


@frozen
class Table:
    """How new realms of a version differ from those of the version that the types know.

    Attributes:
        differences: What new objects have otherwise.
        not_made: What Keycloak does not make by itself there.
    """

    differences: tuple[Difference, ...] = ()
    not_made: frozenset[Name] = frozenset()

    def of(self, live: LiveObject) -> Leaves:
        """What a new object like this one has otherwise."""
        found = (item.fields for item in self.differences if item.is_of(live))
        return {path: value for fields in found for path, value in fields.items()}


NOTHING: Final = Table()


def table(version: str | None) -> Table:
    """The table for a server's version; an empty one for the version of the types, and others."""
    return _tables().get(numbers(version)[:2], NOTHING) if tells(version) else NOTHING


def is_known(version: str | None, realm: LiveObject) -> bool:
    """Whether kcplan knows what new objects have there.

    Args:
        version: The server's version; None where nobody tells it.
        realm: A realm there, which tells whether it is an older one.
    """
    if not tells(version):
        return not unknown(registry()[realm.type], None, realm)
    return numbers(version)[:2] in known()


def known() -> tuple[tuple[int, ...], ...]:
    """The versions of which kcplan knows that, oldest first: two numbers each."""
    return (*sorted(_tables()), KNOWN)


@cache
def _tables() -> Mapping[tuple[int, ...], Table]:
    document = json.loads(files(__package__).joinpath(_FILE).read_text(encoding="utf-8"))
    return {numbers(version)[:2]: _table(found) for version, found in document.items()}


def _table(document: Mapping[str, Any]) -> Table:
    return Table(
        tuple(map(_difference, document["differences"])),
        frozenset(map(tuple, document["not made"])),
    )


def _difference(document: Mapping[str, Any]) -> Difference:
    return Difference(
        document["type"],
        tuple(document.get("name", ())),
        document.get("like", {}),
        {tuple(path): value for path, value in document["fields"]},
    )
