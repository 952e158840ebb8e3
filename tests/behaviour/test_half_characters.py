"""Keycloak keeps halves of surrogate pairs, which are no characters: they stop nothing."""

from http import HTTPStatus

import pytest

from support.faults import FaultyTransport, status
from support.sabotage import sent_through
from support.world import World

HALF = "half a \ud800"
BODY = b'{"clientId": "a", "description": "half a \\ud800"}'
JSON = {"Content-Type": "application/json"}


@pytest.fixture
def strange(world: World) -> World:
    """A client whose description ends with half a character, and files that know the client."""
    world.declare(clients=[{"clientId": "a"}, {"clientId": "b"}])
    world.apply()
    world.admin.put(world.in_client("a"), content=BODY, headers=JSON)
    assert (world.client("a") or {})["description"] == HALF
    return world


def test_what_has_them_is_read_and_shown(strange: World) -> None:
    strange.declare(clients=[{"clientId": "a", "description": "new"}, {"clientId": "b"}])
    for output in ("text", "json", "markdown", "html"):
        strange.kcplan("plan", strange.file, "--format", output)
    strange.kcplan("refresh", "--unmanaged")


def test_they_come_back_with_a_rollback(strange: World) -> None:
    new = [{"clientId": name, "description": "new"} for name in "ab"]
    strange.declare(clients=new)
    faults = FaultyTransport()
    path = f"/clients/{strange.admin.client_id(strange.realm, 'b')}"
    faults.fail(status(HTTPStatus.BAD_REQUEST), method="PUT", path=path)
    with sent_through(faults):
        strange.apply("--parallelism", "1", exit_code=3)
    assert faults.count("PUT", "/clients/") == 3  # there, the one that fails, and back
    assert (strange.client("a") or {})["description"] == HALF


def test_an_object_that_is_called_so_is_said_to_be_out_of_reach(world: World) -> None:
    world.declare(clients=[{"clientId": "a"}])
    world.apply()
    body = b'{"name": "half a \\ud800"}'
    world.admin.post(world.path("roles"), content=body, headers=JSON)
    world.kcplan("plan", world.file, "--detailed-exitcode")
    said = world.kcplan("refresh", "--unmanaged", exit_code=1).stderr
    assert "Error: the name 'half a \\ud800' cannot be used in a request to Keycloak" in said
