"""What the engine asks of the disk: to keep a state, and the journal of a running execution.

`kcplan_state` implements these. A journal is there before the first write to Keycloak, and goes
when the state that comes of the execution is saved.
"""

from collections.abc import Iterable, Mapping
from typing import Protocol

from kcplan.address import Address
from kcplan.plan import Step
from kcplan.provider import Image
from kcplan.state import State


class StateStore(Protocol):
    """Where the state is."""

    def save(self, state: State) -> State:
        """Record a state; gives it with the serial that it now has. Raises StateError."""


class Journal(Protocol):
    """Where intents and outcomes are on disk before anything depends on them."""

    def intend(self, steps: Iterable[tuple[Step, Image | None]]) -> None:
        """These steps are about to be performed; none of them before `sync` has returned."""

    def sync(self) -> None:
        """Have on disk what was said so far; for any thread. Raises StateError."""

    def done(self, step: Step, object_id: str | None, *, came: bool = False) -> None:
        """The step has been performed; `came` says that Keycloak had made the object itself."""

    def failed(self, step: Step) -> None:
        """Keycloak refused the step, or a part of it."""

    def undoing(self, step: Step) -> None:
        """The step is about to be undone; on disk when this returns."""

    def undone(self, step: Step, restored: Mapping[Address, str]) -> None:
        """The step has been undone; these objects have new ids since."""


class JournalFile(Journal, Protocol):
    """A journal that somebody ends."""

    def close(self) -> None:
        """Leave it where it is: something is to be recovered."""

    def remove(self) -> None:
        """Remove it: there is nothing to recover. Raises StateError."""


class NoJournal:
    """The journal of an execution without steps: nothing is to be remembered."""

    def intend(self, steps: Iterable[tuple[Step, Image | None]]) -> None:
        """Nothing happens."""

    def sync(self) -> None:
        """Nothing happens."""

    def done(self, step: Step, object_id: str | None, *, came: bool = False) -> None:
        """Nothing happens."""

    def failed(self, step: Step) -> None:
        """Nothing happens."""

    def undoing(self, step: Step) -> None:
        """Nothing happens."""

    def undone(self, step: Step, restored: Mapping[Address, str]) -> None:
        """Nothing happens."""
