"""A quick look at a realm in which nothing changed costs three requests, however large it is."""

from collections import Counter
from collections.abc import Callable

import pytest
from inline_snapshot import snapshot

from support.world import World

Count = Callable[[Callable[[], object]], Counter[str]]


@pytest.mark.parametrize("size", [2, 20])
def test_where_nothing_changed_nothing_is_read_but_the_realm_and_its_events(
    world: World, requests_of: Count, size: int
) -> None:
    names = [f"service-{number}" for number in range(size)]
    world.declare(
        adminEventsEnabled=True,
        clients=[{"clientId": name, "serviceAccountsEnabled": True} for name in names],
        users=[
            {"username": f"service-account-{name}", "serviceAccountClientId": name, "enabled": True}
            for name in names
        ],
    )
    world.apply()
    world.refresh("--quick")
    assert requests_of(lambda: world.refresh("--quick")) == snapshot(
        {
            "POST token": 1,
            "GET realms/{}": 1,
            "GET realms/{}/admin-events": 1,
            "GET serverinfo": 1,
        }
    )
