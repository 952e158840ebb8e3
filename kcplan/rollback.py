"""Rollback: an execution is undone backwards, step by step, as far as it can be.

It goes on where the journal cannot be written, since the disk may be full: a recovery that does not
know that a step was undone undoes it again, which changes nothing.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress

from kcplan.address import Address
from kcplan.errors import KcplanError, LostError, StateError, StoppedError, UnavailableError
from kcplan.events import Event, EventType, Failure
from kcplan.execution import Execution, as_error
from kcplan.inverse import invert
from kcplan.plan import Operation, Step
from kcplan.resource import PLACE

_ENDS = (UnavailableError, StoppedError)
"""After these nothing else is tried."""


def roll_back(run: Execution) -> tuple[list[Step], list[Failure]]:
    """Undo what was done, last first; one that fails does not keep the others from it.

    What fails is tried a second time after the others: it may have been a passing trouble. But
    where Keycloak does not answer at all, or the user wants no more, it ends there.
    What was done within a new object goes away along with it, but for what was put there: that is
    put back first.
    """
    run.undoing = True
    undone: list[Step] = []
    todo = [*reversed(run.doubtful), *reversed(run.done)]
    made = {step.address for step in run.done if step.operation is Operation.CREATE}
    alone = [s for s in todo if _was_put(s) or not _lies_in(s.address, made)]
    left = _roll_back_all(run, alone, undone)
    if not any(isinstance(failure.error, _ENDS) for failure in left):
        left = _roll_back_all(run, [failure.step for failure in left], undone)
    _tell(run, left)
    names = {step.id for step in undone}
    run.done = [step for step in run.done if step.id not in names]
    return undone, left


def _tell(run: Execution, left: Iterable[Failure]) -> None:
    """Tell what could not be undone; of what was not tried any more, only the reason, once."""
    reasons: list[KcplanError] = []
    for failure in left:
        if not any(failure.error is reason for reason in reasons):
            reasons.append(failure.error)
            run.tell(Event(EventType.ROLLBACK_ERRORED, failure.step, 0.0, failure.error))


def _roll_back_all(run: Execution, steps: Sequence[Step], undone: list[Step]) -> list[Failure]:
    left: list[Failure] = []
    for position, step in enumerate(steps):
        try:
            _roll_back_one(run, step, undone)
        except Exception as defect:  # noqa: BLE001 - one that fails must not stop the others
            problem = defect if isinstance(defect, KcplanError) else as_error(defect)
            if isinstance(problem, _ENDS):
                return [*left, *(Failure(later, problem) for later in steps[position:])]
            left.append(Failure(step, problem))
    return left


def _roll_back_one(run: Execution, step: Step, undone: list[Step]) -> None:
    began = time.monotonic()
    if run.stopped:
        raise StoppedError("the rollback was interrupted")
    if step in run.doubtful and _is_untouched(run, step):
        run.doubtful = [item for item in run.doubtful if item is not step]
        return
    if step.operation is Operation.CREATE:
        _refuse_with_others(run, step, undone)
    run.tell(Event(EventType.ROLLBACK_START, step))
    with suppress(StateError):
        run.journal.undoing(step)
    restored = _undo(run, step)
    run.restored |= restored
    along = _gone_along(run, step) if step.operation is Operation.CREATE else []
    for item in (*along, step):
        undone.append(item)
        with suppress(StateError):
            run.journal.undone(item, restored)
    run.tell(Event(EventType.ROLLBACK_COMPLETE, step, time.monotonic() - began))


def _gone_along(run: Execution, step: Step) -> list[Step]:
    """What was done within the object of a step that created it."""
    inside = {step.address}
    found = (item for item in reversed(run.done) if _lies_in(item.address, inside))
    return [item for item in found if not _was_put(item)]


def _was_put(step: Step) -> bool:
    """Whether the step puts an object to where it was not made."""
    return PLACE in step.before


def _refuse_with_others(run: Execution, step: Step, undone: Sequence[Step]) -> None:
    """Keep a new object as long as something older is in it, which would go with it.

    Raises:
        KcplanError: Something could not be put back to where it was.
    """
    put = (item for item in (*run.done, *run.doubtful) if _was_put(item) and item not in undone)
    held = next((item for item in put if _lies_in(item.address, {step.address})), None)
    if held is not None:
        raise KcplanError(
            f"{step.address} was created, and is not deleted: it may have {held.address} in it",
            "That was moved there, and would be deleted along with it. Look where it is.",
        )


def _is_untouched(run: Execution, step: Step) -> bool:
    """Whether nothing of a failed step has happened, though it may have several requests."""
    refused = step.id not in run.unknown
    if refused and step.operation is Operation.CREATE and step.object_id is None:
        # An object of this name is somebody else's.
        return True
    image = run.images.get(step.id)
    if image is not None:
        intact = run.writer.is_intact(step, image)
    elif step.operation is Operation.DELETE:
        intact = not run.writer.happened(step)
    else:
        intact = run.writer.happened(invert(step, run.ids.get(step.address)))
    return refused if intact is None else intact


def _undo(run: Execution, step: Step) -> Mapping[Address, str]:
    """Take a step back; gives the new ids of what was deleted and is back."""
    if not step.undoable:
        raise LostError(
            f"{step.address} cannot be brought back as it was",
            f"What is lost: {'; '.join(step.lossy)}.",
        )
    if step.id in run.came:
        # Keycloak made it along with something that is undone as well.
        return {}
    image = run.images.get(step.id)
    if image is not None:
        return run.writer.restore(step, image)
    inverse = invert(step, run.ids.get(step.address))
    try:
        run.writer.perform(inverse)
    except UnavailableError:
        raise
    except KcplanError:
        # It may be so all the same: an answer was lost, or it had been undone before.
        if not run.writer.happened(inverse):
            raise
    return {}


def _lies_in(address: Address, holders: Iterable[Address]) -> bool:
    return any(address.within(holder) and address != holder for holder in holders)
