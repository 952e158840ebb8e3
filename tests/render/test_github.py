"""`--format github`: each finding is a workflow command of GitHub Actions, at its file and line."""

import json
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from support.harness import Run
from support.world import World

REALM = """\
realm = "shop"

[[clients]]
clientId = "web"
publicClient = true
redirectUris = ["*"]
fullScopeAllowed = false
attributes."pkce.code.challenge.method" = "S256"
"""


def write(folder: Path, name: str, text: str) -> None:
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_text(text)


def test_a_risk_is_an_error_at_its_line(run_offline: Run, tmp_path: Path) -> None:
    write(tmp_path, "realms, new/100%.toml", REALM)
    result = run_offline("validate", "--lint", "--format", "github", "realms, new")
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == snapshot(
        "::error file=realms%2C new/100%25.toml,line=6,col=1,title=redirect-anywhere::codes and tokens may be sent to any site: * (shop/clients/web: redirectUris)\n"
    )


def test_places_are_those_in_the_repository(run_offline: Run, tmp_path: Path) -> None:
    write(tmp_path, "kcplan/shop.toml", "realm = 7\n")
    result = run_offline(
        "validate",
        "--format",
        "github",
        "shop.toml",
        cwd=tmp_path / "kcplan",
        env={"GITHUB_WORKSPACE": str(tmp_path)},
    )
    assert result.exit_code == 1
    assert result.stdout.startswith("::error file=kcplan/shop.toml,line=1,")


@pytest.mark.parametrize("name", ["a\n::error::b", "a\r::b", "%0A::b"])
def test_no_name_begins_a_command_of_its_own(run_offline: Run, tmp_path: Path, name: str) -> None:
    write(tmp_path, "shop.json", json.dumps({"realm": "shop", "clients": [{name: 2}]}))
    result = run_offline("validate", "--format", "github", "shop.json")
    assert result.exit_code == 1
    assert all(line.startswith("::error file=shop.json,") for line in result.stdout.splitlines())
    assert "b" in result.stdout


def test_what_is_silenced_is_left_out(run_offline: Run, tmp_path: Path) -> None:
    write(tmp_path, "shop.toml", REALM)
    write(
        tmp_path,
        "kcplan.toml",
        '[[lint]]\ncode = "redirect-anywhere"\nlevel = "off"\nreason = "for testing"\n',
    )
    result = run_offline("validate", "--lint", "--format", "github", "shop.toml")
    assert result.stdout == ""


def test_a_plan_names_its_risks_and_what_it_comes_to(world: World) -> None:
    world.declare(
        clients=[{"clientId": "web", "publicClient": True, "redirectUris": ["*"]}],
        eventsListeners=["jboss-loging"],
    )
    wrong = world.kcplan("plan", world.file, "--format", "github", exit_code=1)
    assert "::error file=realm.json,line=12," in wrong.stdout
    assert "jboss-loging" in wrong.stdout

    world.declare(clients=[{"clientId": "web", "publicClient": True, "redirectUris": ["*"]}])
    right = world.kcplan("plan", world.file, "--format", "github")
    first, *_, last = right.stdout.splitlines()
    assert first.startswith("::error file=realm.json,line=")
    assert "title=redirect-anywhere" in first
    assert last == "Plan: 2 to add, 0 to change, 0 to destroy."

    world.file.write_text("{")
    broken = world.kcplan("plan", world.file, "--format", "github", exit_code=1)
    assert broken.stdout.startswith("::error file=realm.json,line=1,")
