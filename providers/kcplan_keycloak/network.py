"""The real network, which gives up when the time of a whole request is over.

httpx limits each read and each write by itself, so that a server which sends a byte a second is
listened to for as long as it likes. Here every read and write gets what is left on the clock.
"""

import socket
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

import httpcore

from kcplan_keycloak.clock import Clock

if TYPE_CHECKING:
    import ssl

_SLICE = 65536
"""So many bytes are written before the clock is looked at again."""


class TimedNetwork(httpcore.NetworkBackend):
    """The real network, on a clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._network = httpcore.SyncBackend()
        self._open: WeakSet[_Stream] = WeakSet()
        self._lock = threading.Lock()
        self._over = False

    def hang_up(self) -> None:
        """End all connections, so that nobody waits for the server any more.

        One that is just being made ends when it is made, or when the time for that is over.
        """
        with self._lock:
            self._over, streams = True, list(self._open)
        for stream in streams:
            stream.hang_up()

    def tls(self) -> "ssl.SSLObject | None":
        """The TLS of one of the open connections; None where none has any."""
        with self._lock:
            found = [stream.get_extra_info("ssl_object") for stream in self._open]
        return next((item for item in found if item is not None), None)

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to a server, or to a proxy."""
        limit = self._clock.left(timeout, httpcore.ConnectTimeout)
        return self._opened(
            self._network.connect_tcp(host, port, limit, local_address, socket_options)
        )

    def _opened(self, found: httpcore.NetworkStream) -> httpcore.NetworkStream:
        stream = _Stream(found, self._clock, self._opened)
        with self._lock:
            self._open.add(stream)
        if self._over:
            stream.hang_up()
        return stream

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._network.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    def __init__(
        self,
        stream: httpcore.NetworkStream,
        clock: Clock,
        opened: Callable[[httpcore.NetworkStream], httpcore.NetworkStream],
    ) -> None:
        self._stream = stream
        self._clock = clock
        self._opened = opened
        self._socket: socket.socket = stream.get_extra_info("socket")

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        limit = self._clock.left(timeout, httpcore.ReadTimeout)
        return self._stream.read(max_bytes, limit)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _SLICE):
            limit = self._clock.left(timeout, httpcore.WriteTimeout)
            self._stream.write(buffer[start : start + _SLICE], limit)

    def close(self) -> None:
        self._stream.close()

    def hang_up(self) -> None:
        # Closing would not wake who waits for the other side.
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)

    def start_tls(
        self,
        ssl_context: "ssl.SSLContext",
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        limit = self._clock.left(timeout, httpcore.ConnectTimeout)
        return self._opened(self._stream.start_tls(ssl_context, server_hostname, limit))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
