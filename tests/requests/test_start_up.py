"""Help, the version and completion answer at once: they import nothing that they do not need."""

import os
import subprocess
import sys

import pytest

HEAVY = """
    attr httpx httpcore anyio ssl cattrs deepdiff yaml tomli_w cryptography concurrent.futures
    kcplan_keycloak kcplan_state kcplan.planner kcplan.schema kcplan.cli.apply kcplan.cli.plan
""".split()

PROGRAM = f"""
import atexit, sys
atexit.register(lambda: print(*(name for name in {HEAVY} if name in sys.modules), file=sys.stderr))
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
        [sys.executable, "-c", PROGRAM, *arguments],
        env={**os.environ, **(completion if completing else {})},
        capture_output=True,
        text=True,
        check=True,
    )

    assert run.stdout
    assert run.stderr.split() == needed
