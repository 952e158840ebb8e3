"""What an execution tells while it works, what it keeps on disk, and how it ended."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, Protocol

from attrs import field, frozen

from kcplan.address import Address
from kcplan.errors import KcplanError, LostError
from kcplan.plan import Step
from kcplan.provider import Image


class EventType(StrEnum):
    """What the applier tells while it works."""

    PLANNED_CHANGE = "planned_change"
    APPLY_START = "apply_start"
    APPLY_COMPLETE = "apply_complete"
    APPLY_ERRORED = "apply_errored"
    ROLLBACK_START = "rollback_start"
    ROLLBACK_COMPLETE = "rollback_complete"
    ROLLBACK_ERRORED = "rollback_errored"
    DIAGNOSTIC = "diagnostic"
    CHANGE_SUMMARY = "change_summary"


@frozen
class Event:
    """Something that happened to a step."""

    type: EventType
    step: Step
    elapsed_seconds: float = 0.0
    error: KcplanError | None = None


@frozen
class Failure:
    """A step that failed, or that could not be undone."""

    step: Step
    error: KcplanError


class Journal(Protocol):
    """Where intents and outcomes are on disk before anything depends on them."""

    def intend(self, steps: Iterable[tuple[Step, Image | None]]) -> None:
        """These steps are about to be performed; on disk when this returns."""

    def done(self, step: Step, object_id: str | None) -> None:
        """The step has been performed."""

    def failed(self, step: Step) -> None:
        """Keycloak refused the step, or a part of it."""

    def undoing(self, step: Step) -> None:
        """The step is about to be undone; on disk when this returns."""

    def undone(self, step: Step, restored: Mapping[Address, str]) -> None:
        """The step has been undone; these objects have new ids since."""


@frozen
class Outcome:
    """How an execution ended.

    Attributes:
        done: The steps that were performed and still stand, in the order of their completion.
        failures: What stopped it; empty on success.
        rolled_back: Steps that were performed and then undone.
        left: What could not be undone.
        ids: Ids of the objects that the steps made.
        restored: New ids of objects that were deleted and brought back.
        interrupted: Whether the user stopped it.
    """

    done: tuple[Step, ...] = ()
    failures: tuple[Failure, ...] = ()
    rolled_back: tuple[Step, ...] = ()
    left: tuple[Failure, ...] = ()
    ids: Mapping[Address, str] = field(factory=dict)
    restored: Mapping[Address, str] = field(factory=dict)
    interrupted: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether it ended as it was to end."""
        return not self.failures and not self.interrupted and not self.left

    @property
    def recoverable(self) -> bool:
        """Whether something is left that could still be undone, at another time."""
        return any(not isinstance(failure.error, LostError) for failure in self.left)


def describe_event(event: Event) -> dict[str, Any]:
    """An event as one line of JSON."""
    document: dict[str, Any] = {
        "type": str(event.type),
        "address": str(event.step.address),
        "action": str(event.step.operation),
        "elapsed_seconds": round(event.elapsed_seconds, 3),
    }
    if event.error is not None:
        document["error"] = {"summary": event.error.summary, "detail": event.error.detail}
    return document
