"""Upsets: what Keycloak changes in other objects along with one that a plan writes. Pure.

What the files declare of those is written after that, and again where it would not stay so.
"""

from collections.abc import Iterable, Iterator, Mapping

from attrs import evolve

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.diff import ALONG, is_masked
from kcplan.inputs import Context
from kcplan.plan import Action, ChangeOrigin, FieldChange, ResourceChange, Step
from kcplan.resource import Registry, Resource, TypeSpec, Upset
from kcplan.schema import Leaves
from kcplan.snapshot import Snapshot

_STAYING = (Action.NOOP, Action.UPDATE, Action.ADOPT, Action.MOVE)


@frozen
class Upsetting:
    """That a change upsets others of its realm."""

    address: Address
    upset: Upset

    def concerns(self, address: Address, type_name: str) -> bool:
        """Whether it may upset this one."""
        return self.upset.type == type_name and address.realm == self.address.realm

    def reaches(self, step: Step, leaves: Leaves) -> bool:
        """Whether it may upset what a step writes to an object with these fields."""
        stages: tuple[Leaves, ...] = ({**leaves, **step.before}, {**leaves, **step.after})
        if self.upset.late:
            stages = (step.after,)
        return self.concerns(step.address, step.type) and any(map(self.upset.touches, stages))


def upsetting(
    changes: Iterable[ResourceChange], registry: Registry, live: Snapshot
) -> tuple[Upsetting, ...]:
    """What the changes upset, in their order."""
    return tuple(
        Upsetting(change.address, upset)
        for change in changes
        for before, after in _stages(change, live)
        if (upset := registry[change.type].upsets(before, after)) is not None
    )


def _stages(change: ResourceChange, live: Snapshot) -> Iterator[tuple[Leaves, Leaves]]:
    """The fields of an object before and after each thing that happens to it."""
    there = live.objects.get(change.address)
    before = {} if there is None else there.leaves
    changed = {item.path: item.after for item in change.changes}
    match change.action:
        case Action.NOOP:
            return
        case Action.DELETE:
            yield before, {}
        case Action.REPLACE:
            yield before, {}
            yield {}, change.after or {}
        case _:
            yield before, {**before, **(change.after or {}), **changed}


def written_again(context: Context, changes: list[ResourceChange]) -> list[ResourceChange]:
    """Write again what the files declare and the plan upsets."""
    found = upsetting(changes, context.inputs.registry, context.live)
    return [_again(context, change, found) for change in changes] if found else changes


def _again(context: Context, change: ResourceChange, found: Iterable[Upsetting]) -> ResourceChange:
    desired = context.inputs.config.resources.get(change.address)
    there = context.live.objects.get(change.address)
    if desired is None or there is None or change.action not in _STAYING:
        return change
    concerned = [item for item in found if item.concerns(change.address, change.type)]
    known = {item.path for item in change.changes}
    reasons = {
        path: address
        for path, address in _upset(change.address.name, there.leaves, concerned).items()
        if path in desired.leaves and path not in known
    }
    if not reasons:
        return change
    again = [
        _written(there.leaves, desired, path, f"Keycloak changes it along with {address}")
        for path, address in sorted(reasons.items())
    ]
    along = _along(context.spec(change.type), there.leaves, desired, known | reasons.keys())
    action = Action.UPDATE if change.action is Action.NOOP else change.action
    return evolve(change, action=action, changes=(*change.changes, *again, *along))


def _upset(name: str, leaves: Leaves, found: Iterable[Upsetting]) -> Mapping[Path, Address]:
    """The fields that are upset one after the other, each with what does it last."""
    reasons: dict[Path, Address] = {}
    for item in found:
        changed = item.upset.changes(name, leaves)
        leaves = {**leaves, **changed}
        reasons |= dict.fromkeys(changed, item.address)
    return reasons


def _along(
    spec: TypeSpec, leaves: Leaves, desired: Resource, written: set[Path]
) -> Iterator[FieldChange]:
    """The secrets that are written along, where the object is made anew for so many fields."""
    if spec.made_anew(written):
        for path, value in desired.leaves.items():
            if path not in written and value is not None and is_masked(leaves.get(path)):
                yield evolve(_written(leaves, desired, path, ALONG), sensitive=True)


def _written(leaves: Leaves, desired: Resource, path: Path, because: str) -> FieldChange:
    value = desired.leaves[path]
    return FieldChange(path, leaves.get(path), value, ChangeOrigin.CONFIG, because=because)
