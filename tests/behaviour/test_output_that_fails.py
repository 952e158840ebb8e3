"""Nobody reads the output, or it cannot take a name: what is done, and the exit code, are the same.

kcplan runs in a process of its own here, since these are its real stdout and stderr.
"""

import json
import os
import subprocess
import sys

import pytest

from support.harness import Server
from support.world import World

NAME = "日本 é 😀"
KCPLAN = [sys.executable, "-c", "from kcplan.cli import main; main()"]

REDIRECTED = [
    "| head -1",
    "2>&1 | head -1",
    "2>&1 >/dev/null | head -1",
    "| true",
    "2>&1 | true",
    ">&-",
    "2>&-",
    ">&- 2>&- <&-",
    ">/dev/full",
    "2>/dev/full",
    ">/dev/full 2>&1",
]


@pytest.fixture
def variables(keycloak: Server) -> dict[str, str]:
    """The environment of a process that runs kcplan."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("KCPLAN_", "KEYCLOAK_", "PYTHON"))
    }
    return {**kept, **keycloak.environment}


def shell(
    world: World, variables: dict[str, str], redirected: str, *arguments: object
) -> "subprocess.CompletedProcess[bytes]":
    """Run kcplan with its output redirected; the exit code is kcplan's."""
    script = f'set -o pipefail; "$@" {redirected}'
    command = ["bash", "-c", script, "bash", *KCPLAN, *map(str, arguments)]
    return subprocess.run(
        command, check=False, cwd=world.folder, env=variables, capture_output=True
    )


@pytest.mark.parametrize("redirected", REDIRECTED)
@pytest.mark.parametrize("output", ["text", "json"])
def test_an_apply_that_nobody_listens_to_is_an_apply(
    world: World, variables: dict[str, str], redirected: str, output: str
) -> None:
    world.declare(roles={"realm": [{"name": f"{NAME} {number}"} for number in range(5)]})
    arguments = ("apply", world.file, "--auto-approve", "--format", output)
    result = shell(world, variables, redirected, *arguments)
    assert result.returncode == 0
    assert b"Traceback" not in result.stderr + result.stdout
    assert b"Exception ignored" not in result.stderr + result.stdout
    world.is_settled()


@pytest.mark.parametrize("redirected", REDIRECTED)
def test_an_apply_that_fails_is_rolled_back_and_says_so_with_its_exit_code(
    world: World, variables: dict[str, str], redirected: str
) -> None:
    world.declare(displayName="before")
    world.apply()
    # Keycloak accepts it, and does not keep it.
    world.declare(displayName="after", webAuthnPolicyRpEntityName="")
    result = shell(world, variables, redirected, "apply", world.file, "--auto-approve")
    assert result.returncode == 3
    assert world.admin.json(world.realm)["displayName"] == "before"
    assert not list(world.folder.glob("*.journal"))


@pytest.mark.parametrize("redirected", REDIRECTED)
def test_other_commands_keep_their_exit_codes_too(
    world: World, variables: dict[str, str], redirected: str
) -> None:
    world.declare(roles={"realm": [{"name": f"{NAME} {number}"} for number in range(50)]})
    for arguments, code in (
        (("plan", world.file, "--detailed-exitcode"), 2),
        (("plan", world.file, "--format", "json"), 0),
        (("plan", "missing.toml"), 1),
        (("--help",), 0),
        (("explain",), 0),
    ):
        assert shell(world, variables, redirected, *arguments).returncode == code, arguments


def test_an_incomplete_output_is_told(world: World, variables: dict[str, str]) -> None:
    world.declare(displayName="x")
    result = shell(world, variables, ">/dev/full", "plan", world.file)
    assert b"Warning: the output is not complete: No space left on device." in result.stderr
    silent = shell(world, variables, "| true", "plan", world.file)
    assert b"not complete" not in silent.stderr


ENCODINGS = ["ascii", "latin-1", "cp1252:strict", "utf-8", "utf-8:strict"]


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_every_format_is_sound_in_every_encoding(
    world: World, variables: dict[str, str], encoding: str
) -> None:
    world.declare(displayName=NAME, clients=[{"clientId": NAME}])
    variables["PYTHONIOENCODING"] = encoding
    name = encoding.partition(":")[0]

    def printed(*arguments: object) -> str:
        result = shell(world, variables, "", *arguments)
        assert result.returncode == 0, result.stderr
        assert b"defect" not in result.stderr
        return result.stdout.decode(name)

    plan = json.loads(printed("plan", world.file, "--format", "json"))
    assert NAME in [change["after"].get("displayName") for change in plan["resource_changes"]]
    markup = NAME if name == "utf-8" else NAME.encode("ascii", "xmlcharrefreplace").decode()
    assert markup in printed("plan", world.file, "--format", "html")
    assert markup in printed("graph", world.file, "--format", "svg")
    shown = NAME.encode(name, "backslashreplace").decode(name)
    for output in ("text", "markdown"):
        assert shown in printed("plan", world.file, "--format", output)
    assert shown in printed("apply", world.file, "--auto-approve")
    assert any(NAME in address for address in json.loads(printed("state", "list", "--format=json")))
    lines = printed("destroy", "--auto-approve", "--format", "json").splitlines()
    assert any(NAME in json.loads(line).get("address", "") for line in lines)
