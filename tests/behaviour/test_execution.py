"""The applier: order, width, failure and rollback, with a writer that only remembers."""

import signal
import threading
import time
from collections.abc import Iterable, Mapping
from typing import Any

import pytest
from attrs import define, field

from kcplan.address import Address
from kcplan.apply import execute
from kcplan.errors import KcplanError, ServerError, StateError, UnavailableError
from kcplan.events import Event, EventType, Failure, Outcome
from kcplan.interrupts import StopNow
from kcplan.plan import Operation, Plan, Stage, Step
from kcplan.provider import Image, UnknownOutcomeError
from kcplan.state import ServerIdentity

CREATE, UPDATE, DELETE = Operation.CREATE, Operation.UPDATE, Operation.DELETE


def create(name: str, *needs: str, **more: Any) -> Step:
    return Step(f"create {name}", CREATE, Address.parse(f"r/{name}"), "client", needs=needs, **more)


def update(name: str, *needs: str, **more: Any) -> Step:
    values = {"before": {("x",): 1}, "after": {("x",): 2}, "object_id": name, **more}
    return Step(
        f"update {name}", UPDATE, Address.parse(f"r/{name}"), "client", needs=needs, **values
    )


def delete(name: str, *needs: str, **more: Any) -> Step:
    values = {"object_id": name, "stage": Stage.DESTROY, **more}
    return Step(
        f"delete {name}", DELETE, Address.parse(f"r/{name}"), "client", needs=needs, **values
    )


@define
class Memory:
    """A writer and a journal that keep a list of what they were asked for."""

    fails: Mapping[str, Exception] = field(factory=dict)
    happens: bool | None = False
    seconds: float = 0.0
    came: frozenset[Address] = frozenset()
    log: list[str] = field(factory=list)
    widest: int = 0
    _now: int = 0
    _lock: threading.Lock = field(factory=threading.Lock)

    def _note(self, text: str) -> None:
        with self._lock:
            self.log.append(text)

    # -- writer --------------------------------------------------------------------------------

    def capture(self, step: Step) -> Image | None:
        if step.operation is not DELETE:
            return None
        self._note(f"capture {step.address.name}")
        return {"name": step.address.name}

    def perform(self, step: Step) -> str | None:
        with self._lock:
            self._now += 1
            self.widest = max(self.widest, self._now)
        time.sleep(self.seconds)
        with self._lock:
            self._now -= 1
        self._note(step.id)
        if step.id in self.fails:
            raise self.fails[step.id]
        return step.object_id or f"id of {step.address.name}"

    def happened(self, _: Step) -> bool | None:
        return self.happens

    def rehearse(self, _: Step) -> None:
        """Nothing is refused."""

    def is_intact(self, _: Step, __: Image) -> bool | None:
        return True

    def restore(self, _: Step, image: Image) -> Mapping[Address, str]:
        self._note(f"restore {image['name']}")
        return {}

    # -- journal -------------------------------------------------------------------------------

    def intend(self, steps: Iterable[tuple[Step, Image | None]]) -> None:
        for step, _ in steps:
            self._note(f"intend {step.id}")

    def sync(self) -> None:
        """All that was said is on the disk."""

    def done(self, step: Step, object_id: str | None, *, came: bool = False) -> None:  # noqa: ARG002
        self._note(f"done {step.id} as {object_id}")

    def failed(self, step: Step) -> None:
        self._note(f"failed {step.id}")

    def undoing(self, step: Step) -> None:
        self._note(f"undoing {step.id}")

    def undone(self, step: Step, *_: object) -> None:
        self._note(f"undone {step.id}")

    @property
    def performed(self) -> list[str]:
        verbs = ("create", "update", "delete", "undo ", "restore")
        return [line for line in self.log if line.startswith(verbs)]


def run(memory: Memory, *steps: Step, events: list[Event] | None = None, **more: Any) -> Outcome:
    made = Plan(ServerIdentity("http://x"), "lineage", 1, steps=steps)
    told = events.append if events is not None else lambda _: None
    return execute(made, memory, memory, told, **{"parallelism": 4, **more})


REFUSED = ServerError("refused")


def test_steps_run_after_what_they_need() -> None:
    memory = Memory()
    outcome = run(
        memory, create("c", "create b"), create("b", "create a"), create("a"), create("d")
    )
    order = memory.performed
    assert order.index("create a") < order.index("create b") < order.index("create c")
    assert {step.id for step in outcome.done} == {f"create {name}" for name in "abcd"}
    assert outcome.ids == {Address.parse(f"r/{n}"): f"id of {n}" for n in "abcd"}


@pytest.mark.parametrize("width", [1, 3])
def test_no_more_steps_run_at_once_than_allowed(width: int) -> None:
    memory = Memory(seconds=0.01)
    run(memory, *(create(str(number)) for number in range(12)), parallelism=width)
    assert memory.widest == width


def test_an_intent_is_written_before_and_an_outcome_after_each_step() -> None:
    memory = Memory()
    run(memory, create("a"), update("b", "create a"))
    assert memory.log == [
        "intend create a",
        "create a",
        "done create a as id of a",
        "intend update b",
        "update b",
        "done update b as b",
    ]


def test_a_stage_begins_when_the_one_before_is_complete() -> None:
    memory = Memory(seconds=0.01)
    secret = update("s", stage=Stage.WRITE_ONLY)
    run(
        memory,
        create("a"),
        create("b"),
        secret,
        delete("x"),
        delete("r", stage=Stage.DESTROY_REALM),
    )
    assert sorted(memory.performed[:2]) == ["create a", "create b"]
    assert memory.performed[2:] == ["update s", "delete x", "delete r"]


def test_a_failure_stops_and_undoes_everything_backwards() -> None:
    memory = Memory({"delete y": REFUSED})
    steps = (
        create("a"),
        update("b", "create a"),
        delete("x"),
        delete("y", "delete x"),
        delete("z", "delete y"),
    )
    outcome = run(memory, *steps)
    assert not outcome.succeeded
    assert memory.performed == [
        "create a",
        "update b",
        "delete x",
        "delete y",
        "restore x",
        "undo update b",
        "undo create a",
    ]
    assert [failure.step.id for failure in outcome.failures] == ["delete y"]
    assert outcome.done == ()
    assert [step.id for step in outcome.rolled_back] == ["delete x", "update b", "create a"]


def test_a_later_stage_does_not_begin_after_a_failure() -> None:
    memory = Memory({"create a": REFUSED})
    run(memory, create("a"), delete("x"))
    assert not any("x" in line for line in memory.log)


class Overlapping(Memory):
    """Its step `create b` ends only after another one has failed."""

    refused = threading.Event()

    def perform(self, step: Step) -> str | None:
        if step.id == "create b":
            self.refused.wait(10)
        return super().perform(step)

    def failed(self, step: Step) -> None:
        super().failed(step)
        self.refused.set()


def test_steps_that_run_when_one_fails_may_end_and_are_undone_too() -> None:
    memory = Overlapping({"create a": REFUSED})
    outcome = run(memory, create("a"), create("b"), create("c"), parallelism=2)
    assert "create c" not in memory.performed
    assert [step.id for step in outcome.rolled_back] == ["create b"]


def test_a_step_that_cannot_be_undone_does_not_keep_the_others_from_it() -> None:
    memory = Memory({"create c": REFUSED, "undo update b": ServerError("still refused")})
    outcome = run(memory, create("a"), update("b", "create a"), create("c", "update b"))
    assert [failure.step.id for failure in outcome.left] == ["update b"]
    assert outcome.left[0].error.summary == "still refused"
    assert [step.id for step in outcome.rolled_back] == ["create a"]
    assert [step.id for step in outcome.done] == ["update b"]


def test_what_is_marked_as_lost_is_left_and_told() -> None:
    secret = update("s", stage=Stage.WRITE_ONLY, undoable=False, lossy=("the old secret is lost",))
    memory = Memory({"delete x": REFUSED})
    outcome = run(memory, create("a"), secret, delete("x"))
    assert [failure.step.id for failure in outcome.left] == ["update s"]
    assert "the old secret is lost" in outcome.left[0].error.detail
    assert [step.id for step in outcome.rolled_back] == ["create a"]


@pytest.mark.parametrize("happened", [True, False])
def test_a_lost_answer_is_settled_by_looking(happened: bool) -> None:  # noqa: FBT001
    lost = UnknownOutcomeError("no answer")
    memory = Memory({"update a": lost}, happens=happened)
    outcome = run(memory, update("a"))
    assert outcome.succeeded is happened
    assert ("done update a as a" in memory.log) is happened


class Unreachable(Memory):
    """Gives no answer to `create a`, nor at first to the question what became of it."""

    asked: int = 0

    def happened(self, step: Step) -> bool | None:
        self.asked += 1
        if self.asked == 1:
            raise ServerError("cannot be asked")
        return step.operation is CREATE


def test_what_cannot_be_settled_at_once_is_not_taken_for_refused() -> None:
    memory = Unreachable({"create a": UnknownOutcomeError("no answer")})
    outcome = run(memory, create("a"))
    assert memory.performed == ["create a", "undo create a"]
    assert outcome.left == ()


class Full(Memory):
    """Its journal takes so many records and no more."""

    room: int = 0

    def _record(self, text: str) -> None:
        self.room -= 1
        if self.room < 0:
            raise StateError("no space left")
        self._note(text)

    def intend(self, steps: Iterable[tuple[Step, Image | None]]) -> None:
        for step, _ in steps:
            self._record(f"intend {step.id}")

    def done(self, step: Step, object_id: str | None, *, came: bool = False) -> None:  # noqa: ARG002
        self._record(f"done {step.id} as {object_id}")

    def undoing(self, step: Step) -> None:
        self._record(f"undoing {step.id}")


@pytest.mark.parametrize(("room", "performed"), [(0, 0), (1, 1), (2, 1), (3, 2)])
def test_nothing_is_begun_that_cannot_be_noted_and_what_was_done_is_undone(
    room: int, performed: int
) -> None:
    memory = Full()
    memory.room = room
    outcome = run(memory, create("a"), create("b", "create a"), create("c", "create b"))
    done = ["create a", "create b"][:performed]
    assert memory.performed == [*done, *(f"undo {name}" for name in reversed(done))]
    assert [failure.error.summary for failure in outcome.failures] == ["no space left"]
    assert (outcome.done, outcome.left) == ((), ())


class Synced(Memory):
    """Notes who has the intents brought to the disk; with `broken` that fails from then on."""

    broken: str = ""

    def sync(self) -> None:
        self._note("sync")
        if self.broken and any(line == f"intend {self.broken}" for line in self.log):
            raise StateError("the disk is broken")


def test_each_intent_is_on_the_disk_before_its_step_begins() -> None:
    memory = Synced()
    assert run(memory, *(create(str(number)) for number in range(20))).succeeded
    for number in range(20):
        intended, begun = (memory.log.index(f"{word}create {number}") for word in ("intend ", ""))
        assert "sync" in memory.log[intended:begun]


def test_a_step_whose_intent_does_not_reach_the_disk_is_not_begun() -> None:
    memory = Synced()
    memory.broken = "create b"
    outcome = run(memory, create("a"), create("b", "create a"), create("c", "create b"))
    assert memory.performed == ["create a", "undo create a"]
    assert [failure.step.id for failure in outcome.failures] == ["create b"]
    assert "failed create b" not in memory.log


def test_without_rollback_what_was_done_stands() -> None:
    memory = Memory({"create b": REFUSED})
    outcome = run(memory, create("a"), create("b", "create a"), rollback=False)
    assert [step.id for step in outcome.done] == ["create a"]
    assert memory.performed == ["create a", "create b"]


def test_what_keycloak_did_not_keep_is_a_failure_and_rolled_back() -> None:
    memory, step = Memory(), create("a")

    def confirm(ids: Mapping[Address, str]) -> list[Failure]:
        assert ids == {step.address: "id of a"}
        return [Failure(step, KcplanError("not kept"))]

    outcome = run(memory, step, confirm=confirm)
    assert memory.performed == ["create a", "undo create a"]
    assert [failure.error.summary for failure in outcome.failures] == ["not kept"]


def test_a_defect_ends_in_a_rollback_too_and_tells_no_value() -> None:
    memory = Memory({"create b": KeyError("hunter2")})
    outcome = run(memory, create("a"), create("b", "create a"))
    assert memory.performed[-1] == "undo create a"
    assert "KeyError" in outcome.failures[0].error.summary
    assert "hunter2" not in outcome.failures[0].error.summary + outcome.failures[0].error.detail


def test_something_that_cannot_be_read_before_it_is_destroyed_is_not_destroyed() -> None:
    class Blind(Memory):
        def capture(self, step: Step) -> Image | None:
            if step.operation is DELETE:
                raise ServerError("cannot be read")
            return None

    memory = Blind()
    outcome = run(memory, create("a"), delete("x"))
    assert "delete x" not in memory.performed
    assert outcome.failures[0].error.summary == "cannot be read"
    assert memory.performed[-1] == "undo create a"


def test_events_tell_the_whole_story_in_order() -> None:
    events: list[Event] = []
    run(Memory({"create b": REFUSED}), create("a"), create("b", "create a"), events=events)
    assert [(event.type, event.step.address.name) for event in events] == [
        (EventType.APPLY_START, "a"),
        (EventType.APPLY_COMPLETE, "a"),
        (EventType.APPLY_START, "b"),
        (EventType.APPLY_ERRORED, "b"),
        (EventType.ROLLBACK_START, "a"),
        (EventType.ROLLBACK_COMPLETE, "a"),
    ]


def test_what_was_made_within_a_new_object_goes_away_with_it() -> None:
    memory = Memory({"create z": REFUSED})
    run(
        memory,
        create("clients/a"),
        create("clients/a/roles/r", "create clients/a"),
        create("z", "create clients/a/roles/r"),
    )
    assert memory.performed[-1] == "undo create clients/a"
    assert "undo create clients/a/roles/r" not in memory.performed


AWAY = UnavailableError("nobody answers")
CHAIN = [create("a"), create("b", "create a"), create("c", "create b"), create("d", "create c")]


def test_a_rollback_ends_with_the_first_undo_that_nobody_answers() -> None:
    events: list[Event] = []
    memory = Memory({"create d": REFUSED, "undo create b": AWAY})
    outcome = run(memory, *CHAIN, events=events)
    assert memory.performed[4:] == ["undo create c", "undo create b"]
    assert [failure.step.id for failure in outcome.left] == ["create b", "create a"]
    assert {failure.error for failure in outcome.left} == {AWAY}
    assert outcome.is_away
    assert outcome.recoverable
    told = [event.step.id for event in events if event.type is EventType.ROLLBACK_ERRORED]
    assert told == ["create b"]


def test_an_undo_whose_answer_is_lost_does_not_end_a_rollback() -> None:
    memory = Memory({"create d": REFUSED, "undo create c": UnknownOutcomeError("lost")})
    outcome = run(memory, *CHAIN)
    assert [failure.step.id for failure in outcome.left] == ["create c"]
    assert memory.performed.count("undo create c") == 2


def test_nothing_more_is_read_for_steps_that_will_not_begin() -> None:
    class Away(Memory):
        def capture(self, step: Step) -> Image | None:
            self._note(f"capture {step.address.name}")
            raise AWAY

    memory = Away()
    outcome = run(memory, delete("a"), delete("b"), delete("c"))
    assert [line for line in memory.log if line.startswith("capture")] == ["capture a"]
    assert [failure.step.id for failure in outcome.failures] == ["delete a"]


def test_of_steps_whose_answers_are_lost_together_nobody_asks_for_each_in_vain() -> None:
    class Away(Memory):
        def happened(self, step: Step) -> bool | None:
            self._note(f"ask {step.address.name}")
            raise AWAY

    lost = {f"update {name}": UnknownOutcomeError("lost") for name in "abcd"}
    memory = Away(lost, seconds=0.05)
    outcome = run(memory, *(update(name) for name in "abcd"))
    # Once about what became of them, once to undo it.
    assert len([line for line in memory.log if line.startswith("ask")]) == 2
    assert outcome.is_away


class Impatient(Memory):
    """Its user sends a signal while certain things are done."""

    presses: tuple[str, ...] = ("create b",)
    number: signal.Signals = signal.SIGINT

    def perform(self, step: Step) -> str | None:
        if step.id in self.presses:
            signal.raise_signal(self.number)
        return super().perform(step)


SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])


@SIGNALS
@pytest.mark.parametrize("first", ["create b", "create d"])
def test_a_signal_during_a_rollback_ends_it_after_the_step_that_is_being_undone(
    number: signal.Signals, first: str
) -> None:
    memory = Impatient({"create d": REFUSED})
    memory.number = number
    memory.presses = (first, "undo create b" if first == "create d" else "undo create a")
    outcome = run(memory, *CHAIN)
    assert outcome.interrupted == number
    assert memory.performed[-1] == memory.presses[1]
    left = [failure.step.id for failure in outcome.left]
    assert left == (["create a"] if first == "create d" else [])
    assert outcome.recoverable == bool(left)


@SIGNALS
def test_the_next_signal_during_a_rollback_ends_all_at_once(number: signal.Signals) -> None:
    class VeryImpatient(Impatient):
        def perform(self, step: Step) -> str | None:
            if step.id == "undo create b":
                signal.raise_signal(number)
            return super().perform(step)

    memory = VeryImpatient({"create d": REFUSED})
    memory.number, memory.presses = number, ("undo create b",)
    with pytest.raises(StopNow) as stopped:
        run(memory, *CHAIN)
    assert stopped.value.number == number
    assert "undo create b" not in memory.performed


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    memory = Impatient()
    memory.number = signal.SIGHUP
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert run(memory, *CHAIN).succeeded
    finally:
        signal.signal(signal.SIGHUP, before)


@SIGNALS
def test_a_signal_ends_in_order_and_undoes_everything(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    memory = Impatient()
    memory.number = number
    outcome = run(memory, create("a"), create("b", "create a"), create("c", "create b"))
    assert outcome.interrupted == number
    assert not outcome.succeeded
    assert [step.id for step in outcome.rolled_back] == ["create b", "create a"]
    assert outcome.done == ()
    assert "create c" not in memory.performed
    assert signal.getsignal(number) == before
