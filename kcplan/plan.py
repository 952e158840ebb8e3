"""The plan: what will be changed, why, in which order, and how each step is undone.

A plan is a value: made without side effects, saved, loaded, rendered and executed from the same
object. It has two views of the same thing. *Changes* are what a person reviews, one for each
resource. *Steps* are what the applier executes, each one write that succeeds or fails as a whole;
most changes have one, a role with composites has two, a resource that Keycloak deletes along with
its parent has none.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any

from attrs import field

from kcplan.address import Address
from kcplan.authors import Author
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, Path, has_errors
from kcplan.drawn import Drawing
from kcplan.risk import Risk
from kcplan.schema import Leaves
from kcplan.state import Digest, ResourceState, ServerIdentity


class Action(StrEnum):
    """What happens to a resource."""

    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    DELETE = "delete"
    ADOPT = "adopt"
    RELEASE = "release"
    MOVE = "move"
    NOOP = "noop"

    @property
    def takes_away(self) -> bool:
        """Whether the object that is there goes, for good or for a new one."""
        return self in (Action.DELETE, Action.REPLACE)


class ChangeOrigin(StrEnum):
    """Who moved: the files, Keycloak since the last apply, or both."""

    CONFIG = "config"
    DRIFT = "drift"
    BOTH = "both"


@frozen
class FieldChange:
    """One field of a resource that changes. None is "absent"; secrets are `Secret`."""

    path: Path
    before: Any
    after: Any
    origin: ChangeOrigin
    sensitive: bool = False
    because: str = ""
    forces_replacement: bool = False


@frozen
class ResourceChange:
    """What happens to one resource.

    Attributes:
        address: Its name, the new one where it is renamed.
        type: The word for its type.
        action: What happens.
        reason: Why, in a few words ("not in Keycloak", "no longer in the files").
        changes: The fields that change.
        before: The declared or deleted fields as they are, for display.
        after: The fields as they will be, for display; None where the object goes.
        moved_from: The old address of a renamed resource.
        left: Fields that are no longer managed and keep their value.
        notes: What the reader must know before approving (what is lost, what goes along).
        entry: The resource's state after the change; None where it leaves the state.
        authors: Who changed it in Keycloak, as far as that is known, the last one first.
        drawing: What lies in it as a tree, before and after; None where no tree is drawn.
    """

    address: Address
    type: str
    action: Action
    reason: str = ""
    changes: tuple[FieldChange, ...] = ()
    before: Leaves | None = None
    after: Leaves | None = None
    moved_from: Address | None = None
    left: tuple[Path, ...] = ()
    notes: tuple[str, ...] = ()
    entry: ResourceState | None = None
    authors: tuple[Author, ...] = ()
    drawing: Drawing | None = None

    @classmethod
    def seen(
        cls,
        address: Address,
        type: str,  # noqa: A002 - as the attribute
        action: Action,
        changes: Iterable[FieldChange],
        before: Leaves,
        reason: str = "it was changed in Keycloak",
    ) -> "ResourceChange":
        """What somebody did in Keycloak to what had these fields."""
        found = tuple(sorted(changes, key=lambda change: change.path))
        after = {**before, **{change.path: change.after for change in found}}
        gone = action is Action.DELETE
        return cls(address, type, action, reason, found, before, None if gone else after)


class Operation(StrEnum):
    """What a step does to Keycloak."""

    CREATE = "create"
    UPDATE = "update"
    DELETE = "delete"


class Stage(StrEnum):
    """When a step runs: each stage starts only when the one before has succeeded as a whole."""

    BUILD = "1-build"
    WRITE_ONLY = "2-write-only"
    DESTROY = "3-destroy"
    DESTROY_REALM = "4-destroy-realm"


@frozen
class Step:
    """One write to Keycloak, and all that undoes it.

    Attributes:
        id: Unique in the plan, such as `update microservices/clients/a`.
        operation: What it does.
        address: The resource, as it is called after the step.
        type: The word for its type.
        object_id: Keycloak's id; chosen when planning for a new object where the server takes
            it, None where it is known only after an earlier step.
        before: For an update, the changed fields as they are now; for a deletion, the whole
            object. Empty for a creation.
        after: The fields to be written. For an update None is "make it absent".
        needs: Ids of the steps that must have succeeded.
        stage: When it runs.
        lossy: What undoing the step cannot bring back.
        undoable: False where nothing at all brings back what was there.
    """

    id: str
    operation: Operation
    address: Address
    type: str
    object_id: str | None = None
    before: Leaves = field(factory=dict)
    after: Leaves = field(factory=dict)
    needs: tuple[str, ...] = ()
    stage: Stage = Stage.BUILD
    lossy: tuple[str, ...] = ()
    undoable: bool = True


@frozen
class Plan:
    """An execution plan.

    Attributes:
        server: The Keycloak that it was made for.
        lineage, serial: The state that it was made from.
        changes: One for each resource that the files or the state know, `noop` ones too.
        steps: What to execute; the order within a stage is given by `needs`.
        drift: What changed in Keycloak since the last apply, apart from what the files say.
        outside: What changed there in fields of managed resources that no file mentions. It stays.
        diagnostics: What is to be said of the configuration; with an error in it, the plan is
            not executed.
        risks: What wants a reviewer's attention, the most dangerous first.
        fingerprints: For each live object that the plan changes, a digest of what it relies on;
            empty text where it relies on nothing being there.
        known: Ids of the objects that the steps refer to.
        digests: For each secret that the plan writes, what it looked like, by address and path.
        environment: The environment of kcplan.toml that it was made for; None where there is none.
    """

    server: ServerIdentity
    lineage: str
    serial: int
    changes: tuple[ResourceChange, ...] = ()
    steps: tuple[Step, ...] = ()
    drift: tuple[ResourceChange, ...] = ()
    outside: tuple[ResourceChange, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()
    risks: tuple[Risk, ...] = ()
    fingerprints: Mapping[Address, str] = field(factory=dict)
    known: Mapping[Address, str] = field(factory=dict)
    digests: Mapping[tuple[Address, Path], Digest] = field(factory=dict)
    environment: str | None = None

    @property
    def summary(self) -> dict[str, int]:
        """How many resources each action happens to."""
        return count_actions(self.changes)

    @property
    def realms(self) -> tuple[str, ...]:
        """The realms that it is about, whether something changes there or not."""
        return tuple(sorted({change.address.realm for change in self.changes}))

    @property
    def reported(self) -> Mapping[Address, Leaves]:
        """What somebody else had changed when the plan was made: the fields with what they are."""
        found: dict[Address, dict[Path, Any]] = {}
        for change in (*self.drift, *self.outside):
            fields = {item.path: item.after for item in change.changes}
            found.setdefault(change.address, {}).update(fields)
        return found

    def managed(self, known: Iterable[Address]) -> frozenset[Address]:
        """What kcplan manages while the plan is executed, under its old names too.

        What something managed only refers to is not among it, nor what the files have let go.

        Args:
            known: The addresses in the state.
        """
        released = {c.address for c in self.changes if c.action is Action.RELEASE}
        pairs = ((c.address, c.moved_from) for c in self.changes)
        names = {address for pair in pairs for address in pair if address is not None}
        return frozenset({*known, *names} - released)

    @property
    def has_errors(self) -> bool:
        """Whether the plan must not be executed."""
        return has_errors(self.diagnostics)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to do."""
        return all(change.action is Action.NOOP for change in self.changes)


def count_actions(changes: Iterable[ResourceChange]) -> dict[str, int]:
    """How many of the changes have each action."""
    counts = dict.fromkeys((str(action) for action in Action), 0)
    for change in changes:
        counts[str(change.action)] += 1
    return counts
