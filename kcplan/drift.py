"""Drift: what changed in Keycloak since the last apply, whatever the files say."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Any

from attrs import evolve

from kcplan import barred
from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, Path
from kcplan.diff import (
    alike,
    identical,
    is_hidden,
    is_marker,
    is_masked,
    is_off,
    is_unseen,
    without_server_made,
)
from kcplan.digests import Digester
from kcplan.grants import find_grants, unseen, with_grants
from kcplan.lifecycle import Rules
from kcplan.mirrors import mirrored
from kcplan.path_patterns import path_matches
from kcplan.plan import Action, ChangeOrigin, FieldChange, ResourceChange
from kcplan.resource import (
    Registry,
    TypeSpec,
)
from kcplan.risk import Risk
from kcplan.risk_rules import RiskRule, find_risks
from kcplan.schema import under
from kcplan.secret import is_sensitive, secret_text
from kcplan.shapes import Named, shape_at
from kcplan.snapshot import LiveObject, Snapshot
from kcplan.state import ResourceState, ServerIdentity, State, sorted_by_address

_Explaining = tuple[ResourceState, Callable[[Any, Address, Path], bool]]


@frozen
class Drift:
    """What changed in Keycloak since the last apply.

    Attributes:
        changed: The managed resources that are not as kcplan left them.
        outside: What changed on managed resources in fields that no file mentions.
        appeared: Objects that kcplan does not manage.
        risks: What of the changes is risky, the most dangerous first.
        server: Where that was seen.
        realms: The realms that kcplan manages there.
        diagnostics: What is to be said of how much could be seen.
        environment: The environment of kcplan.toml whose state was compared; None where there is
            none.
    """

    changed: tuple[ResourceChange, ...] = ()
    outside: tuple[ResourceChange, ...] = ()
    appeared: tuple[ResourceChange, ...] = ()
    risks: tuple[Risk, ...] = ()
    server: ServerIdentity | None = None
    realms: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    environment: str | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing changed."""
        return not (self.changed or self.outside or self.appeared)


def detect_drift(
    state: State,
    live: Snapshot,
    registry: Registry,
    digester: Digester,
    rules: Rules,
    risk_rules: Callable[[], Iterable[RiskRule]] = tuple,
) -> Drift:
    """What changed, of what the files declare and of the rest, and what of it is risky.

    `risk_rules` is asked only where something changed.
    """
    drift, outside = find_drift(state, live, registry, digester, rules)
    changed = with_grants(drift, find_grants(state, live, registry, rules))
    leaves = {address: item.leaves for address, item in live.objects.items()}
    found = (*changed, *outside)
    return Drift(
        changed=changed,
        outside=outside,
        appeared=find_appeared(state, live),
        risks=find_risks(risk_rules(), found, leaves, registry) if found else (),
        server=live.server,
        realms=tuple(sorted({address.realm for address in state.resources})),
        diagnostics=(*unseen(live), *barred.noted(live, registry)),
    )


def find_drift(
    state: State, live: Snapshot, registry: Registry, digester: Digester, rules: Rules
) -> tuple[tuple[ResourceChange, ...], tuple[ResourceChange, ...]]:
    """What is not as kcplan left it, but for fields that are ignored.

    First what the files declare, or what is watched as if they did; then what changed on managed
    resources in fields that no file mentions.

    Resources that were not read (of other realms, or beyond the targets) are not judged: the
    snapshot lists what it was asked for in `asked`.
    """
    found, outside = [], []
    explaining = _explaining(state, registry)
    for address, entry in sorted_by_address(state.resources):
        spec, current = registry[entry.type], live.objects.get(address)
        if spec.virtual or (live.asked and address not in live.asked) or address in live.barred:
            continue
        ignored = rules.ignored(address)
        watched, rest = _beyond_declared(spec, entry, current, ignored)
        change = _drift_of(spec, entry, current, watched, digester, ignored)
        if change is not None:
            found.append(_explained(change, explaining))
        if rest:
            reason = "fields that no file mentions"
            outside.append(_change(entry, Action.UPDATE, rest, reason))
    return tuple(found), tuple(outside)


def _explaining(state: State, registry: Registry) -> list[_Explaining]:
    """The resources that others have fields because of, each with what says so."""
    entries = state.resources.values()
    return [(e, registry[e.type].explains) for e in entries if registry[e.type].virtual]


def _explained(change: ResourceChange, explaining: Sequence[_Explaining]) -> ResourceChange:
    """The change with the reason for each field that is there because of another resource."""

    def reason(path: Path) -> str:
        return " and ".join(
            str(entry.address)
            for entry, explains in explaining
            if explains(entry, change.address, path)
        )

    changes = tuple(evolve(item, because=reason(item.path)) for item in change.changes)
    return evolve(change, changes=changes) if explaining else change


def find_appeared(state: State, live: Snapshot) -> tuple[ResourceChange, ...]:
    """The objects that were read and that kcplan does not manage."""
    return tuple(
        ResourceChange(
            item.address, item.type, Action.CREATE, "it is not managed", after=item.leaves
        )
        for item in sorted(live.unmanaged, key=lambda item: item.address)
        if item.address not in state.resources
    )


def _drift_of(
    spec: TypeSpec,
    entry: ResourceState,
    live: LiveObject | None,
    watched: Sequence[FieldChange],
    digester: Digester,
    ignored: Callable[[Path], bool],
) -> ResourceChange | None:
    if live is None:
        return _change(entry, Action.DELETE, (), "it was deleted in Keycloak")
    managed = _managed_fields(spec, entry, live, digester)
    # A state of an older kcplan may have fields that are none any more, and are not read.
    judged = (f for f in managed if not ignored(f.path) and not path_matches(f.path, spec.ignored))
    changes = (*judged, *watched)
    if entry.is_another(live.id):
        return _change(
            entry, Action.REPLACE, changes, "it was deleted and created again in Keycloak"
        )
    return _change(entry, Action.UPDATE, changes) if changes else None


def _change(
    entry: ResourceState, action: Action, changes: Iterable[FieldChange], *reason: str
) -> ResourceChange:
    return ResourceChange.seen(entry.address, entry.type, action, changes, entry.managed, *reason)


def _managed_fields(
    spec: TypeSpec, entry: ResourceState, live: LiveObject, digester: Digester
) -> Iterator[FieldChange]:
    for path, value in entry.managed.items():
        if is_marker(value):
            yield from _appeared(spec, entry, live, path)
            continue
        if identical(value, live.leaves.get(path)):
            continue
        if is_unseen(spec, live.leaves, path) or is_masked(live.leaves.get(path)):
            continue
        baseline = without_server_made(spec, entry.address, path, value)
        current = without_server_made(spec, entry.address, path, live.leaves.get(path))
        if spec.server_made(entry.address, path, value):
            continue
        if not alike(spec, path, baseline, current):
            yield _drifted(spec, path, baseline, current)
    for path, digest in entry.secrets.items():
        if is_hidden(spec, live.leaves, path):
            continue
        current = live.leaves.get(path)
        if current is None or digester.matches(secret_text(current), digest) is False:
            yield FieldChange(path, None, current, ChangeOrigin.DRIFT, sensitive=True)


def _appeared(
    spec: TypeSpec, entry: ResourceState, live: LiveObject, marker: Path
) -> Iterator[FieldChange]:
    """Entries that appeared where kcplan left none, or none but its own."""
    depth = len(marker) + 1
    mine = {path[:depth] for path, _ in under(dict.fromkeys(entry.declared), marker)}
    for path, value in under(live.leaves, marker):
        current = without_server_made(spec, entry.address, path, value)
        if path == marker or path[:depth] in mine or current in (None, [], {}):
            continue
        keycloaks = spec.server_made(entry.address, path, current)
        if not keycloaks and not spec.lasts(path, current):
            yield _drifted(spec, path, None, current)


def _beyond_declared(
    spec: TypeSpec,
    entry: ResourceState,
    live: LiveObject | None,
    ignored: Callable[[Path], bool],
) -> tuple[list[FieldChange], list[FieldChange]]:
    """Changes since the last apply in fields that the files do not mention: watched, and others."""
    watched: list[FieldChange] = []
    rest: list[FieldChange] = []
    if live is None or not entry.observed:
        return watched, rest
    paths = (set(entry.observed) | set(live.leaves)) - entry.declared
    moved = (p for p in paths if not identical(entry.observed.get(p), live.leaves.get(p)))
    for path in sorted(moved):
        elsewhere = path in spec.read_only or mirrored(spec.mirrors, path)
        if elsewhere or ignored(path) or path_matches(path, spec.ignored):
            continue
        change = _beyond(spec, entry, live, path)
        if change is not None:
            (watched if _is_watched(spec, entry, live, path) else rest).append(change)
    return watched, rest


def _beyond(
    spec: TypeSpec, entry: ResourceState, live: LiveObject, path: Path
) -> FieldChange | None:
    """The change of a field that the files do not mention, unless it is nobody's doing."""
    if _went_along(spec, entry.declared, live, path):
        return None
    emptied = any(is_marker(entry.managed.get(path[:n])) for n in range(len(path)))
    if emptied and not spec.lasts(path, live.leaves.get(path, entry.observed.get(path))):
        return None
    before = without_server_made(spec, entry.address, path, entry.observed.get(path))
    current = without_server_made(spec, entry.address, path, live.leaves.get(path))
    if path_matches(path, spec.sensitive) or is_sensitive(current):
        return None
    if is_marker(current) or (is_marker(before) and current is None):
        # That a map is empty, or no longer so, is said by its entries.
        return None
    if spec.server_made(entry.address, path, current) or alike(spec, path, before, current):
        return None
    return _drifted(spec, path, before, current)


def _is_watched(spec: TypeSpec, entry: ResourceState, live: LiveObject, path: Path) -> bool:
    """Whether a field that the files do not mention is drift as if they did."""
    if path_matches(path, spec.watched):
        return True
    mine = not entry.adopted and not entry.is_another(live.id)
    return (
        mine
        and path in spec.guarded
        and not (is_off(entry.observed.get(path)) and is_off(live.leaves.get(path)))
    )


def _went_along(spec: TypeSpec, declared: Collection[Path], live: LiveObject, path: Path) -> bool:
    """Whether a field went with an entry that has declared fields: the drift of those says it."""
    entries = (
        path[:size]
        for size in range(2, len(path))
        if isinstance(shape_at(spec.schema, path[: size - 1]), Named)
    )
    was_declared = dict.fromkeys(declared)
    return any(
        any(under(was_declared, entry)) and not any(under(live.leaves, entry)) for entry in entries
    )


def _drifted(spec: TypeSpec, path: Path, before: Any, after: Any) -> FieldChange:
    sensitive = path_matches(path, spec.sensitive) or is_sensitive([before, after])
    return FieldChange(path, before, after, ChangeOrigin.DRIFT, sensitive=sensitive)
