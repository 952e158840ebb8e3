"""The demo runs, on a Keycloak of its own, and shows what the README says."""

import os
import pty
import re
import subprocess
import threading
from pathlib import Path

import pytest
from inline_snapshot import snapshot

ROOT = Path(__file__).parents[2]


@pytest.mark.own_server
@pytest.mark.long("the whole demo, with a Keycloak of its own")
def test_the_demo_runs_to_its_end_and_leaves_nothing(tmp_path: Path) -> None:
    clean = {key: value for key, value in os.environ.items() if not key.startswith("KCPLAN_")}
    clean.pop("NO_COLOR", None)
    home = os.environ.get("KCPLAN_KEYCLOAK_HOME")
    own = {"KCPLAN_KEYCLOAK_HOME": home} if home else {}

    code, seen, errors = at_a_terminal({**clean, **own, "TMPDIR": str(tmp_path), "PAUSE": "1"})

    shown = re.sub(r"\x1b\[[\d;]*m", "", seen)
    assert code == 0, f"{shown}\n{errors}"
    picture = re.search(
        r"^```console\n\$ kcplan plan\n(.*?)^```", _readme(), re.MULTILINE | re.DOTALL
    )
    assert picture is not None
    assert picture[1] in shown
    for said in (
        "No changes. Your Keycloak matches the configuration.",
        "passed  orders      storefront  payments",
        "Drift: 2 resources changed outside of kcplan.",
        "Destroy complete!",
    ):
        assert said in shown
    assert "Every completed step was rolled back" in errors
    assert "has ended, and its data is removed" in errors
    assert not list(tmp_path.iterdir())

    headings = re.findall(r"^\x1b\[1m=== (.+) ===\x1b\[0m$", seen, re.MULTILINE)
    assert headings == snapshot(
        [
            "A throw-away Keycloak",
            "1. Plan",
            "2. Apply",
            "3. Proof",
            "4. A change by hand",
            "5. Drift",
            "6. Repair",
            "7. A risky pull request",
            "8. A failure half way",
            "9. Destroy",
            "That is all",
        ]
    )
    assert errors.count("Press Enter to go on.") == len(headings) - 1
    assert re.findall(r"^\x1b\[1;30;43m >>> (.+) <<< \x1b\[0m$", seen, re.MULTILINE) == snapshot(
        ["kcplan found it: the service account of orders is realm-admin."]
    )


def test_make_installs_for_the_demo_what_kcplan_needs_and_no_more() -> None:
    would = subprocess.run(
        ["make", "--dry-run", "demo"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    (synced,) = re.findall(r"uv sync (.+)", would.stdout)
    assert set(synced.split()) == {"--quiet", "--frozen", "--inexact", "--no-default-groups"}


def at_a_terminal(environment: dict[str, str]) -> tuple[int, str, str]:
    """Run the demo for somebody at a terminal who always presses Enter.

    Gives the exit code, what the terminal shows, and what went to standard error.
    """
    ours, theirs = pty.openpty()
    keys, keyboard = pty.openpty()
    os.write(keys, b"\n" * 50)
    demo = subprocess.Popen(
        [ROOT / "examples" / "demo" / "run.sh"],
        env=environment,
        stdin=keyboard,
        stdout=theirs,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(theirs)
    seen: list[bytes] = []
    reader = threading.Thread(target=_read_all, args=(ours, seen))
    reader.start()
    _, errors = demo.communicate()
    reader.join()
    for end in (ours, keys, keyboard):
        os.close(end)
    return demo.returncode, b"".join(seen).decode().replace("\r\n", "\n"), errors


def _read_all(terminal: int, seen: list[bytes]) -> None:
    """Read until the last program at the terminal has ended, which Linux tells by an error."""
    try:
        while part := os.read(terminal, 65536):
            seen.append(part)
    except OSError:
        return


def _readme() -> str:
    return (ROOT / "README.md").read_text()
