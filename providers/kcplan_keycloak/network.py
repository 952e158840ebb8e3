"""The real network, which gives up when the time of a whole request is over.

httpx limits each read and each write by itself, so that a server which sends a byte a second is
listened to for as long as it likes. Here every read and write gets what is left on the clock.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

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
        stream = self._network.connect_tcp(host, port, limit, local_address, socket_options)
        return _Stream(stream, self._clock)

    def sleep(self, seconds: float) -> None:
        """Wait."""
        self._network.sleep(seconds)


class _Stream(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, clock: Clock) -> None:
        self._stream = stream
        self._clock = clock

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        limit = self._clock.left(timeout, httpcore.ReadTimeout)
        return self._stream.read(max_bytes, limit)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), _SLICE):
            limit = self._clock.left(timeout, httpcore.WriteTimeout)
            self._stream.write(buffer[start : start + _SLICE], limit)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: "ssl.SSLContext",
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        limit = self._clock.left(timeout, httpcore.ConnectTimeout)
        return _Stream(self._stream.start_tls(ssl_context, server_hostname, limit), self._clock)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
