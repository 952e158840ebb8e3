"""How many round trips of a command have to wait for each other, however fast they are.

    with measured() as trips:
        world.plan()
    assert trips.depth <= 6, trips.longest()

A real transport notes of each request which answers its sender had by then, and so how long the
chain of answers before it is. Who has which answer is followed through the threads: what is
submitted to the pool begins with what its sender had, and who takes a result has what that took.
So a chain has the same length on any machine, and with any number of threads, unless one thread
works off what others could have done.
"""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import httpx
import pytest
from attrs import define, field, frozen

from kcplan_keycloak import ahead, names, workers
from support.sabotage import sent_through

_Result = TypeVar("_Result")


@frozen
class Trip:
    """A request, and the one with the longest chain whose answer was there before it was sent."""

    line: str
    after: "Trip | None"

    @property
    def chain(self) -> list["Trip"]:
        """It, and all that it had to wait for, in order."""
        return [*(self.after.chain if self.after else ()), self]

    @property
    def depth(self) -> int:
        """How many round trips end with its answer."""
        return len(self.chain)


def _later(one: Trip | None, other: Trip | None) -> Trip | None:
    return max((one, other), key=lambda trip: trip.depth if trip else 0)


class _Known(threading.local):
    """The answer with the longest chain that the code of this thread has."""

    trip: Trip | None = None

    def learn(self, trip: Trip | None) -> None:
        self.trip = _later(self.trip, trip)

    @contextmanager
    def being(self, trip: Trip | None) -> Iterator[None]:
        """Meanwhile the thread works for somebody who has that answer."""
        before, self.trip = self.trip, trip
        try:
            yield
        finally:
            self.trip = before


_known = _Known()


class _Tracked(Future[_Result]):
    """A future that hands on what its result took."""

    def __init__(self) -> None:
        super().__init__()
        self.begun_with = _known.trip
        self.took: Trip | None = None

    def set_result(self, result: _Result) -> None:
        self.took = _known.trip
        super().set_result(result)

    def set_exception(self, exception: BaseException | None) -> None:
        self.took = _known.trip
        super().set_exception(exception)

    def result(self, timeout: float | None = None) -> _Result:
        try:
            return super().result(timeout)
        finally:
            _known.learn(self.took)


class _Pool(ThreadPoolExecutor):
    """Threads that begin with what the submitter had."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **more: Any) -> Future[Any]:
        tracked = _Tracked[Any]()

        def run() -> None:
            if not tracked.set_running_or_notify_cancel():
                return
            with _known.being(tracked.begun_with):
                try:
                    tracked.set_result(function(*arguments, **more))
                except BaseException as error:  # noqa: BLE001 - who asks for the result gets it
                    tracked.set_exception(error)

        super().submit(run).add_done_callback(lambda done: done.cancelled() and tracked.cancel())
        return tracked


class _Coming(ahead.Coming):
    """An answer that hands on what it took."""

    def __init__(self) -> None:
        super().__init__()
        self.begun_with = _known.trip
        self.took: Trip | None = None

    def succeed(self, exchange: ahead.Exchange) -> None:
        self.took = _known.trip
        super().succeed(exchange)

    def fail(self, error: BaseException) -> None:
        self.took = _known.trip
        super().fail(error)

    def result(self) -> ahead.Exchange:
        try:
            return super().result()
        finally:
            _known.learn(self.took)


class _Ahead(ahead.Ahead):
    """Requests that are sent for who asked first, whichever thread has time for them."""

    def _complete(self, get: ahead.Get, answer: ahead.Coming) -> None:
        assert isinstance(answer, _Coming)
        with _known.being(answer.begun_with):
            super()._complete(get, answer)


class _Lock:
    """A lock that hands on what was learned while it was held."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._took: Trip | None = None

    def __enter__(self) -> None:
        self._lock.acquire()
        _known.learn(self._took)

    def __exit__(self, *_: object) -> None:
        self._took = _later(self._took, _known.trip)
        self._lock.release()


class _Names(names.Names):
    """Names, one thread of which reads what others wait for."""

    def __init__(self, *arguments: Any) -> None:
        self._tracked: dict[Any, _Lock] = {}
        super().__init__(*arguments)

    def lock(self, address: Any) -> Any:
        return self._tracked.setdefault(address, _Lock())


@define
class Trips(httpx.BaseTransport):
    """The real transport, which knows the chain of each request.

    Attributes:
        trips: All requests.
        most: How many there were at once, at most; a log-in waits for no other request.
    """

    trips: list[Trip] = field(factory=list)
    most: int = 0
    _running: int = 0
    _token: Trip | None = None
    _inner: httpx.HTTPTransport = field(factory=httpx.HTTPTransport)
    _lock: Any = field(factory=threading.Lock)

    @property
    def depth(self) -> int:
        """The round trips that had to wait for each other."""
        return max((trip.depth for trip in self.trips), default=0)

    def longest(self) -> str:
        """The requests of the longest chain, a line each."""
        return "\n".join(trip.line for trip in max(self.trips, key=lambda t: t.depth).chain)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        before, counts = _known.trip, "Authorization" in request.headers
        if counts:
            before = _later(before, self._token)
        trip = Trip(f"{request.method} {request.url.raw_path.decode()}", before)
        with self._lock:
            self.trips.append(trip)
            self._running += counts
            self.most = max(self.most, self._running)
        try:
            response = self._inner.handle_request(request)
            content = response.read()
        finally:
            with self._lock:
                self._running -= counts
        if request.url.path.endswith("/token"):
            self._token = trip
        _known.learn(trip)
        headers = {n: v for n, v in response.headers.items() if n != "transfer-encoding"}
        return httpx.Response(response.status_code, headers=headers, content=content)

    def close(self) -> None:
        self._inner.close()


@contextmanager
def measured() -> Iterator[Trips]:
    """Have the chains of kcplan's requests followed."""
    trips = Trips()
    with pytest.MonkeyPatch.context() as patch, sent_through(trips), _known.being(None):
        patch.setattr(ahead, "Coming", _Coming)
        patch.setattr(workers, "ThreadPoolExecutor", _Pool)
        patch.setattr("kcplan_keycloak.ahead.Ahead", _Ahead)
        patch.setattr("kcplan_keycloak.reader.Names", _Names)
        yield trips
