"""`--target` names what goes; what lies in it goes along, and nothing else does."""

from support.world import World

SERVICE = {"clientId": "a", "serviceAccountsEnabled": True}


def declare(world: World) -> None:
    world.declare(
        enabled=True,
        clients=[SERVICE, {"clientId": "b"}],
        roles={"realm": [{"name": "reader"}], "client": {"a": [{"name": "writer"}]}},
        users=[{"serviceAccountClientId": "a", "realmRoles": ["reader"]}],
    )


GONE = {"clients/a": "delete", "clients/a/roles/writer": "delete"}


def test_a_destroyed_target_takes_along_what_lies_in_it(world: World) -> None:
    declare(world)
    world.apply()
    target = f"{world.realm}/clients/a"

    planned = world.plan("--destroy", "--target", target)
    assert planned.actions == {**GONE, "clients/a/service-account": "delete"}
    world.destroy("--target", target)
    left = world.kcplan("state", "list").stdout.split()
    assert left == [world.realm, f"{world.realm}/clients/b", f"{world.realm}/roles/reader"]
    assert not world.refresh().drift


def test_a_target_that_left_the_files_takes_along_what_lies_in_it(world: World) -> None:
    declare(world)
    world.apply()
    world.declare(enabled=False, clients=[], roles={"realm": []})

    planned = world.plan("--target", f"{world.realm}/clients/a")
    assert planned.actions == {**GONE, "clients/a/service-account": "delete"}
