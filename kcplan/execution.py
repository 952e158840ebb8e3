"""A running execution: the schedule, and what has been done so far.

    for each stage:  ready steps ─▶ journal intents ─▶ perform (in threads) ─▶ journal outcomes

The main thread schedules, writes the journal and collects; worker threads only talk to Keycloak.
Before that they have the intent of their step brought to the disk, one of them for all that wait.
"""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import suppress
from graphlib import TopologicalSorter
from heapq import heappop, heappush
from itertools import groupby

from attrs import field

from kcplan.address import Address
from kcplan.classes import define
from kcplan.errors import KcplanError, ServerError, StateError, UnavailableError
from kcplan.events import Event, EventType, Failure, Outcome
from kcplan.plan import Operation, Step
from kcplan.provider import Image, UnknownOutcomeError, Writer
from kcplan.storage import Journal

STILL_SECONDS = 10.0
"""Of a step that takes longer, one is told after so long, and again after so long."""
_TICK = 0.1
"""So often one looks whether a signal has come."""


@define
class Execution:
    """A running execution: what is done so far, and the means to undo it.

    `doubtful` are the steps that failed: each may have several requests, so some of it may have
    happened all the same. Before they are left alone, Keycloak is asked. `unknown` are the ids of
    those that got no answer. `interrupted`, `undoing` and `stopped` are as in `interrupts`.
    `away` says that nobody answered when Keycloak was asked about one. `creations` are the steps
    that create something, by address. `acknowledged` says that the user was told of the signal, and
    `reminded` how often that a step still runs.
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
    came: set[str] = field(factory=set)
    interrupted: int = 0
    undoing: bool = False
    stopped: bool = False
    away: bool = False
    acknowledged: bool = False
    reminded: dict[str, int] = field(factory=dict)
    creations: dict[Address, Step] = field(factory=dict)

    def outcome(self, undone: Iterable[Step] = (), left: Iterable[Failure] = ()) -> Outcome:
        """How it ended, after these steps were undone and these could not be."""
        return Outcome(
            done=tuple(self.done),
            failures=tuple(self.failures),
            rolled_back=tuple(undone),
            left=tuple(left),
            ids=self.ids,
            restored=self.restored,
            came=frozenset(step.address for step in self.done if step.id in self.came),
            interrupted=self.interrupted,
        )

    def run(self, steps: Iterable[Step]) -> None:
        """Perform the steps, stage by stage, until one fails."""
        steps = list(steps)
        self.creations = {s.address: s for s in steps if s.operation is Operation.CREATE}
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
        if not captured:
            return {}
        try:
            self.journal.intend(captured)
        except KcplanError as problem:
            # Nothing is begun that the journal does not know.
            self._stop(captured[0][0], problem, 0.0)
            return {}
        started = {}
        for step, _ in captured:
            self.tell(Event(EventType.APPLY_START, step))
            future = pool.submit(self._perform, step)
            started[future] = (step, time.monotonic())
        return started

    def _perform(self, step: Step) -> str | None:
        """Perform a step; nothing is deleted for a new object that would be refused."""
        self.journal.sync()  # nothing is begun that the journal does not know
        replacement = self.creations.get(step.address)
        if step.operation is Operation.DELETE and replacement is not None:
            self.writer.rehearse(replacement)
        return self.writer.perform(step)

    def _capture(self, steps: list[Step]) -> list[tuple[Step, Image | None]]:
        """What the steps destroy, read just before; a step that cannot be read is not started."""
        captured: list[tuple[Step, Image | None]] = []
        for step in steps:
            try:
                image = self.writer.capture(step)
            except KcplanError as problem:
                # Nothing more is begun, so nothing more needs to be read.
                self._fail(step, problem, 0.0)
                break
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
        for future in self._finished(running):
            step, began = running.pop(future)
            elapsed = time.monotonic() - began
            try:
                object_id = self._result(future, step)
            except StateError as problem:
                self._stop(step, problem, elapsed)  # It was not begun.
            except KcplanError as problem:
                self._fail(step, problem, elapsed)
            except Exception as defect:  # noqa: BLE001 - even a defect must end in a rollback
                self._fail(step, as_error(defect), elapsed)
            else:
                self._complete(step, object_id, elapsed)
                sorter.done(step.id)

    def _finished(
        self, running: dict[Future[str | None], tuple[Step, float]]
    ) -> set[Future[str | None]]:
        """Wait for what ends next; meanwhile tell of a signal, and of what takes long."""
        while True:
            finished, waiting = wait(running, _TICK, FIRST_COMPLETED)
            if self.interrupted and not self.acknowledged:
                self.acknowledged = True
                self.tell(Event(EventType.INTERRUPTED, next(iter(running.values()))[0]))
            if finished:
                return finished
            for step, began in map(running.__getitem__, waiting):
                self._tell_still(step, time.monotonic() - began)

    def _tell_still(self, step: Step, elapsed: float) -> None:
        """Tell now and then that a step still runs."""
        times = int(elapsed / STILL_SECONDS)
        if times > self.reminded.get(step.id, 0):
            self.reminded[step.id] = times
            self.tell(Event(EventType.APPLY_STILL, step, times * STILL_SECONDS))

    def _result(self, future: "Future[str | None]", step: Step) -> str | None:
        try:
            return future.result()
        except UnknownOutcomeError:
            # Where Keycloak cannot be asked either, it stays unknown.
            if self._happened(step):
                return step.object_id
            raise

    def _happened(self, step: Step) -> bool:
        """Whether a step whose answer was lost has certainly happened; nobody is asked in vain."""
        if self.away:
            return False
        try:
            return self.writer.happened(step) is True
        except UnavailableError:
            self.away = True
        except ServerError:
            pass
        return False

    def _complete(self, step: Step, object_id: str | None, elapsed: float) -> None:
        if object_id is not None and step.operation is not Operation.DELETE:
            self.ids[step.address] = object_id
        self.done.append(step)
        came = step.operation is Operation.CREATE and step.address in self.writer.came
        self.came |= {step.id} if came else set()
        self.tell(Event(EventType.APPLY_COMPLETE, step, elapsed))
        try:
            self.journal.done(step, object_id, came=came)
        except KcplanError as problem:
            self._stop(step, problem, elapsed)

    def _fail(self, step: Step, problem: KcplanError, elapsed: float) -> None:
        self.doubtful.append(step)
        if isinstance(problem, UnknownOutcomeError):
            self.unknown.add(step.id)
        else:
            with suppress(StateError):  # what the journal does not say, a recovery finds out
                self.journal.failed(step)
        self._stop(step, problem, elapsed)

    def _stop(self, step: Step, problem: KcplanError, elapsed: float) -> None:
        self.failures.append(Failure(step, problem))
        self.tell(Event(EventType.APPLY_ERRORED, step, elapsed, problem))


def as_error(problem: Exception) -> KcplanError:
    """An error that kcplan did not foresee, as one that it can report."""
    return KcplanError(
        f"kcplan failed unexpectedly ({type(problem).__name__})",
        "This is a defect of kcplan. Please report it.",
    )
