"""Whatever changes into whatever, and whichever write fails: all is as it was before."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from support.harness import Admin, Result, Run, Server
from support.random_realms import realms
from support.sabotage import SILENT, WAYS, Saboteur
from support.stage import Change, Stage

Json = dict[str, Any]

EXAMPLES = settings(
    max_examples=max(6, settings().max_examples // 25),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture
def stages(
    keycloak: Server, admin: Admin, tmp_path: Path, run_kcplan: Run
) -> Iterator[Callable[[Change], Stage]]:
    """Makes stages, each with a realm and a folder of its own; the realms are removed."""
    made: list[Stage] = []

    def make(change: Change) -> Stage:
        for before in made:
            before.strike()
        realm = f"test-{uuid4().hex[:12]}"
        folder = tmp_path / realm
        folder.mkdir()
        made.append(Stage(change, realm, folder, keycloak, admin, run_kcplan))
        made[-1].set_up()
        return made[-1]

    yield make
    for stage in made:
        stage.strike()


def furnish(admin: Admin, realm: str) -> None:
    """Others' role, user and group, each of which points to all the roles that there are."""
    here = admin.json(f"{realm}/roles", briefRepresentation="true")
    own = [role for role in here if role["name"] != f"default-roles-{realm}"]
    inner = {
        client["id"]: roles
        for client in admin.json(f"{realm}/clients", max=100)
        if (roles := admin.json(f"{realm}/clients/{client['id']}/roles"))
    }
    admin.post(f"{realm}/roles", json={"name": "theirs"})
    everything = [*own, *(role for roles in inner.values() for role in roles)]
    admin.post(f"{realm}/roles/theirs/composites", json=everything)
    user = admin.create(f"{realm}/users", {"username": "theirs", "enabled": True})
    group = admin.create(f"{realm}/groups", {"name": "theirs"})
    for at in (f"{realm}/users/{user}", f"{realm}/groups/{group}"):
        admin.post(f"{at}/role-mappings/realm", json=own)
        for client, roles in inner.items():
            admin.post(f"{at}/role-mappings/clients/{client}", json=roles)


MOST = 50
"""More writes than most of these changes take."""


def break_a_write(stage: Stage, draw: int, way: str, at_once: int) -> Result | None:
    """Apply the change, one write of which fails; None where it takes none, or all the same."""
    writes = MOST
    while writes:
        number = draw % writes
        # Where Keycloak acted and only the answer is lost, kcplan finds that out and goes on.
        next_one = {number + 1: WAYS["status 500"]} if way in SILENT else {}
        transport = Saboteur({number: WAYS[way], **next_one})
        result = stage.apply(transport, "--parallelism", at_once)
        if result.exit_code != 0:
            return result
        if writes == len(transport.writes):
            break
        writes = len(transport.writes)
        go_back(stage)
    return None


def go_back(stage: Stage) -> None:
    """The change took fewer writes; so all is brought back, to try again with one of these."""
    stage.declare(stage.change.before)
    assert stage.apply().exit_code == 0
    stage.declare(stage.change.after)
    stage.look()


@pytest.mark.long("applies many changes, one write of which fails")
@EXAMPLES
@given(
    first=realms(),
    second=realms(),
    draw=st.integers(min_value=0, max_value=MOST - 1),
    way=st.sampled_from(sorted(WAYS)),
    at_once=st.sampled_from([1, 10]),
)
def test_whichever_write_of_any_change_fails_all_is_as_it_was(
    stages: Callable[[Change], Stage], first: Json, second: Json, draw: int, way: str, at_once: int
) -> None:
    """Where steps run at once, a failure may not come again: they take their turns as they come."""
    stage = stages(Change(first, second, furnish=furnish))
    result = break_a_write(stage, draw, way, at_once)
    if result is not None:
        assert result.exit_code == 3, result.stderr
        assert stage.changes() == []
        assert not stage.journal.exists()
