"""Reading for a quick look: the admin events since the last look, and what they are about.

Where the events of a realm cannot be relied on, all that is managed in it is read, and why is said.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import field

from kcplan.address import Address
from kcplan.classes import define, frozen
from kcplan.errors import ServerError
from kcplan.quick import Look, QuickReading, SeenEvents, not_as_expected, why_in_full
from kcplan.reading import for_refresh
from kcplan.resource import Registry, TypeSpec
from kcplan.state import ServerIdentity, State
from kcplan_keycloak.admin_events import PAGE, event_pages, places
from kcplan_keycloak.api import AdminApi, Connection, path
from kcplan_keycloak.built_in import account_name
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.names import Names
from kcplan_keycloak.reader import KeycloakReader
from kcplan_keycloak.touched import Happened, touched

OVERLAP: Final = 300
"""So many seconds after its request an event may appear: saved late, or by a slow clock."""

PAGES: Final = 10
"""Of a realm no more than so many pages of events are read: a full reading is faster then."""

USERS: Final = 50
"""So many users are looked up, to see whether they are accounts of managed clients."""


class _DoubtError(Exception):
    """The events of a realm cannot be relied on; it says why."""


def read_quickly(
    api: AdminApi, state: State, registry: Registry, look: Look | None, hours: float
) -> QuickReading:
    """Read what may have changed since the last look; `hours` is how long a full one is good for.

    Raises:
        ServerError: Something could not be read, other than events.
    """
    began = int(time.time())
    server = ServerIdentity(api.connection.url, api.server_info().version)
    account = _account(api.connection)
    why = why_in_full(look, state, server, account, hours, began)
    realms = sorted({address.realm for address in state.resources})
    with api.reading_once():
        known = None if why else look
        found = {realm: _RealmLook(api, realm, state, registry, began, known) for realm in realms}
        for realm in found.values():
            realm.ask()
        full = {name: why or realm.doubt for name, realm in found.items() if why or realm.doubt}
        chosen = frozenset(a for a in state.resources if a.realm in full)
        chosen = chosen.union(*(realm.addresses for realm in found.values()))
        reader = KeycloakReader(api)
        live = reader.read(for_refresh(state, registry, chosen=chosen))
        if look is not None and (odd := not_as_expected(state, live, look) - full.keys()):
            full |= dict.fromkeys(odd, "something is gone, or is another object of that name")
            chosen |= {address for address in state.resources if address.realm in odd}
            live = reader.read(for_refresh(state, registry, chosen=chosen))
    events = {name: realm.seen for name, realm in found.items() if realm.seen is not None}
    return QuickReading(live, account, full, began, events)


def _account(login: Connection) -> str:
    """Who looks: what one account may not see, another may."""
    return " ".join((login.auth_realm, login.client_id, login.username or ""))


@frozen
class _Event:
    """An admin event.

    Attributes:
        id: What tells it from all others.
        seconds: When the request came, in seconds since 1970, UTC.
        what: What was requested.
        failed: Whether it was refused.
    """

    id: str
    seconds: float
    what: Happened
    failed: bool


@define
class _RealmLook:
    """What is to be read of one realm.

    Attributes:
        seen: Its admin events, if it keeps them.
        addresses: What is to be read, unless there is a doubt.
        doubt: Why the events are not enough; empty where they are.
    """

    _api: AdminApi
    _realm: str
    _state: State
    _registry: Registry
    _began: int
    _look: Look | None
    seen: SeenEvents | None = None
    addresses: frozenset[Address] = frozenset()
    doubt: str = ""
    _managed: dict[Address, TypeSpec] = field(factory=dict)

    def ask(self) -> None:
        """Find it out. Raises ServerError where the realm itself cannot be read."""
        try:
            self._require_events()
            found = self._events()
            if self._look is not None:
                self._compare(found)
        except _DoubtError as doubt:
            self.doubt = str(doubt)

    def _require_events(self) -> None:
        body = self._api.get(path("realms", self._realm))
        if body is None:
            raise _DoubtError("the realm is gone")
        if body.get("adminEventsEnabled") is not True:
            raise _DoubtError("the realm keeps no admin events (`adminEventsEnabled`)")

    def _events(self) -> list[_Event]:
        """The events since the last look, and some before; the newest first."""
        try:
            found = list(self._read(self._before()))
        except ForbiddenError:
            raise _DoubtError("the account may not see admin events (role view-events)") from None
        except ServerError as problem:
            raise _DoubtError(f"the admin events could not be read ({problem.summary})") from None
        if not found:
            raise _DoubtError("the realm has no admin event that a later look could begin with")
        # The events have the server's clock, which may be behind.
        settled = min(float(self._began), found[0].seconds) - OVERLAP
        recent = frozenset(event.id for event in found if event.seconds >= settled)
        self.seen = SeenEvents(found[0].id, found[0].seconds, settled, recent)
        return found

    def _before(self) -> SeenEvents | None:
        return self._look.events.get(self._realm) if self._look is not None else None

    def _read(self, before: SeenEvents | None) -> Iterator[_Event]:
        oldest = min(before.seconds, before.settled) if before else self._began - OVERLAP
        for bodies in event_pages(self._api, self._realm, PAGES):
            page = list(map(_event, bodies))
            yield from page
            if len(page) < PAGE or page[-1].seconds < oldest:
                return
        raise _DoubtError("there were too many admin events lately")

    def _compare(self, found: Iterable[_Event]) -> None:
        """Find out what the new ones among the events are about."""
        before = self._before()
        if before is None:
            raise _DoubtError("no admin events were seen at the last full reading")
        if all(event.id != before.last for event in found):
            raise _DoubtError("the last admin event that was seen is not there any more")
        new = {event.what for event in found if _is_new(event, before) and not event.failed}
        resources = self._state.resources
        self._managed = {
            address: self._registry[entry.type]
            for address, entry in resources.items()
            if address.realm == self._realm
        }
        about = touched(new, self._places() if new else {}, self._managed)
        if about.doubt is not None:
            raise _DoubtError(f"it does not follow admin events such as {about.doubt}")
        always = {address for address, spec in self._managed.items() if spec.told_at is None}
        differing = self._look.differing if self._look is not None else frozenset()
        self.addresses = frozenset(
            {*about.addresses, *always, *self._of_users(about.users)}
            | (differing & self._managed.keys())
        )

    def _places(self) -> dict[str, Address]:
        """The paths of managed objects, as far as their ids are known."""
        names = Names(self._api, {a: e.id for a, e in self._state.resources.items() if e.id})
        return {
            place: address
            for address in self._managed
            for place in places(names, address, [self._state.resources[address].id])
        }

    def _of_users(self, users: frozenset[str]) -> frozenset[Address]:
        """The managed clients whose accounts these are, if they are accounts of clients."""
        if len(users) > USERS:
            raise _DoubtError("there are too many admin events about users")
        try:
            found = self._api.map(
                lambda user: self._api.get(path("realms", self._realm, "users", user)),
                sorted(users),
            )
        except ForbiddenError:
            raise _DoubtError("the account may not see users (role view-users)") from None
        names = {body.get("username") for body in found if body}
        holders = (a for a, spec in self._managed.items() if spec.grants is not None)
        return frozenset(holder for holder in holders if account_name(holder.name) in names)


def _is_new(event: _Event, before: SeenEvents) -> bool:
    late = event.seconds > before.seconds or event.seconds >= before.settled
    return late and event.id not in before.recent


def _event(body: Mapping[str, Any]) -> _Event:
    """An event as Keycloak gives it. Older versions give it no id."""
    operation, kind, at, known = (
        str(body.get(key) or "") for key in ("operationType", "resourceType", "resourcePath", "id")
    )
    moment = body.get("time")
    seconds = moment / 1000 if isinstance(moment, int) else 0.0
    what = Happened(operation, kind, at.strip("/"))
    return _Event(known or f"{seconds} {what}", seconds, what, bool(body.get("error")))
