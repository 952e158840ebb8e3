"""Admin events: what Keycloak remembers of requests that changed a realm, where the realm wants it.

An event says whose request it was, when it came and from where, and the path that it was sent to.
So an event is about an object if its path is the object's, or lies below that. The path of a part
(`…/protocol-mappers/models/ID`) says which of the object's fields it can have changed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import unquote

from attrs import field

from kcplan.address import Address
from kcplan.classes import define, frozen
from kcplan.diagnostics import Path
from kcplan.plan import Action, ResourceChange
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import ResourceType
from kcplan_keycloak.resources import resource_types, type_at
from kcplan_keycloak.rest import RestType

PAGE: Final = 200
"""So many events are asked for at a time."""

_LATEST: Final = 4_102_444_800
"""The year 2100: what an event says beyond that is no time."""

_TYPED: Final = re.compile(r"(/resource-server/(?:policy|permission))/[^/]+/(?=[^/]+$)")
"""Policies and permissions also have paths with their type in it."""

_ALONG: Final = "AUTHORIZATION_RESOURCE_SERVER"
"""What becomes of a client's authorization services is told at the client's own path."""

_OWN: Final = ("", "events/config")
"""Where a realm's own fields are written."""


@frozen
class Event:
    """One admin event.

    Attributes:
        user, client: The ids of who made the request, and of the client they had logged in with.
        realm: The id of the realm they had logged in at.
        ip_address: Where the request came from; empty where that is not known.
        seconds: When it came, in seconds since 1970.
        operation: `CREATE`, `UPDATE`, `DELETE` or `ACTION`.
        path: What it was sent to, below the realm; empty for the realm itself.
        along: Whether it only tells what Keycloak did along with another event of the same path.
    """

    user: str
    client: str
    realm: str
    ip_address: str
    seconds: float
    operation: str
    path: str
    along: bool = False


def event_pages(api: AdminApi, realm: str, most: int) -> Iterator[list[Any]]:
    """The admin events of a realm as Keycloak gives them, the newest first.

    At most so many pages, each of `PAGE` events; the last one there is has fewer.

    Raises:
        ServerError: They could not be read.
    """
    at = f"{path('realms', realm)}/admin-events"
    for number in range(most):
        page = api.get(at, first=number * PAGE, max=PAGE) or []
        yield page
        if len(page) < PAGE:
            return


def event_of(body: Mapping[str, Any]) -> Event | None:
    """An admin event as Keycloak gives it; None for a request that failed, or without a user."""
    who, moment = body.get("authDetails"), body.get("time")
    if body.get("error") or not isinstance(who, Mapping) or not isinstance(moment, int):
        return None
    found = [who.get(key) or "" for key in ("userId", "clientId", "realmId", "ipAddress")]
    found += [body.get(key) or "" for key in ("operationType", "resourcePath", "resourceType")]
    seconds = moment / 1000
    if not all(isinstance(text, str) for text in found) or not 0 < seconds < _LATEST:
        return None
    user, client, realm, ip_address, operation, at, kind = found
    at = _TYPED.sub(r"\1/", at.strip("/")).replace("/permission/", "/policy/")
    along = kind == _ALONG and not at.endswith("/resource-server")
    return Event(user, client, realm, ip_address, seconds, operation, at, along) if user else None


@define
class Question:
    """Who made a change? The events that may say it are looked at one by one, the newest first.

    Attributes:
        change: The change.
        since: No event before this time can have made it.
        places: The paths below the realm that its object has.
        through: The paths of groups through which an account is granted something.
        found: The last event of each user who may have made it.
    """

    change: ResourceChange
    since: float
    places: frozenset[str]
    through: frozenset[str] = frozenset()
    found: dict[str, Event] = field(factory=dict)

    def look_at(self, event: Event) -> None:
        """Take note of an event that may have made the change."""
        if event.seconds >= self.since and event.user not in self.found and self._fits(event):
            self.found[event.user] = event

    def _fits(self, event: Event) -> bool:
        action = self.change.action
        if action.takes_away and event.operation == "DELETE":
            return not event.along and any(
                below(place, event.path) is not None for place in self.places if event.path
            )
        if action in (Action.CREATE, Action.REPLACE):
            return not event.along and event.operation == "CREATE" and event.path in self.places
        if action is Action.DELETE or (event.along and event.operation == "CREATE"):
            return False
        if any(below(event.path, f"{group}/role-mappings") for group in self.through):
            return True
        rests = [r for place in self.places if (r := below(event.path, place)) is not None]
        paths = [item.path for item in self.change.changes]
        return any(can_change(self.change.type, at, rest) for rest in rests for at in paths)


def places(names: Names, address: Address, ids: Iterable[str | None]) -> Iterator[str]:
    """The paths that events about an object can have, for each of the ids that it has or had.

    Raises:
        ServerError: What the object lies in was not known, and could not be asked for.
    """
    kind = type_at(address)
    if kind is None:
        return
    for object_id in ids:
        for at in _paths(names, kind, address, object_id):
            yield unquote(at.removeprefix(path("realms", address.realm)).strip("/"))


def _paths(
    names: Names, kind: ResourceType, address: Address, object_id: str | None
) -> Iterator[str]:
    if not isinstance(kind, RestType):
        yield kind.path_of(address, object_id)
        return
    collection = kind.at.within(names, address)
    if collection is not None:
        yield kind.at.at(collection, address, object_id)
        yield f"{collection}/{path(address.name)}"


def below(at: str, place: str) -> str | None:
    """The rest of a path that is a place or lies below it; None for another one."""
    if at == place:
        return ""
    start = f"{place}/" if place else ""
    return at.removeprefix(start) if at.startswith(start) else None


def can_change(word: str, where: Path, rest: str) -> bool:
    """Whether a request to a path below an object can change one of its fields.

    Args:
        word: The type of the object.
        where: The path of the field.
        rest: What the path of the request has after that of the object.
    """
    kind = resource_types()[word]
    for part in kind.parts:
        if where[0] in part.fields:
            return below(rest, part.place(where)) is not None or (not rest and part.is_posted)
    if not kind.spec.where:
        return rest in _OWN
    return not any(below(rest, place) is not None for place in _other_places(word))


def _other_places(word: str) -> Iterator[str]:
    """The paths below an object where its parts are, and objects of other types."""
    for part in resource_types()[word].parts:
        yield from (part.place((name, "")) for name in part.fields)
    for kind in resource_types().values():
        if isinstance(kind, RestType) and kind.at.holder == word:
            yield kind.at.path
    yield "authz"
