"""Breaking one write of an apply: a transport that counts writes, and a stage to try it on.

A write is a POST, PUT or DELETE to the Admin API. kcplan may send one again where that is safe;
all attempts of the write whose turn it is are broken alike.
"""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from itertools import count
from typing import Any

import httpx
import pytest

from kcplan.transaction import ROLLED_BACK
from kcplan_keycloak.api import AdminApi
from support.faults import Breakage, answer_lost, broken_before, read_timeout, status, unauthorized
from support.harness import Result

WAYS: dict[str, Breakage] = {
    "status 500": status(500, '{"error":"unknown_error"}', content_type="application/json"),
    "closed before": broken_before,
    "answer lost": answer_lost,
    "time-out": read_timeout,
    "status 401": unauthorized,
}
SILENT = ("answer lost", "time-out")
"""The ways in which Keycloak acts all the same."""


class Saboteur(httpx.BaseTransport):
    """The real transport, which breaks the writes whose turn it is, counted from 0.

    Steps are performed in threads and undone in the main thread. So writes of a rollback, which
    count from 0 as well, are told apart from those before it.
    """

    def __init__(
        self,
        turns: Mapping[int, Breakage] | None = None,
        *,
        undoing: Mapping[int, Breakage] | None = None,
    ) -> None:
        self._inner = httpx.HTTPTransport()
        self._turns = (turns or {}, undoing or {})
        self._latest: dict[int, tuple[str, int]] = {}
        self._lock = threading.Lock()
        self.writes: list[str] = []
        """Each write of a step, as `PUT /admin/realms/x`."""
        self.undone: list[str] = []
        """Each write of a rollback."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        path = request.url.raw_path.decode()
        if request.method == "GET" or not path.startswith("/admin/"):
            return self._inner.handle_request(request)
        undoing = threading.current_thread() is threading.main_thread()
        counted = self.undone if undoing else self.writes
        number = self._number(counted, f"{request.method} {path}", request.read())
        breakage = self._turns[undoing].get(number)
        if breakage is None:
            return self._inner.handle_request(request)
        return breakage(self._inner, request)

    def _number(self, counted: list[str], line: str, body: bytes) -> int:
        """Which write it is; one that a thread sends twice in a row is the same."""
        key = f"{line} {body!r}"
        with self._lock:
            last = self._latest.get(threading.get_ident())
            if last is not None and last[0] == key:
                return last[1]
            self._latest[threading.get_ident()] = (key, len(counted))
            counted.append(line)
            return len(counted) - 1

    def close(self) -> None:
        self._inner.close()


def each_write_fails(apply: Callable[[], Result], is_as_before: Callable[[], None]) -> None:
    """Break an apply at its first write, at its second, …; each time it must be rolled back.

    In the end it succeeds, as there are no more writes to break.
    """
    for turn in count():
        saboteur = Saboteur({turn: WAYS["status 500"]})
        with sent_through(saboteur):
            result = apply()
        if len(saboteur.writes) <= turn:
            assert (result.exit_code, turn > 0) == (0, True), result.stderr
            return
        assert result.exit_code == ROLLED_BACK, result.stderr
        is_as_before()


@contextmanager
def sent_through(transport: httpx.BaseTransport, *, waits: bool = False) -> Iterator[None]:
    """Have kcplan's requests go through a transport, without waits unless that is asked for."""

    def connect(connection: Any, **more: Any) -> AdminApi:
        return AdminApi(connection, transport, sleep=None if waits else lambda _: None, **more)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("kcplan.cli.session.connect", connect)
        yield
