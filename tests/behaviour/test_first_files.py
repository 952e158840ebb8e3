"""`kcplan init` writes the first files of a project; `kcplan unlock` frees a state."""

import json
from pathlib import Path

import pytest

from support.harness import Run


def test_the_first_files_are_sound_and_the_state_is_kept_out_of_git(
    run_offline: Run, tmp_path: Path
) -> None:
    made = run_offline("init", "shop")
    assert made.exit_code == 0
    assert made.stdout.count("is written.") == 4
    folder = tmp_path / "shop"
    assert "kcplan.state.json*" in (folder / ".gitignore").read_text().splitlines()
    assert run_offline("validate", cwd=folder).exit_code == 0


@pytest.mark.parametrize(
    ("folder", "realm"),
    [("shop", "shop"), ("my shop (new)", "my-shop-new"), ("master", "example"), ("éé", "example")],
)
def test_the_realm_is_called_like_the_folder(
    folder: str, realm: str, run_offline: Run, tmp_path: Path
) -> None:
    assert run_offline("init", folder).exit_code == 0

    file = tmp_path / folder / "realms" / f"{realm}.toml"
    assert f'\nrealm = "{realm}"\n' in file.read_text()
    assert f'clientId = "{realm}-service"' in file.read_text()
    assert f'# match = "{realm}/clients/*"' in (tmp_path / folder / "kcplan.toml").read_text()
    assert run_offline("validate", cwd=tmp_path / folder).exit_code == 0


def test_nothing_is_overwritten(run_offline: Run, tmp_path: Path) -> None:
    (tmp_path / "kcplan.toml").write_text("# mine\n")
    (tmp_path / ".gitignore").write_text("*.kcplan")
    made = run_offline("init")
    assert made.exit_code == 0
    assert "kcplan.toml exists and stays as it is." in made.stdout
    assert (tmp_path / "kcplan.toml").read_text() == "# mine\n"
    assert (
        tmp_path / ".gitignore"
    ).read_text() == "*.kcplan\nkcplan.state.json*\nkcplan.*.state.json*\n"
    again = run_offline("init")
    assert again.stdout.count("exists and stays as it is.") == 5


def test_a_place_that_cannot_be_written_is_named(run_offline: Run, tmp_path: Path) -> None:
    (tmp_path / "shop").write_text("a file")
    made = run_offline("init", "shop")
    assert made.exit_code == 1
    assert "shop cannot be written" in made.stderr


def test_unlock_says_whose_the_lock_was(run_offline: Run, tmp_path: Path) -> None:
    assert "The state is not locked." in run_offline("unlock").stdout
    lock = tmp_path / "kcplan.state.json.lock"
    held = {"host": "elsewhere", "pid": 7, "who": "ann", "operation": "apply"}
    lock.write_text(json.dumps({**held, "since": "2026-01-01T00:00:00Z"}))
    said = run_offline("unlock").stdout
    assert "The lock is removed." in said
    assert "ann" in said
    assert not lock.exists()
