"""What the engine asks of a provider: the seam behind which all of Keycloak lies.

`kcplan_keycloak` implements these; the planner needs only the types' specs (data), the commands
read through a `Reader`, and only the applier ever gets a `Writer`.
"""

from collections.abc import Collection, Mapping
from typing import Any, Protocol

from attrs import field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.errors import ServerError
from kcplan.plan import Step
from kcplan.snapshot import Snapshot

Image = Mapping[str, Any]
"""All that is needed to bring a deleted object back, as JSON with secrets in clear. It lives in
memory and in the journal of a running apply, and nowhere else."""


@frozen
class Wanted:
    """An object to be read.

    Attributes:
        type: The word for its type.
        fields: The top-level fields that matter; what costs requests of its own and is not among
            them may be left out.
    """

    type: str
    fields: frozenset[str] = frozenset()


@frozen
class ReadRequest:
    """What is to be read.

    Attributes:
        wanted: The objects to read.
        ids: Ids that the state knows; they save look-ups.
        references: Objects of which only existence and id matter.
        beneath: Also look for objects that nobody asked for, below the wanted ones.
        unmanaged: Also look for what is new anywhere in the wanted realms.
        leaving: What may be deleted: also find what lives in it.
        granted: Objects of whose accounts is to be read what they are granted, whoever declares
            the accounts.
        administering: Whether the accounts of the wanted objects that are not wanted themselves are
            looked for among those who administer a realm.
        everything: Read all that the wanted realms have, whoever made it, with all of its fields.
        data: Whether that includes what is data, and no configuration unless a file says so: users.
    """

    wanted: Mapping[Address, Wanted]
    ids: Mapping[Address, str] = field(factory=dict)
    references: frozenset[Address] = frozenset()
    beneath: bool = False
    unmanaged: bool = False
    leaving: frozenset[Address] = frozenset()
    granted: frozenset[Address] = frozenset()
    administering: bool = False
    everything: bool = False
    data: bool = False


class Reader(Protocol):
    """Reads Keycloak and never changes it."""

    def read_ahead(self, request: ReadRequest) -> None:
        """Begin to read what was there the last time, and wait for nothing. It cannot fail."""

    def read(self, request: ReadRequest) -> Snapshot:
        """What is there, for everything that was asked. Raises ServerError."""


class UnknownOutcomeError(ServerError):
    """A write was sent and its answer never came: it may have happened or not."""

    passing = True


class Writer(Protocol):
    """Executes steps. Each call is one step; calls may come from several threads at once."""

    @property
    def came(self) -> Collection[Address]:
        """Objects that were there already when they were to be created, and were updated instead.

        Keycloak makes them along with something that was written before: another version of it may
        make more than kcplan knows.
        """

    def capture(self, step: Step) -> Image | None:
        """What a step is about to destroy, read now; None where it destroys nothing.

        Raises ServerError.
        """

    def rehearse(self, step: Step) -> None:
        """Ask whether an object can be created, before what has its name is deleted for it.

        Changes nothing. Raises ServerError where it is certain to be refused.
        """

    def perform(self, step: Step) -> str | None:
        """Execute the step. Gives the object's id where it is known.

        Raises ServerError, UnknownOutcomeError where it cannot be told whether it happened.
        """

    def happened(self, step: Step) -> bool | None:
        """Whether Keycloak is now as the step leaves it. Settles an unknown outcome.

        None where that cannot be told, since Keycloak does not give back what was written.
        """

    def is_intact(self, step: Step, image: Image) -> bool | None:
        """Whether what a destroying step takes away is there as it was captured.

        None as for `happened`. Raises ServerError.
        """

    def restore(self, step: Step, image: Image) -> Mapping[Address, str]:
        """Bring back what a destroying step took away, as far as it is not there.

        Gives the ids of objects that could not get their old one. Raises ServerError.
        """
