"""What an execution tells while it works, and how it ended."""

from collections.abc import Mapping
from enum import StrEnum

from attrs import field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.errors import KcplanError, LostError, StoppedError, UnavailableError
from kcplan.plan import Plan, ResourceChange, Step


class EventType(StrEnum):
    """What the applier tells while it works."""

    PLANNED_CHANGE = "planned_change"
    APPLY_START = "apply_start"
    APPLY_STILL = "apply_still"
    APPLY_COMPLETE = "apply_complete"
    APPLY_ERRORED = "apply_errored"
    INTERRUPTED = "interrupted"
    ROLLBACK_START = "rollback_start"
    ROLLBACK_COMPLETE = "rollback_complete"
    ROLLBACK_ERRORED = "rollback_errored"
    RISK = "risk"
    DIAGNOSTIC = "diagnostic"
    CHANGED_MEANWHILE = "changed_meanwhile"
    CHANGE_SUMMARY = "change_summary"


@frozen
class Event:
    """Something that happened to a step."""

    type: EventType
    step: Step
    elapsed_seconds: float = 0.0
    error: KcplanError | None = None


@frozen
class Progress:
    """An event, and how many steps of all have ended by then."""

    event: Event
    finished: int
    total: int


@frozen
class Failure:
    """A step that failed, or that could not be undone."""

    step: Step
    error: KcplanError


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
        interrupted: The signal that stopped it; 0 where none did.
        came: Objects that Keycloak had made by itself when they were to be created.
    """

    done: tuple[Step, ...] = ()
    failures: tuple[Failure, ...] = ()
    rolled_back: tuple[Step, ...] = ()
    left: tuple[Failure, ...] = ()
    ids: Mapping[Address, str] = field(factory=dict)
    restored: Mapping[Address, str] = field(factory=dict)
    interrupted: int = 0
    came: frozenset[Address] = frozenset()

    @property
    def succeeded(self) -> bool:
        """Whether it ended as it was to end."""
        return not self.failures and not self.interrupted and not self.left

    @property
    def is_away(self) -> bool:
        """Whether undoing was given up because nobody answered."""
        return any(isinstance(failure.error, UnavailableError) for failure in self.left)

    @property
    def is_stopped(self) -> bool:
        """Whether undoing was given up because the user wanted it."""
        return any(isinstance(failure.error, StoppedError) for failure in self.left)

    @property
    def recoverable(self) -> bool:
        """Whether something is left that could still be undone, at another time."""
        return any(not isinstance(failure.error, LostError) for failure in self.left)


@frozen
class Applied:
    """How an execution ended, and with which exit code its command does.

    Where it is `recoverable`, the journal is kept, and the state is as before. `traces` are fields
    that may have an empty value after a rollback, where they had none. `meanwhile` is what somebody
    else changed on what was written, since the plan was made.
    """

    plan: Plan
    outcome: Outcome
    exit_code: int
    recoverable: bool = False
    traces: Mapping[Address, tuple[Path, ...]] = field(factory=dict)
    meanwhile: tuple[ResourceChange, ...] = ()
