"""Reading ahead: GETs that are sent before anybody waits for their answers.

Who knows what will be read says so at once (`Ahead.send`), so that the server works while files
are parsed and while other answers are looked at. Whoever reads then asks as always, and gets the
answer that is there or on its way (`Ahead.answer`): once, since answers grow old, or as often as
wanted while a plan is made (`Ahead.keeping`), which then is of one moment.

What an answer leads to can be sent as soon as that is there (`Get.then`): the configurations of
flows, say, whose ids stand in it. So far servers are not asked for one thing after the other.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any, cast

from kcplan_keycloak.gets import Exchange, Get
from kcplan_keycloak.workers import Workers


def _nothing(_: str) -> bool:
    return False


class Coming:
    """An answer that is there or on its way.

    Once it is there, the means to wait for it are dropped: they take more than most answers, and
    of a large realm thousands of these are kept.
    """

    __slots__ = ("_exchange", "_future")

    def __init__(self) -> None:
        self._future: Future[Exchange] | None = Future()
        self._exchange: Exchange | None = None

    def begin(self) -> bool:
        """Whether somebody still wants it, now that it is sent."""
        future = self._future
        return future is None or future.set_running_or_notify_cancel()

    def cancel(self) -> None:
        """Nobody wants it any more."""
        future = self._future
        if future is not None:
            future.cancel()

    def succeed(self, exchange: Exchange) -> None:
        """It is there."""
        future, self._exchange, self._future = self._future, exchange, None
        if future is not None:
            future.set_result(exchange)

    def fail(self, error: BaseException) -> None:
        """There is none."""
        if self._future is not None:
            self._future.set_exception(error)

    def result(self) -> Exchange:
        """The answer, once it is there. Raises what it failed with."""
        future = self._future
        if future is not None:
            return future.result()
        return cast("Exchange", self._exchange)

    def then(self, function: Callable[["Coming"], object]) -> None:
        """Call a function once it is there."""
        future = self._future
        if future is None:
            with suppress(Exception):  # as a Future does
                function(self)
        else:
            future.add_done_callback(lambda _: function(self))


class Ahead:
    """The answers to what was sent ahead.

    Args:
        workers: Where the requests are sent.
        width: How many at once.
        send: Sends one, and gives its answer or raises.
        follow: What an answer leads to; it raises nothing.
    """

    def __init__(
        self,
        workers: Workers,
        width: int,
        send: Callable[[Get], Exchange],
        follow: Callable[[Get, Exchange], Iterable[Get]],
    ) -> None:
        self._workers = workers
        self._width = width
        self._send = send
        self._follow = follow
        self._answers: dict[Any, Coming] = {}
        self._waiting: OrderedDict[Any, tuple[Get, Coming]] = OrderedDict()
        """What nobody has begun to send, in order; who takes it out sends it."""
        self._keeps: Callable[[str], bool] = _nothing
        self._guard = threading.Lock()
        self._age = 0
        """How often all was forgotten: what an older answer leads to is not wanted any more."""

    def send(self, gets: Iterable[Get], *, joining: bool = False) -> None:
        """Send these, in this order, as fast as the pool allows; waits for nothing.

        With `joining` those that were sent before are followed by what these lead to, too. Who
        reads the answer may not find that on its way, and sends it as well unless all is kept.
        """
        age = self._age
        sent = self._enqueue(gets, age)
        if joining:
            for get, answer in sent:
                answer.then(partial(self._join, get, age))

    def _enqueue(self, gets: Iterable[Get], age: int) -> list[tuple[Get, Coming]]:
        """Have these sent, unless all was forgotten; gives those that were sent before."""
        before: list[tuple[Get, Coming]] = []
        with self._guard:
            if age != self._age:
                return []
            for get in gets:
                if (known := self._answers.get(get.key)) is not None:
                    before.append((get, known))
                    continue
                # What was forgotten and still waits is as fresh as a new one, and somebody may
                # wait for it. In this order: what is among the answers can be begun.
                first, answer = self._waiting.setdefault(get.key, (get, Coming()))
                self._answers[get.key] = answer
                if first is not get:
                    before.append((get, answer))
            for _ in range(min(self._width, len(self._waiting))):
                self._workers.submit(Ahead._work_off, self)
        return before

    def _join(self, get: Get, age: int, answer: Coming) -> None:
        """Have somebody look at an answer that is there for what it leads to."""
        with self._guard:
            if get.then is not None and age == self._age:
                self._workers.submit(lambda item: self._look(*item), (get, answer, age))

    def _look(self, get: Get, answer: Coming, age: int) -> None:
        with suppress(Exception):
            self._enqueue(list(self._follow(get, answer.result())), age)

    def _work_off(self) -> None:
        with suppress(KeyError):
            while True:
                _, waiting = self._waiting.popitem(last=False)
                self._complete(*waiting)

    def _complete(self, get: Get, answer: Coming) -> None:
        if not answer.begin():
            return  # It was stopped meanwhile.
        age = self._age
        try:
            exchange = self._send(get)
            # Before the answer is given: who reads it must find what it leads to on its way.
            if following := list(self._follow(get, exchange)):
                self._enqueue(following, age)
        except BaseException as error:  # noqa: BLE001 - whoever asks for the answer gets it
            answer.fail(error)
        else:
            answer.succeed(exchange)

    def answer(self, get: Get) -> Exchange:
        """The answer that is there or on its way; otherwise the request is sent now.

        Raises:
            ServerError: It failed.
        """
        key, mine = get.key, Coming()
        keeps = self._keeps(get.path)
        known = (self._answers.setdefault if keeps else self._answers.pop)(key, mine)
        if known is mine:
            self._complete(get, mine)
        elif self._workers.within() and (waiting := self._waiting.pop(key, None)):
            # A thread of the pool must not wait for what the pool has not begun.
            self._complete(*waiting)
        return known.result()

    def forget(self) -> None:
        """Something is written: what was read before may no longer be so."""
        with self._guard:
            self._age += 1
            self._answers.clear()

    def stop(self) -> None:
        """Send no more of what nobody has begun to send."""
        with self._guard:
            self._age += 1
        for _, answer in list(self._waiting.values()):
            answer.cancel()
        self._waiting.clear()

    def keep_only(self, worth: Callable[[str], bool]) -> None:
        """Keep no others than the answers of paths that are worth it, of those there are either."""
        self._keeps = worth
        with self._guard:
            for key in [key for key in list(self._answers) if not worth(key[0])]:
                self._answers.pop(key, None)

    @contextmanager
    def keeping(self, worth: Callable[[str], bool]) -> Iterator[None]:
        """Meanwhile no request is sent twice; nothing may be written. Then all is forgotten.

        An answer is kept only where its path is worth that.
        """
        self._keeps = worth
        try:
            yield
        finally:
            self._keeps = _nothing
            self.stop()
            self.forget()
