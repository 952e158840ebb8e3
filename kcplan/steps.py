"""Steps: the writes that a plan consists of, and what each must wait for.

    build         creates and undoable updates, along the graph; then late fields (composites)
    write-only    updates of secrets that nobody can read back, hence restore
    destroy       updates and deletions that lose something, children and dependents first
    destroy realm realms, one at a time, at the very end

Keycloak deletes what lies in a deleted object by itself, so that takes no step. A
deletion that frees a name which another step needs runs right before that step. A replacement is
such a deletion; where it loses something, both run in the stage of what destroys.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise

from attrs import evolve

from kcplan.address import Address
from kcplan.baselines import answers
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.diff import ALONG, is_masked
from kcplan.graph import ResourceGraph, parents
from kcplan.handing_over import given_up_first
from kcplan.path_patterns import Pattern, path_matches
from kcplan.plan import Action, ChangeOrigin, FieldChange, Operation, ResourceChange, Stage, Step
from kcplan.references import keycloak_makes
from kcplan.resource import (
    Registry,
    TypeSpec,
)
from kcplan.schema import Leaves
from kcplan.shapes import Scalar, shape_at
from kcplan.snapshot import LiveObject, Snapshot
from kcplan.state import State
from kcplan.upsets import upsetting


@frozen
class _Work:
    """What step building needs to know of the whole plan."""

    changes: Mapping[Address, ResourceChange]
    graph: ResourceGraph
    registry: Registry
    live: Snapshot
    state: State

    def spec(self, change: ResourceChange) -> TypeSpec:
        return self.registry[change.type]

    def goes_with_parent(self, address: Address) -> bool:
        """Whether the object disappears because something that it lies in does."""
        return any(
            ancestor in self.changes and self.changes[ancestor].action.takes_away
            for ancestor in address.ancestors()
        )


def build_steps(
    changes: Sequence[ResourceChange],
    graph: ResourceGraph,
    registry: Registry,
    live: Snapshot,
    state: State,
) -> tuple[Step, ...]:
    """The steps of these changes; `needs` and `stage` say in which order they may run."""
    work = _Work({change.address: change for change in changes}, graph, registry, live, state)
    steps: dict[str, Step] = {}
    for change in changes:
        for step in _steps_of(work, change):
            steps[step.id] = step
    steps = _link_builds(work, steps)
    steps = _link_upset(work, steps)
    steps = _link_deletions(work, steps)
    steps = given_up_first(_free_names(work, steps), registry)
    return _in_order(_raise_stages(steps))


def step_id(operation: Operation, address: Address, part: str = "") -> str:
    """The id of a step; `part` tells the steps of one resource apart."""
    return f"{operation} {address}" + (f" ({part})" if part else "")


# -- the steps of one change ------------------------------------------------------------------


def _steps_of(work: _Work, change: ResourceChange) -> Iterable[Step]:
    match change.action:
        case Action.CREATE:
            yield from _create_steps(work, change)
        case Action.REPLACE:
            if not work.goes_with_parent(change.address):
                yield _delete_step(work, change)
            yield from _create_steps(work, change)
        case Action.DELETE:
            if not work.goes_with_parent(change.address):
                yield _delete_step(work, change)
        case Action.UPDATE | Action.ADOPT | Action.MOVE | Action.RELEASE:
            if not work.goes_with_parent(change.address):
                yield from _update_steps(work, change)
        case Action.NOOP:
            pass


def _create_steps(work: _Work, change: ResourceChange) -> Iterable[Step]:
    spec = work.spec(change)
    after = change.after or {}
    early = {p: v for p, v in after.items() if not path_matches(p, spec.late)}
    # A new object may have some by itself, where the files say that there are none.
    usual = spec.defaults(after)
    late = {
        path: value
        for path, value in after.items()
        if path_matches(path, spec.late)
        and (value not in ([], {}) or usual.get(path))
        and not (isinstance(value, str) and value == usual.get(path))
    }
    create = Step(
        id=step_id(Operation.CREATE, change.address),
        operation=Operation.CREATE,
        address=change.address,
        type=change.type,
        object_id=change.entry.id if change.entry else None,
        after=early,
    )
    yield create
    if late:
        yield Step(
            id=step_id(Operation.UPDATE, change.address, "late"),
            operation=Operation.UPDATE,
            address=change.address,
            type=change.type,
            object_id=create.object_id,
            before=dict.fromkeys(late),
            after=late,
            needs=(create.id,),
        )


def _delete_step(work: _Work, change: ResourceChange) -> Step:
    there = work.live.objects.get(change.address)
    lossy = work.spec(change).lossy_delete
    harmless = change.action is Action.REPLACE and not lossy
    is_realm = change.address.is_realm
    stage = Stage.BUILD if harmless else Stage.DESTROY_REALM if is_realm else Stage.DESTROY
    return Step(
        id=step_id(Operation.DELETE, change.address),
        operation=Operation.DELETE,
        address=change.address,
        type=change.type,
        object_id=there.id if there else None,
        before=there.leaves if there else {},
        stage=stage,
        lossy=lossy,
        undoable=not is_realm,
    )


def _update_steps(work: _Work, change: ResourceChange) -> Iterable[Step]:
    """The changed fields in up to three writes: ordinary ones, write-only secrets, late ones."""
    spec = work.spec(change)
    parts: dict[str, list[FieldChange]] = {"": [], "secret": [], "late": []}
    with_secrets = (*spec.write_only, *_dropping(work, change))
    is_missing = change.address not in work.live.objects
    for item in (*change.changes, *(_emptied(spec, change) if is_missing else ())):
        late, secret = (path_matches(item.path, p) for p in (spec.late, with_secrets))
        parts["late" if late else "secret" if secret else ""].append(item)
    previous: tuple[str, ...] = ()
    for part, items in parts.items():
        # What Keycloak was to make by itself is missing: the update makes it, whatever it writes.
        if items or (is_missing and not part and change.action is not Action.RELEASE):
            step = _update_step(work, change, part, items, previous)
            previous = (step.id,)
            yield step


def _dropping(work: _Work, change: ResourceChange) -> tuple[Pattern, ...]:
    """The fields with which Keycloak drops a secret that nobody can restore."""
    there = work.live.objects.get(change.address)
    if there is None:
        return ()
    after = {**there.leaves, **{item.path: item.after for item in change.changes}}
    return work.spec(change).drops_secrets(there.leaves, after)


def _emptied(spec: TypeSpec, change: ResourceChange) -> Iterable[FieldChange]:
    """What the files declare as empty, of an object that Keycloak will make and may fill."""
    if spec.origin.filled and change.entry is not None:
        for path, value in change.entry.managed.items():
            if value in ([], {}):
                yield FieldChange(path, None, value, ChangeOrigin.CONFIG)


def _update_step(
    work: _Work,
    change: ResourceChange,
    part: str,
    items: Iterable[FieldChange],
    needs: tuple[str, ...],
) -> Step:
    spec = work.spec(change)
    there = work.live.objects.get(change.address)
    after = {item.path: item.after for item in items}
    before = {**_along(spec, there, after), **{item.path: item.before for item in items}}
    destroys = spec.destroys(there.leaves, {**there.leaves, **after}) if there else ()
    lost = tuple(_secrets_replaced(spec, items))
    late = bool(lost) or part == "secret"
    stage = Stage.DESTROY if destroys else Stage.WRITE_ONLY if late else Stage.BUILD
    replaces = part == "secret" and (
        any(value is not None for value in before.values()) or bool(_dropping(work, change))
    )
    lossy = ("the old secret is lost: Keycloak does not give it back",) if replaces else ()
    return Step(
        id=step_id(Operation.UPDATE, change.address, part),
        operation=Operation.UPDATE,
        address=change.address,
        type=change.type,
        object_id=there.id if there else None,
        before=before,
        after=after,
        needs=needs,
        stage=stage,
        lossy=(*destroys, *lossy, *lost),
        undoable=not replaces,
    )


def _secrets_replaced(spec: TypeSpec, items: Iterable[FieldChange]) -> Iterator[str]:
    """The old secrets that are lost, though all else of the step can be undone."""
    for item in items if spec.masked else ():
        for path in _masks(item.path, item.before) if item.because != ALONG else ():
            if path_matches(path, spec.masked):
                yield f"the old {path[-1]} is lost: Keycloak does not give it back"


def _masks(path: Path, value: object) -> Iterator[Path]:
    """Where a value has a secret that Keycloak does not give back."""
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _masks((*path, key), item)
    elif is_masked(value):
        yield path


def _along(spec: TypeSpec, there: LiveObject | None, after: Leaves) -> Leaves:
    """What Keycloak changes along with these fields, as it is now: undoing the step writes it."""
    if there is None:
        return {}
    paths = (p for p in answers(spec, after) if isinstance(shape_at(spec.schema, p), Scalar))
    return {path: there.leaves.get(path) for path in paths}


# -- the order --------------------------------------------------------------------------------


def _main_step(steps: Mapping[str, Step], address: Address) -> str | None:
    """The step after which other resources may rely on a resource."""
    for operation in (Operation.CREATE, Operation.UPDATE):
        if (name := step_id(operation, address)) in steps:
            return name
    return None


def _after(step: Step, needs: Iterable[str]) -> Step:
    """The step, which waits for these as well."""
    found = tuple(sorted({*step.needs, *needs}))
    return step if found == step.needs else evolve(step, needs=found)


def _link_builds(work: _Work, steps: Mapping[str, Step]) -> dict[str, Step]:
    """Creates and updates wait for what the graph says that they need, all for renames above."""
    linked = {}
    for step in steps.values():
        above = _renames_above(work, steps, step.address)
        if step.operation is Operation.DELETE:
            linked[step.id] = _after(step, above)
            continue
        wanted = work.graph.early.get(step.address, frozenset())
        if _writes_late(work, step):
            wanted |= work.graph.late.get(step.address, frozenset()) | _judged(work, step)
        wanted |= _makers(work, step.address)
        needs = {main for address in wanted if (main := _main_step(steps, address))}
        needs |= {step_id(Operation.DELETE, step.address)} & steps.keys()
        linked[step.id] = _after(step, needs | above)
    return linked


def _link_upset(work: _Work, steps: Mapping[str, Step]) -> dict[str, Step]:
    """What Keycloak changes along with something else is written after that."""
    found = upsetting(work.changes.values(), work.registry, work.live)
    linked = dict(steps)
    for step in steps.values() if found else ():
        if step.operation is Operation.DELETE:
            continue
        there = work.live.objects.get(step.address)
        leaves = {} if there is None else there.leaves
        upset_by = (item.address for item in found if item.reaches(step, leaves))
        needs = {name for address in upset_by for name in _writes_of(steps, address)}
        linked[step.id] = _after(step, needs)
    return linked


def _writes_of(steps: Mapping[str, Step], address: Address) -> set[str]:
    """The steps that delete a resource, make it, or change it, but for secrets and late fields."""
    return {step_id(operation, address) for operation in Operation} & steps.keys()


def _makers(work: _Work, address: Address) -> frozenset[Address]:
    """What a resource waits for where Keycloak makes what it names along with something declared.

    No file declares such an object, so the graph has no edge to it.
    """
    declared = work.graph.early
    return frozenset(
        maker
        for reference in work.graph.references.get(address, ())
        for candidate in reference.candidates
        if candidate not in declared and not work.live.exists(candidate)
        for maker in parents(candidate, declared)
        if not maker.within(address) and _makes(work, maker, candidate)
    )


def _makes(work: _Work, maker: Address, target: Address) -> bool:
    """Whether Keycloak makes an object along with another one, as the plan wants that to be."""
    there = work.live.objects.get(maker)
    change = work.changes.get(maker)
    planned = {item.path: item.after for item in change.changes} if change is not None else {}
    leaves = {**(there.leaves if there is not None else {}), **planned}
    return keycloak_makes(target, work.registry, leaves)


def _renames_above(work: _Work, steps: Mapping[str, Step], address: Address) -> set[str]:
    """The steps that rename what an address lies in: before them, nothing is found there."""
    renamed = (
        item
        for item in address.ancestors()
        if item in work.changes and work.changes[item].moved_from
    )
    return {main for item in renamed if (main := _main_step(steps, item))}


def _writes_late(work: _Work, step: Step) -> bool:
    late = work.registry[step.type].late
    return any(path_matches(path, late) for path in step.after)


def _judged(work: _Work, step: Step) -> frozenset[Address]:
    """What Keycloak would judge by what is new in a step: it is as the files want it by then."""
    new = [path for path in step.after if step.before.get(path) is None]
    found = work.registry[step.type].judges.items()
    types = {kind for pattern, kind in found if any(path_matches(p, (pattern,)) for p in new)}
    return frozenset(
        address
        for address, change in work.changes.items()
        if change.type in types and address.realm == step.address.realm
    )


def _link_deletions(work: _Work, steps: Mapping[str, Step]) -> dict[str, Step]:
    """Deletions wait for those of their children and of what depended on them.

    So do updates that destroy, such as switching off the services that the children belong to.
    """
    deleted = {s.address: s.id for s in steps.values() if s.operation is Operation.DELETE}
    destroying = {s.address: s.id for s in steps.values() if s.stage is Stage.DESTROY}
    waits: dict[str, set[str]] = {name: set() for name in (destroying | deleted).values()}
    for address, name in deleted.items():
        for ancestor in address.ancestors():
            if holder := deleted.get(ancestor) or destroying.get(ancestor):
                waits[holder].add(name)
        entry = work.state.resources.get(address)
        for needed in entry.depends_on if entry else ():
            if needed in deleted and not needed.within(address) and needed != address:
                waits[deleted[needed]].add(name)
    realms = sorted(n for a, n in deleted.items() if a.is_realm)
    for first, second in pairwise(realms):
        waits[second].add(first)
    return {name: _after(step, waits.get(name, ())) for name, step in steps.items()}


def _free_names(work: _Work, steps: Mapping[str, Step]) -> dict[str, Step]:
    """A creation waits for the deletion of what has its name; that deletion runs early."""
    holders = {
        _name_key(work, step): step
        for step in steps.values()
        if step.operation is Operation.DELETE and _name_key(work, step) is not None
    }
    result = dict(steps)
    for step in steps.values():
        holder = holders.get(_name_key(work, step))
        if step.operation is Operation.CREATE and holder is not None:
            result[step.id] = _after(step, (holder.id,))
            result[holder.id] = evolve(result[holder.id], stage=Stage.BUILD)
    return result


def _name_key(work: _Work, step: Step) -> tuple[object, ...] | None:
    namespace = work.registry[step.type].namespace
    if not namespace:
        return None
    return (namespace, step.address.segments[:-2], step.address.name)


def _raise_stages(steps: Mapping[str, Step]) -> dict[str, Step]:
    """No step runs in an earlier stage than one that it needs."""
    from graphlib import TopologicalSorter

    result = dict(steps)
    order = TopologicalSorter({name: step.needs for name, step in steps.items()}).static_order()
    for name in order:
        step = result[name]
        latest = max((result[need].stage for need in step.needs), default=step.stage)
        if latest > step.stage:
            result[name] = evolve(step, stage=latest)
    return result


def _in_order(steps: Mapping[str, Step]) -> tuple[Step, ...]:
    """By stage; within a stage as they were made, which is by type and name."""
    return tuple(sorted(steps.values(), key=lambda step: step.stage))
