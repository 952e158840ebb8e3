"""What new objects have by themselves, seen in a realm that was made for it.

What Keycloak makes in every realm is compared with its kin there. Of everything else that lies in
the realm itself, one new object of each kind is made there: the same in what decides on other
fields (`TypeSpec.seeds`), and nothing else. For what cannot be made so, `TypeSpec.defaults` counts.
"""

import uuid
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from attrs import evolve, field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.errors import ServerError
from kcplan.grammar import pattern
from kcplan.mirrors import mirrored
from kcplan.path_patterns import path_matches
from kcplan.plan import Operation, Step
from kcplan.reading import for_import
from kcplan.schema import Leaves
from kcplan.secret import is_sensitive
from kcplan.snapshot import LiveObject, Snapshot
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.defaults import Defaults, both_lists
from kcplan_keycloak.reader import KeycloakReader
from kcplan_keycloak.resources import registry, resource_types
from kcplan_keycloak.rest import RestType
from kcplan_keycloak.writer import KeycloakWriter

_Kind = tuple[str, tuple[tuple[str, Any], ...]]
"""A type, and what an object of it has in the fields that decide on others."""


@frozen
class Comparison:
    """What a new realm has, in place of what kcplan knows of new realms.

    Attributes:
        known: What kcplan knows.
        made: What is in the new realm without anybody's doing, under the other realm's name.
        samples: One new object of each kind.
    """

    known: Defaults
    made: Mapping[Address, LiveObject]
    samples: Mapping[_Kind, LiveObject] = field(factory=dict)

    def of(self, live: LiveObject) -> Leaves:
        """The leaves of a new object like this one."""
        known = self.known.of(live)
        found = self.made.get(live.address) or self.samples.get(_kind(live))
        if found is None:
            return known
        spec = registry()[live.type]
        inner = {where: value for where, value in known.items() if len(where) > 1}
        own = dict(found.leaves)
        # What only says a field again is as that field is here.
        own |= {where: v for where, v in inner.items() if mirrored(spec.mirrors, where) is not None}
        if live.address not in self.made:
            # A sample has these since it was told, and the file must say them as well.
            own |= {(name,): known.get((name,)) for name in spec.seeds}
        else:
            # Keycloak made a secret here and one there.
            secrets = (w for w, value in own.items() if _is_secret(live.type, w, value))
            own |= {where: live.leaves.get(where) for where in secrets}
        return {**inner, **own, **both_lists(live, own)}

    def makes(self, live: LiveObject) -> bool:
        """Whether Keycloak makes the object along with what it lies in."""
        return self.known.makes(live)

    def tells(self, live: LiveObject) -> bool:
        """Whether it is known what such an object of Keycloak's has by itself."""
        seen = live.address in self.made and not live.locked
        return self.known.tells(live) or (seen and bool(registry()[live.type].where))


def compared(api: AdminApi, realm: str, live: Snapshot, known: Defaults) -> Comparison:
    """Look at a new realm, and make in it what the other realm has kinds of.

    Args:
        api: The server, for an account that logged in when the realm was there.
        realm: The new realm.
        live: The other realm.
        known: What kcplan knows of new objects.

    Raises:
        ServerError: The new realm could not be read.
    """
    before = KeycloakReader(api).read(for_import(realm, registry())).objects
    (name,) = {address.realm for address in live.objects}
    made = {_renamed(a, realm, name): _as_in(item, realm, name) for a, item in before.items()}
    steps = {kind: _step(item, realm) for kind, item in _kinds(live.objects.values(), made)}
    writer = KeycloakWriter(api)
    api.map(lambda step: _perform(writer, step), steps.values())
    after = KeycloakReader(api).read(for_import(realm, registry())).objects if steps else {}
    samples = {
        kind: _as_in(after[step.address], realm, name)
        for kind, step in steps.items()
        if step.address in after
    }
    return Comparison(known, made, samples)


def _perform(writer: KeycloakWriter, step: Step) -> None:
    # What Keycloak does not make of so little has no sample.
    with suppress(ServerError):
        writer.perform(step)


# -- kinds ------------------------------------------------------------------------------------


def _kind(live: LiveObject) -> _Kind:
    spec = registry()[live.type]
    values = ((name, live.leaves.get((name,))) for name in spec.seeds)
    return live.type, tuple(
        (name, value) for name, value in values if isinstance(value, str | bool)
    )


def _kinds(
    objects: Iterable[LiveObject], made: Mapping[Address, LiveObject]
) -> Iterator[tuple[_Kind, LiveObject]]:
    """The first object of each kind of which a sample can be made."""
    seen: set[_Kind] = set()
    for item in objects:
        if item.address in made or not _lies_in_realm(item):
            continue
        kind = _kind(item)
        if kind not in seen:
            seen.add(kind)
            yield kind, item


def _lies_in_realm(item: LiveObject) -> bool:
    kind = resource_types()[item.type]
    if not isinstance(kind, RestType) or kind.at.holder is not None:
        return False
    if kind.at.registry or kind.at.are_data:
        return False
    return not kind.spec.comes_with(item.address) and not pattern(kind.spec.pattern).open_ended


def _step(item: LiveObject, realm: str) -> Step:
    spec = registry()[item.type]
    usual = spec.defaults(item.leaves)
    # A file leaves out what is usual, so that the object is made without it.
    after: Leaves = {
        (name,): value
        for name, value in _kind(item)[1]
        if name in spec.decisive or usual.get((name,)) != value
    }
    address = item.address.rebased(Address.of(item.address.realm), Address.of(realm))
    chosen = str(uuid.uuid4()) if spec.chooses_id else None
    return Step(f"create {address}", Operation.CREATE, address, item.type, chosen, after=after)


def _is_secret(type_name: str, where: tuple[str, ...], value: Any) -> bool:
    return is_sensitive(value) or path_matches(where, registry()[type_name].sensitive)


# -- the other realm's name -------------------------------------------------------------------


def _as_in(item: LiveObject, realm: str, other: str) -> LiveObject:
    """An object with the other realm's name wherever it has this one's."""
    leaves = {
        tuple(_text(part, realm, other) for part in where): _named(value, realm, other)
        for where, value in item.leaves.items()
    }
    return evolve(item, address=_renamed(item.address, realm, other), leaves=leaves)


def _renamed(address: Address, realm: str, other: str) -> Address:
    return Address((other, *(_text(part, realm, other) for part in address.segments[1:])))


def _named(value: Any, realm: str, other: str) -> Any:
    match value:
        case str():
            return _text(value, realm, other)
        case list():
            return [_named(item, realm, other) for item in value]
        case dict():
            return {key: _named(item, realm, other) for key, item in value.items()}
    return value


def _text(text: str, realm: str, other: str) -> str:
    """The text with the other name. The name of the default role is in lower case."""
    lower = text.replace(f"default-roles-{realm}", f"default-roles-{other.lower()}")
    return lower.replace(realm, other)
