"""An execution that was interrupted, as its journal tells of it.

A journal tells of each step what was intended and what became of it. A step that was done and not
undone stands; one without a known end is doubtful, and Keycloak is asked.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum

from attrs import evolve, field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.errors import StateError
from kcplan.events import Applied
from kcplan.plan import Plan, Step
from kcplan.provider import Image
from kcplan.schema import Leaves
from kcplan.secret import conceal, is_withheld
from kcplan.state import State


@frozen
class Remembered:
    """What a journal says of the steps.

    Attributes:
        before: For each intended step, the fields as they were, secrets in clear.
        images: For each destroying step, what it destroyed.
        done: Steps that were performed and not undone, in this order.
        doubtful: Steps that were begun, and whose end is not known or was a failure.
        refused: Those of the doubtful ones that Keycloak refused.
        ids: Ids that performed steps gave.
        restored: New ids of objects that were deleted and brought back, by address.
        came: Steps whose object Keycloak had made by itself when it was to be created.
    """

    before: Mapping[str, Leaves] = field(factory=dict)
    images: Mapping[str, Image] = field(factory=dict)
    done: Sequence[str] = ()
    doubtful: Sequence[str] = ()
    refused: frozenset[str] = frozenset()
    ids: Mapping[str, str] = field(factory=dict)
    restored: Mapping[Address, str] = field(factory=dict)
    came: frozenset[str] = frozenset()


@frozen
class Interrupted:
    """An execution that did not end.

    Attributes:
        operation: The command, such as `apply`.
        started: When, UTC.
        server: The URL of Keycloak.
        plan: What was to be done.
        remembered: What became of it.
    """

    operation: str
    started: str
    server: str
    plan: Plan
    remembered: Remembered

    def moved_to(self, url: str) -> "Interrupted":
        """This execution, as one of the server at this URL."""
        server = evolve(self.plan.server, url=url)
        return evolve(self, server=url, plan=evolve(self.plan, server=server))


class Nothing(StrEnum):
    """Why there is nothing to recover."""

    NO_JOURNAL = "no journal"
    ENDED = "it had ended"


@frozen
class Recovered:
    """How a recovery ended, and whether the interrupted execution was to be finished by it."""

    applied: Applied
    forward: bool


def had_ended(state: State, lineage: str, serial: int) -> bool:
    """Whether an execution that began with this serial is in the state already.

    The state is written last: then all that was to be done is done.

    Raises:
        StateError: It was an execution of another state, or of a later one.
    """
    if state.lineage != lineage:
        raise StateError(
            "the journal belongs to another state",
            f"Its lineage is {lineage}, and that of the state is {state.lineage}. "
            "Put the state back that the journal belongs to.",
        )
    if state.serial < serial:
        raise StateError(
            "the state is older than the journal",
            f"It has serial {state.serial}, and the interrupted apply began with "
            f"{serial}. Put the state back that the journal belongs to.",
        )
    return state.serial > serial


def require_server(interrupted: Interrupted, url: str) -> None:
    """Raise StateError where the execution was another server's."""
    if interrupted.server != url:
        raise StateError(
            f"the interrupted apply was one of {interrupted.server}, and this is {url}",
            "Recover it there: correct --url. If the server only moved, add --allow-other-server.",
        )


def steps_with_before(plan: Plan, remembered: Remembered) -> dict[str, Step]:
    """The plan's steps by id, with the before-images and the new ids that the journal holds."""
    return {
        step.id: evolve(
            step,
            before=_with_secrets(step, remembered.before.get(step.id, step.before)),
            object_id=remembered.restored.get(step.address, step.object_id),
        )
        for step in plan.steps
    }


def _with_secrets(step: Step, before: Leaves) -> Leaves:
    """The fields as a journal has them, with those wrapped that the plan withholds."""
    secret = {path for path, value in step.before.items() if is_withheld(value)}
    return {path: conceal(value) if path in secret else value for path, value in before.items()}


def remaining(plan: Plan, remembered: Remembered) -> tuple[Step, ...]:
    """The steps that were not performed, in the plan's order."""
    done = set(remembered.done)
    steps = steps_with_before(plan, remembered)
    return tuple(steps[step.id] for step in plan.steps if step.id not in done)
