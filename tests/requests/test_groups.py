"""Groups take requests in proportion to those that are managed, however many others there are."""

from collections import Counter
from collections.abc import Callable

from inline_snapshot import snapshot

from support.world import Json, World

Count = Callable[[Callable[[], object]], Counter[str]]

OTHERS = 60


def named(size: int, prefix: str = "group") -> list[Json]:
    return [{"name": f"{prefix}-{number:03}", "attributes": {"k": ["v"]}} for number in range(size)]


def others(world: World, at: str) -> None:
    for number in range(OTHERS):
        world.admin.post(at, json={"name": f"other-{number:03}"})


def about_groups(requests: Counter[str]) -> dict[str, int]:
    return {what: number for what, number in sorted(requests.items()) if "group" in what}


def test_groups_of_others_cost_nothing_where_none_is_declared(
    world: World, requests_of: Count
) -> None:
    world.declare(enabled=True)
    world.apply()
    others(world, world.path("groups"))
    assert about_groups(requests_of(world.plan)) == {}
    assert about_groups(requests_of(world.refresh)) == {}


def test_groups_of_organizations_take_one_request_for_each_that_has_some_in_the_files(
    world: World, requests_of: Count
) -> None:
    inner = {"name": "staff", "subGroups": named(12, "inner")}
    acme = {"name": "acme", "groups": [inner, *named(12)]}
    bare = [{"name": f"bare-{number}"} for number in range(3)]
    world.declare(enabled=True, organizationsEnabled=True, organizations=[acme, *bare])
    world.apply()
    for item in world.admin.json(world.path("organizations")):
        world.admin.post(world.path("organizations", item["id"], "groups"), json={"name": "o"})
    assert about_groups(requests_of(world.plan)) == snapshot(
        {"GET realms/{}/organizations/{}/groups": 1}
    )
    world.state_file.unlink()
    assert about_groups(requests_of(world.plan)) == snapshot(
        {"GET realms/{}/organizations/{}/groups": 1}
    )
    world.declare(enabled=True, organizationsEnabled=True, organizations=bare)
    assert about_groups(requests_of(world.plan)) == snapshot({})


def test_a_group_takes_one_request_however_many_others_are_beside_and_in_it(
    world: World, requests_of: Count
) -> None:
    def declare(size: int) -> None:
        inner = [{"name": "it", "subGroups": named(size, "inner")}]
        world.declare(enabled=True, groups=[{"name": "staff", "subGroups": inner}, *named(size)])

    declare(30)
    apply = requests_of(world.apply)
    assert about_groups(apply) == snapshot(
        {
            "GET realms/{}/groups/{}": 62,
            "POST realms/{}/groups": 31,
            "POST realms/{}/groups/{}/children": 31,
        }
    )
    staff = world.admin.json(world.path("groups"), search="staff", exact="true")[0]["id"]
    others(world, world.path("groups"))
    others(world, world.path("groups", staff, "children"))
    assert about_groups(requests_of(world.plan)) == snapshot({"GET realms/{}/groups/{}": 62})
    assert about_groups(requests_of(world.refresh)) == snapshot(
        {"GET realms/{}/groups/{}": 62, "GET realms/{}/groups/{}/children": 1}
    )
    world.state_file.unlink()
    assert about_groups(requests_of(world.plan)) == snapshot(
        {"GET realms/{}/groups": 31, "GET realms/{}/groups/{}/children": 31}
    )
