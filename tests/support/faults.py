"""A real transport that breaks: what a network, a gateway or a tired server does to a request.

faults = FaultyTransport()
faults.fail(answer_lost, method="POST", path="/clients")   # the next one that matches
AdminApi(connection, faults)
"""

import signal
import threading
import time
from collections.abc import Callable

import httpx
from attrs import define

Breakage = Callable[[httpx.BaseTransport, httpx.Request], httpx.Response]
"""Answers a request in the real transport's place; may use it."""


def connection_refused(_: httpx.BaseTransport, __: httpx.Request) -> httpx.Response:
    """Nothing listens: nothing was sent."""
    raise httpx.ConnectError("refused") from ConnectionRefusedError(111, "Connection refused")


def answer_lost(inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
    """The server acts on the request, and the connection ends before its answer arrives."""
    inner.handle_request(request).read()
    raise httpx.RemoteProtocolError("Server disconnected without sending a response.")


def broken_before(_: httpx.BaseTransport, __: httpx.Request) -> httpx.Response:
    """The connection ends while the request is under way; the server never sees it."""
    raise httpx.WriteError("Broken pipe")


def read_timeout(inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
    """The server acts on the request, and takes too long to answer."""
    inner.handle_request(request).read()
    raise httpx.ReadTimeout("timed out")


def status(code: int, content: str = "", *, acted: bool = False, **headers: str) -> Breakage:
    """Something answers with this status; `acted` says whether the server got the request."""

    def breakage(inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        if acted:
            inner.handle_request(request).read()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return httpx.Response(code, headers=named, content=content.encode())

    return breakage


def unauthorized(inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
    """The server gets the request with a token that it does not know: a real 401."""
    request.headers["Authorization"] = "Bearer revoked"
    return inner.handle_request(request)


def signalled(number: signal.Signals) -> Breakage:
    """The real answer comes, and this process gets a signal meanwhile."""

    def breakage(inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        signal.raise_signal(number)
        return inner.handle_request(request)

    return breakage


def followed_by(happens: Callable[[], object]) -> Breakage:
    """The real answer comes, and then this happens before kcplan sees it."""

    def breakage(inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        answer = inner.handle_request(request)
        content = answer.read()
        answer.close()
        happens()
        return httpx.Response(answer.status_code, content=content)

    return breakage


def slow(seconds: float) -> Breakage:
    """The real answer comes late."""

    def breakage(inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        time.sleep(seconds)
        return inner.handle_request(request)

    return breakage


@define
class _Fault:
    breakage: Breakage
    method: str | None
    path: str
    skip: int
    times: int

    def hits(self, request: httpx.Request) -> bool:
        """Whether it is the turn of this request; counts those that match."""
        if self.method not in {None, request.method} or self.path not in str(request.url):
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        self.times -= 1
        return self.times >= 0


class FaultyTransport(httpx.BaseTransport):
    """The real transport, which breaks where it was told to. Keeps what was sent."""

    def __init__(self, inner: httpx.BaseTransport | None = None) -> None:
        self._inner = inner or httpx.HTTPTransport()
        self._faults: list[_Fault] = []
        self._lock = threading.Lock()
        self.sent: list[str] = []
        """Each request, as `GET /admin/realms/x`."""

    def fail(
        self,
        breakage: Breakage,
        *,
        method: str | None = None,
        path: str = "/admin/",
        skip: int = 0,
        times: int = 1,
    ) -> None:
        """Break the next `times` requests with this method and path, after `skip` good ones.

        `path` matches anywhere in the URL; requests for tokens are left alone unless it says so.
        """
        self._faults.append(_Fault(breakage, method, path, skip, times))

    def count(self, method: str, path: str = "/admin/") -> int:
        """How many such requests were sent."""
        return sum(line.startswith(f"{method} ") and path in line for line in self.sent)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        with self._lock:
            self.sent.append(f"{request.method} {request.url.raw_path.decode()}")
            fault = next((fault for fault in self._faults if fault.hits(request)), None)
        if fault is None:
            return self._inner.handle_request(request)
        return fault.breakage(self._inner, request)

    def close(self) -> None:
        self._inner.close()
