"""What goes away between the answer that names it and the request for it is gone, and no error."""

import json

import pytest

from support.faults import FaultyTransport, followed_by
from support.sabotage import sent_through
from support.world import Json, World
from token_exchange.test_exchange_legacy import old_world, run_legacy

__all__ = ["old_world", "run_legacy"]


@pytest.fixture
def world(world: World) -> World:
    """A realm with the client `other` and its role, which kcplan does not manage."""
    make_other(world)
    return world


def make_other(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    world.admin.post(world.path("clients"), json={"clientId": "other"})
    world.admin.post(world.in_client("other", "roles"), json={"name": "reader"})


def goes_after(world: World, path: str) -> FaultyTransport:
    """The next answer to a GET comes, and then the client `other` goes."""
    transport = FaultyTransport()
    goes = followed_by(lambda: world.admin.delete(world.in_client("other")))
    transport.fail(goes, method="GET", path=path)
    return transport


def is_drift(world: World, path: str) -> dict[str, str]:
    """The drift that a refresh finds while the client goes."""
    with sent_through(goes_after(world, path)):
        found = world.refresh("--only-managed").drift
    assert world.client("other") is None
    return found


def test_a_role_is_in_no_composite_once_its_client_is_gone(world: World) -> None:
    composites = {"client": {"other": ["reader"]}, "realm": ["plain"]}
    roles = [{"name": "clerk", "composites": composites}, {"name": "plain"}]
    world.declare(roles={"realm": roles})
    world.apply()
    assert is_drift(world, "/composites") == {"roles/clerk": "update"}


def test_nor_is_it_in_a_policy(world: World) -> None:
    policy: Json = {
        "name": "clerks",
        "type": "role",
        "config": {"roles": json.dumps([{"id": "other/reader", "required": True}])},
    }
    settings = {"policies": [policy]}
    authorization = {"authorizationServicesEnabled": True, "authorizationSettings": settings}
    client = {"clientId": "app", "publicClient": False, "serviceAccountsEnabled": True}
    world.declare(clients=[{**client, **authorization}])
    world.apply()
    address = "clients/app/authorization/policies/clerks"
    assert is_drift(world, "/roles-by-id/") == {address: "update"}


def test_nor_in_a_role_scope_that_a_rollback_gives_back(world: World) -> None:
    world.declare(clients=[{"clientId": "app"}])
    world.apply()
    role = world.admin.json(world.in_client("other", "roles", "reader"))
    world.admin.post(
        world.in_client("app", "scope-mappings", "clients", role["containerId"]), json=[role]
    )
    world.declare()
    with sent_through(goes_after(world, "/scope-mappings")):
        world.apply("--delete-unmanaged")
    assert (world.client("app"), world.client("other")) == (None, None)


def test_nor_may_it_exchange_tokens(old_world: World) -> None:
    make_other(old_world)
    permission = {"requester": "other", "mode": "legacy", "audiences": ["app"]}
    old_world.declare(
        enabled=True, clients=[{"clientId": "app"}], permissions={"tokenExchange": [permission]}
    )
    old_world.apply()
    assert is_drift(old_world, "/policy/client/") == {"permissions/legacy/clients/app": "update"}
