"""What somebody else changed while a plan was applied, or since it was made. Pure.

An apply takes as its own what it wrote, and what Keycloak is known to change along with that. Any
other difference that is found when the objects are read back was not there when the plan was made:
it is said, and it stays drift.
"""

from collections.abc import Iterator

from attrs import evolve

from kcplan.diff import same
from kcplan.digests import Digester
from kcplan.drift import find_drift
from kcplan.grants import with_grants
from kcplan.lifecycle import Rules
from kcplan.outcome import written_entries
from kcplan.plan import Action, FieldChange, Plan, ResourceChange
from kcplan.resource import Registry
from kcplan.schema import Leaves
from kcplan.snapshot import Snapshot
from kcplan.state import State


def changed_meanwhile(
    plan: Plan, after: State, live: Snapshot, registry: Registry, digester: Digester, rules: Rules
) -> tuple[ResourceChange, ...]:
    """What is otherwise on the objects that a plan wrote than it was when the plan was made.

    Args:
        plan: What was applied.
        after: The state that comes of it.
        live: What was read back.
        registry: The types.
        digester: Digests under the state's key.
        rules: What is left alone.
    """
    written = {entry.address for entry in written_entries(plan, plan.steps)}
    known = plan.reported
    found, rest = find_drift(after, live, registry, digester, rules)
    news = (
        evolve(change, changes=changes)
        for change in with_grants(found, rest)
        if change.action is Action.UPDATE
        and change.address in written
        and (changes := tuple(_news(change, after, live, known.get(change.address, {}))))
    )
    return tuple(news)


def _news(
    change: ResourceChange, after: State, live: Snapshot, known: Leaves
) -> Iterator[FieldChange]:
    """The changes that the plan did not know of, in fields that were read back."""
    declared = {path[0] for path in after.resources[change.address].declared}
    read = declared | {path[0] for path in live.objects[change.address].leaves}
    for item in change.changes:
        is_known = item.path in known and same(known[item.path], item.after)
        if item.path[0] in read and not is_known:
            yield item
