"""The demo runs, on a Keycloak of its own, and shows what the README says."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.own_server
@pytest.mark.long("the whole demo, with a Keycloak of its own")
def test_the_demo_runs_to_its_end_and_leaves_nothing(tmp_path: Path) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("KCPLAN_")}
    home = os.environ.get("KCPLAN_KEYCLOAK_HOME")
    own = {"KCPLAN_KEYCLOAK_HOME": home} if home else {}
    demo = subprocess.run(
        [ROOT / "examples" / "demo" / "run.sh"],
        env={**clean, **own, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert demo.returncode == 0, f"{demo.stdout}\n{demo.stderr}"
    picture = re.search(
        r"^```console\n\$ kcplan plan\n(.*?)^```", _readme(), re.MULTILINE | re.DOTALL
    )
    assert picture is not None
    assert picture[1] in demo.stdout
    for said in (
        "No changes. Your Keycloak matches the configuration.",
        "passed  orders      storefront  payments",
        "Drift: 2 resources changed outside of kcplan.",
        "Destroy complete!",
    ):
        assert said in demo.stdout
    assert "Every completed step was rolled back" in demo.stderr
    assert "has ended, and its data is removed" in demo.stderr
    assert not list(tmp_path.iterdir())


def _readme() -> str:
    return (ROOT / "README.md").read_text()
