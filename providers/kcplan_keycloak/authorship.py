"""Who made the changes that were found in Keycloak: asked of the admin events of their realms.

Nothing is asked where nothing changed, or where the realm keeps no events. Else they are read page
by page, the newest first, until each change has somebody who may have made it. What kcplan itself
wrote is passed over.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice
from typing import Final

from attrs import evolve, field

from kcplan.address import Address
from kcplan.authors import CLOCKS, Author, OwnAccount, has_written
from kcplan.classes import define, frozen
from kcplan.diagnostics import Diagnostic, note
from kcplan.drift import Drift
from kcplan.errors import ServerError
from kcplan.plan import ResourceChange
from kcplan.snapshot import LiveObject, Snapshot
from kcplan.state import State
from kcplan_keycloak.admin_events import Event, Question, event_of, event_pages, places
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.built_in import management_client
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.names import Names

PAGES: Final = 25
"""Of a realm no more than so many pages of events are read."""

_MOST: Final = 3
"""Of those who may have made a change, no more are named."""

_KEPT: Final = ("adminEventsEnabled",)
_MASTER: Final = "master"

Groups = Sequence[tuple[ResourceChange, ...]]


@frozen
class Named:
    """Changes with who made them, in groups as they came, and what is to be said of that."""

    groups: tuple[tuple[ResourceChange, ...], ...]
    notes: tuple[Diagnostic, ...] = ()


def keeps_events(realm: LiveObject | None) -> bool:
    """Whether a realm that was read keeps admin events."""
    return realm is not None and realm.leaves.get(_KEPT) is True


def own_account(api: AdminApi, live: Snapshot | None) -> OwnAccount | None:
    """The account that is logged in, where what it wrote is in the events of a realm.

    A token of `admin-cli` does not say whose it is. Then the account is looked up by its name, but
    not where nothing could be read back.
    """
    login = api.connection
    if live is None:
        return api.own_account()
    if not any(map(keeps_events, live.objects.values())):
        return None
    own = api.own_account()
    if own is not None or login.username is None:
        return own
    with suppress(ServerError):
        at = path("realms", login.auth_realm, "users")
        for user in api.get(at, username=login.username, exact="true") or ():
            return api.own_account(user["id"])
    return None


def with_authors(api: AdminApi, state: State, live: Snapshot, drift: Drift) -> Drift:
    """The drift, with who made it as far as admin events say it. Never raises ServerError."""
    groups = (drift.changed, drift.outside, drift.appeared)
    named = name_authors(api, state, live, groups)
    changed, outside, appeared = named.groups
    return evolve(
        drift,
        changed=changed,
        outside=outside,
        appeared=appeared,
        diagnostics=(*drift.diagnostics, *named.notes),
    )


def name_authors(api: AdminApi, state: State, live: Snapshot, groups: Groups) -> Named:
    """The changes, with who made them as far as admin events say it. Never raises ServerError."""
    realms = sorted({change.address.realm for group in groups for change in group})
    ids = {item.address: item.id for item in live.unmanaged if item.id} | live.ids()
    before = {a: entry.id for a, entry in state.resources.items() if entry.id}
    names = Names(api, before | ids)
    notes: list[Diagnostic] = []
    authors: dict[int, tuple[Author, ...]] = {}
    for realm in realms:
        changes = [c for group in groups for c in group if c.address.realm == realm]
        reader = _RealmEvents(api, realm, state, live, ids, names)
        try:
            authors |= reader.authors(changes)
        except ServerError as problem:
            notes.append(_unread(realm, problem))
        if reader.is_off:
            notes.append(_switched_off(realm))
    named = tuple(
        tuple(evolve(change, authors=authors.get(id(change), ())) for change in group)
        for group in groups
    )
    return Named(named, tuple(notes))


@define
class _RealmEvents:
    """Reads the admin events of one realm; never writes."""

    api: AdminApi
    realm: str
    state: State
    live: Snapshot
    _ids: Mapping[Address, str]
    _names: Names
    _looked: dict[tuple[str, str], str | None] = field(factory=dict)

    @property
    def is_off(self) -> bool:
        """Whether the realm was read, and keeps no events."""
        found = self.live.objects.get(Address.of(self.realm))
        return found is not None and not keeps_events(found)

    def authors(self, changes: Iterable[ResourceChange]) -> dict[int, tuple[Author, ...]]:
        """Who made each change, by the identity of the change. Raises ServerError."""
        if self.is_off:
            return {}
        questions = [self._question(change) for change in changes]
        for event in self._events(questions):
            for question in questions:
                question.look_at(event)
        return {id(question.change): self._named(question) for question in questions}

    def _events(self, questions: Sequence[Question]) -> Iterable[Event]:
        """Events that are not kcplan's, until each question has an answer, or enough are read."""
        oldest = min((question.since for question in questions), default=0)
        for bodies in event_pages(self.api, self.realm, PAGES):
            found = [event for body in bodies if (event := event_of(body)) is not None]
            yield from (event for event in found if not self._is_own(event))
            done = all(question.found for question in questions)
            if done or (found and found[-1].seconds < oldest):
                return

    # -- what is asked -----------------------------------------------------------------------

    def _question(self, change: ResourceChange) -> Question:
        resources = self.state.resources
        known = resources.get(change.address) or resources.get(change.address.parent)
        since = known.since if known is not None and known.since is not None else 0
        groups = {i.path[1] for i in change.changes if i.path[0] == "groups" and len(i.path) > 1}
        return Question(
            change,
            since - CLOCKS,
            frozenset(self._places(change.address)),
            frozenset(place for text in groups for place in self._places(self._group(text))),
        )

    def _group(self, text: str) -> Address:
        return Address.of(self.realm, "groups", *filter(None, text.split("/")))

    def _places(self, address: Address) -> Iterator[str]:
        """The paths of an object below the realm, under each id that it has or had."""
        entry = self.state.resources.get(address)
        ids = {entry.id if entry else None, self._ids.get(address)} - {None}
        return places(self._names, address, ids or {self._names.find(address)})

    # -- who it was --------------------------------------------------------------------------

    def _is_own(self, event: Event) -> bool:
        """Whether kcplan made the request; a client that may not be seen is taken for its own."""
        accounts = [own for own in self.state.own_accounts if own.user == event.user]
        if not accounts:
            return False
        client = None if any(w.client is None for w in accounts) else self._client(event)
        return has_written(accounts, event.user, client, event.seconds)

    def _named(self, question: Question) -> tuple[Author, ...]:
        return tuple(
            Author(self._person(event), event.user, event.ip_address, int(event.seconds))
            for event in islice(question.found.values(), _MOST)
        )

    def _person(self, event: Event) -> str:
        return self._looked_up(event, "users", event.user, "username") or event.user

    def _client(self, event: Event) -> str | None:
        return self._looked_up(event, "clients", event.client, "clientId")

    def _looked_up(self, event: Event, kind: str, object_id: str, key: str) -> str | None:
        """The name of who logged in, or of the client; None where it may not be seen, or is gone.

        Whoever administers a realm logs in there or at `master`.
        """
        realm = self._ids.get(Address.of(self.realm))
        at = path("realms", self.realm if event.realm in (realm, self.realm) else _MASTER)
        if (at, object_id) not in self._looked:
            self._looked[at, object_id] = None
            with suppress(ServerError):
                found = self.api.get(f"{at}/{kind}/{path(object_id)}") or {}
                self._looked[at, object_id] = found.get(key)
        return self._looked[at, object_id]


def _unread(realm: str, problem: ServerError) -> Diagnostic:
    if isinstance(problem, ForbiddenError):
        return note(
            "authors-not-seen",
            "who made the changes is not known: the account may not see admin events",
            f"Give it the role view-events of the client {management_client(realm)}, and kcplan "
            "names who changed what, and when.",
            address=Address.of(realm),
        )
    return note(
        "authors-not-seen",
        f"who made the changes is not known: {problem.summary}",
        problem.detail,
        address=Address.of(realm),
    )


def _switched_off(realm: str) -> Diagnostic:
    return note(
        "authors-not-kept",
        "who made the changes is not known: the realm keeps no admin events",
        "Set `adminEventsEnabled` to true in the realm's file (in the console: Realm settings, "
        "Events, Admin events settings), and kcplan names who changed what, and when. "
        "`adminEventsExpiration` in `attributes` says for how many seconds they are kept.",
        address=Address.of(realm),
    )
