"""Keycloak fails at a creation now and then, for a reason of its own, and not the next time."""

import httpx
import pytest

from support.sabotage import Breakage, Saboteur, sent_through
from support.world import World


def failing_once(*, acted: bool) -> Breakage:
    """An internal error, the first time; `acted` says whether the object was made all the same."""
    times: list[int] = []

    def breakage(inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        times.append(1)
        if len(times) > 1 or acted:
            answer = inner.handle_request(request)
        if len(times) > 1:
            return answer
        return httpx.Response(500, json={"error": "unknown_error"})

    return breakage


@pytest.mark.parametrize(
    "sections",
    [
        {"clients": [{"clientId": "a"}]},
        {"roles": {"realm": [{"name": "a"}]}},
        {"clientScopes": [{"name": "a"}]},
    ],
    ids=["client", "role", "client scope"],
)
def test_where_nothing_was_made_it_is_tried_once_more(
    world: World, sections: dict[str, object]
) -> None:
    world.declare()
    world.apply()
    world.declare(**sections)
    with sent_through(Saboteur({0: failing_once(acted=False)})):
        world.apply()
    world.is_settled()


def test_where_it_was_made_all_the_same_it_is_not_made_twice(world: World) -> None:
    world.declare()
    world.apply()
    world.declare(clients=[{"clientId": "a"}])
    with sent_through(saboteur := Saboteur({0: failing_once(acted=True)})):
        world.apply(exit_code=3)
    assert [line for line in saboteur.writes if line.startswith("POST")] == saboteur.writes[:1]
    assert world.client("a") is None
