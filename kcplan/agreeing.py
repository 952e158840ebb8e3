"""Whether what a resource lists agrees with it, as far as files and Keycloak tell. Pure.

What Keycloak makes by itself is in such lists of old exports although it does not fit: it is left
out, with a note. Anything else that does not fit is an error.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve, field

from kcplan import refs
from kcplan.address import Address
from kcplan.agreement import Agreement
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, Path, error, note
from kcplan.resource import Registry, Resource, spec_at
from kcplan.schema import dotted
from kcplan.secret import is_sensitive
from kcplan.shapes import ListOf, Ref, shape_at
from kcplan.snapshot import Snapshot

_CODE = "does-not-agree"

_UNKNOWN = object()


@frozen
class _Misfit:
    """An item of a list that does not fit.

    Attributes:
        resource: What has the list.
        path: The list.
        text: The item.
        own: What the resource has in the field.
        theirs: What the named object has in it.
        made: Whether Keycloak makes the named object by itself.
    """

    resource: Resource
    path: Path
    text: str
    own: Any
    theirs: Any
    made: bool


@frozen
class Agreed:
    """The resources without what was left out, and what is to be said."""

    resources: Mapping[Address, Resource]
    diagnostics: tuple[Diagnostic, ...] = ()


def agreed(
    resources: Mapping[Address, Resource], registry: Registry, live: Snapshot | None
) -> Agreed:
    """Look at all lists that demand something. Offline, `live` is None."""
    sides = _Sides(resources, registry, live)
    result = dict(resources)
    left_out: list[_Misfit] = []
    found: list[Diagnostic] = []
    for address, resource in resources.items():
        agreement = registry[resource.type].agreement
        misfits = list(sides.misfits(resource, agreement)) if agreement is not None else []
        if agreement is None or not misfits:
            continue
        made = [item for item in misfits if item.made]
        left_out += made
        result[address] = _without(resource, made)
        found.extend(_errors(resource, agreement, [i for i in misfits if not i.made]))
    found.extend(_note(registry, item) for item in left_out)
    return Agreed(result, tuple(found)) if found else Agreed(resources)


@frozen
class _Sides:
    """The files, Keycloak, and what both tell of an object."""

    resources: Mapping[Address, Resource]
    registry: Registry
    live: Snapshot | None
    _seen: dict[tuple[tuple[str, ...], str], tuple[Any, bool]] = field(factory=dict)

    def misfits(self, resource: Resource, agreement: Agreement) -> Iterator[_Misfit]:
        own = _UNKNOWN
        for name in agreement.lists:
            items = resource.leaves.get((name,))
            shape = shape_at(self.registry[resource.type].schema, (name,))
            if not isinstance(items, list) or not isinstance(shape, ListOf):
                continue
            own = self._value(resource.address, agreement) if own is _UNKNOWN else own
            if own is _UNKNOWN or not isinstance(shape.item, Ref):
                return
            attached = self._attached(resource.address, (name,))
            for text in items:
                if not isinstance(text, str) or text in attached:
                    continue
                theirs, made = self._named(resource.address, shape.item, text, agreement)
                if theirs not in (_UNKNOWN, own):
                    yield _Misfit(resource, (name,), text, own, theirs, made)

    def _attached(self, address: Address, path: Path) -> Iterable[str]:
        """What Keycloak has in the list, whatever it should have."""
        there = self.live.objects.get(address) if self.live is not None else None
        return (there.leaves.get(path) or ()) if there is not None else ()

    def _named(
        self, holder: Address, ref: Ref, text: str, agreement: Agreement
    ) -> tuple[Any, bool]:
        """What a named object has in the field, and whether Keycloak makes it by itself."""
        key = (holder.segments[:-1], text)
        if key not in self._seen:
            target = refs.targets(self.registry, ref, holder, text)[0]
            spec = spec_at(self.registry, target)
            made = spec is not None and spec.comes_with(target)
            self._seen[key] = (self._value(target, agreement, made=made), made)
        return self._seen[key]

    def _value(self, address: Address, agreement: Agreement, *, made: bool = False) -> Any:
        """What an object has in the field as the plan leaves it, if that can be known."""
        declared = self.resources.get(address)
        if declared is not None and declared.leaves.get(agreement.field) is not None:
            value = declared.leaves[agreement.field]
            return _UNKNOWN if is_sensitive(value) else value
        if self.live is not None and self.live.exists(address):
            there = self.live.objects.get(address)
            leaves = there.leaves if there is not None else self.live.facts.get(address, {})
            return leaves.get(agreement.field, _UNKNOWN)
        is_new = self.live is not None and declared is not None and address in self.live.asked
        return agreement.usual(address) if made or is_new else _UNKNOWN


def _without(resource: Resource, misfits: Iterable[_Misfit]) -> Resource:
    leaves = dict(resource.leaves)
    for item in misfits:
        leaves[item.path] = [text for text in leaves[item.path] if text != item.text]
    return evolve(resource, leaves=leaves)


def _errors(
    resource: Resource, agreement: Agreement, misfits: list[_Misfit]
) -> Iterator[Diagnostic]:
    word, title = dotted(agreement.field), resource.address.title(resource.type)
    for path in dict.fromkeys(item.path for item in misfits):
        items = [item for item in misfits if item.path == path]
        texts = ", ".join(f"{item.text} ({item.theirs})" for item in items)
        yield error(
            _CODE,
            f"{resource.type} {title} has the {word} {items[0].own}, and {dotted(path)} names "
            f"{texts}",
            f"Keycloak attaches only what has the same {word}, and silently leaves out the "
            f"rest. Remove it from the list, or declare the same {word} for both.",
            address=resource.address,
            path=path,
            source=resource.source(path),
        )


def _note(registry: Registry, item: _Misfit) -> Diagnostic:
    resource = item.resource
    agreement = registry[resource.type].agreement
    word = dotted(agreement.field) if agreement is not None else ""
    title = resource.address.title(resource.type)
    return note(
        _CODE,
        f"{item.text} ({item.theirs}) is left out of the list of {title} ({item.own})",
        f"Keycloak attaches only what has the same {word}. It makes these by itself, and "
        "exports of older versions have them. Nothing needs to be done.",
        address=resource.address,
        path=item.path,
        source=resource.source(item.path),
        several=f"items have another {word}, and are left out",
        subject=f"{item.text} ({item.theirs}) of {title}",
    )
