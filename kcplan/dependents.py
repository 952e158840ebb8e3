"""Changes together: what one change means for others.

What lies in a deleted object goes along with it. What lies in a replaced object is made again with
the new one, and what refers to it must be written again.
"""

from collections.abc import Iterable, Mapping

from attrs import evolve

from kcplan.address import Address
from kcplan.decisions import made_again
from kcplan.inputs import Context
from kcplan.plan import Action, ChangeOrigin, FieldChange, ResourceChange
from kcplan.schema import Leaves

_STAYING = (Action.NOOP, Action.UPDATE, Action.ADOPT, Action.MOVE)


def go_along(context: Context, changes: list[ResourceChange]) -> list[ResourceChange]:
    """What lies in something that goes does so, too, also where it was to be released or to stay.

    In something that is replaced, what was to stay is made again.
    """
    going = {change.address: change.action for change in changes if change.action.takes_away}
    return [_gone_along(context, change, going) for change in changes] if going else changes


def _gone_along(
    context: Context, change: ResourceChange, going: Mapping[Address, Action]
) -> ResourceChange:
    outermost_first = reversed(list(change.address.ancestors()))
    holder = next((address for address in outermost_first if address in going), None)
    if holder is None:
        return change
    if going[holder] is Action.REPLACE and change.action in _STAYING:
        return made_again(context, change, holder)
    if change.action not in (Action.RELEASE, Action.DELETE):
        return change
    if change.action is Action.DELETE:
        # What is lost with the holder is said there, once.
        return evolve(change, notes=())
    return evolve(
        change,
        action=Action.DELETE,
        reason=f"it goes along with {holder}",
        changes=(),
        before={item.path: item.before for item in change.changes},
        after=None,
        left=(),
    )


def rewrite_dependents(context: Context, changes: list[ResourceChange]) -> list[ResourceChange]:
    """Write again what refers to a replaced object: Keycloak forgets it with the old one."""
    replaced = {change.address for change in changes if change.action is Action.REPLACE}
    if not replaced:
        return changes
    return [_rewritten(context, change, replaced) for change in changes]


def _rewritten(
    context: Context, change: ResourceChange, replaced: Iterable[Address]
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
