"""A real proxy before Keycloak, on loopback, that answers some requests in a way of its own.

with wayward(keycloak.url) as door:
    door.answer(endless, "/roles")          # every request whose path has this in it
    AdminApi(Connection(url=door.url, …))
"""

import gzip
import threading
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import httpx
from attrs import define, field

MEBIBYTE = 1024 * 1024

Way = Callable[[Callable[[bytes], object], bytes], None]
"""Answers: is given what writes to the client, and the content of Keycloak's own answer."""


def _head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join(
        [f"HTTP/1.1 {status}", "Content-Type: application/json", *lines, "", ""]
    ).encode()


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


def endless(write: Callable[[bytes], object], _: bytes) -> None:
    """An answer in chunks that never ends."""
    write(_head("Transfer-Encoding: chunked"))
    while True:
        write(_chunk(b" " * 65536))


def _packed(write: Callable[[bytes], object], encoding: str, data: bytes) -> None:
    write(_head(f"Content-Encoding: {encoding}", f"Content-Length: {len(data)}"))
    write(data)


@cache
def _bomb() -> bytes:
    packer, block = zlib.compressobj(wbits=31), bytes(MEBIBYTE)
    return b"".join([*(packer.compress(block) for _ in range(512)), packer.flush()])


def bomb(write: Callable[[bytes], object], _: bytes) -> None:
    """Half a megabyte that unpacks to half a gigabyte."""
    _packed(write, "gzip", _bomb())


def bomb_in_a_bomb(write: Callable[[bytes], object], _: bytes) -> None:
    """A few kilobytes that unpack to a bomb."""
    _packed(write, "gzip, gzip", gzip.compress(_bomb()))


def gzipped(write: Callable[[bytes], object], content: bytes) -> None:
    """Keycloak's answer, packed, as gateways do it."""
    _packed(write, "gzip", gzip.compress(content))


def cut_off(write: Callable[[bytes], object], content: bytes) -> None:
    """Keycloak's answer, packed, without its end."""
    _packed(write, "gzip", gzip.compress(content)[:-12])


def more_after_the_end(write: Callable[[bytes], object], content: bytes) -> None:
    """Keycloak's answer, packed, and then something that never ends."""
    write(_head("Content-Encoding: gzip", "Transfer-Encoding: chunked"))
    write(_chunk(gzip.compress(content)))
    while True:
        write(_chunk(b"x" * 65536))


def plain_content(write: Callable[[bytes], object], content: bytes) -> None:
    """Keycloak's answer, and the end of the connection."""
    write(_head(f"Content-Length: {len(content)}", "Connection: close"))
    write(content)


def drip(parts: Iterable[bytes]) -> Iterator[bytes]:
    """The parts, one after the other, slowly: each comes well within a timeout of a second."""
    for part in parts:
        time.sleep(0.2)
        yield part


def slow_content(write: Callable[[bytes], object], content: bytes) -> None:
    """Keycloak's answer, the first bytes of it one at a time."""
    write(_head(f"Content-Length: {len(content) + 12}"))
    for part in drip([b" "] * 12):
        write(part)
    write(content)


def slow_head(write: Callable[[bytes], object], content: bytes) -> None:
    """Keycloak's answer, its first line one byte at a time."""
    head = _head(f"Content-Length: {len(content)}")
    for part in drip([head[n : n + 1] for n in range(12)]):
        write(part)
    write(head[12:] + content)


def not_yet(write: Callable[[bytes], object], content: bytes) -> None:
    """Keycloak's answer, after many that say that it will come."""
    for part in drip([b"HTTP/1.1 102 Processing\r\n\r\n"] * 12):
        write(part)
    write(_head(f"Content-Length: {len(content)}") + content)


@define
class Door:
    """The proxy. `url` is where it listens."""

    url: str
    ways: list[tuple[str, str, Way]] = field(factory=list)
    moments: list[tuple[str, str, Callable[[], object]]] = field(factory=list)

    def answer(self, way: Way, path: str, *, method: str = "") -> None:
        """Answer every request whose path has this in it in such a way."""
        self.ways.append((method, path, way))

    def when(self, happens: str, path: str, then: Callable[[], object]) -> None:
        """Do something when Keycloak has carried out the next such request, before that is known.

        Several for the same requests come one after the other, a request each.
        """
        self.moments.append((happens, path, then))

    def passed(self, method: str, path: str) -> None:
        """A request was carried out."""
        for moment in self.moments:
            if moment[0] == method and moment[1] in path:
                self.moments.remove(moment)
                moment[2]()
                return

    def way_of(self, method: str, path: str) -> Way | None:
        """How a request is to be answered; None for Keycloak's own way."""
        found = (way for verb, part, way in self.ways if part in path and verb in method)
        return next(found, None)


@contextmanager
def wayward(target: str) -> Iterator[Door]:
    """Listens on loopback, and passes on to the server at `target`."""
    with httpx.Client(base_url=target, timeout=60) as client:

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                passed = {
                    name: value
                    for name, value in self.headers.items()
                    if name in {"Authorization", "Content-Type", "Accept"}
                }
                # A client that takes this for its proxy sends the whole URL.
                parts = urlsplit(self.path)
                url = parts.path + (f"?{parts.query}" if parts.query else "")
                answer = client.request(
                    self.command, url, content=self.rfile.read(length), headers=passed
                )
                door.passed(self.command, parts.path)
                way = door.way_of(self.command, parts.path)
                # Who has read enough closes the connection.
                with suppress(OSError):
                    if way is not None:
                        self.close_connection = True
                        way(self.wfile.write, answer.content)
                    else:
                        self._pass_back(answer)

            def _pass_back(self, answer: httpx.Response) -> None:
                self.send_response(answer.status_code)
                for name in ("content-type", "location"):
                    if name in answer.headers:
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(answer.content)))
                self.end_headers()
                self.wfile.write(answer.content)

            do_POST = do_PUT = do_DELETE = do_GET  # noqa: N815 - http.server wants these names

            def log_message(self, *_: Any) -> None:
                return

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        door = Door(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield door
        finally:
            server.shutdown()
            thread.join()
            server.server_close()
