"""What was sent ahead, and is forgotten or stopped before anybody has begun to send it."""

import threading
from collections.abc import Iterator
from concurrent.futures import Future

import pytest

from kcplan_keycloak.ahead import Ahead
from kcplan_keycloak.exchange import Answer, Call
from kcplan_keycloak.gets import Exchange, Get
from kcplan_keycloak.workers import Workers

PATIENCE = 30
"""Seconds until what was to come is known not to."""

FIRST, SECOND = Get("first"), Get("second")


class Watched(Workers):
    """One thread; says when somebody has taken an answer that is not there yet."""

    def __init__(self) -> None:
        super().__init__(1)
        self.taken = threading.Event()

    def within(self) -> bool:
        self.taken.set()
        return super().within()


class Held:
    """Sends: the first request is on its way until it is let go.

    Attributes:
        sent: The paths, in order.
    """

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.begun = threading.Event()
        self.let_go = threading.Event()

    def __call__(self, get: Get) -> Exchange:
        self.sent.append(get.path)
        self.begun.set()
        assert self.let_go.wait(PATIENCE)
        call = Call("GET", get.path, get.path, {}, None, None, repeatable=True, writes=False)
        return call, Answer(200)


@pytest.fixture
def workers() -> Iterator[Watched]:
    """The pool."""
    found = Watched()
    yield found
    found.close()


def test_who_waits_for_an_answer_gets_it_though_it_is_asked_for_once_more(workers: Watched) -> None:
    held = Held()
    ahead = Ahead(workers, 1, held, lambda *_: ())
    ahead.send([FIRST, SECOND])
    assert held.begun.wait(PATIENCE)

    answers: list[Exchange] = []
    reader = threading.Thread(target=lambda: answers.append(ahead.answer(SECOND)), daemon=True)
    reader.start()
    assert workers.taken.wait(PATIENCE)
    ahead.send([SECOND])
    held.let_go.set()
    reader.join(PATIENCE)

    assert answers == [ahead.answer(SECOND)]
    assert held.sent == ["first", "second"]


def test_what_is_stopped_as_its_turn_comes_is_not_sent(
    workers: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    held, cancel = Held(), Future.cancel
    ahead = Ahead(workers, 1, held, lambda *_: ())
    ahead.send([FIRST, SECOND])
    assert held.begun.wait(PATIENCE)

    def cancel_as_its_turn_comes(answer: Future[Exchange]) -> bool:
        cancelled = cancel(answer)
        held.let_go.set()
        workers.submit(lambda _: None, None).result(PATIENCE)
        return cancelled

    with monkeypatch.context() as patch:
        patch.setattr(Future, "cancel", cancel_as_its_turn_comes)
        ahead.stop()

    assert held.sent == ["first"]


def test_what_is_not_worth_keeping_any_more_is_asked_for_again(workers: Watched) -> None:
    held = Held()
    held.let_go.set()
    ahead = Ahead(workers, 1, held, lambda *_: ())

    with ahead.keeping(lambda _: True):
        for get in (FIRST, SECOND, FIRST, SECOND):
            ahead.answer(get)
        assert held.sent == ["first", "second"]
        ahead.keep_only(lambda path: path == "first")
        for get in (FIRST, SECOND):
            ahead.answer(get)

    assert held.sent == ["first", "second", "second"]
