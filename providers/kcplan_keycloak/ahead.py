"""Reading ahead: GETs that are sent before anybody waits for their answers.

Who knows what will be read says so at once (`Ahead.send`), so that the server works while files
are parsed and while other answers are looked at. Whoever reads then asks as always, and gets the
answer that is there or on its way (`Ahead.answer`): once, since answers grow old, or as often as
wanted while a plan is made (`Ahead.keeping`), which then is of one moment.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any

from attrs import field, frozen

from kcplan_keycloak.exchange import Answer
from kcplan_keycloak.workers import Workers

PAGE_SIZE = 50


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


class Ahead:
    """The answers to what was sent ahead.

    Args:
        workers: Where the requests are sent.
        send: Sends one, and gives its answer or raises.
    """

    def __init__(self, workers: Workers, send: Callable[[Get], Answer]) -> None:
        self._workers = workers
        self._send = send
        self._answers: dict[Any, Future[Answer]] = {}
        self._keeps = False

    def send(self, gets: Iterable[Get]) -> None:
        """Send these, in this order, as fast as the pool allows; waits for nothing."""
        for get in gets:
            if get.key not in self._answers:
                self._answers[get.key] = self._workers.submit(self._send, get)

    def answer(self, get: Get) -> Answer:
        """The answer that is there or on its way; otherwise the request is sent now.

        Raises:
            ServerError: It failed.
        """
        # Threads begin in the order of submission: what a thread waits for here has begun.
        if not self._keeps:
            known = self._answers.pop(get.key, None)
            return self._send(get) if known is None else known.result()
        mine: Future[Answer] = Future()
        kept = self._answers.setdefault(get.key, mine)
        if kept is mine:
            try:
                mine.set_result(self._send(get))
            except BaseException as error:
                mine.set_exception(error)
                raise
        return kept.result()

    def forget(self) -> None:
        """Something is about to be written: what was read before may no longer be so."""
        self._answers.clear()

    @contextmanager
    def keeping(self) -> Iterator[None]:
        """Meanwhile no request is sent twice; nothing may be written. Then all is forgotten."""
        self._keeps = True
        try:
            yield
        finally:
            self._keeps = False
            self.forget()
