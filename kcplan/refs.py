"""What resources name: from the schema to addresses, and to new names after a rename. Pure.

A field whose shape is a `Ref` names an object, a list of such names several, and where the keys of
a map are names, its values lie in what they name (`clientRoles: {CLIENT: [ROLE]}`).
"""

from collections.abc import Callable, Iterator
from typing import Any

from kcplan import grammar
from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.resource import Reference, Registry, Resource, TypeSpec
from kcplan.schema import unordered
from kcplan.shapes import ListOf, MapOf, Named, Object, Ref, Shape, Whole, spot_at

Renames = Callable[[Address], Address]
"""What an address is called after the renames of a plan."""


@frozen
class _Spot:
    """What a path leads to, as far as names go.

    Attributes:
        shape: The shape of the value there.
        holder: What the names there lie in, or the resource itself.
        named: The segments of the path that are names themselves: which, and of what.
    """

    shape: Shape
    holder: Address
    named: tuple[tuple[int, Ref, Address], ...] = ()

    @property
    def ref(self) -> Ref | None:
        """What the value names, or each of its items."""
        shape = self.shape.item if isinstance(self.shape, ListOf) else self.shape
        return shape if isinstance(shape, Ref) else None


def targets(registry: Registry, ref: Ref, holder: Address, text: str) -> tuple[Address, ...]:
    """The addresses of what a text may name; the likeliest first."""
    if ref.spelling is not None:
        return ref.spelling.read(holder, text)
    words = (ref.type, *ref.also)
    return tuple([grammar.pattern(registry[word].pattern).beside(holder, text) for word in words])


def spelled(ref: Ref, address: Address) -> str:
    """The text that names an object."""
    return address.name if ref.spelling is None else ref.spelling.write(address)


def references(registry: Registry, resource: Resource) -> Iterator[Reference]:
    """The objects that a resource names, but for what Keycloak has there by itself."""
    spec = registry[resource.type]
    for address in spec.needs(resource.address):
        yield Reference(address)
    referring = spec.referring
    if not referring:
        return
    for path, value in resource.leaves.items():
        if not path or path[0] not in referring:
            continue
        spot = _spot(registry, spec, resource.address, path)
        for ref, text in _texts(spot.shape, value):
            if not spec.server_made(resource.address, path, text):
                yield _reference(registry, ref, spot.holder, path, text)


def _texts(shape: Shape, value: Any) -> Iterator[tuple[Ref, str]]:
    """The names in a value."""
    match shape, value:
        case Ref(), str():
            yield shape, value
        case ListOf(), list():
            for item in value:
                yield from _texts(shape.item, item)
        case Whole(), dict():
            for key, item in value.items():
                yield from _texts(shape.table.at(key), item)


def named(
    registry: Registry, spec: TypeSpec, address: Address, path: Path, text: str
) -> Iterator[Reference]:
    """What a text in a field names, if it names something."""
    spot = _spot(registry, spec, address, path)
    if spot.ref is not None:
        yield _reference(registry, spot.ref, spot.holder, path, text)


def _reference(registry: Registry, ref: Ref, holder: Address, path: Path, text: str) -> Reference:
    first, *others = targets(registry, ref, holder, text)
    return Reference(first, path, ref.required(text), tuple(others))


def renamed(
    registry: Registry, spec: TypeSpec, address: Address, path: Path, value: Any, new: Renames
) -> tuple[Path, Any]:
    """A field with what it names under the new names, as Keycloak has it after the renames."""
    if not spec.refers(path):
        return path, value
    spot = _spot(registry, spec, address, path)

    def now(ref: Ref, holder: Address, text: Any) -> Any:
        if not isinstance(text, str) or not ref.follows:
            return text
        old = targets(registry, ref, holder, text)
        changed = next((item for item in old if new(item) != item), None)
        return text if changed is None else spelled(ref, new(changed))

    segments = list(path)
    for index, ref, holder in spot.named:
        segments[index] = now(ref, holder, path[index])
    if spot.ref is None:
        return tuple(segments), value
    if isinstance(value, list):
        found = [now(spot.ref, spot.holder, item) for item in value]
        is_set = isinstance(spot.shape, ListOf) and not spot.shape.ordered
        return tuple(segments), unordered(found) if is_set else found
    return tuple(segments), now(spot.ref, spot.holder, value)


def _spot(registry: Registry, spec: TypeSpec, address: Address, path: Path) -> _Spot:
    found = spot_at(spec.schema, path)
    if not found.named:
        return _Spot(found.shape, address)
    shape: Shape = spec.schema
    holder = address
    named: list[tuple[int, Ref, Address]] = []
    for index, part in enumerate(path):
        match shape:
            case Object():
                inner = shape.fields.get(part)
                if inner is None:
                    break
                shape = inner
            case MapOf():
                if shape.key is not None:
                    named.append((index, shape.key, holder))
                    holder = targets(registry, shape.key, holder, part)[0]
                shape = shape.value
            case Named():
                key = shape.entry.fields.get(shape.key)
                if isinstance(key, Ref):
                    named.append((index, key, holder))
                shape = shape.entry
            case _:
                break
    return _Spot(shape, holder, tuple(named))
