"""`--target` on every command that takes it: globs, what the targets need, and nothing else."""

import pytest

from support.world import World

SERVICE = {"serviceAccountsEnabled": True}


def declare(world: World, description: str = "one") -> None:
    """Two services with a role each, one of which is composed of the other's."""
    world.declare(
        enabled=True,
        displayName=description,
        clients=[{"clientId": name, "description": description, **SERVICE} for name in "ab"],
        roles={
            "realm": [{"name": "x", "composites": {"realm": ["y"]}}, {"name": "y"}, {"name": "z"}],
            "client": {"a": [{"name": "inner"}]},
        },
        users=[
            {"serviceAccountClientId": "a", "realmRoles": ["x"], "clientRoles": {"a": ["inner"]}},
            {"serviceAccountClientId": "b", "realmRoles": ["z"]},
        ],
    )


@pytest.mark.parametrize(
    "command",
    [
        ("plan", "realm.json"),
        ("plan", "realm.json", "--destroy"),
        ("apply", "realm.json", "--auto-approve"),
        ("destroy", "--auto-approve"),
        ("refresh",),
        ("refresh", "--accept"),
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("pattern", ["REALM/clients/c", "REALM/client/*", "*/*/none*"])
def test_a_target_that_matches_nothing_is_an_error(
    settled: World, command: tuple[str, ...], pattern: str
) -> None:
    target = pattern.replace("REALM", settled.realm)
    state = settled.state_file.read_bytes()
    result = settled.kcplan(*command, "--target", target, exit_code=1)
    assert f"--target {target} matches nothing" in result.stderr
    assert result.stderr.count("Error:") == 1
    assert result.stdout == ""
    assert settled.state_file.read_bytes() == state


@pytest.fixture
def settled(world: World) -> World:
    """A world in which all is as declared."""
    declare(world)
    world.apply()
    return world


@pytest.mark.parametrize(
    ("target", "expected"),
    [
        ("REALM", {"."}),
        ("REALM/clients/a", {".", "clients/a"}),
        ("REALM/clients/*", {".", "clients/a", "clients/b"}),
        ("REALM/roles/x", {".", "roles/x", "roles/y"}),
        ("REALM/clients/a/roles/*", {".", "clients/a", "clients/a/roles/inner"}),
        (
            "REALM/**/service-account",
            {
                *(".", "clients/a", "clients/a/roles/inner", "clients/a/service-account"),
                *("clients/b", "clients/b/service-account", "roles/x", "roles/y", "roles/z"),
            },
        ),
    ],
)
def test_a_target_is_made_with_all_that_it_needs(
    world: World, target: str, expected: set[str]
) -> None:
    """Nothing of it is in Keycloak yet, not even the realm."""
    declare(world)
    option = ("--target", target.replace("REALM", world.realm))
    assert set(world.plan(*option).actions) == expected
    world.apply(*option)
    assert world.known() == expected
    assert world.plan(*option, "--detailed-exitcode").actions == {}
    world.apply()
    world.is_settled()


def test_what_a_target_needs_may_be_in_keycloak_and_unknown_to_the_files(inhabited: World) -> None:
    world = inhabited
    world.admin.post(world.path("roles"), json={"name": "theirs"})
    users = [{"serviceAccountClientId": "a", "realmRoles": ["theirs"]}]
    world.declare(clients=[{"clientId": "a", **SERVICE}], users=users)
    world.apply("--target", f"{world.realm}/clients/a/service-account")
    assert world.granted("a") == {"theirs"}


def test_what_a_target_needs_and_nobody_has_is_an_error(inhabited: World) -> None:
    world = inhabited
    users = [{"serviceAccountClientId": "a", "realmRoles": ["nobody's"]}]
    world.declare(clients=[{"clientId": "a", **SERVICE}, {"clientId": "b"}], users=users)
    option = ("--target", f"{world.realm}/clients/a/service-account")
    assert "unknown-reference" in world.plan(*option, exit_code=1).codes
    world.apply(*option, exit_code=1)
    assert world.client("a") is None
    # What is not a target is not judged.
    world.apply("--target", f"{world.realm}/clients/b")
    assert world.known() == {".", "clients/b"}


def test_several_targets_are_taken_together(settled: World) -> None:
    declare(settled, "two")
    options = [f"--target={settled.realm}/{name}" for name in ("clients/a", "roles/z")]
    # What they need is planned too, the realm among it.
    assert set(settled.plan(*options).actions) == {".", "clients/a"}
    settled.apply(*options)
    assert settled.plan().actions == {"clients/b": "update"}


def test_only_the_targets_are_destroyed_and_what_lies_in_them(settled: World) -> None:
    settled.destroy("--target", f"{settled.realm}/clients/*")
    assert settled.known() == {".", "roles/x", "roles/y", "roles/z"}
    assert (settled.client("a"), settled.client("b")) == (None, None)
    assert settled.refresh("--detailed-exitcode").drift == {}


def test_only_the_targets_are_looked_at_and_accepted(settled: World) -> None:
    for name in "ab":
        settled.edit_client(name, description="by hand")
    settled.admin.delete(settled.path("roles", "z"))
    option = ("--target", f"{settled.realm}/clients/a")
    drifted = settled.refresh(*option, "--detailed-exitcode", exit_code=2)
    assert drifted.drift == {"clients/a": "update"}
    settled.kcplan("refresh", "--accept", *option)
    assert settled.refresh(*option, "--detailed-exitcode").drift == {}
    left = settled.refresh("--target", f"{settled.realm}/**").drift
    assert {"clients/b": "update", "roles/z": "delete"}.items() <= left.items()
    assert "clients/a" not in left
