"""The reader: finds out for a command what Keycloak has.

Reading goes type by type in the type order, so that what lies in a client finds the client read.
Only what is managed is read, in pages where it is much, and nothing twice.
"""

import time
from collections.abc import Iterable, Iterator, Mapping

from attrs import define, field

from kcplan.address import Address
from kcplan.provider import ReadRequest, Wanted
from kcplan.schema import Leaves
from kcplan.snapshot import Inhabitants, LiveObject, PassedOver, Snapshot
from kcplan.state import ServerIdentity
from kcplan_keycloak.administrators import AdministratorReader
from kcplan_keycloak.api import AdminApi, Get
from kcplan_keycloak.grants import GrantReader
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Foreseeing, Inhabited, Reading
from kcplan_keycloak.resources import resource_types


@define
class KeycloakReader:
    """Reads objects through the Admin API; never writes."""

    api: AdminApi
    names: Names = field(init=False)

    def __attrs_post_init__(self) -> None:
        self.names = Names(self.api)

    def read_ahead(self, request: ReadRequest) -> None:
        """Send what a read of these objects begins with, if they were there the last time."""
        self.names.learn_all(request.ids)
        for realm in _realms(request):
            self._send_ahead(realm, request, self._readings(request, realm, {}, {}))

    def _send_ahead(
        self, realm: str, request: ReadRequest, readings: Mapping[str, Reading]
    ) -> None:
        if Address.of(realm) in request.ids:
            self.api.read_ahead(_foreseen(readings))

    def read(self, request: ReadRequest) -> Snapshot:
        """What is there of all that is wanted, and the ids of what it refers to.

        Raises:
            ServerError: Something could not be read.
        """
        self.names.learn_all(request.ids)
        about = self.api.server_info()
        passed_over: dict[Address, PassedOver] = {}
        found, unmanaged = self._read_realms(request, passed_over)
        going = [found[address] for address in sorted(request.leaving & found.keys())]
        known = self._look_up(request.references - found.keys(), found)
        granted, unseen = self._granted(request, found)
        administering, hidden = self._administering(request, found)
        return Snapshot(
            server=ServerIdentity(self.api.connection.url, about.version),
            asked=frozenset(request.wanted),
            objects=found,
            known=known,
            facts={a: facts for a in known if (facts := self.names.facts(a))},
            features=about.features,
            offered=about.offered,
            unmanaged=tuple(unmanaged),
            inhabitants=self._inhabitants(going),
            granted=granted,
            administering=administering,
            unseen=unseen | hidden,
            passed_over=passed_over,
            seconds=int(time.time()),
        )

    def _read_realms(
        self, request: ReadRequest, passed_over: dict[Address, PassedOver]
    ) -> tuple[dict[Address, LiveObject], list[LiveObject]]:
        found: dict[Address, LiveObject] = {}
        unmanaged: list[LiveObject] = []
        for realm in _realms(request):
            for item in self._read_realm(request, realm, passed_over):
                if item.address in request.wanted or request.everything:
                    found[item.address] = item
                elif not _is_keycloaks_own(item):
                    unmanaged.append(item)
        return found, unmanaged

    def _read_realm(
        self, request: ReadRequest, realm: str, passed_over: dict[Address, PassedOver]
    ) -> Iterable[LiveObject]:
        """All that is read of a realm. What is new in it is not looked into."""
        everything: dict[Address, LiveObject] = {}
        found: dict[Address, LiveObject] = {}
        readings = self._readings(request, realm, found, passed_over)
        self._send_ahead(realm, request, readings)
        for name, reading in readings.items():
            read = {live.address: live for live in resource_types()[name].read(reading)}
            everything |= read
            found |= {a: live for a, live in read.items() if not _is_new_in_realm(request, live)}
            is_realm = resource_types()[name].spec.where == ""
            if is_realm and self.names.known(Address.of(realm)) is None:
                break
        return list(everything.values())

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
            if address.realm == realm:
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

    def _granted(
        self, request: ReadRequest, found: Mapping[Address, LiveObject]
    ) -> tuple[dict[Address, Leaves], frozenset[Address]]:
        """What the accounts are granted of which that was asked, and those that hide it."""
        granted: dict[Address, Leaves] = {}
        unseen: set[Address] = set()
        for realm in sorted({address.realm for address in request.granted}):
            grants = GrantReader(self.api, self.names, realm, found)
            granted |= grants.read(a for a in sorted(request.granted) if a.realm == realm)
            unseen |= grants.unseen
        return granted, frozenset(unseen)

    def _administering(
        self, request: ReadRequest, found: Mapping[Address, LiveObject]
    ) -> tuple[dict[Address, Leaves], frozenset[Address]]:
        """Which accounts that nobody declared administer a realm, where that was asked.

        Also the accounts of which that may not be seen.
        """
        granted: dict[Address, Leaves] = {}
        unseen: set[Address] = set()
        for realm in _realms(request) if request.administering else ():
            clients = (address for address in request.wanted if address.realm == realm)
            reader = AdministratorReader(self.api, self.names, realm, found)
            granted.update(reader.read(clients))
            unseen |= reader.unseen
        return granted, frozenset(unseen)

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


def _realms(request: ReadRequest) -> list[str]:
    return sorted({address.realm for address in request.wanted})


def _foreseen(readings: Mapping[str, Reading]) -> Iterator[Get]:
    """What will be read of a realm that was there the last time."""
    for name, reading in readings.items():
        kind = resource_types()[name]
        if isinstance(kind, Foreseeing):
            yield from kind.foreseen(reading)


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
