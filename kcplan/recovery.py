"""Recovery: from what a journal says to an execution that can be rolled back, or finished.

A journal tells of each step what was intended and what became of it. A step that was done and not
undone stands; one without a known end is doubtful, and Keycloak is asked.
"""

from collections.abc import Mapping, Sequence

from attrs import evolve, field, frozen

from kcplan.address import Address
from kcplan.plan import Plan, Step
from kcplan.provider import Image
from kcplan.schema import Leaves


@frozen
class Remembered:
    """What a journal says of an interrupted execution.

    Attributes:
        before: For each intended step, the fields as they were, secrets in clear.
        images: For each destroying step, what it destroyed.
        done: Steps that were performed and not undone, in this order.
        doubtful: Steps that were begun, and whose end is not known or was a failure.
        refused: Those of the doubtful ones that Keycloak refused.
        ids: Ids that performed steps gave.
        restored: New ids of objects that were deleted and brought back, by address.
    """

    before: Mapping[str, Leaves] = field(factory=dict)
    images: Mapping[str, Image] = field(factory=dict)
    done: Sequence[str] = ()
    doubtful: Sequence[str] = ()
    refused: frozenset[str] = frozenset()
    ids: Mapping[str, str] = field(factory=dict)
    restored: Mapping[Address, str] = field(factory=dict)


def steps_with_before(plan: Plan, remembered: Remembered) -> dict[str, Step]:
    """The plan's steps by id, with the before-images and the new ids that the journal holds."""
    return {
        step.id: evolve(
            step,
            before=remembered.before.get(step.id, step.before),
            object_id=remembered.restored.get(step.address, step.object_id),
        )
        for step in plan.steps
    }


def remaining(plan: Plan, remembered: Remembered) -> tuple[Step, ...]:
    """The steps that were not performed, in the plan's order."""
    done = set(remembered.done)
    steps = steps_with_before(plan, remembered)
    return tuple(steps[step.id] for step in plan.steps if step.id not in done)
