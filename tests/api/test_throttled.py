"""A server that has enough is sent less at once, and then more again; nobody notices in results."""

import threading
import time
from collections.abc import Callable

import pytest
from attrs import evolve

from kcplan.secret import Secret
from kcplan_keycloak.api import AdminApi, Connection, path
from support.harness import Server
from support.wayward import plain_content, wayward

WIDTH = 8
WIDENED = 40
"""After so many good answers as many requests run at once as before the trouble."""
PATIENCE = 30
"""Seconds until requests that were to be there at once are known not to come."""
IMPATIENCE = 4
"""Seconds that the requests wait that are not answered."""

END = ("Content-Length: 0", "Connection: close")

Write = Callable[[bytes], object]


def refused(*lines: str) -> Callable[[Write], object]:
    """Answers that it is too much, with these headers."""
    head = "\r\n".join(["HTTP/1.1 429 Too Many Requests", *lines, *END, "", ""])
    return lambda write: write(head.encode())


def silent(_: Write) -> None:
    """Answers after nobody waits any more."""
    time.sleep(PATIENCE)


class Tired:
    """Fails the first requests, which come all at once; then looks at how many come at once.

    Attributes:
        at_once: How many were being answered as each of the others came, this one included.
    """

    def __init__(self, fail: Callable[[Write], object]) -> None:
        self._fail = fail
        self._lock = threading.Lock()
        self._number = 0
        self._running = 0
        self._met = threading.Barrier(WIDTH, timeout=PATIENCE)
        self.at_once: list[int] = []

    def __call__(self, write: Write, content: bytes) -> None:
        with self._lock:
            number = self._number
            self._number += 1
        if number < WIDTH:
            self._met.wait()
            self._fail(write)
        else:
            self._answer(number, write, content)

    def _answer(self, number: int, write: Write, content: bytes) -> None:
        with self._lock:
            self._running += 1
            self.at_once.append(self._running)
        if WIDTH + WIDENED <= number < WIDTH + WIDENED + WIDTH:
            self._met.wait()
        else:
            # At first long enough that all who may come are there.
            time.sleep(0.3 if number < 2 * WIDTH else 0.02)
        with self._lock:
            self._running -= 1
        plain_content(write, content)


@pytest.mark.parametrize(
    ("fail", "wait"),
    [(refused(), 0), (refused("Retry-After: 3"), 3), (silent, 0)],
    ids=["refused", "refused for a while", "silent"],
)
def test_fewer_requests_run_at_once_and_then_as_many_as_before(
    keycloak: Server, shared_realm: str, fail: Callable[[Write], object], wait: int
) -> None:
    tired, waits = Tired(fail), list[float]()
    with wayward(keycloak.url) as door:
        connection = Connection(
            url=door.url,
            username=keycloak.username,
            password=Secret(keycloak.password),
            timeout=PATIENCE,
            parallelism=WIDTH,
        )

        def sleep(seconds: float) -> None:
            waits.append(seconds)
            # Who was not answered has waited: what is sent from now on gets the time that it takes.
            api.connection = connection

        with AdminApi(connection, sleep=sleep) as api:
            at = path("realms", shared_realm, "clients")
            names = [client["clientId"] for client in api.get(at) or ()]
            door.answer(tired, "/clients")
            if fail is silent:
                api.connection = evolve(connection, timeout=IMPATIENCE)
            wanted = [n % len(names) for n in range(WIDENED + WIDTH)]
            read = api.map(lambda n: api.get(at, first=n, max=1), wanted)

    assert [found[0]["clientId"] for found in read] == [names[n] for n in wanted]
    # Half as many, and one more after four good answers.
    assert max(tired.at_once[:WIDTH]) <= WIDTH // 2 + 1
    assert max(tired.at_once) == WIDTH
    assert len(waits) == WIDTH
    assert min(waits) >= wait
