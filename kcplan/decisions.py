"""Decisions: what happens to one resource.

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

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve

from kcplan import barred, not_compared
from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.diff import Comparison, compare, identical
from kcplan.entries import entry_after
from kcplan.graph import parents
from kcplan.inputs import Context
from kcplan.kept import is_kept, left_alone
from kcplan.lifecycle import never
from kcplan.path_patterns import path_matches
from kcplan.plan import Action, ChangeOrigin, FieldChange, ResourceChange
from kcplan.resource import (
    PLACE,
    Resource,
    TypeSpec,
)
from kcplan.schema import Leaves, lies_in, under
from kcplan.snapshot import LiveObject
from kcplan.state import ResourceState


def decide(context: Context, address: Address) -> ResourceChange:
    """What the plan does to a resource that the files declare or the state knows."""
    desired = context.inputs.config.resources.get(address)
    entry = context.state.resources.get(address)
    live = context.live.objects.get(address)
    if address in context.live.barred:
        return barred.left_alone(context, address)
    if desired is not None:
        if is_kept(context, context.spec(desired.type), address):
            return left_alone(address, desired.type, declared=True)
        return _keep(context, desired, entry, live)
    if entry is None:
        raise AssertionError(f"{address} is neither declared nor known")
    if is_kept(context, context.spec(entry.type), address):
        return left_alone(address, entry.type, declared=False)
    return _drop(context, entry, live)


# -- resources that the files declare ---------------------------------------------------------


def _keep(
    context: Context, desired: Resource, entry: ResourceState | None, live: LiveObject | None
) -> ResourceChange:
    spec = context.spec(desired.type)
    if live is None:
        if spec.comes_with(desired.address, _fields_of_parent(context, desired.address)) and (
            spec.origin.on_demand or not _parent_is_there(context, desired.address)
        ):
            return _complete(context, desired, entry)
        return _create(context, desired, entry)
    recreated = entry is not None and entry.is_another(live.id)
    comparison = _compared(context, spec, desired, entry, live)
    if any(change.forces_replacement for change in comparison.changes):
        return _replace(context, desired, entry, live, comparison)
    return _update(context, desired, entry, live, comparison, recreated=recreated)


def _lasting(spec: TypeSpec, desired: Resource) -> Resource:
    """The resource without the fields that count for a new object only."""
    if not spec.once:
        return desired
    kept = {p: v for p, v in desired.leaves.items() if not path_matches(p, spec.once)}
    return evolve(desired, leaves=kept)


def _compared(
    context: Context,
    spec: TypeSpec,
    desired: Resource,
    entry: ResourceState | None,
    live: LiveObject,
) -> Comparison:
    if entry is not None and entry.is_another(live.id):
        # It is not the one that kcplan created: what is guarded in that one is not in this one.
        entry = evolve(entry, adopted=True)
    lasting = _lasting(spec, desired)
    comparison = compare(
        spec,
        desired.address,
        lasting,
        entry,
        live.leaves,
        context.inputs.digester.matches,
        renamed=context.moves.renamed(desired.address) is not None,
        again=context.inputs.options.write_secrets,
    )
    if not comparison.changes:
        return comparison
    ignored = context.rules.ignored(desired.address)
    changes = tuple(c for c in comparison.changes if not ignored(c.path))
    if entry is None and not context.inputs.options.write_secrets:
        changes = not_compared.without_unseen(changes, live)
    return evolve(comparison, changes=changes)


def _create(context: Context, desired: Resource, entry: ResourceState | None) -> ResourceChange:
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
        notes=spec.creation_notes(desired.leaves),
        drawing=spec.draws({}, desired.leaves),
        entry=_entry(
            context,
            desired,
            None,
            comparison,
            object_id=_chosen_id(context, spec, entry),
            adopted=False,
        ),
    )


def _fields_of_parent(context: Context, address: Address) -> Leaves | None:
    """The fields of what an object lies in as they will be, as far as they are known."""
    resources, live = context.inputs.config.resources, context.live.objects
    holder = next((a for a in address.ancestors() if a in resources or a in live), None)
    if holder is None:
        return None
    declared = resources[holder].leaves if holder in resources else {}
    return {**(live[holder].leaves if holder in live else {}), **declared}


def _parent_is_there(context: Context, address: Address) -> bool:
    holder = parents(address, context.inputs.config.resources)
    return any(context.live.exists(parent) for parent in holder)


def _chosen_id(context: Context, spec: TypeSpec, entry: ResourceState | None) -> str | None:
    """The id of a new object: the one that it had, so that references from outside still hold."""
    if not spec.chooses_id:
        return None
    return entry.id if entry is not None and entry.id else context.inputs.options.new_id()


def _complete(context: Context, desired: Resource, entry: ResourceState | None) -> ResourceChange:
    """What Keycloak makes along with its parent is brought to what the files say, after it."""
    spec = context.spec(desired.type)
    comparison = compare(spec, desired.address, desired, None, {}, context.inputs.digester.matches)
    if spec.origin.filled:
        comparison = evolve(comparison, owned=tuple(_own(spec, desired.address, comparison)))
    written = tuple(c for c in comparison.changes if not path_matches(c.path, spec.initial))
    reason = "Keycloak creates it along with what it belongs to"
    if entry is not None or _parent_is_there(context, desired.address):
        reason = "it is missing in Keycloak and will be created again"
    return ResourceChange(
        address=desired.address,
        type=desired.type,
        action=Action.UPDATE,
        reason=reason,
        changes=written,
        before={},
        after=_without_markers(desired.leaves),
        entry=_entry(context, desired, None, comparison, object_id=None, adopted=True),
    )


def _own(spec: TypeSpec, address: Address, comparison: Comparison) -> Iterator[Path]:
    """The new entries that are not Keycloak's own.

    Where that cannot be told of the entries of such an object, none is kcplan's to take back.
    """
    born = spec.born(address)
    if born is not None:
        yield from (entry for entry in comparison.owned if not any(under(born, entry)))


def _replace(
    context: Context,
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
        notes=(
            *spec.lossy_delete,
            *_goes_along(context, spec),
            *spec.change_notes(live.leaves, {}),
            *spec.creation_notes(desired.leaves),
        ),
        entry=_entry(
            context,
            desired,
            None,
            fresh,
            object_id=context.inputs.options.new_id() if spec.chooses_id else None,
            adopted=entry.adopted if entry else False,
        ),
    )


def _goes_along(context: Context, spec: TypeSpec) -> Iterator[str]:
    """What is lost of what lies in a replaced object."""
    for inner in context.inputs.registry.values():
        if inner.where and inner.pattern.startswith(f"{spec.pattern}/"):
            yield f"each {inner.name} in it that no file declares is lost"


def made_again(context: Context, change: ResourceChange, holder: Address) -> ResourceChange:
    """What lies in a replaced object goes with the old one, and is made again in the new one."""
    desired = context.inputs.config.resources.get(change.address)
    live = context.live.objects.get(change.address)
    if desired is None or live is None:
        return change
    key = context.spec(change.type).key
    changed = Comparison(tuple(item for item in change.changes if item.path != key))
    entry = context.state.resources.get(change.address)
    found = _replace(context, desired, entry, live, changed)
    return evolve(found, reason=f"it lies in {holder}, which is replaced")


def _without_markers(leaves: Leaves) -> Leaves:
    """The leaves without those that only say "no other entries"."""
    return {path: value for path, value in leaves.items() if value != {}}


def _update(
    context: Context,
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
    if moved_from is not None:
        changes = (*_moved(context, spec, moved_from, desired.address), *changes)
    after = live.leaves
    if comparison.changes:
        after = {**after, **{change.path: change.after for change in comparison.changes}}
    action = _update_action(entry, comparison, moved_from, recreated=recreated)
    unchanged = action is Action.NOOP
    after_it = _entry(
        context,
        desired,
        entry,
        comparison,
        object_id=live.id,
        adopted=entry is None or recreated or entry.adopted,
    )
    return ResourceChange(
        address=desired.address,
        type=desired.type,
        action=action,
        reason="it was deleted and created again in Keycloak" if recreated else "",
        changes=changes,
        before=None if unchanged else _shown(live.leaves, desired, changes),
        after=None if unchanged else _shown(after, desired, changes),
        moved_from=moved_from,
        left=comparison.left,
        notes=(*spec.destroys(live.leaves, after), *spec.change_notes(live.leaves, after)),
        drawing=None if unchanged else spec.draws(live.leaves, after),
        entry=_once(after_it, entry) if unchanged and entry is not None else after_it,
    )


def _once(after: ResourceState, before: ResourceState) -> ResourceState:
    """The entry of what does not change, with what is the same as before not there twice."""
    same = {
        name: there
        for name in ("depends_on", "managed", "secrets")
        if _are_same(there := getattr(before, name), getattr(after, name))
    }
    return evolve(after, **same)


def _are_same(one: Any, other: Any) -> bool:
    """Whether two parts of an entry are equal in JSON, where `1` and `true` are two values."""
    if not isinstance(one, Mapping):
        return bool(one == other)
    return one.keys() == other.keys() and all(identical(one[key], other[key]) for key in one)


def _moved(
    context: Context, spec: TypeSpec, old: Address, address: Address
) -> Iterator[FieldChange]:
    """The changes of name and place that a `[[moved]]` rule makes."""
    place = context.moves.replaced(address)
    if spec.key is not None and (place is None or old.name != address.name):
        yield FieldChange(spec.key, old.name, address.name, ChangeOrigin.CONFIG)
    if place is not None and spec.movable:
        yield FieldChange(PLACE, str(place), str(address.parent), ChangeOrigin.CONFIG)


def _shown(leaves: Leaves, desired: Resource, changes: tuple[FieldChange, ...]) -> Leaves:
    """What a reader sees of an object: the fields that the files declare, and those that change."""
    paths = frozenset(desired.leaves) | {change.path for change in changes}
    return {path: value for path, value in leaves.items() if value != {} and lies_in(path, paths)}


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
    context: Context,
    desired: Resource,
    entry: ResourceState | None,
    comparison: Comparison,
    *,
    object_id: str | None,
    adopted: bool,
) -> ResourceState:
    ignored = context.rules.ignored(desired.address)
    spec = context.spec(desired.type)
    desired = _lasting(spec, desired)
    if ignored is not never:
        managed = {path: value for path, value in desired.leaves.items() if not ignored(path)}
        desired = evolve(desired, leaves=managed)
    return entry_after(
        spec,
        desired,
        entry,
        owned=comparison.owned,
        object_id=object_id,
        adopted=adopted,
        # Late fields may refer to each other in circles, and no deletion waits for them.
        depends_on=context.graph.early[desired.address],
        digester=context.inputs.digester,
    )


# -- resources that the files do not declare (any more) ---------------------------------------


def _drop(context: Context, entry: ResourceState, live: LiveObject | None) -> ResourceChange:
    if live is None:
        return ResourceChange(
            entry.address,
            entry.type,
            Action.NOOP,
            reason="it is gone from the files and from Keycloak, and is forgotten",
        )
    if entry.is_another(live.id):
        return _release(context, entry, live, "it was deleted and created again outside of kcplan")
    why = "" if context.inputs.options.destroy else "it is no longer in the files"
    if _is_deleted(context, entry, live):
        spec = context.spec(entry.type)
        return ResourceChange(
            address=entry.address,
            type=entry.type,
            action=Action.DELETE,
            reason=why,
            before=_managed_part(entry, live),
            notes=(*spec.lossy_delete, *spec.change_notes(live.leaves, {})),
        )
    return _release(context, entry, live, why)


def _managed_part(entry: ResourceState, live: LiveObject) -> Leaves:
    """What kcplan applied of an object, as it is now: that is what a reader recognises."""
    return {
        path: live.leaves[path]
        for path in entry.declared
        if live.leaves.get(path) != {} and path in live.leaves
    }


def _is_deleted(context: Context, entry: ResourceState, live: LiveObject) -> bool:
    """Whether an object is deleted or only released, when it leaves kcplan's hands."""
    spec = context.spec(entry.type)
    parent = _fields_of_parent(context, entry.address)
    if spec.permanent(entry.address, parent) or spec.comes_with(entry.address, parent):
        return False
    if spec.shared and not live.leaves.keys() <= entry.declared:
        return False
    options = context.inputs.options
    if rule := context.rules.on_remove(entry.address):
        return rule == "delete"
    if options.destroy:
        return not entry.adopted or options.delete_adopted
    return not entry.adopted


def _release(context: Context, entry: ResourceState, live: LiveObject, why: str) -> ResourceChange:
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
