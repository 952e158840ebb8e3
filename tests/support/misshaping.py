"""A server whose answers have another shape than Keycloak's: the real one, with one answer changed."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Final

import httpx

from support.misshapen import ODD, as_text, misshapen, seeded
from support.sabotage import sent_through

_PASSED_ON: Final = ("Content-Type", "Location")


class Misshaping(httpx.BaseTransport):
    """The real transport, which changes the shape of one answer, the one at `turn` from 0.

    Where an answer has no content, as those to writes, it gets some, or another Location.
    """

    def __init__(self, turn: int = -1, random: Random | None = None) -> None:
        self._inner = httpx.HTTPTransport()
        self._turn = turn
        self._random = random or seeded(0)
        self._lock = threading.Lock()
        self.answers: list[str] = []
        """The requests that were answered, as `GET /admin/realms/x`."""
        self.changed = ""
        """What became of which answer."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        content = response.read()
        line = f"{request.method} {request.url.raw_path.decode()}"
        headers = {name: response.headers[name] for name in _PASSED_ON if name in response.headers}
        with self._lock:
            if len(self.answers) == self._turn:
                content = self._misshapen(content, headers)
                self.changed = f"{line}: {content[:3000]!r} {headers}"
            self.answers.append(line)
        return httpx.Response(response.status_code, headers=headers, content=content)

    def _misshapen(self, content: bytes, headers: dict[str, str]) -> bytes:
        """Another content, and maybe another Location among the headers."""
        if content:
            try:
                return as_text(misshapen(json.loads(content), self._random)).encode()
            except ValueError:
                return b"{" + content
        if "Location" in headers and self._random.randrange(2):
            headers["Location"] = self._random.choice(("", "/", "x", "http://[", "/é/"))
            return b""
        headers["Content-Type"] = "application/json"
        return as_text(self._random.choice(ODD)).encode()

    def close(self) -> None:
        self._inner.close()


@contextmanager
def counted() -> Iterator[list[str]]:
    """The answers that come meanwhile, none of them changed."""
    with sent_through(transport := Misshaping()):
        yield transport.answers
