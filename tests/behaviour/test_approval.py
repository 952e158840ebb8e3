"""Apply at a terminal: it shows the plan, and only `yes` is a yes."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.harness import Server
from support.world import World


def apply_at_a_terminal(world: World, keycloak: Server, answer: str) -> tuple[int, str]:
    ours, theirs = os.openpty()
    try:
        with subprocess.Popen(
            [Path(sys.executable).with_name("kcplan"), "apply", world.file],
            cwd=world.folder,
            env={**os.environ, **keycloak.environment},
            stdin=theirs,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            os.write(ours, f"{answer}\n".encode())
            said, _ = process.communicate()
    finally:
        os.close(ours)
        os.close(theirs)
    return process.returncode, said


@pytest.mark.parametrize("answer", ["no", "", "y", "YES"])
def test_anything_but_yes_changes_nothing(world: World, keycloak: Server, answer: str) -> None:
    world.declare(displayName="x")
    code, said = apply_at_a_terminal(world, keycloak, answer)
    assert code == 1
    assert f"# {world.realm} will be created" in said
    assert "it was not approved" in said
    assert not world.state_file.exists()
    assert world.admin.get(world.realm, check=False).status_code == 404


def test_yes_is_a_yes(world: World, keycloak: Server) -> None:
    world.declare(displayName="x")
    code, said = apply_at_a_terminal(world, keycloak, "yes")
    assert code == 0
    assert "Apply complete!" in said
    world.is_settled()
