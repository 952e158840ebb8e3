"""The journal as the applier sees it: plan and steps become records, and records a memory of them.

applier ─▶ StepJournal ─▶ records ─▶ file        while an apply runs
file ─▶ records ─▶ Interrupted                    when it is recovered
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import evolve

from kcplan import __version__
from kcplan.address import Address
from kcplan.classes import define
from kcplan.digests import Digester
from kcplan.errors import StateError
from kcplan.fingerprints import secret_digests
from kcplan.interrupted import Interrupted, Remembered
from kcplan.plan import Plan, Step
from kcplan.planconvert import converter, written
from kcplan.provider import Image
from kcplan.schema import Leaves
from kcplan.secret import reveal
from kcplan.state import State
from kcplan_state import disk, journal, records


@define
class StepJournal:
    """The journal of an execution, on disk."""

    writer: journal.Writer

    def intend(self, steps: Iterable[tuple[Step, Image | None]]) -> None:
        """These steps are about to be performed. Their before-images may hold secrets."""
        intents = [records.Intent(step.id, _before(step, image)) for step, image in steps]
        if intents:
            self.writer.append(intents, sync=False)

    def sync(self) -> None:
        """Have on disk what was added so far; for any thread. Raises StateError."""
        self.writer.sync()

    def done(self, step: Step, object_id: str | None, *, came: bool = False) -> None:
        """The step has been performed. Lost with the power, this is asked of Keycloak."""
        self.writer.append([records.Done(step.id, object_id, came)], sync=False)

    def failed(self, step: Step) -> None:
        """Keycloak refused the step, or a part of it."""
        self.writer.append([records.Failed(step.id)])

    def undoing(self, step: Step) -> None:
        """The step is about to be undone."""
        self.writer.append([records.Undoing(step.id)])

    def undone(self, step: Step, restored: Mapping[Address, str]) -> None:
        """The step has been undone; these objects have new ids since."""
        ids = {str(address): object_id for address, object_id in restored.items()}
        self.writer.append([records.Undone(step.id, ids)])

    def close(self) -> None:
        """Leave the journal where it is."""
        self.writer.close()

    def remove(self) -> None:
        """Remove the journal. Raises StateError."""
        self.writer.remove()


def begin(
    state_path: Path,
    plan: Plan,
    state: State,
    operation: str,
    digester: Digester,
    passphrase: str | None = None,
) -> StepJournal:
    """Begin the journal of a plan's execution; all that a recovery needs is on the disk then.

    Args:
        state_path: The state file. The caller holds its lock.
        plan: What is about to be executed.
        state: The state that it was made from.
        operation: The command, such as `apply`.
        digester: Digests of the plan's secrets, under the state's key.
        passphrase: KCPLAN_JOURNAL_KEY, as for `journal.begin`.

    Raises:
        StateError: There is a journal already, or one cannot be written or encrypted.
    """
    digests = secret_digests(plan, digester)
    header = records.Header(
        lineage=state.lineage,
        serial=state.serial,
        server=plan.server.url,
        operation=operation,
        started=disk.now(),
        steps=written(evolve(plan, digests=digests)),
    )
    return StepJournal(journal.begin(state_path, header, passphrase))


def _before(step: Step, image: Image | None) -> dict[str, Any]:
    before = [[list(path), reveal(value)] for path, value in step.before.items()]
    return {"before": before, "captured": image}


def interrupted(read: journal.Journal) -> Interrupted:
    """The execution that a journal tells of.

    Raises:
        StateError: It is whole, and yet not in the form that this kcplan writes.
    """
    header = read.header
    try:
        plan = converter().structure(header.steps, Plan)
        known = remembered(read.records)
    except Exception as error:
        raise StateError(
            "the journal cannot be understood",
            f"It is not damaged: kcplan {header.kcplan_version} wrote it, and this is kcplan "
            f"{__version__}. Recover with that version.",
        ) from error
    return Interrupted(header.operation, header.started, header.server, plan, known)


def remembered(found: Iterable[records.Record]) -> Remembered:
    """What the records of a journal say of each step."""
    before: dict[str, Leaves] = {}
    images: dict[str, Image] = {}
    done: dict[str, None] = {}
    doubtful: dict[str, None] = {}
    refused: set[str] = set()
    came: set[str] = set()
    restored: dict[Address, str] = {}
    ids: dict[str, str] = {}
    for record in found:
        match record:
            case records.Intent(step, image):
                before[step] = {tuple(p): v for p, v in (image or {}).get("before", ())}
                if image and image.get("captured") is not None:
                    images[step] = image["captured"]
                doubtful[step] = None
                refused.discard(step)
            case records.Failed(step):
                refused.add(step)
            case records.Done(step, object_id, along):
                doubtful.pop(step, None)
                came |= {step} if along else set()
                done[step] = None
                if object_id is not None:
                    ids[step] = object_id
            case records.Undone(step, back):
                restored |= {Address.parse(name): object_id for name, object_id in back.items()}
                done.pop(step, None)
                doubtful.pop(step, None)
            case _:
                # A step that was being undone is as doubtful as it was.
                pass
    return Remembered(
        before,
        images,
        tuple(done),
        tuple(doubtful),
        frozenset(refused),
        ids,
        restored,
        frozenset(came),
    )
