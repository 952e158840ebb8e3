"""Admin permissions take two lists and one request each; a realm without any takes nothing."""

from collections import Counter
from collections.abc import Callable

from inline_snapshot import snapshot

from support.world import Json, World

Count = Callable[[Callable[[], object]], Counter[str]]

SIZE = 6


def about(requests: Counter[str]) -> dict[str, int]:
    return {what: number for what, number in sorted(requests.items()) if "authz" in what}


def test_they_are_read_from_lists_and_cost_nothing_where_there_are_none(
    world: World, requests_of: Count
) -> None:
    clients = [{"clientId": f"c{number}"} for number in range(SIZE)]
    declared: Json = {"adminPermissionsEnabled": True, "clients": clients}
    world.declare(**declared)
    world.apply()
    assert about(requests_of(world.plan)) == about(requests_of(world.refresh)) == {}

    users = {"name": "nobody", "users": []}
    permissions = [
        {
            "name": f"p{number}",
            "resourceType": "Clients",
            "resources": [f"c{number}", f"c{(number + 1) % SIZE}"],
            "scopes": ["view"],
            "policies": ["nobody"],
        }
        for number in range(SIZE)
    ]
    world.declare(**declared, permissions={"adminPolicies": [users], "admin": permissions})
    world.apply()
    assert about(requests_of(world.plan)) == snapshot(
        {
            "GET realms/{}/clients/{}/authz/resource-server": 1,
            "GET realms/{}/clients/{}/authz/resource-server/policy": 2,
            "GET realms/{}/clients/{}/authz/resource-server/policy/{}/{}": 6,
        }
    )
    assert about(requests_of(world.refresh)) == snapshot(
        {
            "GET realms/{}/clients/{}/authz/resource-server/policy": 2,
            "GET realms/{}/clients/{}/authz/resource-server/policy/{}/{}": 6,
        }
    )

    world.declare(adminPermissionsEnabled=True)
    gone = requests_of(lambda: world.apply("--allow-mass-delete"))
    assert gone["GET realms/{}/clients/{}/authz/resource-server/policy"] == snapshot(3)
