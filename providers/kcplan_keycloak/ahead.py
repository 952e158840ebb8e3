"""Reading ahead: GETs that are sent before anybody waits for their answers.

Who knows what will be read says so at once (`Ahead.send`), so that the server works while files
are parsed and while other answers are looked at. Whoever reads then asks as always, and gets the
answer that is there or on its way (`Ahead.answer`): once, since answers grow old, or as often as
wanted while a plan is made (`Ahead.keeping`), which then is of one moment.
"""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import Any

from attrs import field, frozen

from kcplan_keycloak.exchange import Answer, Call
from kcplan_keycloak.workers import Workers

PAGE_SIZE = 50

Exchange = tuple[Call, Answer]
"""A request as it was sent, and its answer."""


@frozen
class Get:
    """A GET: a path below `/admin` and a query."""

    path: str
    params: Mapping[str, Any] = field(factory=dict)

    @property
    def key(self) -> tuple[str, frozenset[tuple[str, Any]]]:
        """What makes it the same as another one."""
        return self.path, frozenset(self.params.items())


def first_pages(path: str, expected: int, page_size: int = PAGE_SIZE, **params: Any) -> list[Get]:
    """The pages of a list that is expected to have so many items or a few more."""
    return [
        Get(path, {"first": number * page_size, "max": page_size, **params})
        for number in range(expected // page_size + 1)
    ]


def _nothing(_: str) -> bool:
    return False


class Ahead:
    """The answers to what was sent ahead.

    Args:
        workers: Where the requests are sent.
        width: How many at once.
        send: Sends one, and gives its answer or raises.
    """

    def __init__(self, workers: Workers, width: int, send: Callable[[Get], Exchange]) -> None:
        self._workers = workers
        self._width = width
        self._send = send
        self._answers: dict[Any, Future[Exchange]] = {}
        self._waiting: OrderedDict[Any, tuple[Get, Future[Exchange]]] = OrderedDict()
        """What nobody has begun to send, in order; who takes it out sends it."""
        self._keeps: Callable[[str], bool] = _nothing

    def send(self, gets: Iterable[Get]) -> None:
        """Send these, in this order, as fast as the pool allows; waits for nothing."""
        for get in gets:
            key = get.key
            if key not in self._answers:
                self._answers[key] = answer = Future[Exchange]()
                self._waiting[key] = get, answer
        for _ in range(min(self._width, len(self._waiting))):
            self._workers.submit(Ahead._work_off, self)

    def _work_off(self) -> None:
        with suppress(KeyError):
            while True:
                _, waiting = self._waiting.popitem(last=False)
                self._complete(*waiting)

    def _complete(self, get: Get, answer: Future[Exchange]) -> None:
        try:
            answer.set_result(self._send(get))
        except BaseException as error:  # noqa: BLE001 - whoever asks for the answer gets it
            answer.set_exception(error)

    def answer(self, get: Get) -> Exchange:
        """The answer that is there or on its way; otherwise the request is sent now.

        Raises:
            ServerError: It failed.
        """
        key, mine = get.key, Future[Exchange]()
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
        self._answers.clear()

    def stop(self) -> None:
        """Send no more of what nobody has begun to send."""
        for _, answer in list(self._waiting.values()):
            answer.cancel()
        self._waiting.clear()

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
