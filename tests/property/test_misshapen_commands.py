"""Whatever shape an answer has: commands end in order, and what they began is undone or known."""

from random import Random
from typing import Any, Final

import pytest

from support.exchanging import SECRET, allow, audience_mapper, permit, service
from support.harness import Result
from support.importing import PROVIDER
from support.misshapen import seeded
from support.misshaping import Misshaping, counted
from support.sabotage import sent_through
from support.world import World

ONE_AT_A_TIME: Final = ("--parallelism", "1")
"""So that a seed changes the same answer each time."""

ALL: Final = 10
"""As many runs as in `make test`, ten times."""


_AUDIENCE: Final = {"included.custom.audience": "elsewhere", "access.token.claim": "true"}


def _document(version: str) -> dict[str, Any]:
    """A realm with something of each kind; another version of it takes all kinds of steps."""
    only = f"only {version}"
    app = service(
        "app",
        description=version,
        redirectUris=[f"https://{version}.example/*"],
        protocolMappers=[{**audience_mapper(f"by {version}", ""), "config": _AUDIENCE}],
        optionalClientScopes=["phone"],
        authorizationServicesEnabled=True,
        authorizationSettings={
            "scopes": [{"name": "read", "displayName": version}],
            "resources": [{"name": "Book", "uris": ["/b"], "scopes": [{"name": "read"}]}],
            "policies": [{"name": only, "type": "role", "config": {"roles": [{"id": only}]}}],
        },
    )
    return {
        "enabled": True,
        "displayName": version,
        "roles": {
            "realm": [{"name": "reader", "description": version}, {"name": only}],
            "client": {"app": [{"name": "part", "composites": {"realm": [only]}}]},
        },
        "clients": [app, *map(service, "abc"), service(f"only-{version}")],
        "clientScopes": [{"name": "extra", "protocol": "openid-connect", "description": version}],
        "identityProviders": [{**PROVIDER, "displayName": version}],
        "users": [{"serviceAccountClientId": "app", "realmRoles": [only]}],
        "permissions": permit(allow("a", ["c"], ["b"])),
    }


@pytest.fixture
def applied(world: World) -> World:
    world.variables.update(SECRET=SECRET, KCPLAN_DEBUG="1")  # a defect has a traceback
    world.declare(**_document("one"))
    world.apply()
    return world


def _run(world: World, turn: int, random: Random, *command: object) -> tuple[Result, str]:
    """A command whose answer at `turn` is changed, and what became of which."""
    with sent_through(changed := Misshaping(turn, random)):
        result = world.kcplan(*command, *ONE_AT_A_TIME, exit_code=None)
    told = f"{command}: {changed.changed}\n{result.stderr[-2000:]}"
    assert "Traceback" not in result.stderr, told
    assert "failed unexpectedly" not in result.stderr + result.stdout, told
    assert SECRET not in result.stderr + result.stdout, told
    return result, told


def _many(turn: int, count: int) -> range:
    return range(turn * count, (turn + 1) * count)


turns = pytest.mark.parametrize(
    "turn",
    [pytest.param(turn, marks=() if turn == 0 else pytest.mark.exhaustive) for turn in range(ALL)],
)


@turns
def test_what_only_reads_has_a_result_or_a_clear_error(applied: World, turn: int) -> None:
    world, file = applied, applied.folder / "imported.json"
    importing_it = ("import", world.realm, "--out", file, "--state", "imported.state.json")
    verifying = ("verify", world.file, "--deny")
    for command, count in ((importing_it, 4), (verifying, 4)):
        with counted() as answers:
            world.kcplan(*command, *ONE_AT_A_TIME)
        for number in _many(turn, count):
            for made in world.folder.glob("imported.*"):
                made.unlink()
            random = seeded(number)
            result, told = _run(world, random.randrange(len(answers)), random, *command)
            assert result.exit_code in {0, 1}, told
            if command is importing_it:
                assert (result.exit_code == 1) == ("Error:" in result.stderr), told
                assert file.exists() == (world.folder / "imported.state.json").exists(), told


@turns
def test_what_an_apply_began_is_done_or_undone(applied: World, turn: int) -> None:
    world, now, then = applied, "two", "one"
    world.declare(**_document(now))
    with counted() as answers:
        world.apply(*ONE_AT_A_TIME)
    for number in _many(turn, 5):
        random = seeded(number)
        world.declare(**_document(then))
        at = random.randrange(len(answers))
        command = ("apply", world.file, "--auto-approve")
        result, told = _run(world, at, random, *command)
        if _settled(world, result, now, then, told) == then:
            now, then = then, now


@turns
def test_what_a_destruction_began_is_done_or_undone(applied: World, turn: int) -> None:
    world = applied
    target = ("--target", f"{world.realm}/clients/app")
    with counted() as answers:
        world.destroy(*target, *ONE_AT_A_TIME)
    for number in _many(turn, 3):
        world.apply()
        random = seeded(number)
        at = random.randrange(len(answers))
        result, told = _run(world, at, random, "destroy", "--auto-approve", *target)
        assert result.exit_code in {0, 1, 3, 4}, told
        assert (result.exit_code == 0) != ("Error:" in result.stderr), told
        if result.exit_code in {1, 3}:
            assert world.client("app"), told
        _recovered(world, result, told)


def _settled(world: World, result: Result, now: str, then: str, told: str) -> str:
    """Which version Keycloak has: the one that the exit code means."""
    assert result.exit_code in {0, 1, 3, 4}, told
    assert (result.exit_code == 0) != ("Error:" in result.stderr), told
    _recovered(world, result, told)
    if result.exit_code == 4:
        world.apply()
        return then
    there = then if result.exit_code == 0 else now
    world.declare(**_document(there))
    assert world.plan("--detailed-exitcode").actions == {}, told
    return there


def _recovered(world: World, result: Result, told: str) -> None:
    """Nothing is left to be recovered, or it can be."""
    journal = world.folder / "kcplan.state.json.journal"
    assert result.exit_code == 4 or not journal.exists(), told
    if journal.exists():
        again = world.kcplan("recover", "--auto-approve", exit_code=None)
        assert not journal.exists(), f"{told}\n{again.stderr}"
