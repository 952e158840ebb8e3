"""A realm goes only together with what lives in it when somebody says so, and as the last step."""

import json
from collections.abc import Iterator

import pytest
from inline_snapshot import snapshot

from support.sabotage import WAYS, Saboteur, sent_through
from support.world import World


@pytest.fixture
def world(world: World) -> World:
    """A realm that kcplan made, with one client."""
    world.declare(
        enabled=True, clients=[{"clientId": "mine", "secret": "a-long-enough-secret-of-it"}]
    )
    world.apply()
    return world


def _exists(world: World) -> bool:
    return world.admin.get(world.realm, check=False).is_success


def test_a_realm_with_nothing_foreign_goes(world: World) -> None:
    world.destroy()
    assert not _exists(world)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("users", {"username": "somebody"}),
        ("groups", {"name": "people"}),
        ("clients", {"clientId": "theirs"}),
    ],
)
def test_one_foreign_object_keeps_a_realm(world: World, path: str, body: dict[str, str]) -> None:
    world.admin.post(world.path(path), json=body)
    result = world.destroy(exit_code=1)
    assert "unmanaged-in-realm" in result.stderr
    assert _exists(world)
    world.destroy("--delete-unmanaged")
    assert not _exists(world)


def test_the_message_counts_and_names(world: World) -> None:
    for name in ("ann", "bob"):
        world.admin.post(world.path("users"), json={"username": name})
    for number in range(7):
        world.admin.post(world.path("clients"), json={"clientId": f"theirs-{number}"})
    text = world.kcplan("plan", "--destroy", exit_code=1).stderr.replace(world.realm, "REALM")
    assert text == snapshot("""\
Error: REALM would be deleted with what kcplan does not manage: 2 users, 7 clients [unmanaged-in-realm]
  in REALM

They could not be restored. The clients are REALM/clients/theirs-0,
REALM/clients/theirs-1, REALM/clients/theirs-2,
REALM/clients/theirs-3, REALM/clients/theirs-4 and 2 more. To
delete them too, use --delete-unmanaged.

""")
    world.kcplan("plan", "--destroy", "--delete-unmanaged")


def test_what_lies_in_a_realm_goes_along_with_it_in_one_request(world: World) -> None:
    everything = Saboteur()
    with sent_through(everything):
        world.destroy()
    assert everything.writes == [f"DELETE /admin/realms/{world.realm}"]


@pytest.fixture
def others(world: World) -> Iterator[list[str]]:
    """Two more realms beside the one of the world: one that kcplan made, and one that it found."""
    made, found = f"{world.realm}-a-made", f"{world.realm}-z-found"
    world.admin.post("", json={"realm": found, "enabled": True})
    client = {"clientId": "mine", "secret": "a-long-enough-secret-of-it"}
    for name, fields in ((made, {"enabled": True}), (found, {"clients": [client]})):
        document = {"realm": name, **fields}
        (world.folder / f"{name}.json").write_text(json.dumps(document), encoding="utf-8")
    world.kcplan("apply", "--auto-approve", world.file, f"{made}.json", f"{found}.json")
    yield [made, found]
    for name in (made, found):
        world.admin.delete(name, check=False)


def _is_there(world: World, *names: str) -> list[bool]:
    return [world.admin.get(name, check=False).is_success for name in names]


def test_realms_go_last_and_one_at_a_time(world: World, others: list[str]) -> None:
    made, found = others
    everything = Saboteur()
    with sent_through(everything):
        world.destroy()
    kinds = [line.split("/")[3:] for line in everything.writes]
    assert [kind[0] for kind in kinds] == [found, *sorted([world.realm, made])]
    assert [len(kind) for kind in kinds] == [3, 1, 1]
    assert _is_there(world, found, made, world.realm) == [True, False, False]


def test_a_failed_realm_deletion_is_rolled_back(world: World, others: list[str]) -> None:
    made, found = others
    with sent_through(Saboteur({1: WAYS["status 500"]})):
        world.destroy(exit_code=3)
    assert _is_there(world, made, world.realm) == [True, True]
    assert world.admin.json(f"{found}/clients", clientId="mine")


def test_a_deleted_realm_is_said_to_be_gone(world: World, others: list[str]) -> None:
    made, found = others
    first, second = sorted([world.realm, made])
    with sent_through(Saboteur({2: WAYS["status 500"]})):
        result = world.destroy(exit_code=4)
    assert _is_there(world, first, second) == [False, True]
    assert f"  {first} (delete)\nLook at them" in result.stderr
    known = {item["address"] for item in json.loads(world.state_file.read_text())["resources"]}
    assert first not in known
    assert second in known
    assert f"{found}/clients/mine" in known
    assert world.admin.json(f"{found}/clients", clientId="mine")
