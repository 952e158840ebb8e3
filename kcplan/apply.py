"""The applier: executes a plan's steps, and undoes them when one fails.

The main thread schedules, writes the journal and collects; worker threads only talk to Keycloak.
Nothing is decided here that the plan does not say:

    for each stage:  ready steps ─▶ journal intents ─▶ perform (in threads) ─▶ journal outcomes
    a step failed:   schedule no more ─▶ let running ones end ─▶ undo backwards ─▶ report

A step whose answer was lost is settled by reading Keycloak, before anything is decided.
"""

import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from enum import StrEnum
from graphlib import TopologicalSorter
from heapq import heappop, heappush
from itertools import groupby
from typing import Any, Protocol

from attrs import define, evolve, field, frozen

from kcplan.address import Address
from kcplan.errors import KcplanError
from kcplan.plan import Operation, Plan, Step
from kcplan.provider import Image, UnknownOutcomeError, Writer


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
        """Whether every step was performed."""
        return not self.failures and not self.interrupted


@define
class Execution:
    """A running execution: what is done so far, and the means to undo it.

    `doubtful` are the steps that failed: each may have several requests, so some of it may have
    happened all the same. Before they are left alone, Keycloak is asked. `unknown` are the ids of
    those that got no answer.
    """

    writer: Writer
    journal: Journal
    tell: Callable[[Event], None]
    parallelism: int
    ids: dict[Address, str]
    done: list[Step] = field(factory=list)
    doubtful: list[Step] = field(factory=list)
    unknown: set[str] = field(factory=set)
    images: dict[str, Image] = field(factory=dict)
    failures: list[Failure] = field(factory=list)
    restored: dict[Address, str] = field(factory=dict)
    interrupted: bool = False

    def run(self, steps: Iterable[Step]) -> None:
        """Perform the steps, stage by stage, until one fails."""
        with ThreadPoolExecutor(self.parallelism, "kcplan-apply") as pool:
            for _, stage in groupby(steps, key=lambda step: step.stage):
                self._run_stage(pool, list(stage))
                if self.failures or self.interrupted:
                    return

    def _run_stage(self, pool: ThreadPoolExecutor, steps: list[Step]) -> None:
        by_id = {step.id: step for step in steps}
        order = {step.id: position for position, step in enumerate(steps)}
        sorter = TopologicalSorter({s.id: [n for n in s.needs if n in by_id] for s in steps})
        sorter.prepare()
        running: dict[Future[str | None], tuple[Step, float]] = {}
        ready: list[int] = []
        while sorter.is_active():
            if not self.failures and not self.interrupted:
                for name in sorter.get_ready():
                    heappush(ready, order[name])
                free = min(len(ready), self.parallelism - len(running))
                running |= self._start(pool, [steps[heappop(ready)] for _ in range(free)])
            if not running:
                return
            self._collect(running, sorter)

    def _start(
        self, pool: ThreadPoolExecutor, steps: list[Step]
    ) -> dict[Future[str | None], tuple[Step, float]]:
        captured = self._capture(steps)
        self.journal.intend(captured)
        started = {}
        for step, _ in captured:
            self.tell(Event(EventType.APPLY_START, step))
            future = pool.submit(self.writer.perform, step)
            started[future] = (step, time.monotonic())
        return started

    def _capture(self, steps: list[Step]) -> list[tuple[Step, Image | None]]:
        """What the steps destroy, read just before; a step that cannot be read is not started."""
        captured: list[tuple[Step, Image | None]] = []
        for step in steps:
            try:
                image = self.writer.capture(step)
            except KcplanError as problem:
                self._fail(step, problem, 0.0)
                continue
            if image is not None:
                self.images[step.id] = image
            captured.append((step, image))
        return captured

    def _collect(
        self,
        running: dict[Future[str | None], tuple[Step, float]],
        sorter: "TopologicalSorter[str]",
    ) -> None:
        """Wait until something ends, and take note of it."""
        finished, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in finished:
            step, began = running.pop(future)
            elapsed = time.monotonic() - began
            try:
                object_id = self._result(future, step)
            except KcplanError as problem:
                self._fail(step, problem, elapsed)
            except Exception as defect:  # noqa: BLE001 - even a defect must end in a rollback
                self._fail(step, _defect(defect), elapsed)
            else:
                self._complete(step, object_id, elapsed)
                sorter.done(step.id)

    def _result(self, future: "Future[str | None]", step: Step) -> str | None:
        try:
            return future.result()
        except UnknownOutcomeError:
            if self.writer.happened(step):
                return step.object_id
            raise

    def _complete(self, step: Step, object_id: str | None, elapsed: float) -> None:
        if object_id is not None and step.operation is not Operation.DELETE:
            self.ids[step.address] = object_id
        self.done.append(step)
        self.journal.done(step, object_id)
        self.tell(Event(EventType.APPLY_COMPLETE, step, elapsed))

    def _fail(self, step: Step, problem: KcplanError, elapsed: float) -> None:
        self.failures.append(Failure(step, problem))
        self.doubtful.append(step)
        if isinstance(problem, UnknownOutcomeError):
            self.unknown.add(step.id)
        else:
            self.journal.failed(step)
        self.tell(Event(EventType.APPLY_ERRORED, step, elapsed, problem))

    def roll_back(self) -> tuple[list[Step], list[Failure]]:
        """Undo what was done, last first; one that fails does not keep the others from it.

        What fails is tried a second time after the others: it may have been a passing trouble.
        What was done within a new object goes away along with it.
        """
        undone: list[Step] = []
        todo = [*reversed(self.doubtful), *reversed(self.done)]
        made = {step.address for step in self.done if step.operation is Operation.CREATE}
        left = self._roll_back_all([s for s in todo if not _lies_in(s.address, made)], undone)
        left = self._roll_back_all([failure.step for failure in left], undone)
        for failure in left:
            self.tell(Event(EventType.ROLLBACK_ERRORED, failure.step, 0.0, failure.error))
        gone = {step.id for step in undone}
        self.done = [step for step in self.done if step.id not in gone]
        return undone, left

    def _roll_back_all(self, steps: Iterable[Step], undone: list[Step]) -> list[Failure]:
        left: list[Failure] = []
        for step in steps:
            try:
                self._roll_back_one(step, undone)
            except Exception as defect:  # noqa: BLE001 - one that fails must not stop the others
                problem = defect if isinstance(defect, KcplanError) else _defect(defect)
                left.append(Failure(step, problem))
        return left

    def _roll_back_one(self, step: Step, undone: list[Step]) -> None:
        began = time.monotonic()
        if step in self.doubtful and self._is_untouched(step):
            return
        self.tell(Event(EventType.ROLLBACK_START, step))
        self.journal.undoing(step)
        restored = self._undo(step)
        self.restored |= restored
        along = self._gone_along(step) if step.operation is Operation.CREATE else []
        for gone in (*along, step):
            undone.append(gone)
            self.journal.undone(gone, restored)
        self.tell(Event(EventType.ROLLBACK_COMPLETE, step, time.monotonic() - began))

    def _gone_along(self, step: Step) -> list[Step]:
        """What was done within the object of a step that created it."""
        inside = {step.address}
        return [item for item in reversed(self.done) if _lies_in(item.address, inside)]

    def _is_untouched(self, step: Step) -> bool:
        """Whether nothing of a failed step has happened, though it may have several requests."""
        refused = step.id not in self.unknown
        if refused and step.operation is Operation.CREATE and step.object_id is None:
            # An object of this name is somebody else's.
            return True
        image = self.images.get(step.id)
        if image is not None:
            intact = self.writer.is_intact(step, image)
        elif step.operation is Operation.DELETE:
            intact = not self.writer.happened(step)
        else:
            intact = self.writer.happened(invert(step, self.ids.get(step.address)))
        return refused if intact is None else intact

    def _undo(self, step: Step) -> Mapping[Address, str]:
        """Take a step back; gives the new ids of what was deleted and is back."""
        if not step.undoable:
            raise KcplanError(
                f"{step.address} cannot be brought back as it was",
                f"What is lost: {'; '.join(step.lossy)}.",
            )
        image = self.images.get(step.id)
        if image is not None:
            return self.writer.restore(step, image)
        inverse = invert(step, self.ids.get(step.address))
        try:
            self.writer.perform(inverse)
        except KcplanError:
            # It may be so all the same: an answer was lost, or it had been undone before.
            if not self.writer.happened(inverse):
                raise
        return {}


def _lies_in(address: Address, holders: Iterable[Address]) -> bool:
    return any(address.within(holder) and address != holder for holder in holders)


def _defect(problem: Exception) -> KcplanError:
    """An error that kcplan did not foresee, as one that it can report."""
    return KcplanError(
        f"kcplan failed unexpectedly ({type(problem).__name__})",
        "This is a defect of kcplan. Please report it.",
    )


def invert(step: Step, object_id: str | None) -> Step:
    """The step that undoes a step: a creation is deleted, an update is written back.

    A deletion has no inverse step: it is undone from its image.
    """
    known = step.object_id or object_id
    if step.operation is Operation.CREATE:
        return evolve(
            step,
            id=f"undo {step.id}",
            operation=Operation.DELETE,
            object_id=known,
            before=step.after,
            after={},
        )
    return evolve(step, id=f"undo {step.id}", object_id=known, before=step.after, after=step.before)


def execute(
    plan: Plan,
    writer: Writer,
    journal: Journal,
    tell: Callable[[Event], None],
    *,
    parallelism: int,
    rollback: bool = True,
    confirm: Callable[[Mapping[Address, str]], list[Failure]] | None = None,
) -> Outcome:
    """Execute a plan, and undo it when a step fails, unless `rollback` is off.

    Args:
        plan: What to do.
        writer: Performs the steps.
        journal: Remembers them.
        tell: Is told of every event, in the main thread.
        parallelism: How many steps may run at once.
        rollback: Whether to undo what was done when something fails.
        confirm: Reads back what was written and gives what Keycloak did not keep.
    """
    run = Execution(writer, journal, tell, parallelism, dict(plan.known))
    undone: list[Step] = []
    left: list[Failure] = []
    with _orderly_interrupts(run):
        run.run(plan.steps)
        if not run.failures and not run.interrupted and confirm is not None and plan.steps:
            run.failures.extend(_confirmed(confirm, run, plan.steps[-1]))
        if (run.failures or run.interrupted) and rollback:
            undone, left = run.roll_back()
    return Outcome(
        done=tuple(run.done),
        failures=tuple(run.failures),
        rolled_back=tuple(undone),
        left=tuple(left),
        ids=run.ids,
        restored=run.restored,
        interrupted=run.interrupted,
    )


@contextmanager
def _orderly_interrupts(run: Execution) -> Iterator[None]:
    """Let Ctrl-C once end the execution in order, wherever it stands; a second one stops at once.

    Only the main thread may ask for signals; elsewhere nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.getsignal(signal.SIGINT)

    def once(*_: object) -> None:
        run.interrupted = True
        signal.signal(signal.SIGINT, before)

    signal.signal(signal.SIGINT, once)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _confirmed(
    confirm: Callable[[Mapping[Address, str]], list[Failure]], run: Execution, last: Step
) -> list[Failure]:
    """What Keycloak did not keep; that it cannot be read back is a failure of the last step."""
    try:
        return confirm(run.ids)
    except KcplanError as problem:
        return [Failure(last, problem)]


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
