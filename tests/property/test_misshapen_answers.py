"""Whatever shape an answer of the server has: a plan comes of it, or a clear error."""

import json
import threading
from collections.abc import Iterator
from random import Random
from typing import Any, Final

import httpx
import pytest
from conformance.overlays import joined
from conformance.samples import samples

from support.misshapen import as_text, misshapen
from support.sabotage import sent_through
from support.world import World

AT_ONCE: Final = 20
TURNS: Final = 10
"""200 runs in all."""

READ: Final = (
    ("plan", "realm.json", "--detailed-exitcode"),
    ("refresh", "--detailed-exitcode"),
)


class Misshaping(httpx.BaseTransport):
    """The real transport, which changes the shape of one answer, the one at `turn` from 0."""

    def __init__(self, turn: int = -1, random: Random | None = None) -> None:
        self._inner = httpx.HTTPTransport()
        self._turn = turn
        self._random = random or Random(0)
        self._lock = threading.Lock()
        self.answers: list[str] = []
        """The requests that were answered with JSON."""
        self.changed = ""
        """What became of which answer."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._inner.handle_request(request)
        path = request.url.raw_path.decode()
        content = response.read()
        if not path.startswith("/admin/") or response.status_code != 200 or not content:
            return response
        with self._lock:
            mine = len(self.answers) == self._turn
            self.answers.append(path)
            if mine:
                content = as_text(misshapen(json.loads(content), self._random)).encode()
                self.changed = f"{path}: {content[:3000]!r}"
        headers = {"Content-Type": "application/json"}
        return httpx.Response(response.status_code, headers=headers, content=content)


def _everything() -> dict[str, Any]:
    """A realm with an object of most types, which needs nothing that others made."""
    document: dict[str, Any] = {}
    for name, sample in samples().items():
        if not sample.is_realm and name != "legacy-exchange":
            document = joined(document, sample.around)
            document = joined(document, sample.declare(f"a-{name}", dict(sample.full)))
    return document


@pytest.fixture
def applied(world: World) -> Iterator[World]:
    world.variables["CLIENT_SECRET"] = "hidden"
    world.declare(**_everything())
    world.apply()
    yield world


@pytest.mark.parametrize("turn", range(TURNS))
def test_an_answer_of_any_shape_gives_a_plan_or_a_clear_error(applied: World, turn: int) -> None:
    for number in range(turn * AT_ONCE, (turn + 1) * AT_ONCE):
        command = READ[number % len(READ)]
        random = Random(number)
        with sent_through(known := Misshaping()):
            applied.kcplan(*command, exit_code=None)
        with sent_through(changed := Misshaping(random.randrange(len(known.answers)), random)):
            result = applied.kcplan(*command, exit_code=None)
        assert result.exit_code in {0, 1, 2}, (number, changed.changed)
        assert "unexpectedly" not in result.stderr, (number, result.stderr, changed.changed)
        assert (result.exit_code == 1) == ("Error:" in result.stderr)
