"""The user profile of a realm is asked for once, where a plan writes attributes of users."""

from collections import Counter
from collections.abc import Callable

from support.world import World

Count = Callable[[Callable[[], object]], Counter[str]]

ASKED = "GET realms/{}/users/profile"


def test_the_profile_is_asked_for_where_attributes_are_written(
    world: World, requests_of: Count
) -> None:
    def declare(**fields: str) -> None:
        world.declare(users=[{"username": name, **fields} for name in ("ann", "bob")])

    world.declare()
    world.apply()
    declare(lastName="x")
    new = requests_of(world.plan)
    world.apply()
    same = requests_of(world.plan)
    declare(lastName="y")
    changed = requests_of(world.plan)
    declare(enabled="true")
    another = requests_of(world.plan)
    assert [item[ASKED] for item in (new, same, changed, another)] == [1, 0, 1, 0]
