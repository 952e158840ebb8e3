"""What a type makes of a document in which an export spreads out what belongs together."""

from collections.abc import Callable, Mapping
from typing import Any

from attrs import field

from kcplan.classes import frozen

Place = tuple[str | int, ...]
"""The keys and indices from the top of a document to a value in it."""


@frozen
class Unsound:
    """Something in a section that cannot be brought to where it belongs, and why.

    `harmless` is what nothing depends on: a note, and no error. `left_out` is what a newer server
    may know: a warning, of which `kcplan.versions.judged` makes an error for others.
    """

    place: Place
    summary: str
    detail: str
    code: str = "wrong-type"
    harmless: bool = False
    left_out: bool = False


@frozen
class Gathered:
    """A document with everything at the resource that it belongs to.

    Attributes:
        data: The document.
        moved: For values that were brought elsewhere, where each stood.
        extending: The places of tables that were made for what was gathered: they only add to a
            resource, which something else must declare or Keycloak must have.
        unsound: What could not be gathered. It is not in the document any more.
    """

    data: Mapping[str, Any]
    moved: Mapping[Place, Place] = field(factory=dict)
    extending: frozenset[Place] = frozenset()
    unsound: tuple[Unsound, ...] = ()


Gather = Callable[[Mapping[str, Any]], Gathered]
Scatter = Callable[[Mapping[str, Any]], Mapping[str, Any]]
