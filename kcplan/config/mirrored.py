"""Entries that only say again what a field says: left out of a resource, or made to say the same.

Where Keycloak does not give such an entry back, it cannot be managed, and is left out; what older
versions have in the entry only is then the field's. Where it does, the entry stays; beside a field
with another value it follows the field, which counts.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, Path, note, warning
from kcplan.mirrors import as_entry, mirrored, says
from kcplan.resource import Registry, Resource, TypeSpec
from kcplan.schema import REWRITTEN, Leaves, dotted
from kcplan.secret import Secret, is_sensitive
from kcplan.shapes import Scalar, shape_at


@frozen
class _Repeated:
    """An entry of a resource that says again what a field says.

    Attributes:
        resource: The resource.
        entry: The entry.
        field: The field.
        kept: Whether Keycloak gives the entry back.
        declared: Whether the files declare the field.
        same: Whether the entry says what the field has, or what it has where nobody sets it.
        means: The value that it gives to the field, as files of older versions mean it; else None.
    """

    resource: Resource
    entry: Path
    field: Path
    kept: bool
    declared: bool
    same: bool
    means: Any = None


def without_mirrors(
    resources: Mapping[Address, Resource], registry: Registry, findings: list[Diagnostic]
) -> dict[Address, Resource]:
    """The resources without entries that only say again what a field says."""
    result = dict(resources)
    repeated: list[_Repeated] = []
    holders = {
        name: frozenset(pattern[:-1] for pattern in spec.mirrors) for name, spec in registry.items()
    }
    for address, resource in resources.items():
        spec, inner = registry[resource.type], holders[resource.type]
        if inner and (found := list(_found(resource, spec, inner))):
            result[address] = evolve(resource, leaves=_settled(resource.leaves, found))
            findings.extend(_warnings(found))
            repeated += found
    findings.extend(
        _note(item) for item in repeated if item.same and not item.kept and item.means is None
    )
    findings.extend(_taken(item) for item in repeated if item.means is not None)
    return result


def _found(resource: Resource, spec: TypeSpec, holders: Container[Path]) -> Iterator[_Repeated]:
    usual: Leaves | None = None
    for path, value in resource.leaves.items():
        mirror = mirrored(spec.mirrors, path) if path[:-1] in holders else None
        if mirror is None:
            continue
        declared = mirror.path in resource.leaves
        if usual is None and not declared:
            usual = spec.defaults({})
        field = (resource.leaves if declared else usual or {}).get(mirror.path)
        same = says(value, field)
        counts = mirror.older and not declared
        means = _meant(spec, mirror.path, value) if counts else None
        yield _Repeated(resource, path, mirror.path, mirror.kept, declared, same, means)


def _meant(spec: TypeSpec, field: Path, entry: Any) -> Any:
    """The value of a field that an entry's text certainly stands for; None where it is no such."""
    shape = shape_at(spec.schema, field)
    value = shape.convert(entry) if isinstance(shape, Scalar) else None
    return value if isinstance(shape, Scalar) and shape.accepts(value) else None


def _settled(leaves: Leaves, found: Iterable[_Repeated]) -> Leaves:
    """The leaves without the entries, or with what the fields say in them."""
    result = dict(leaves)
    for item in found:
        if not item.kept:
            del result[item.entry]
            if item.means is not None:
                result[item.field] = item.means
        elif item.declared:
            value = leaves[item.field]
            text = as_entry(value)
            result[item.entry] = Secret(text) if is_sensitive(value) else text
    return result


def _warnings(found: Iterable[_Repeated]) -> Iterator[Diagnostic]:
    other = [item for item in found if not item.same and item.means is None]
    if differing := [item for item in other if item.declared]:
        yield _warning(
            differing,
            f"entries that repeat fields differ from them: {_pairs(differing)}",
            "Keycloak has one value for both, and the field's counts. Remove the entries, or "
            "correct the fields.",
        )
    if alone := [item for item in other if not item.declared and not item.kept]:
        yield _warning(
            alone,
            "entries repeat fields that the files do not declare, and are left out: "
            f"{_pairs(alone)}",
            "Keycloak keeps such a value in the field only. Declare the field if it is to have "
            "this value.",
        )


def _warning(found: list[_Repeated], summary: str, detail: str) -> Diagnostic:
    resource, entry = found[0].resource, found[0].entry
    return warning(
        "repeated-field",
        summary,
        detail,
        address=resource.address,
        path=entry,
        source=resource.source(entry),
    )


def _pairs(found: Iterable[_Repeated]) -> str:
    """The entries, each with the field that it repeats."""
    return ", ".join(sorted(f"{dotted(item.entry)} ({dotted(item.field)})" for item in found))


def _taken(item: _Repeated) -> Diagnostic:
    """That an entry of older versions counts as the field."""
    resource, entry, field = item.resource, dotted(item.entry), dotted(item.field)
    return note(
        REWRITTEN,
        f"{entry} is taken as `{field}`",
        "That is what Keycloak makes of it.",
        address=resource.address,
        path=item.field,
        source=resource.source(item.entry),
        several="values are taken in the form that Keycloak keeps",
        subject=f"{entry} as `{field}`",
    )


def _note(item: _Repeated) -> Diagnostic:
    resource, entry = item.resource, dotted(item.entry)
    return note(
        "repeated-field",
        f"{entry} only repeats {dotted(item.field)}, and is left out",
        "Keycloak keeps such a value in the field only; exports of older versions have both. "
        "Nothing needs to be done.",
        address=resource.address,
        path=item.entry,
        source=resource.source(item.entry),
        several="entries only repeat fields, and are left out",
        subject=entry,
    )
