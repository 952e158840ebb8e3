"""A plan of some targets reads what they need, and not what the rest of the files needs."""

from collections import Counter
from collections.abc import Callable

import pytest
from inline_snapshot import snapshot

from support.exchanging import SECRET, allow, permit, service
from support.world import Json, World

Count = Callable[[Callable[[], object]], Counter[str]]

ON = {"standard.token.exchange.enabled": "true"}
SIZE = 5
ONCE: Counter[str] = Counter({"GET realms/{}": 1, "GET serverinfo": 1, "POST token": 1})
"""What any plan takes."""


@pytest.fixture
def variables() -> dict[str, str | None]:
    """The environment variable that the files refer to."""
    return {"SECRET": SECRET}


def name(number: int) -> str:
    return f"service-{number}"


def document() -> Json:
    """Services that exchange tokens, one that does not, and a group."""
    return {
        "enabled": True,
        "clients": [
            *(service(name(number), attributes=ON) for number in range(SIZE)),
            service("alone"),
        ],
        "permissions": permit(allow(name(0), [name(1)], [name(2)])),
        "roles": {"realm": [{"name": "part"}], "client": {"alone": [{"name": "reader"}]}},
        "groups": [{"name": "staff", "realmRoles": ["part"]}],
        "users": [
            {"serviceAccountClientId": name(number), "realmRoles": ["part"]}
            for number in range(SIZE)
        ],
    }


def test_targets_read_only_what_they_need(world: World, requests_of: Count) -> None:
    world.declare(**document())
    world.apply()

    def plan(*targets: str) -> dict[str, int]:
        chosen = [word for t in targets for word in ("--target", f"{world.realm}/{t}")]
        found = requests_of(lambda: world.plan("--detailed-exitcode", *chosen))
        return dict(sorted((found - ONCE).items()))

    assert plan("groups/staff") == snapshot(
        {"GET realms/{}/groups/{}": 1, "GET realms/{}/roles/{}": 1}
    )
    assert plan("clients/alone/roles/reader") == snapshot(
        {
            "GET realms/{}/clients": 2,
            "GET realms/{}/clients/{}/roles": 2,
            "GET realms/{}/clients/{}/roles/{}/groups": 10,
            "GET realms/{}/clients/{}/roles/{}/users": 10,
            "GET realms/{}/roles": 1,
        }
    )
    assert plan("clients/service-3/service-account") == snapshot(
        {
            "GET realms/{}/client-scopes": 1,
            "GET realms/{}/client-scopes/{}/scope-mappings": 15,
            "GET realms/{}/clients": 2,
            "GET realms/{}/default-default-client-scopes": 1,
            "GET realms/{}/default-optional-client-scopes": 1,
            "GET realms/{}/roles-by-id/{}/composites": 1,
            "GET realms/{}/roles/{}": 1,
            "GET realms/{}/roles/{}/composites": 1,
            "GET realms/{}/users/{}/role-mappings": 5,
        }
    )
