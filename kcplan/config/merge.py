"""Several files about one realm → one configuration; what contradicts itself is an error."""

from collections import ChainMap
from collections.abc import Container, Iterable, Iterator, MutableMapping, Sequence
from typing import Any, cast

from attrs import evolve

from kcplan.address import Address
from kcplan.config.document import Document
from kcplan.config.located import Located
from kcplan.config.model import Section
from kcplan.config.positions import Place
from kcplan.diagnostics import Diagnostic, Path, Source, error
from kcplan.order import joined, parted
from kcplan.resource import Registry, Resource
from kcplan.schema import Leaves, dotted


def merge_resources(
    documents: Sequence[Iterable[Resource]], findings: list[Diagnostic], registry: Registry
) -> dict[Address, Resource]:
    """One resource for each address. Contradictions go to the findings.

    Args:
        documents: The resources of each document.
        findings: Takes what contradicts itself.
        registry: The types of resources.
    """
    merged: dict[Address, Resource] = {}
    ordered: dict[Address, list[Resource]] = {}
    declared: dict[Address, int] = {}
    numbered = ((n, resource) for n, document in enumerate(documents) for resource in document)
    for number, resource in numbered:
        earlier = merged.get(resource.address)
        # What only adds to a resource declares none.
        twice = not resource.extends and declared.get(resource.address) == number
        if not resource.extends:
            declared[resource.address] = number
        if registry[resource.type].schema.orders:
            ordered.setdefault(resource.address, []).append(resource)
        if earlier is None:
            merged[resource.address] = resource
        elif earlier.type != resource.type or twice:
            findings.append(defined_twice(earlier, resource))
        else:
            one, other = (resource, earlier) if earlier.extends else (earlier, resource)
            orders = registry[resource.type].schema.orders
            merged[resource.address] = _merge(one, other, findings, orders)
    for address, parts in ordered.items():
        if len(parts) > 1:
            merged[address] = _in_order(merged[address], parts, registry, findings)
    return merged


def _in_order(
    resource: Resource, parts: list[Resource], registry: Registry, findings: list[Diagnostic]
) -> Resource:
    """A resource of several files, with the order in which all of them together name entries."""
    leaves = dict(resource.leaves)
    for name in registry[resource.type].schema.orders:
        found = [part for part in parts if (name,) in part.leaves]
        together = joined(part.leaves[name,] for part in found)
        if together is None:
            findings.append(_contradicting(found, (name,)))
        elif together:
            leaves[name,] = together
    return evolve(resource, leaves=leaves)


def _merge(
    earlier: Resource, later: Resource, findings: list[Diagnostic], orders: Container[str]
) -> Resource:
    contradictions = _contradictions(earlier.leaves, later.leaves)
    findings.extend(
        _different(earlier, later, path) for path in contradictions if path[0] not in orders
    )
    chain = ChainMap(
        cast(MutableMapping[Path, Source], earlier.sources),
        cast(MutableMapping[Path, Source], later.sources),
    )
    return evolve(
        earlier,
        leaves={**later.leaves, **earlier.leaves},
        sources=chain,
        extends=earlier.extends and later.extends,
    )


def _contradictions(earlier: Leaves, later: Leaves) -> Iterator[Path]:
    """The fields that both set and not to the same value.

    `{}` says "no entries but those that I name": it contradicts the other's further entries.
    """
    for path, value in later.items():
        if path in earlier and earlier[path] != value:
            yield path
    for one, other in ((earlier, later), (later, earlier)):
        closed = {path for path, value in one.items() if value == {} and isinstance(value, dict)}
        for path in other if closed else ():
            if path not in one and any(path[:size] in closed for size in range(len(path))):
                yield path


def defined_twice(earlier: Resource, later: Resource) -> Diagnostic:
    """That two places define one resource."""
    return error(
        "duplicate-definition",
        f"{later.address} is defined twice",
        f"It stands at {earlier.source()} already. Remove one of them, or merge them.",
        address=later.address,
        source=later.source(),
    )


def _different(earlier: Resource, later: Resource, path: Path) -> Diagnostic:
    here, there = later.source(path), earlier.source(path)
    if path not in later.leaves:
        here, there = there, here
    return error(
        "duplicate-definition",
        f"{dotted(path)} is set differently in two files",
        f"{there} says something else. Set it in one of them only.",
        address=later.address,
        path=path,
        source=here,
    )


def _contradicting(parts: list[Resource], path: Path) -> Diagnostic:
    """What to say of orders that do not agree, at best of two of them."""
    for part in parts:
        others = [other for other in parts if other is not part]
        if joined(other.leaves[path] for other in others) is None:
            parts = others
    *_, earlier, later = parts
    names = parted(earlier.leaves[path], later.leaves[path])
    if names is None:
        places = ", ".join(str(part.source(path)) for part in parts)
        said = f"They go round in a circle, at {places}."
    else:
        said = f"{names[0]} comes before {names[1]} at {earlier.source(path)}, and after it here."
    return error(
        "duplicate-definition",
        f"files contradict each other in the {path[0]}",
        f"{said} The entries of all files stand in one order, so leave what is named elsewhere out "
        "of all files but one.",
        address=later.address,
        path=path,
        source=later.source(path),
    )


def section_of(data: Any, document: Document, place: Place) -> Section:
    """A part of a document with the place of everything in it."""
    places = {inner: place + inner for inner in _places(data, ())}
    return Section(data, Located(places, document.places.source))


def _places(data: Any, place: Place) -> Iterator[Place]:
    yield place
    if isinstance(data, dict | list):
        pairs = data.items() if isinstance(data, dict) else enumerate(data)
        for key, item in pairs:
            yield from _places(item, (*place, key))


def merge_sections(earlier: Section, later: Section, findings: list[Diagnostic]) -> Section:
    """Both sections in one: tables are merged, lists follow one another."""
    sources = {**later.sources, **earlier.sources}
    data = _merged(earlier, later, (), sources, findings)
    return Section(data, sources)


def _merged(
    earlier: Section,
    later: Section,
    place: Place,
    sources: dict[Place, Source],
    findings: list[Diagnostic],
) -> Any:
    one, other = earlier.at(place), later.at(place)
    if isinstance(one, dict) and isinstance(other, dict):
        return {
            **one,
            **{
                key: _merged(earlier, later, (*place, key), sources, findings)
                if key in one
                else item
                for key, item in other.items()
            },
        }
    if isinstance(one, list) and isinstance(other, list):
        size = len(one)
        for inner in _places(other, ()):
            if inner:
                index, *rest = inner
                sources[(*place, size + int(index), *rest)] = later.sources[(*place, *inner)]
        return [*one, *other]
    if one != other:
        findings.append(
            error(
                "duplicate-definition",
                f"permissions.{dotted(place)} is set differently in two files",
                f"{earlier.source(place)} says something else. Set it in one of them only.",
                source=later.source(place),
            )
        )
    return one
