"""The planner: files, state and live Keycloak in, a plan out. Pure.

    moves ─▶ one decision for each resource ─▶ guards ─▶ steps in order ─▶ Plan

A decision looks at three things: whether the files declare the resource, whether the state knows
it, and whether Keycloak has it.

    files  state  live
      x             x    adopt (and update what differs)
      x      x      x    update what differs, or nothing
      x                  create
      x      x           create again: somebody deleted it
             x      x    delete what kcplan created, release what it adopted
             x           forget
"""

from collections.abc import Callable, Iterable, Mapping
from uuid import uuid4

from attrs import evolve, field, frozen

from kcplan import guards, references
from kcplan.address import Address, matches_any
from kcplan.config.model import Config
from kcplan.diagnostics import Diagnostic
from kcplan.diff import Comparison, compare
from kcplan.digests import Digester
from kcplan.drift import find_drift
from kcplan.entries import entry_after
from kcplan.fingerprints import fingerprints, secret_digests
from kcplan.graph import ResourceGraph, build_graph
from kcplan.lifecycle import Rules
from kcplan.moves import Moves, resolve_moves
from kcplan.plan import Action, ChangeOrigin, FieldChange, Plan, ResourceChange
from kcplan.resource import Registry, Resource, TypeSpec
from kcplan.schema import Leaves
from kcplan.snapshot import LiveObject, Snapshot
from kcplan.state import ResourceState, State
from kcplan.steps import build_steps


@frozen
class Options:
    """What the command line asks of a plan.

    Attributes:
        destroy: Take everything away instead of applying the files.
        delete_adopted: With `destroy`, also delete what kcplan adopted.
        delete_unmanaged: Delete a realm together with what kcplan does not manage in it.
        allow_mass_delete: Accept a plan that deletes a large part of what is managed.
        targets: Globs of addresses; only these, and what they need, are planned.
        seal: For a plan that will be saved: makes the digests that it carries.
        new_id: Chooses the ids of new objects.
    """

    destroy: bool = False
    delete_adopted: bool = False
    delete_unmanaged: bool = False
    allow_mass_delete: bool = False
    targets: tuple[str, ...] = ()
    seal: Digester | None = None
    new_id: Callable[[], str] = field(default=lambda: str(uuid4()))


@frozen
class Inputs:
    """All that a plan is made from."""

    config: Config
    state: State
    live: Snapshot
    registry: Registry
    digester: Digester
    options: Options = field(factory=Options)


@frozen
class _Context:
    """The inputs after the moves, and what is derived from them once."""

    inputs: Inputs
    state: State
    live: Snapshot
    moves: Moves
    graph: ResourceGraph
    rules: Rules

    def spec(self, type_name: str) -> TypeSpec:
        return self.inputs.registry[type_name]


def make_plan(inputs: Inputs) -> Plan:
    """The plan that brings Keycloak to what the files say, and the state along with it."""
    context = _context(inputs)
    decided = [_decide(context, address) for address in _addresses(context)]
    changes = _rewrite_dependents(context, _go_along(decided))
    steps = build_steps(changes, context.graph, inputs.registry, context.live, context.state)
    plan = Plan(
        server=inputs.live.server,
        lineage=inputs.state.lineage,
        serial=inputs.state.serial,
        changes=tuple(changes),
        steps=steps,
        drift=find_drift(context.state, context.live, inputs.registry, inputs.digester),
        diagnostics=(*context.moves.diagnostics, *_diagnostics(context, changes)),
        known=context.live.ids(),
    )
    return seal(plan, context.live, inputs.options.seal)


def seal(plan: Plan, live: Snapshot, digester: Digester | None) -> Plan:
    """The plan with what a saved plan needs to be checked before it is executed."""
    if digester is None:
        return plan
    return evolve(
        plan,
        fingerprints=fingerprints(plan, live, digester),
        digests=secret_digests(plan, digester),
    )


def _context(inputs: Inputs) -> _Context:
    moves = resolve_moves(inputs.config, inputs.state, inputs.live)
    state = moves.state(inputs.state)
    live = moves.live(inputs.live)
    resources = {} if inputs.options.destroy else inputs.config.resources
    return _Context(
        inputs=evolve(inputs, config=evolve(inputs.config, resources=resources)),
        state=state,
        live=live,
        moves=moves,
        graph=build_graph(resources, inputs.registry),
        rules=Rules(inputs.config.lifecycle),
    )


def _addresses(context: _Context) -> list[Address]:
    """What is planned, in the order of types and names."""
    resources = context.inputs.config.resources
    realms = context.inputs.config.realms
    known = {a: e.type for a, e in context.state.resources.items() if a.realm in realms}
    known |= {address: resource.type for address, resource in resources.items()}
    chosen = frozenset(known)
    if targets := context.inputs.options.targets:
        picked = [address for address in known if matches_any(address, targets)]
        chosen = context.graph.closure(picked)
    ranks = {address: context.spec(known[address]).rank for address in chosen}
    return sorted(chosen, key=lambda address: (address.realm, ranks[address], address))


def _decide(context: _Context, address: Address) -> ResourceChange:
    desired = context.inputs.config.resources.get(address)
    entry = context.state.resources.get(address)
    live = context.live.objects.get(address)
    if desired is not None:
        return _keep(context, desired, entry, live)
    if entry is None:
        raise AssertionError(f"{address} is neither declared nor known")
    return _drop(context, entry, live)


# -- resources that the files declare ---------------------------------------------------------


def _keep(
    context: _Context, desired: Resource, entry: ResourceState | None, live: LiveObject | None
) -> ResourceChange:
    spec = context.spec(desired.type)
    if live is None:
        if spec.comes_with(desired.address):
            return _complete(context, desired, entry)
        return _create(context, desired, entry)
    recreated = entry is not None and entry.id is not None and entry.id != live.id
    comparison = _compared(context, spec, desired, entry, live)
    if any(change.forces_replacement for change in comparison.changes):
        return _replace(context, desired, entry, live, comparison)
    return _update(context, desired, entry, live, comparison, recreated=recreated)


def _compared(
    context: _Context,
    spec: TypeSpec,
    desired: Resource,
    entry: ResourceState | None,
    live: LiveObject,
) -> Comparison:
    comparison = compare(
        spec, desired.address, desired, entry, live.leaves, context.inputs.digester.matches
    )
    ignored = context.rules.ignored(desired.address)
    changes = tuple(c for c in comparison.changes if not ignored(c.path))
    return evolve(comparison, changes=changes)


def _create(context: _Context, desired: Resource, entry: ResourceState | None) -> ResourceChange:
    spec = context.spec(desired.type)
    comparison = compare(spec, desired.address, desired, None, {}, context.inputs.digester.matches)
    changes = comparison.changes
    if entry is not None:
        changes = tuple(evolve(change, origin=ChangeOrigin.DRIFT) for change in changes)
    return ResourceChange(
        address=desired.address,
        type=desired.type,
        action=Action.CREATE,
        reason="it was deleted in Keycloak since the last apply" if entry else "",
        changes=changes,
        after=_without_markers(desired.leaves),
        entry=_entry(
            context,
            desired,
            None,
            comparison,
            object_id=context.inputs.options.new_id() if spec.chooses_id else None,
            adopted=False,
        ),
    )


def _complete(context: _Context, desired: Resource, entry: ResourceState | None) -> ResourceChange:
    """What Keycloak makes along with its parent is brought to what the files say, after it."""
    comparison = compare(
        context.spec(desired.type),
        desired.address,
        desired,
        None,
        {},
        context.inputs.digester.matches,
    )
    parent_is_there = any(
        context.live.exists(parent) for parent in context.graph.early[desired.address]
    )
    reason = "Keycloak creates it along with what it belongs to"
    if entry is not None or parent_is_there:
        reason = "it is missing in Keycloak and will be made again"
    return ResourceChange(
        address=desired.address,
        type=desired.type,
        action=Action.UPDATE,
        reason=reason,
        changes=comparison.changes,
        before={},
        after=_without_markers(desired.leaves),
        entry=_entry(context, desired, None, comparison, object_id=None, adopted=True),
    )


def _replace(
    context: _Context,
    desired: Resource,
    entry: ResourceState | None,
    live: LiveObject,
    comparison: Comparison,
) -> ResourceChange:
    spec = context.spec(desired.type)
    fresh = compare(spec, desired.address, desired, None, {}, context.inputs.digester.matches)
    return ResourceChange(
        address=desired.address,
        type=desired.type,
        action=Action.REPLACE,
        reason="a field changes that only a new object can have with another value",
        changes=comparison.changes,
        before=live.leaves,
        after=_without_markers(desired.leaves),
        notes=spec.lossy_delete,
        entry=_entry(
            context,
            desired,
            None,
            fresh,
            object_id=context.inputs.options.new_id() if spec.chooses_id else None,
            adopted=entry.adopted if entry else False,
        ),
    )


def _without_markers(leaves: Leaves) -> Leaves:
    """The leaves without those that only say "no other entries"."""
    return {path: value for path, value in leaves.items() if value != {}}


def _update(
    context: _Context,
    desired: Resource,
    entry: ResourceState | None,
    live: LiveObject,
    comparison: Comparison,
    *,
    recreated: bool,
) -> ResourceChange:
    spec = context.spec(desired.type)
    changes = comparison.changes
    moved_from = context.moves.renamed(desired.address)
    if moved_from is not None and spec.key is not None:
        rename = FieldChange(spec.key, moved_from.name, desired.address.name, ChangeOrigin.CONFIG)
        changes = (rename, *changes)
    after = {**live.leaves, **{change.path: change.after for change in comparison.changes}}
    return ResourceChange(
        address=desired.address,
        type=desired.type,
        action=_update_action(entry, comparison, moved_from, recreated=recreated),
        reason="it was deleted and created again in Keycloak" if recreated else "",
        changes=changes,
        before=live.leaves,
        after=after,
        moved_from=moved_from,
        left=comparison.left,
        notes=spec.destroys(live.leaves, after),
        entry=_entry(
            context,
            desired,
            entry,
            comparison,
            object_id=live.id,
            adopted=entry is None or recreated or entry.adopted,
        ),
    )


def _update_action(
    entry: ResourceState | None,
    comparison: Comparison,
    moved_from: Address | None,
    *,
    recreated: bool,
) -> Action:
    if entry is None or recreated:
        return Action.ADOPT
    if comparison.changes:
        return Action.UPDATE
    return Action.MOVE if moved_from is not None else Action.NOOP


def _entry(
    context: _Context,
    desired: Resource,
    entry: ResourceState | None,
    comparison: Comparison,
    *,
    object_id: str | None,
    adopted: bool,
) -> ResourceState:
    return entry_after(
        context.spec(desired.type),
        desired,
        entry,
        owned=comparison.owned,
        object_id=object_id,
        adopted=adopted,
        depends_on=context.graph.needs(desired.address),
        digester=context.inputs.digester,
    )


# -- resources that the files do not declare (any more) ---------------------------------------


def _drop(context: _Context, entry: ResourceState, live: LiveObject | None) -> ResourceChange:
    if live is None:
        return ResourceChange(
            entry.address,
            entry.type,
            Action.NOOP,
            reason="it is gone from the files and from Keycloak, and is forgotten",
        )
    if entry.id is not None and live.id != entry.id:
        return _release(context, entry, live, "somebody else created it anew: it is not kcplan's")
    why = "kcplan destroy" if context.inputs.options.destroy else "it is no longer in the files"
    if _is_deleted(context, entry):
        return ResourceChange(
            address=entry.address,
            type=entry.type,
            action=Action.DELETE,
            reason=why,
            before=_managed_part(entry, live),
            notes=context.spec(entry.type).lossy_delete,
        )
    return _release(context, entry, live, why)


def _managed_part(entry: ResourceState, live: LiveObject) -> Leaves:
    """What kcplan applied of an object, as it is now: that is what a reader recognises."""
    return {
        path: live.leaves[path]
        for path in entry.declared()
        if live.leaves.get(path) != {} and path in live.leaves
    }


def _is_deleted(context: _Context, entry: ResourceState) -> bool:
    """Whether an object is deleted or only released, when it leaves kcplan's hands."""
    spec = context.spec(entry.type)
    if spec.permanent(entry.address) or spec.comes_with(entry.address):
        return False
    options = context.inputs.options
    if rule := context.rules.on_remove(entry.address):
        return rule == "delete"
    if options.destroy:
        return not entry.adopted or options.delete_adopted
    return not entry.adopted


def _release(context: _Context, entry: ResourceState, live: LiveObject, why: str) -> ResourceChange:
    """Take back what kcplan brought to an object, and leave the object."""
    spec = context.spec(entry.type)
    comparison = compare(
        spec, entry.address, None, entry, live.leaves, context.inputs.digester.matches
    )
    return ResourceChange(
        address=entry.address,
        type=entry.type,
        action=Action.RELEASE,
        reason=why,
        changes=comparison.changes,
        before=live.leaves,
        after={**live.leaves, **{change.path: change.after for change in comparison.changes}},
        left=comparison.left,
    )


# -- the changes together ---------------------------------------------------------------------


def _go_along(changes: list[ResourceChange]) -> list[ResourceChange]:
    """What would only be released goes all the same where it lies in something deleted."""
    deleted = {change.address for change in changes if change.action is Action.DELETE}
    return [_gone_along(change, deleted) for change in changes]


def _gone_along(change: ResourceChange, deleted: set[Address]) -> ResourceChange:
    ancestors = (Address(change.address.segments[:n]) for n in range(len(change.address.segments)))
    holder = next((address for address in ancestors if address in deleted), None)
    if change.action is not Action.RELEASE or holder is None:
        return change
    return evolve(
        change,
        action=Action.DELETE,
        reason=f"it goes along with {holder}",
        changes=(),
        before={item.path: item.before for item in change.changes},
        after=None,
        left=(),
    )


def _rewrite_dependents(context: _Context, changes: list[ResourceChange]) -> list[ResourceChange]:
    """Write again what refers to a replaced object: Keycloak forgets it with the old one."""
    replaced = {change.address for change in changes if change.action is Action.REPLACE}
    if not replaced:
        return changes
    return [_rewritten(context, change, replaced) for change in changes]


def _rewritten(
    context: _Context, change: ResourceChange, replaced: Iterable[Address]
) -> ResourceChange:
    if change.action not in (Action.NOOP, Action.UPDATE, Action.ADOPT):
        return change
    desired = context.inputs.config.resources.get(change.address)
    gone = frozenset(replaced)
    paths = {
        _leaf_of(desired.leaves, reference.path)
        for reference in context.graph.references.get(change.address, ())
        if desired is not None and reference.target in gone
    } - {item.path for item in change.changes}
    if desired is None or not paths:
        return change
    again = tuple(
        FieldChange(
            path,
            desired.leaves[path],
            desired.leaves[path],
            ChangeOrigin.CONFIG,
            because="what it names is replaced",
        )
        for path in sorted(paths)
        if path in desired.leaves
    )
    action = Action.UPDATE if change.action is Action.NOOP else change.action
    return evolve(change, action=action, changes=(*change.changes, *again))


def _leaf_of(leaves: Leaves, path: tuple[str, ...]) -> tuple[str, ...]:
    """The leaf that a reference's path lies in."""
    while path and path not in leaves:
        path = path[:-1]
    return path


def _diagnostics(context: _Context, changes: list[ResourceChange]) -> Iterable[Diagnostic]:
    inputs = context.inputs
    yield from inputs.config.diagnostics
    yield from references.unresolved(inputs.config.resources, context.graph, context.live, changes)
    yield from references.unmet(inputs.config.resources, inputs.registry, context.live)
    yield from guards.check(
        changes,
        context.rules,
        inputs.registry,
        context.state,
        guards.Allowed(
            mass_delete=inputs.options.allow_mass_delete,
            realm_deletion=inputs.options.destroy,
        ),
    )
    yield from _realms_not_named(context)


def _realms_not_named(context: _Context) -> Iterable[Diagnostic]:
    from kcplan.diagnostics import warning

    realms = {address.realm for address in context.inputs.state.resources}
    for realm in sorted(realms - context.inputs.config.realms):
        if context.moves.was(realm):
            continue
        yield warning(
            "realm-not-in-files",
            f"the realm {realm} is in the state and in none of the files",
            "It is neither planned nor deleted. Name its files too, or remove it with "
            f"`kcplan destroy --target '{realm}/**'`.",
            address=Address.of(realm),
        )


def index(changes: Iterable[ResourceChange]) -> Mapping[Address, ResourceChange]:
    """The changes by address."""
    return {change.address: change for change in changes}
