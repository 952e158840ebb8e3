"""The quick look: of what was read in full before, only what admin events touched is read again.

That is as good as a full reading as long as the events tell everything. So what the last full
reading saw is kept beside the state, a `Look`; and whatever makes it doubtful leads to a full one.
Pure.
"""

import time
from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet

from kcplan import __version__
from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, note
from kcplan.digests import Digester
from kcplan.drift import find_drift
from kcplan.grants import find_grants
from kcplan.lifecycle import Rules
from kcplan.resource import Registry
from kcplan.snapshot import Snapshot
from kcplan.state import ServerIdentity, State

HOUR = 3600
"""So many seconds `[refresh] full_every` counts in."""


@frozen
class SeenEvents:
    """Which admin events of a realm were seen.

    Attributes:
        last: What tells the newest one from all others.
        seconds: When that came, in seconds since 1970, UTC.
        settled: No event from before this time is new any more, if it was not saved very late.
        recent: What tells those since then from all others.
    """

    last: str
    seconds: float
    settled: float
    recent: frozenset[str] = frozenset()


@frozen
class Look:
    """What was seen when a state's realms were read in full, and by the quick looks since.

    Attributes:
        url: The server.
        lineage: The state's.
        serial: The state's.
        version: The version of kcplan that looked.
        server: Keycloak's version; None where it may not be seen.
        account: Who looked, and through which realm.
        seconds: When the full reading began, in seconds since 1970, UTC.
        events: The admin events of each realm that keeps them, from before it was read.
        differing: What was not as the state has it, or could not be seen; also what is not told.
        gone: What of that was not there, or was another object.
    """

    url: str
    lineage: str
    serial: int
    version: str
    server: str | None
    account: str
    seconds: int
    events: Mapping[str, SeenEvents]
    differing: frozenset[Address]
    gone: frozenset[Address]


@frozen
class QuickReading:
    """What was read for a quick look.

    Attributes:
        live: What Keycloak has.
        account: Who looked, and through which realm.
        full: The realms that were read in full, and why.
        began: When that began, in seconds since 1970, UTC.
        events: The admin events of each realm that keeps them, from before it was read.
    """

    live: Snapshot
    account: str
    full: Mapping[str, str]
    began: int
    events: Mapping[str, SeenEvents]


def looked(
    state: State, quick: QuickReading, before: Look | None, registry: Registry, digester: Digester
) -> Look:
    """What was seen by now. `before` is what the last look saw."""
    in_full = quick.full.keys() >= {a.realm for a in state.resources}
    return Look(
        url=quick.live.server.url,
        lineage=state.lineage,
        serial=state.serial,
        version=__version__,
        server=quick.live.server.version,
        account=quick.account,
        seconds=quick.began if before is None or in_full else before.seconds,
        events=quick.events,
        differing=differing(state, quick.live, registry, digester),
        gone=frozenset(_gone(state, quick.live)),
    )


def why_in_full(
    look: Look | None, state: State, server: ServerIdentity, account: str, hours: float, now: float
) -> str:
    """Why everything must be read, whatever the events say; empty where it need not be.

    `hours` is how long a full reading is good for, `now` the time in seconds since 1970.
    """
    if look is None:
        return "there was none in full before"
    late = not 0 <= now - look.seconds < hours * HOUR
    last = "the last one in full was"
    found = {
        f"{last} of another server": look.url != server.url,
        f"{last} for another state": look.lineage != state.lineage,
        "kcplan changed something since the last one in full": look.serial != state.serial,
        f"{last} by kcplan {look.version}": look.version != __version__,
        f"{last} with another account": look.account != account,
        f"{last} of another version of Keycloak": look.server != server.version,
        f"{last} {hours:g} hours ago or more": late,
    }
    return next((reason for reason, holds in found.items() if holds), "")


def differing(
    state: State, live: Snapshot, registry: Registry, digester: Digester
) -> frozenset[Address]:
    """What is not as the state has it, whether `ignore_changes` hides that or not.

    It must be read the next time as well: it may have changed back, and rules may change.
    """
    everything = Rules(())
    drift, outside = find_drift(state, live, registry, digester, everything)
    grants = find_grants(state, live, registry, everything)
    found = {change.address for change in (*drift, *outside, *grants)}
    found |= {*live.unseen, *live.passed_over}
    return frozenset(near for a in found for near in (a, a.parent) if near in state.resources)


def not_as_expected(state: State, live: Snapshot, look: Look) -> set[str]:
    """The realms in which something is gone, or another one, that was there at the last look."""
    return {address.realm for address in _gone(state, live) if address not in look.gone}


def _gone(state: State, live: Snapshot) -> Iterator[Address]:
    for address in live.asked & state.resources.keys():
        there = live.objects.get(address)
        if there is None or state.resources[address].is_another(there.id):
            yield address


def told(state: State, quick: QuickReading, look: Look) -> tuple[Diagnostic, ...]:
    """What a quick look relied on, and which realms were read in full, and why."""
    notes = [_in_full(reason, quick.full) for reason in sorted({*quick.full.values()})]
    realms = {address.realm for address in state.resources} - quick.full.keys()
    return (*notes, _by_events(realms, state, quick, look)) if realms else tuple(notes)


def _in_full(reason: str, full: Mapping[str, str]) -> Diagnostic:
    names = ", ".join(realm for realm, why in sorted(full.items()) if why == reason)
    return note(
        "read-in-full",
        f"read in full: {names}",
        f"A quick look was not enough: {reason}.",
    )


def _by_events(
    realms: AbstractSet[str], state: State, quick: QuickReading, look: Look
) -> Diagnostic:
    managed = {address for address in state.resources if address.realm in realms}
    when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(look.seconds))
    return note(
        "quick-look",
        f"looked at by admin events: {', '.join(sorted(realms))}",
        f"Of {len(managed)} managed resources {len(managed & quick.live.asked)} were read: those "
        f"that admin events since the last full reading ({when} UTC) are about, those that had "
        "changed then, and those of which no event tells. What somebody changed without an event "
        "is found by the next full reading.",
    )
