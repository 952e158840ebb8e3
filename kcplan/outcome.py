"""From an outcome to the state: what kcplan knows after an execution, complete or not.

Each resource enters the state as far as its steps were performed. What was rolled back leaves no
trace, and what could not be rolled back stays known.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from attrs import evolve

from kcplan.address import Address
from kcplan.baselines import after_apply, with_enforced
from kcplan.diagnostics import Path
from kcplan.diff import compare
from kcplan.digests import Digester
from kcplan.entries import without_secrets
from kcplan.errors import KcplanError
from kcplan.events import Failure, Outcome
from kcplan.grants import granted_now, undeclared_after, undeclared_before
from kcplan.moves import moves_of
from kcplan.plan import Action, Operation, Plan, ResourceChange, Step
from kcplan.resource import Registry, Resource
from kcplan.schema import Leaves, dotted, lies_in
from kcplan.snapshot import Snapshot
from kcplan.state import ResourceState, State


def written_entries(plan: Plan, steps: Iterable[Step]) -> list[ResourceState]:
    """The entries of resources that these steps wrote, to be read back."""
    written = {step.address for step in steps if step.operation is not Operation.DELETE}
    return [
        change.entry
        for change in plan.changes
        if change.entry is not None and change.address in written
    ]


def adopted_entries(plan: Plan) -> list[ResourceState]:
    """The entries of resources that a plan adopts, whose baseline is what is there now."""
    adopted = (change.entry for change in plan.changes if change.action is Action.ADOPT)
    return [entry for entry in adopted if entry is not None]


def not_kept(plan: Plan, live: Snapshot, registry: Registry, digester: Digester) -> list[Failure]:
    """What Keycloak accepted and did not keep, as failures of the steps that wrote it."""
    failures = []
    last = {step.address: step for step in plan.steps}
    written = _written(plan)
    for entry in written_entries(plan, plan.steps):
        step = last[entry.address]
        current = live.objects.get(entry.address)
        if current is None:
            failures.append(Failure(step, _not_kept(entry, "it is not there")))
            continue
        fields = written[entry.address]
        secrets = {path: value for path, value in fields.items() if path in entry.secrets}
        desired = Resource(entry.address, entry.type, {**entry.managed, **secrets})
        spec = registry[entry.type]
        # What is owned and not declared (an ignored field) may stay as it is.
        judged = evolve(entry, owned=())
        found = compare(spec, entry.address, desired, judged, current.leaves, digester.matches)
        # What no step wrote may be otherwise: it may have changed since the plan was made.
        lost = [item.path for item in found.changes if lies_in(item.path, fields)]
        if lost:
            failures.append(Failure(step, _not_kept(entry, ", ".join(map(dotted, lost)))))
    return failures


def _written(plan: Plan) -> Mapping[Address, Leaves]:
    """The fields that the steps of a plan write, by resource."""
    written: dict[Address, dict[Path, object]] = {}
    for step in plan.steps:
        written.setdefault(step.address, {}).update(step.after)
    return written


def _not_kept(entry: ResourceState, what: str) -> KcplanError:
    return KcplanError(
        f"not-kept-by-server: {entry.address}: {what}",
        "Keycloak accepted the request and did not keep the declared value. Remove it from the "
        "files, or declare a value that this version of Keycloak supports.",
    )


def state_after(
    state: State,
    plan: Plan,
    outcome: Outcome,
    live: Snapshot | None,
    registry: Registry,
    *,
    settled: bool,
) -> State:
    """The state after an execution.

    Args:
        state: The state before.
        plan: What was to be done.
        outcome: What was done.
        live: What was read back, where it was.
        registry: The types.
        settled: Whether changes without a step (adoptions, releases) take effect too: when all
            succeeded, or what was done is kept on purpose.
    """
    state = state.with_resources(
        evolve(state.resources[address], id=object_id)
        for address, object_id in outcome.restored.items()
        if address in state.resources
    )
    done = {step.id for step in outcome.done}
    steps: dict[Address, list[Step]] = {}
    for step in plan.steps:
        steps.setdefault(step.address, []).append(step)
    finished = {a: [step for step in planned if step.id in done] for a, planned in steps.items()}
    moved = [c for c in plan.changes if settled or finished.get(c.address)]
    state = moves_of(moved).state(state, registry)
    deleted = {s.address for s in outcome.done if s.operation is Operation.DELETE}
    reported = plan.reported
    entries = dict(state.resources)
    for change in plan.changes:
        planned, ended = steps.get(change.address, []), finished.get(change.address, [])
        if planned and not ended:
            continue
        if not planned and not settled and not _went_along(change, deleted):
            continue
        before = entries.get(change.address)
        after = _applied(before, change, planned, ended, outcome, live, registry, state)
        if after is not None:
            if live is not None and ended:
                seen = reported.get(change.address, {})
                after = with_enforced(registry[after.type], after, live, seen)
            entries[change.address] = after
            continue
        entries.pop(change.address, None)
        holder = entries.get(change.address.parent)
        if change.action is Action.RELEASE and before is not None and holder is not None:
            entries[holder.address] = undeclared_after(holder, change, before, registry)
    return evolve(state, resources=entries, server=plan.server)


def _went_along(change: ResourceChange, deleted: set[Address]) -> bool:
    return change.action is Action.DELETE and not deleted.isdisjoint(change.address.ancestors())


def _applied(
    before: ResourceState | None,
    change: ResourceChange,
    planned: list[Step],
    finished: list[Step],
    outcome: Outcome,
    live: Snapshot | None,
    registry: Registry,
    state: State,
) -> ResourceState | None:
    """The resource's entry after these of its planned steps; None where it leaves the state."""
    if change.entry is None:
        return before if len(planned) > len(finished) else None
    if change.action is Action.NOOP and before is not None:
        return _same_baseline(before, change.entry)
    undone = [step for step in planned if step not in finished]
    entry = _as_far_as_done(change.entry, before, undone)
    observed: Leaves = before.observed if before else {}
    since = before.since if before else None
    current = live.objects.get(change.address) if live is not None else None
    if change.address in outcome.came:
        entry = evolve(entry, adopted=True, owned=())
    object_id = outcome.ids.get(change.address) or entry.id
    if live is not None and current is not None:
        sensitive = registry[entry.type].sensitive
        seen = without_secrets(current.leaves, sensitive, entry.secrets)
        made = any(step.operation is Operation.CREATE for step in finished)
        known = None if made and change.address not in outcome.came else before
        if before is None:
            known = undeclared_before(state, change, seen, registry)
        written = {path for step in finished for path in step.after}
        observed = after_apply(registry[entry.type], known, entry.declared, written, seen)
        since = live.seconds if known is None or not known.observed else known.since
        object_id = current.id
    granted = _granted(before, change, live)
    return evolve(entry, id=object_id, observed=observed, granted=granted, since=since)


def _granted(before: ResourceState | None, change: ResourceChange, live: Snapshot | None) -> Leaves:
    """What an account had been granted: what it has now where the object is adopted at first."""
    if change.entry is None:
        return {}
    if change.action in (Action.CREATE, Action.REPLACE):
        # Of what was created only what Keycloak itself gives a new account is read.
        return {} if live is None else live.granted_of.get(change.address, {})
    if before is not None:
        return before.granted
    return granted_now(change.entry, live) if live is not None else {}


def _same_baseline(before: ResourceState, entry: ResourceState) -> ResourceState:
    """What the files declare now, each field with the value that was applied last."""
    managed = {path: before.managed.get(path, value) for path, value in entry.managed.items()}
    return evolve(
        before,
        managed=managed,
        secrets={path: before.secrets.get(path, digest) for path, digest in entry.secrets.items()},
        owned=entry.owned,
        depends_on=entry.depends_on,
    )


def _as_far_as_done(
    entry: ResourceState, before: ResourceState | None, undone: list[Step]
) -> ResourceState:
    """The entry, with the fields of steps that were not performed as they were before."""
    missing = {path for step in undone for path in step.after}
    if not missing:
        return entry

    def is_missing(path: Path) -> bool:
        return any(path[: len(m)] == m or m[: len(path)] == path for m in missing)

    old = before or evolve(entry, managed={}, secrets={}, owned=())
    return evolve(
        entry,
        managed=_swapped(entry.managed, old.managed, missing),
        secrets=_swapped(entry.secrets, old.secrets, missing),
        owned=(
            *(path for path in entry.owned if not is_missing(path)),
            *(path for path in old.owned if is_missing(path)),
        ),
    )


def _swapped(new: Mapping[Path, Any], old: Mapping[Path, Any], paths: set[Path]) -> dict[Path, Any]:
    """The new mapping, with these paths as in the old one."""
    kept = {path: value for path, value in new.items() if path not in paths}
    return kept | {path: old[path] for path in paths if path in old}
