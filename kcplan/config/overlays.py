"""Overlays: files that win over others, field by field and entry by entry.

Each pattern of `[config] overlays` is a layer. The files of one layer are merged as plain files
are, so that a difference between them is an error; then the layer is laid over what is below it.
What is complete where it is declared, such as a plain list, is replaced as a whole.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.config.merge import defined_twice
from kcplan.config.model import Section
from kcplan.config.positions import Place
from kcplan.config.taken_out import NOT_MANAGED, Filled
from kcplan.diagnostics import Diagnostic, Path, Source, warning
from kcplan.order import arranged, joined
from kcplan.resource import Registry, Resource
from kcplan.schema import Leaves, beginnings, dotted, lies_in
from kcplan.shapes import MapOf, Named, Object, shape_at


@frozen(eq=False)
class _Sources(Mapping[Path, Source]):
    """The places of fields: in the overlay, if it has them. The resource is where it was before."""

    over: Mapping[Path, Source]
    base: Mapping[Path, Source]

    def __getitem__(self, path: Path) -> Source:
        first, then = (self.over, self.base) if path else (self.base, self.over)
        return first[path] if path in first else then[path]

    def __contains__(self, path: object) -> bool:
        return path in self.over or path in self.base

    def __iter__(self) -> Iterator[Path]:
        return iter({**dict.fromkeys(self.base), **dict.fromkeys(self.over)})

    def __len__(self) -> int:
        return sum(1 for _ in self)


def laid_over(
    base: Mapping[Address, Resource],
    layer: Mapping[Address, Resource],
    registry: Registry,
    findings: list[Diagnostic],
) -> dict[Address, Resource]:
    """The resources with a layer over them. What is to be said of it goes to the findings."""
    result = dict(base)
    for address, over in layer.items():
        below = base.get(address)
        if below is not None and below.type != over.type:
            findings.append(defined_twice(below, over))
            continue
        below = below or evolve(over, leaves={}, sources={})
        findings.extend(_idle(below, over))
        result[address] = _over(below, over, registry[over.type].schema)
    return result


def _over(below: Resource, over: Resource, schema: Object) -> Resource:
    """One resource with what an overlay says of it."""
    said = _said(below.leaves, over.leaves)
    around = frozenset(path[:size] for path in said for size in range(len(path)))
    replaced = {path for path in said if path not in around or _is_whole(schema, path)}
    kept = {
        path: value
        for path, value in below.leaves.items()
        if not lies_in(path, replaced) and (path not in around or value == {})
    }
    new = {path: value for path, value in said.items() if value is not NOT_MANAGED}
    return evolve(
        below,
        leaves=_in_order(below.leaves, {**kept, **new}, schema),
        sources=_Sources(over.sources, below.sources),
        extends=below.extends and over.extends,
    )


def _said(below: Leaves, over: Leaves) -> dict[Path, Any]:
    """What an overlay says. What it only leaves no entries counts where nothing is below it."""
    there = beginnings(below)
    return {
        path: value.value if isinstance(value, Filled) else value
        for path, value in over.items()
        if not (isinstance(value, Filled) and path[:-1] in there)
    }


def _is_whole(schema: Object, path: Path) -> bool:
    """Whether a file has these entries as a list without names."""
    shape = shape_at(schema, path)
    return isinstance(shape, MapOf) and shape.is_list


def _in_order(below: Leaves, leaves: Mapping[Path, Any], schema: Object) -> Leaves:
    """The leaves with the order of each list: the overlay's, and others where they were."""
    result = dict(leaves)
    for key, shape in schema.fields.items():
        if not isinstance(shape, Named) or (shape.order,) not in leaves:
            continue
        entries = {path[1] for path in leaves if path[0] == key and len(path) > 1}
        mine, theirs = leaves[shape.order,], below.get((shape.order,), [])
        order = joined([arranged(theirs, mine), mine]) or mine
        result[shape.order,] = [name for name in order if name in entries]
        if not result[shape.order,]:
            del result[shape.order,]
    return result


def _idle(below: Resource, over: Resource) -> Iterator[Diagnostic]:
    """Warnings of fields that an overlay takes out and that nothing declares."""
    there = beginnings(below.leaves)
    for path, value in over.leaves.items():
        if value is NOT_MANAGED and path not in there:
            yield warning(
                "nothing-to-take-out",
                f"the overlay takes out {dotted(path)}, which no file below it declares",
                "kcplan does not manage it in any case. Correct the name, or remove the `null`.",
                address=over.address,
                path=path,
                source=over.source(path),
            )


def taken_out(resources: Iterable[Resource]) -> frozenset[tuple[Address, Path]]:
    """The fields that overlays take out."""
    return frozenset(
        (resource.address, path)
        for resource in resources
        for path, value in resource.leaves.items()
        if value is NOT_MANAGED
    )


def section_over(below: Section, over: Section) -> Section:
    """A section with an overlay's over it: tables key by key, all else as a whole."""
    sources = dict(below.sources)
    data = _value_over(below.data, over, (), sources)
    return Section(data, sources)


def _value_over(one: Any, over: Section, place: Place, sources: dict[Place, Source]) -> Any:
    other = over.at(place)
    if not isinstance(other, dict):
        _take_places(place, over, sources)
        return other
    result = dict(one) if isinstance(one, dict) else {}
    if not isinstance(one, dict) and one is not None:
        _take_places(place, Section(None), sources)
    if place in over.sources:
        sources.setdefault(place, over.sources[place])
    for key, item in other.items():
        here = (*place, key)
        if item is None:
            result.pop(key, None)
            _take_places(here, Section(None), sources)
        else:
            result[key] = _value_over(result.get(key), over, here, sources)
    return result


def _take_places(place: Place, over: Section, sources: dict[Place, Source]) -> None:
    """Put an overlay's places where what it replaces had its own."""
    size = len(place)
    for old in [old for old in sources if old[:size] == place]:
        del sources[old]
    sources.update({new: over.sources[new] for new in over.sources if new[:size] == place})
