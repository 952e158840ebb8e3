"""Checks of token exchange ask for nothing that the plan reads, and for no role that is plain."""

from collections import Counter
from collections.abc import Callable

import pytest
from inline_snapshot import snapshot

from support.exchanging import SECRET, allow, permit, service
from support.world import Json, World

Count = Callable[[Callable[[], object]], Counter[str]]

ON = {"standard.token.exchange.enabled": "true"}
EVERY = 10
"""One service of so many has a permission."""


@pytest.fixture
def variables() -> dict[str, str | None]:
    """The environment variable that the files refer to."""
    return {"SECRET": SECRET}


def name(number: int) -> str:
    return f"service-{number:03}"


def exchanging(size: int, *, accounts: bool = True) -> Json:
    """Services that all may exchange, with accounts that have roles; some with a permission."""
    numbers = range(size)
    users = [
        {
            "serviceAccountClientId": name(number),
            "enabled": True,
            "realmRoles": [f"role-{number:03}", "whole"],
            "clientRoles": {name((number + 1) % size): ["reader"]},
        }
        for number in numbers
    ]
    return {
        "enabled": True,
        "clients": [service(name(number), attributes=ON) for number in numbers],
        "roles": {
            "realm": [
                {"name": "part"},
                {"name": "whole", "composites": {"realm": ["part"]}},
                *({"name": f"role-{number:03}"} for number in numbers),
            ],
            "client": {name(number): [{"name": "reader"}] for number in numbers},
        },
        "permissions": permit(
            *(
                allow(name(number), [name((number + 1) % size)], [name((number + 2) % size)])
                for number in numbers[::EVERY]
            )
        ),
        **({"users": users} if accounts else {}),
    }


def test_a_service_that_exchanges_takes_no_request_more_than_any_other(
    world: World, requests_of: Count
) -> None:
    plans = []
    for size in (21, 31):
        world.declare(**exchanging(size))
        world.apply()
        plans.append(requests_of(world.plan))
    assert dict(plans[1] - plans[0]) == snapshot(
        {"GET realms/{}/clients/{}/roles": 10, "GET realms/{}/users/{}/role-mappings": 10}
    )
    assert plans[1].total() <= 2.3 * 31 + 60
    assert dict(sorted(plans[1].items())) == snapshot(
        {
            "GET realms/{}": 1,
            "GET realms/{}/client-scopes": 1,
            "GET realms/{}/client-scopes/{}/scope-mappings": 15,
            "GET realms/{}/clients": 1,
            "GET realms/{}/clients/{}/roles": 31,
            "GET realms/{}/default-default-client-scopes": 1,
            "GET realms/{}/default-optional-client-scopes": 1,
            "GET realms/{}/roles": 1,
            "GET realms/{}/roles-by-id/{}/composites": 2,
            "GET realms/{}/roles/{}/composites": 1,
            "GET realms/{}/users": 1,
            "GET realms/{}/users/{}/role-mappings": 31,
            "GET serverinfo": 1,
            "POST token": 1,
        }
    )


def test_accounts_that_no_file_declares_are_found_in_pages(
    world: World, requests_of: Count
) -> None:
    world.declare(**exchanging(21, accounts=False))
    world.apply()
    plan = requests_of(world.plan)
    assert {what: number for what, number in sorted(plan.items()) if "/users" in what} == snapshot(
        {
            "GET realms/{}/clients/{}/roles/{}/users": 10,
            "GET realms/{}/users": 1,
            "GET realms/{}/users/{}/role-mappings": 21,
        }
    )
