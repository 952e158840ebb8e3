"""A state that kcplan did not write, or not for this server: each command says so, and no more."""

import json
from collections.abc import Callable, Mapping

import pytest

from kcplan_state.document import canonical, checksum
from support.world import World


@pytest.fixture
def applied(world: World) -> World:
    """A world whose files ask for a change and a deletion."""
    world.declare(clients=[{"clientId": "a"}, {"clientId": "b"}])
    world.apply()
    world.declare(clients=[{"clientId": "a", "description": "new"}])
    return world


def commands(world: World) -> list[tuple[object, ...]]:
    """All that reads or writes the state."""
    return [
        ("plan", world.file),
        ("apply", world.file, "--auto-approve"),
        ("refresh",),
        ("refresh", "--accept"),
        ("destroy", "--auto-approve"),
        ("import", world.realm, "--out", "imported.toml"),
        ("state", "list"),
        ("state", "rm", f"{world.realm}/clients/a"),
        ("state", "mv", f"{world.realm}/clients/a", f"{world.realm}/clients/c"),
        ("show",),
    ]


def resealed(**changes: object) -> Callable[[bytes], bytes]:
    """The state with other values, and a checksum that fits them."""

    def edit(content: bytes) -> bytes:
        document = {**json.loads(content), **changes}
        del document["checksum"]
        return json.dumps({**document, "checksum": checksum(canonical(document))}).encode()

    return edit


DAMAGES: Mapping[str, tuple[Callable[[bytes], bytes], str]] = {
    "edited": (
        lambda content: content.replace(b'"adopted":false', b'"adopted":true', 1),
        "the state file was changed by hand or damaged",
    ),
    "truncated": (lambda content: content[: len(content) // 2], "the state file is not valid JSON"),
    "empty": (lambda _: b"", "the state file is empty"),
    "foreign": (lambda _: b'{"version":4,"terraform_version":"1.9"}', "is not a state of kcplan"),
    "newer": (resealed(format_version=99), "written by a newer kcplan"),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_no_command_uses_a_damaged_state(applied: World, damage: str) -> None:
    world = applied
    edit, message = DAMAGES[damage]
    content = edit(world.state_file.read_bytes())
    assert content != world.state_file.read_bytes()
    world.state_file.write_bytes(content)
    before = world.export()
    for command in commands(world):
        result = world.kcplan(*command, exit_code=1)
        assert message in result.stderr.replace("\n", " "), command
        assert result.stderr.count("Error:") == 1, command
    assert world.export() == before
    assert world.state_file.read_bytes() == content
    assert not list(world.folder.glob("*.lock"))


def test_a_state_with_a_type_of_a_later_version_is_left_alone(applied: World) -> None:
    world = applied
    content = json.loads(world.state_file.read_bytes())
    strange = {**content["resources"][-1], "address": f"{world.realm}/moons/io", "type": "moon"}
    edit = resealed(resources=[*content["resources"], strange])
    world.state_file.write_bytes(edit(world.state_file.read_bytes()))
    for command in commands(world):
        if {"list", "rm", "show"}.intersection(map(str, command)):
            continue  # these need to know no type
        result = world.kcplan(*command, exit_code=1)
        said = " ".join(result.stderr.split())
        assert "a resource of the type `moon`, which this kcplan does not know" in said, command
        assert f"kcplan state rm {world.realm}/moons/io" in said
    world.kcplan("state", "rm", f"{world.realm}/moons/io")
    assert world.plan().actions == {"clients/a": "update", "clients/b": "delete"}


def test_the_backup_that_the_message_names_is_the_way_out(applied: World) -> None:
    world = applied
    world.apply()
    world.state_file.write_bytes(b"")
    said = world.kcplan("plan", world.file, exit_code=1).stderr
    backup = world.state_file.with_name("kcplan.state.json.backup")
    assert backup.name in said
    backup.replace(world.state_file)
    # It is the state before the last apply, which comes to the same again.
    world.apply()
    world.is_settled()


def test_an_older_state_is_used_and_saved_as_a_new_one(applied: World) -> None:
    world = applied
    document = json.loads(world.state_file.read_text())
    new = {"owned", "secrets"}
    old = [{k: v for k, v in e.items() if k not in new} for e in document["resources"]]
    world.state_file.write_bytes(
        resealed(format_version=0, resources=old)(world.state_file.read_bytes())
    )
    world.apply()
    assert json.loads(world.state_file.read_text())["format_version"] == 2
    world.is_settled()


def elsewhere(world: World) -> str:
    """Another name of the same server."""
    url: str = json.loads(world.state_file.read_text())["server"]["url"]
    return url.replace("127.0.0.1", "localhost")


def test_the_state_of_another_server_is_used_only_when_that_is_allowed(applied: World) -> None:
    world = applied
    url = {"KCPLAN_URL": elsewhere(world)}
    content, before = world.state_file.read_bytes(), world.export()
    online = [c for c in commands(world) if c[0] not in {"state", "show"}]
    for command in online:
        result = world.kcplan(*command, exit_code=1, env=url)
        assert "the state belongs to http://127.0.0.1" in result.stderr, command
        assert "--allow-other-server" in result.stderr, command
    assert (world.state_file.read_bytes(), world.export()) == (content, before)
    for command in (("plan", world.file), ("refresh",), ("apply", world.file, "--auto-approve")):
        world.kcplan(*command, "--allow-other-server", env=url)
    assert json.loads(world.state_file.read_text())["server"]["url"] == url["KCPLAN_URL"]
    assert world.known() == {".", "clients/a"}
