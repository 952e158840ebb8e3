"""Reading ahead: GETs that are sent before anybody waits for their answers.

Who knows what will be read says so at once (`Ahead.send`), so that the server works while files
are parsed and while other answers are looked at. Whoever reads then asks as always, and gets the
answer that is there or on its way (`Ahead.take`), once.
"""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
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

    def send(self, gets: Iterable[Get]) -> None:
        """Send these, in this order, as fast as the pool allows; waits for nothing."""
        for get in gets:
            if get.key not in self._answers:
                self._answers[get.key] = self._workers.submit(self._send, get)

    def take(self, get: Get) -> Answer | None:
        """The answer to a request that was sent ahead; None if it was not, or was taken.

        Raises:
            ServerError: It was sent and failed.
        """
        answer = self._answers.pop(get.key, None)
        # Threads begin in the order of submission: what a thread waits for here has begun.
        return answer.result() if answer is not None else None
