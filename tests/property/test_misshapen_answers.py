"""Whatever shape an answer of the server has: a plan comes of it, or a clear error."""

from http import HTTPStatus
from typing import Any, Final

import httpx
import pytest

from conformance.overlays import joined
from conformance.sample import Hand, Sample
from conformance.samples import samples
from support.faults import FaultyTransport
from support.misshapen import seeded
from support.misshaping import Misshaping, counted
from support.sabotage import sent_through
from support.world import World

AT_ONCE: Final = 20
TURNS: Final = 10
"""200 runs in all, a tenth of them in `make test`."""

READ: Final = (
    ("plan", "realm.json", "--detailed-exitcode", "--parallelism", "1"),
    ("refresh", "--detailed-exitcode", "--parallelism", "1"),
)
"""One request at a time, so that a seed changes the same answer each time."""


def _everything() -> dict[str, Any]:
    """A realm with an object of most types, which needs nothing that others made."""
    document: dict[str, Any] = {}
    for sample in _samples():
        document = joined(document, sample.around)
        name = f"a-{sample.type}" if sample.name == "plain" else sample.name
        document = joined(document, sample.declare(name, dict(sample.full)))
    return document


def _samples() -> list[Sample]:
    """Those whose objects lie in a realm of any server."""
    found = samples().values()
    return [
        s for s in found if not s.is_realm and s.type not in {"impersonation", "legacy-exchange"}
    ]


@pytest.fixture
def applied(world: World) -> World:
    world.variables.update(CLIENT_SECRET="hidden", KCPLAN_DEBUG="1")  # a defect has a traceback
    world.declare(enabled=True)
    world.apply()
    for sample in _samples():
        sample.furnish(Hand(world.admin, world.realm))
    world.declare(enabled=True, **_everything())
    world.apply()
    return world


@pytest.mark.parametrize(
    "turn",
    [
        pytest.param(turn, marks=() if turn == 0 else pytest.mark.exhaustive)
        for turn in range(TURNS)
    ],
)
def test_an_answer_of_any_shape_gives_a_plan_or_a_clear_error(applied: World, turn: int) -> None:
    counts = []
    for command in READ:
        with counted() as answers:
            applied.kcplan(*command)
        counts.append(len(answers))
    for number in range(turn * AT_ONCE, (turn + 1) * AT_ONCE):
        which, random = number % len(READ), seeded(number)
        with sent_through(changed := Misshaping(random.randrange(counts[which]), random)):
            result = applied.kcplan(*READ[which], exit_code=None)
        assert result.exit_code in {0, 1, 2}, (number, changed.changed)
        assert "Traceback" not in result.stderr, (
            f"seed {number}: {changed.changed}\n{result.stderr[-1500:]}"
        )
        assert (result.exit_code == 1) == ("Error:" in result.stderr)


@pytest.mark.parametrize(
    ("path", "content", "reason"),
    [
        ("", b"null", "it is `null`"),
        ("", b"5", "it is neither an object nor a list"),
        ("", b"{}", "an object has no `realm`"),
        ("/clients", b"[null]", "it is not a list of objects"),
        ("/clients", b'[{"clientId": "a"}]', "an object has no `id`"),
        ("/clients", b'{"a": ' * 5000 + b"1" + b"}" * 5000, ""),
    ],
)
def test_what_keycloak_would_not_answer_is_never_taken_for_nothing(
    world: World, path: str, content: bytes, reason: str
) -> None:
    world.declare(clients=[{"clientId": "a"}])
    world.apply()

    def breakage(inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        if request.url.path != f"/admin/realms/{world.realm}{path}":
            return inner.handle_request(request)
        inner.handle_request(request).close()
        headers = {"Content-Type": "application/json"}
        return httpx.Response(HTTPStatus.OK, headers=headers, content=content)

    faults = FaultyTransport()
    faults.fail(breakage, method="GET", path=f"/admin/realms/{world.realm}", times=100)
    with sent_through(faults):
        result = world.kcplan("plan", world.file, exit_code=1)
    said = " ".join(result.stderr.split())
    assert f"Error: the answer to GET /admin/realms/{world.realm}{path}" in said
    assert reason in said
