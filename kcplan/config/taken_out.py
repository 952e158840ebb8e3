"""`null` in an overlay: a field that is taken out of the configuration, and no longer managed.

Elsewhere `null` is a value, "absent", which kcplan would write. So an overlay's document is read
without its nulls, and each becomes a leaf of its own kind, which `kcplan.config.overlays` follows.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from attrs import field

from kcplan.classes import frozen
from kcplan.config.document import Document
from kcplan.config.positions import Place
from kcplan.config.resolve import name_in, shape_of
from kcplan.diagnostics import Diagnostic, Path, error
from kcplan.schema import Flat, check, dotted
from kcplan.shapes import MapOf, Named, Object, Shape


@frozen
class _NotManaged:
    """Stands for the value of a field that is taken out."""


NOT_MANAGED: Final = _NotManaged()
"""The leaf of a field that an overlay takes out."""


@frozen
class Filled:
    """A leaf that an overlay does not name: it stands beside others that leave it no entries."""

    value: Any


@frozen
class _Rest:
    """What is left of an overlay's document without its nulls.

    Attributes:
        out: The fields that have null, and where each stands.
        emptied: Tables that had nothing but such fields, and where each stands.
    """

    out: dict[Path, Place] = field(factory=dict)
    emptied: dict[Path, Place] = field(factory=dict)

    def table(
        self, shape: Shape, table: Mapping[str, Any], path: Path, place: Place
    ) -> dict[str, Any]:
        """A table without its nulls."""
        kept: dict[str, Any] = {}
        for key, item in table.items():
            here, there = (*path, key), (*place, key)
            if item is None:
                self.out[here] = there
            else:
                kept[key] = self._value(shape_of(shape, key), item, here, there)
        return kept

    def _value(self, shape: Shape, value: Any, path: Path, place: Place) -> Any:
        if isinstance(shape, Object | MapOf) and isinstance(value, dict):
            kept = self.table(shape, value, path, place)
            if value and not kept:
                self.emptied[path] = place
            return kept
        if isinstance(shape, Named) and isinstance(value, list):
            return [
                self._entry(shape, item, (*path, name), (*place, index))
                if (name := name_in(shape, item))
                else item
                for index, item in enumerate(value)
            ]
        return value

    def _entry(self, shape: Named, item: Any, path: Path, place: Place) -> Any:
        kept = self.table(shape.entry, item, path, place)
        if len(kept) < len(item) and len(kept) == 1:
            self.emptied[path] = place
        return kept


def check_overlay(shape: Object, document: Mapping[str, Any]) -> Flat:
    """The leaves of a resource in an overlay; those that null takes out are `NOT_MANAGED`."""
    rest = _Rest()
    flat = check(shape, rest.table(shape, document, (), ()))
    for path in rest.emptied:
        flat.leaves.pop(path, None)
    empty = set(rest.emptied.values())
    flat.problems[:] = [
        item for item in flat.problems if item.code != "empty-entry" or item.place not in empty
    ]
    for path, value in flat.leaves.items():
        if len(flat.places.get(path, path)) < len(path):
            flat.leaves[path] = Filled(value)
    flat.leaves.update(dict.fromkeys(rest.out, NOT_MANAGED))
    flat.places.update(rest.out)
    return flat


def refused(document: Document, fields: Mapping[str, Shape]) -> Iterator[Diagnostic]:
    """What an overlay cannot take out at its top: all but fields of the realm itself."""
    for key, value in document.data.items():
        if value is None and document.layer and key not in fields:
            yield no_field(document, (key,))


def no_field(document: Document, place: Place) -> Diagnostic:
    """That null stands where no field of a resource is."""
    return error(
        "wrong-type",
        f"{dotted(place)} cannot be taken out: in an overlay, null takes out fields only",
        "An overlay cannot take out resources. Leave them out of the files of all environments, "
        "and add them in the overlays of those that have them.",
        source=document.source(place),
    )
