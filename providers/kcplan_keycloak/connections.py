"""The open connections: whoever sends a request takes a free one, or makes one.

httpcore's pool looks at all connections, and asks the system about each idle one, twice for each
request and with the others waiting: with ten connections that is a third of a plan's processor
time. Here nobody waits. How many requests run at once, and so how many connections there are, is
the business of `Pace`.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import httpcore

_SCHEMES: Final = (b"http", b"https")


class Connections:
    """What httpx has a pool for.

    Args:
        pool: Makes the connections, through a proxy where it has one.
    """

    def __init__(self, pool: httpcore.ConnectionPool) -> None:
        self._pool = pool
        self._free: list[httpcore.ConnectionInterface] = []
        """Lists take and give one item at a time, whichever thread asks."""

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send a request, on a connection that is free again when the answer is closed."""
        if request.url.scheme not in _SCHEMES:
            return self._pool.handle_request(request)  # which says so
        while True:
            connection = self._take(request.url.origin)
            try:
                answer = connection.handle_request(request)
            except httpcore.ConnectionNotAvailable:
                continue  # The server closed it meanwhile.
            except BaseException:
                connection.close()
                raise
            return httpcore.Response(
                answer.status,
                headers=answer.headers,
                content=_Content(answer.stream, connection, self._free),
                extensions=answer.extensions,
            )

    def _take(self, origin: httpcore.Origin) -> httpcore.ConnectionInterface:
        with suppress(IndexError):
            while True:
                connection = self._free.pop()
                if connection.can_handle_request(origin) and not connection.has_expired():
                    return connection
                connection.close()
        return self._pool.create_connection(origin)

    def close(self) -> None:
        """Close those that are free."""
        with suppress(IndexError):
            while True:
                self._free.pop().close()


class _Content:
    """The content of an answer, as it comes."""

    def __init__(
        self,
        parts: Any,
        connection: httpcore.ConnectionInterface,
        free: list[httpcore.ConnectionInterface],
    ) -> None:
        self._parts = parts
        self._connection: httpcore.ConnectionInterface | None = connection
        self._free = free

    def __iter__(self) -> Iterator[bytes]:
        yield from self._parts
        self.close()  # who reads all of it need not say that there is no more

    def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            self._parts.close()
            if connection.is_idle():
                self._free.append(connection)
            else:
                connection.close()
