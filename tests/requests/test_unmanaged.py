"""What is new in a realm is listed in pages; none of it takes a request of its own."""

from collections import Counter
from collections.abc import Callable

from inline_snapshot import snapshot

from support.world import Json, World

Count = Callable[[Callable[[], object]], Counter[str]]

MANY_PAGES = 2 + 4 + 8 + 10
"""The pages after the first for 3,000 clients, as `AdminApi.pages` reads them: each of 200, and as
many at a time. A test of `pages` counts them for a shorter list."""


def foreign(world: World, prefix: str, size: int) -> None:
    """Somebody else's clients, each with a role and authorization services."""

    def client(number: int) -> Json:
        return {
            "clientId": f"{prefix}-{number}",
            "serviceAccountsEnabled": True,
            "authorizationServicesEnabled": True,
        }

    clients = [client(number) for number in range(size)]
    roles = {item["clientId"]: [{"name": "theirs"}] for item in clients}
    world.admin.post(
        f"{world.realm}/partialImport",
        json={"ifResourceExists": "FAIL", "clients": clients, "roles": {"client": roles}},
    )


def test_clients_of_others_are_told_and_take_no_request_each(
    world: World, requests_of: Count
) -> None:
    world.declare(enabled=True, clients=[{"clientId": "ours"}], roles={"client": {"ours": []}})
    world.apply()
    told: list[set[str]] = []

    def refresh() -> None:
        found = world.refresh("--unmanaged").document["unmanaged"]
        told.append({item["address"].removeprefix(f"{world.realm}/") for item in found})

    foreign(world, "a", 3)
    few = requests_of(refresh)
    foreign(world, "b", 10)
    world.admin.post(world.in_client("ours", "roles"), json={"name": "new"})
    world.admin.post(world.in_client("account", "roles"), json={"name": "new"})
    more = requests_of(refresh)
    assert more - few == {}
    assert more.total() + MANY_PAGES <= 100
    about_clients = {what: n for what, n in sorted(more.items()) if "{}/clients" in what}
    assert about_clients == snapshot(
        {
            "GET realms/{}/clients": 1,
            "GET realms/{}/clients/{}": 1,
            "GET realms/{}/clients/{}/roles": 7,
        }
    )
    assert told[0] == {"clients/a-0", "clients/a-1", "clients/a-2"}
    assert told[1] - told[0] == {
        "clients/account/roles/new",
        "clients/ours/roles/new",
        *(f"clients/b-{number}" for number in range(10)),
    }
