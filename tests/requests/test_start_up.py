"""Commands begin at once: they import nothing that they do not need."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = """
    attr httpx httpcore anyio ssl cattrs deepdiff yaml tomli_w cryptography concurrent.futures
    kcplan_keycloak kcplan_state kcplan.planner kcplan.schema kcplan.cli.apply kcplan.cli.plan
""".split()

UNUSED = """
    httpx._main rich pygments anyio deepdiff yaml tomli_w cryptography jsonschema
    kcplan.catalogue kcplan.config.lookups kcplan.rollback kcplan.execution kcplan.recovery
    kcplan.importing kcplan.editors.definitions kcplan.render.html kcplan.render.sarif
    kcplan_keycloak.sandbox kcplan_keycloak.writer kcplan_keycloak.examination
    kcplan_keycloak.admin_proof.proving kcplan_keycloak.token_exchange.proving
""".split()
"""What neither a plan nor a validation of a JSON file needs."""

OFFLINE = "ssl concurrent.futures logging httpx httpcore kcplan.planner".split()
"""What is only for who asks a server."""


def program(names: list[str]) -> str:
    """One that runs kcplan, and prints which of these modules it imported as its last line."""
    return f"""
import atexit, sys
atexit.register(lambda: print(*(name for name in {names} if name in sys.modules), file=sys.stderr))
from kcplan.cli import main
main()
"""


@pytest.mark.parametrize(
    ("arguments", "completing", "needed"),
    [
        (["--version"], "", []),
        (["--help"], "", []),
        ([], "kcplan pl", []),
        ([], "kcplan plan --pa", ["attr", "kcplan.cli.plan"]),
        (["plan", "--help"], "", ["attr", "kcplan.cli.plan"]),
        (["sandbox", "--help"], "", ["attr"]),
        (["explain", "--help"], "", ["attr"]),
        (["schema", "--help"], "", ["attr"]),
    ],
)
def test_nothing_heavy_is_imported_for(
    arguments: list[str], completing: str, needed: list[str]
) -> None:
    completion = {
        "_KCPLAN_COMPLETE": "bash_complete",
        "COMP_WORDS": completing,
        "COMP_CWORD": str(len(completing.split()) - 1),
    }

    run = subprocess.run(
        [sys.executable, "-c", program(HEAVY), *arguments],
        env={**os.environ, **(completion if completing else {})},
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout
    assert run.stderr.split() == needed


@pytest.mark.parametrize(
    ("command", "unused", "says"),
    [
        (["validate"], [*UNUSED, *OFFLINE], "The configuration is valid."),
        (["plan", "--url", "http://127.0.0.1:9"], UNUSED, "nothing accepts connections"),
    ],
)
def test_nothing_is_imported_that_a_json_file_does_not_need(
    command: list[str], unused: list[str], says: str, tmp_path: Path
) -> None:
    (tmp_path / "shop.json").write_text('{"realm": "shop", "clients": [{"clientId": "orders"}]}')
    password = {"KCPLAN_USERNAME": "admin", "KCPLAN_PASSWORD": "not-asked-for"}

    run = subprocess.run(
        [sys.executable, "-c", program(unused), *command, "shop.json"],
        cwd=tmp_path,
        env={**os.environ, **password},
        capture_output=True,
        text=True,
        check=False,
    )

    assert says in run.stdout + run.stderr
    assert run.stderr.splitlines()[-1] == ""
