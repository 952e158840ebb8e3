"""Asterisks where an export has a secret: each stands for a variable, if that is set.

The variable is the one that `kcplan import` names for the secret, so that a file of variables which
it wrote (`--secrets-out`) is good for an export of the same realm, too.
"""

from collections.abc import Mapping
from typing import Any

from kcplan.address import Address
from kcplan.config.document import Document
from kcplan.config.extract import Item
from kcplan.config.model import Masked
from kcplan.config.positions import Place
from kcplan.config.resolve import Resolver, name_in, shape_of
from kcplan.diagnostics import Diagnostic, Path, note, warning
from kcplan.resource import TypeSpec
from kcplan.schema import dotted
from kcplan.secret import MASK
from kcplan.shapes import Shape
from kcplan.variables import variable_name


class Masks:
    """The variables that stand for asterisks, over all files.

    Args:
        environment: The variables that there are.
    """

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._names: dict[tuple[Address, Path], str] = {}

    def resolved(
        self,
        resolver: Resolver,
        document: Document,
        item: Item,
        address: Address,
        written: Mapping[str, Any],
    ) -> tuple[dict[str, Any], tuple[Masked, ...]]:
        """What a resource says, with the variables that are set; and the fields left masked.

        What is to be said of asterisks goes to the resolver's findings.
        """
        spec, top = item.spec, item.place
        before = len(resolver.findings)
        result = resolver.resolve(written, spec.schema, spec.sensitive, top)
        if not resolver.masked:
            return result, ()
        found = {}
        for place in resolver.masked:
            path = path_of(place[len(top) :], written, spec.schema)
            source = document.source(place)
            found[place] = Masked(address, path, self._name(spec, address, path), source)
        given = {at: m for at, m in found.items() if self._environment.get(m.variable)}
        if given:
            del resolver.findings[before:]
            full = filled(written, {at[len(top) :]: m.variable for at, m in given.items()})
            result = resolver.resolve(full, spec.schema, spec.sensitive, top)
        resolver.masked.clear()
        left = {at: item for at, item in found.items() if at not in given}
        for at, masked in found.items():
            field = dotted(at[len(top) :])
            said = _left_out if at in left else _taken
            resolver.findings.append(said(field, masked))
        return result, tuple(left.values())

    def _name(self, spec: TypeSpec, address: Address, path: Path) -> str:
        """The variable for a field; no two fields have the same."""
        known = self._names.get((address, path))
        if known is None:
            own = path if address.is_realm else (address.title(spec.name), path[-1])
            words = (address.realm, *own)
            known = variable_name(words, set(self._names.values()))
            self._names[address, path] = known
        return known


def filled(table: Mapping[str, Any], given: Mapping[Place, str]) -> dict[str, Any]:
    """A table with a placeholder for a variable in each of these places, from its top."""
    result: dict[str, Any] = dict(table)
    for place, variable in given.items():
        _fill(result, place, f"${{env:{variable}}}")
    return result


def _fill(holder: Any, place: Place, text: str) -> None:
    """Put a text into a place; what lies on the way there is copied before it is changed."""
    *way, last = place
    for key in way:
        inner = holder[key]
        holder[key] = inner.copy()
        holder = holder[key]
    holder[last] = text


def path_of(place: Place, value: Any, shape: Shape) -> Path:
    """The field that a place in a value is in: a list is one, but for tables that have names."""
    path: list[str] = []
    for key in place:
        if isinstance(key, str):
            path.append(key)
        elif name := name_in(shape, value[key]):
            path.append(name)
        value, shape = value[key], shape_of(shape, key)
    return tuple(path)


def _left_out(name: str, masked: Masked) -> Diagnostic:
    return warning(
        "masked-value",
        f"{name} is masked (`{MASK}`), and left out",
        "Keycloak shows these asterisks instead of a secret, and would store them as they are. "
        "Remove the field, or give the value with a placeholder such as `${env:NAME}`.",
        source=masked.source,
        several=f"values are masked (`{MASK}`), and left out",
        subject=name,
    )


def _taken(name: str, masked: Masked) -> Diagnostic:
    return note(
        "masked-value",
        f"{name} is masked (`{MASK}`), and taken from {masked.variable}",
        "The variable is the one that `kcplan import` names for this secret.",
        source=masked.source,
        several=f"values are masked (`{MASK}`), and taken from variables",
        subject=masked.variable,
    )
