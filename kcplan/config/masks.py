"""Asterisks where an export has a secret: each stands for a variable, if that is set.

The variable is the one that `kcplan import` names for the secret, so that a file of variables which
it wrote (`--secrets-out`) is good for an export of the same realm, too. What else the files declare
says whether it may be taken: `kcplan.config.mask_names`.
"""

from collections.abc import Container, Iterable, Mapping
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

Field = tuple[Address, Path]
"""A field of a resource."""


class Masks:
    """The variables that stand for asterisks.

    Args:
        variables: The variable to take for each field that has one; other fields stay masked.
        unclear: Fields of which no variable says by its name that it is for them alone.
    """

    def __init__(
        self, variables: Mapping[Field, str] | None = None, unclear: Container[Field] = ()
    ) -> None:
        self._variables = variables or {}
        self._unclear = unclear

    def touches(self, masked: Iterable[Masked]) -> bool:
        """Whether they take, or are unclear about, one of these fields."""
        fields = ((item.address, item.path) for item in masked)
        return any(field in self._variables or field in self._unclear for field in fields)

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
            clear = (address, path) not in self._unclear
            variable = variable_of(spec, address, path) if clear else ""
            found[place] = Masked(address, path, variable, source)
        given = {at: m for at, m in found.items() if (m.address, m.path) in self._variables}
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


def variable_of(spec: TypeSpec, address: Address, path: Path) -> str:
    """The variable that an import names for a field where no other field has the same."""
    own = path if address.is_realm else (address.title(spec.name), path[-1])
    return variable_name((address.realm, *own))


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
