"""A newer Keycloak may make more than kcplan knows: what came along with a parent is updated."""

from collections.abc import Iterator

import httpx
import pytest
from attrs import evolve

from kcplan.resource import Origin
from kcplan_keycloak import resources
from kcplan_keycloak.resources import role
from support.sabotage import Saboteur, sent_through
from support.world import World

MADE = "uma_authorization"
BAD = {"clientId": "bad", "redirectUris": ["javascript:alert(1)"]}


@pytest.fixture(autouse=True)
def _knows_of_no_built_in_roles(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """To this kcplan every role is somebody's own, as those of a newer Keycloak are."""
    (kind,) = role.TYPES
    ignorant = evolve(kind, spec=evolve(kind.spec, origin=Origin()))
    monkeypatch.setattr(role, "TYPES", (ignorant,))
    for cached in (resources.resource_types, resources.registry):
        cached.cache_clear()
    yield
    monkeypatch.undo()
    for cached in (resources.resource_types, resources.registry):
        cached.cache_clear()


def declare(world: World, *clients: dict[str, object]) -> None:
    world.declare(roles={"realm": [{"name": MADE, "description": "ours"}]}, clients=list(clients))


def test_it_is_updated_where_the_plan_would_create_it(world: World) -> None:
    declare(world)
    assert world.plan().actions[f"roles/{MADE}"] == "create"
    world.apply()
    world.is_settled()
    made = world.role(MADE)
    assert made is not None
    assert made["description"] == "ours"
    assert world.entry(f"roles/{MADE}")["adopted"] is True


def test_and_is_never_deleted(world: World) -> None:
    declare(world)
    world.apply()
    world.declare()
    assert world.plan().actions == {f"roles/{MADE}": "release"}
    world.apply()
    assert world.role(MADE) is not None


def test_a_failure_after_it_takes_all_back(world: World) -> None:
    declare(world, BAD)
    world.apply(exit_code=3)
    assert world.admin.get(world.path(), check=False).status_code == 404


def test_what_somebody_else_makes_at_that_moment_is_no_such_thing(world: World) -> None:
    world.declare()
    world.apply()
    declare(world)
    world.admin.delete(world.path("roles", MADE))

    def theirs_first(inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        """Somebody else's request comes just before."""
        headers = {"Authorization": request.headers["Authorization"]}
        theirs = httpx.Request("POST", request.url, headers=headers, json={"name": MADE})
        assert inner.handle_request(theirs).status_code == 201
        return inner.handle_request(request)

    with sent_through(Saboteur({0: theirs_first})):
        world.apply(exit_code=3)
    assert world.role(MADE) is not None
    assert "description" not in (world.role(MADE) or {})
