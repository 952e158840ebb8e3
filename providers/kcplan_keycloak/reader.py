"""The reader: finds out for a command what Keycloak has.

Reading goes type by type in the type order, so that what lies in a client finds the client read.
Only what is managed is read, in pages where it is much, and nothing twice.
"""

import time
from collections.abc import Container, Iterable, Iterator, Mapping

from attrs import evolve, field

from kcplan.address import Address
from kcplan.classes import define
from kcplan.provider import ReadRequest, Wanted
from kcplan.resource import TypeSpec
from kcplan.schema import Leaves
from kcplan.snapshot import Inhabitants, LiveObject, PassedOver, Snapshot
from kcplan.state import ServerIdentity
from kcplan_keycloak.administrators import AdministratorReader
from kcplan_keycloak.api import AdminApi, Get
from kcplan_keycloak.grants import GrantReader
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Foreseeing, Inhabited, Reading
from kcplan_keycloak.resources import resource_types
from kcplan_keycloak.sight import Seeing


@define
class _RealmRead:
    """What was read of one realm; the fields are those of `Snapshot`."""

    found: dict[Address, LiveObject] = field(factory=dict)
    unmanaged: list[LiveObject] = field(factory=list)
    granted: dict[Address, Leaves] = field(factory=dict)
    administering: dict[Address, Leaves] = field(factory=dict)
    unseen: set[Address] = field(factory=set)
    passed_over: dict[Address, PassedOver] = field(factory=dict)


@define
class KeycloakReader:
    """Reads objects through the Admin API; never writes."""

    api: AdminApi
    names: Names = field(init=False)
    _begun: dict[Address, Wanted] = field(init=False, factory=dict)
    """What the next read is of, as far as requests for it were sent."""

    def __attrs_post_init__(self) -> None:
        self.names = Names(self.api)

    def read_ahead(self, request: ReadRequest) -> None:
        """Send what a read of these objects begins with, if they were there the last time."""
        if self._has_begun(request):
            return
        self._begun |= request.wanted
        self.names.learn_all(request.ids)
        for realm, of_realm in _by_realm(request).items():
            if Address.of(realm) in request.ids:
                self.api.read_ahead(_foreseen(self._readings(of_realm, realm, {}, {})))

    def _has_begun(self, request: ReadRequest) -> bool:
        """Whether all that a read begins with was sent before."""
        if request.beneath or request.unmanaged or request.everything:
            return False
        begun = self._begun
        return all(a in begun and w.fields <= begun[a].fields for a, w in request.wanted.items())

    def read(self, request: ReadRequest) -> Snapshot:
        """What is there of all that is wanted, and the ids of what it refers to.

        Raises:
            ServerError: Something could not be read.
        """
        self.read_ahead(request)
        self._begun.clear()
        about = self.api.server_info()
        realms = _by_realm(request).items()
        parts = self.api.together(lambda item: self._read_realm(*item), realms)
        found = {a: live for part in parts for a, live in part.found.items()}
        going = [found[address] for address in sorted(request.leaving & found.keys())]
        passed_over = {a: why for part in parts for a, why in part.passed_over.items()}
        known = self._look_up(request.references - found.keys(), found)
        return Snapshot(
            server=ServerIdentity(self.api.connection.url, about.version),
            asked=frozenset(request.wanted.keys() - passed_over.keys()),
            objects=found,
            known=known,
            facts={a: facts for a in known if (facts := self.names.facts(a))},
            features=about.features,
            offered=about.offered,
            unmanaged=tuple(item for part in parts for item in part.unmanaged),
            inhabitants=self._inhabitants(going),
            granted={a: leaves for part in parts for a, leaves in part.granted.items()},
            administering={a: it for part in parts for a, it in part.administering.items()},
            unseen=frozenset(address for part in parts for address in part.unseen),
            passed_over=passed_over,
            seconds=int(time.time()),
        )

    def _read_realm(self, realm: str, request: ReadRequest) -> _RealmRead:
        """What a snapshot has of a realm; nothing of that depends on other realms."""
        read = _RealmRead()
        for item in self._objects(request, realm, read.passed_over):
            if item.address in request.wanted or request.everything:
                read.found[item.address] = item
            elif not _is_keycloaks_own(item):
                read.unmanaged.append(item)
        if request.granted:
            grants = GrantReader(self.api, self.names, realm, read.found)
            read.granted |= grants.read(sorted(request.granted))
            read.unseen |= grants.unseen
        if request.administering:
            administrators = AdministratorReader(self.api, self.names, realm, read.found)
            read.administering |= administrators.read(request.wanted)
            read.unseen |= administrators.unseen
        return read

    def _objects(
        self, request: ReadRequest, realm: str, passed_over: dict[Address, PassedOver]
    ) -> Iterable[LiveObject]:
        """All that is read of a realm. What is new in it is not looked into."""
        everything: dict[Address, LiveObject] = {}
        found: dict[Address, LiveObject] = {}
        readings = self._readings(request, realm, found, passed_over)
        for name, reading in readings.items():
            if not self._has(resource_types()[name].spec):
                continue
            kind = resource_types()[name]
            read = {live.address: live for live in kind.read(reading)}
            if isinstance(kind, Seeing) and kind.sight is not None and _misses(reading, read):
                kind.sight(reading, read)
            everything |= read
            found |= {a: live for a, live in read.items() if not _is_new_in_realm(request, live)}
            is_realm = resource_types()[name].spec.where == ""
            if is_realm and self.names.known(Address.of(realm)) is None:
                break
        return list(everything.values())

    def _has(self, spec: TypeSpec) -> bool:
        """Whether the server may have objects of a type, as far as its features may be seen."""
        on = self.api.server_info().features
        return not spec.feature or on is None or spec.feature in on

    def _readings(
        self,
        request: ReadRequest,
        realm: str,
        found: Mapping[Address, LiveObject],
        passed_over: dict[Address, PassedOver],
    ) -> dict[str, Reading]:
        """What is to be read of a realm, by type; the last two fill while that happens."""
        by_type: dict[str, dict[Address, Wanted]] = {name: {} for name in resource_types()}
        for address, item in request.wanted.items():
            by_type[item.type][address] = item
        news = request.beneath or request.unmanaged or request.everything
        return {
            name: Reading(
                self.api,
                self.names,
                realm,
                by_type[name],
                found,
                beneath=request.beneath or request.everything,
                unmanaged=request.unmanaged or request.everything,
                everything=request.everything,
                data=request.data,
                passed_over=passed_over,
            )
            for name, kind in resource_types().items()
            if by_type[name] or (news and kind.spec.where) or kind.spec.where == ""
        }

    def _inhabitants(self, going: Iterable[LiveObject]) -> dict[Address, Inhabitants]:
        """What lives in objects that go."""
        kinds = ((item, resource_types()[item.type]) for item in going)
        return {
            item.address: kind.inhabitants(self.names, item)
            for item, kind in kinds
            if isinstance(kind, Inhabited)
        }

    def _look_up(
        self, references: Iterable[Address], found: Mapping[Address, LiveObject]
    ) -> dict[Address, str]:
        """Ids of what is only referred to. What lies in something that is missing is missing."""
        realms = {address for address in found if len(address.segments) == 1}
        todo = sorted(a for a in references if Address.of(a.realm) in realms or a not in found)
        ids = self.api.map(self.names.find, todo)
        return {a: i for a, i in zip(todo, ids, strict=True) if i is not None}


def _by_realm(request: ReadRequest) -> dict[str, ReadRequest]:
    """What is to be read of each realm."""
    wanted: dict[str, dict[Address, Wanted]] = {}
    for address, item in request.wanted.items():
        wanted.setdefault(address.realm, {})[address] = item
    granted: dict[str, set[Address]] = {}
    for address in request.granted:
        granted.setdefault(address.realm, set()).add(address)
    return {
        realm: evolve(request, wanted=wanted[realm], granted=frozenset(granted.get(realm, ())))
        for realm in sorted(wanted)
    }


def _foreseen(readings: Mapping[str, Reading]) -> Iterator[Get]:
    """What will be read of a realm that was there the last time."""
    for name, reading in readings.items():
        kind = resource_types()[name]
        if isinstance(kind, Foreseeing):
            yield from kind.foreseen(reading)


def _misses(reading: Reading, read: Container[Address]) -> bool:
    """Whether something may be there that was not seen."""
    return reading.everything or any(address not in read for address in reading.wanted)


def _is_new_in_realm(request: ReadRequest, item: LiveObject) -> bool:
    """Whether nobody asked for an object or for what it lies in, nor Keycloak made it.

    What lies in such an object is as new as that, and would take requests for each of them.
    """
    if request.everything or item.address in request.wanted or _is_keycloaks_own(item):
        return False
    holders = (a for a in item.address.ancestors() if not a.is_realm)
    return not any(holder in request.wanted for holder in holders)


def _is_keycloaks_own(item: LiveObject) -> bool:
    spec = resource_types()[item.type].spec
    return spec.comes_with(item.address) or spec.permanent(item.address)
