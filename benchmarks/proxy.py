"""A loopback proxy that counts requests, and makes each one late by some milliseconds."""

import asyncio
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from kcplan_keycloak.exchange import template

_REQUEST = re.compile(rb"(GET|POST|PUT|DELETE) /(?:admin/)?([^ ?]*)[^ ]* HTTP/1\.1\r\n")
_TO_PROXY = re.compile(rb"\A([A-Z]+) http://[^/ ]+")


class Proxy:
    """Passes bytes on, for who calls it by its URL or has it as a proxy.

    Attributes: `url`, and `requests` by method and path template.
    """

    def __init__(self, target: str, seconds: float = 0.0) -> None:
        self._target = urlsplit(target)
        self._seconds = seconds
        self.requests: Counter[str] = Counter()
        self.url = ""

    async def serve(self) -> asyncio.Server:
        """Listen on a free port."""
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}{self._target.path}"
        return server

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, here = await asyncio.open_connection(self._target.hostname, self._target.port)
        await asyncio.gather(self._up(reader, here), _copy(there, writer))

    async def _up(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while read := await reader.read(65536):
            data = _TO_PROXY.sub(rb"\1 ", read, count=1)
            if found := _REQUEST.match(data):
                method, path = found.group(1).decode(), found.group(2).decode()
                self.requests[f"{method} {template(path)}"] += 1
                await asyncio.sleep(self._seconds)
            writer.write(data)
            await writer.drain()
        writer.close()


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while data := await reader.read(65536):
        writer.write(data)
        await writer.drain()
    writer.close()


@contextmanager
def proxy(target: str, seconds: float = 0.0) -> Iterator[Proxy]:
    """A proxy in front of a server, in a thread of its own."""
    loop = asyncio.new_event_loop()
    made = Proxy(target, seconds)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    asyncio.run_coroutine_threadsafe(made.serve(), loop).result()
    try:
        yield made
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
