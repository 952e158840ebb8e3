"""Pipes, sockets, devices and links to nowhere where kcplan keeps files: refused, never replaced.

A pipe that kcplan opened would be waited for, without end: nobody writes into these.
"""

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from kcplan import planfile
from kcplan.errors import PlanFileError
from support.harness import Run
from support.world import World

Make = Callable[[Path], object]


def pipe(path: Path) -> None:
    os.mkfifo(path)


def bound_socket(path: Path) -> None:
    # The name of a socket must be short.
    here = Path.cwd()
    os.chdir(path.parent)
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def link_to_a_pipe(path: Path) -> None:
    pipe(path.with_name("pipe"))
    path.symlink_to("pipe")


def link_to_nowhere(path: Path) -> None:
    path.symlink_to("nowhere")


KINDS: dict[str, Make] = {
    "a pipe (FIFO)": pipe,
    "a socket": bound_socket,
    "a symbolic link to nowhere": link_to_nowhere,
}
every_kind = pytest.mark.parametrize(
    ("kind", "make"), KINDS.items(), ids=["pipe", "socket", "link"]
)


def is_untouched(path: Path) -> bool:
    mode = path.lstat().st_mode
    return stat.S_ISFIFO(mode) or stat.S_ISSOCK(mode) or stat.S_ISLNK(mode)


def refuses(world: World, *arguments: object) -> str:
    """What a command says that does nothing."""
    result = world.kcplan(*arguments, exit_code=1)
    assert result.stdout == ""
    assert result.stderr.count("Error:") == 1, result.stderr
    assert "defect of kcplan" not in result.stderr
    return " ".join(result.stderr.split())


def commands(world: World) -> list[tuple[object, ...]]:
    return [
        ("plan", world.file),
        ("apply", world.file, "--auto-approve"),
        ("refresh",),
        ("destroy", "--auto-approve"),
        ("import", "master", "--out", "master.toml"),
        ("state", "rm", world.realm),
    ]


@every_kind
def test_a_state_that_is_no_file_is_no_empty_state(world: World, kind: str, make: Make) -> None:
    world.declare(displayName="x")
    make(world.state_file)
    for command in [*commands(world), ("show",), ("state", "list")]:
        assert kind in refuses(world, *command)
    assert is_untouched(world.state_file)
    assert not (world.folder / "nowhere").exists()
    assert world.admin.get(world.realm, check=False).status_code == 404


def test_a_state_behind_a_link_is_no_exception(world: World) -> None:
    world.declare(displayName="x")
    link_to_a_pipe(world.state_file)
    assert "a pipe (FIFO)" in refuses(world, "plan", world.file)


def test_it_is_told_where_the_link_is(world: World) -> None:
    link_to_nowhere(world.state_file)
    assert refuses(world, "state", "list").replace(str(world.folder), "DIR") == snapshot(
        "Error: cannot read the state kcplan.state.json: It is a symbolic link to nowhere, not a regular file."
    )


@every_kind
@pytest.mark.parametrize("suffix", [".journal", ".lock"])
def test_a_companion_of_the_state_that_is_no_file_is_refused(
    world: World, kind: str, make: Make, suffix: str
) -> None:
    world.declare(displayName="x")
    companion = world.state_file.with_name(world.state_file.name + suffix)
    make(companion)
    wanted = kind.removesuffix(" to nowhere")
    for command in commands(world):
        if suffix == ".lock" and command[0] in {"plan", "refresh"}:
            continue  # they need no lock
        assert wanted in refuses(world, *command)
    assert wanted in refuses(world, "recover" if suffix == ".journal" else "unlock")
    assert is_untouched(companion)
    assert not (world.folder / "nowhere").exists()


@every_kind
def test_a_backup_that_is_no_file_is_not_replaced(world: World, kind: str, make: Make) -> None:
    world.declare(displayName="x")
    world.apply()
    before = world.state_file.read_bytes()
    backup = world.state_file.with_name(world.state_file.name + ".backup")
    backup.unlink(missing_ok=True)
    make(backup)
    assert kind.removesuffix(" to nowhere") in refuses(world, "state", "rm", world.realm)
    assert is_untouched(backup)
    assert world.state_file.read_bytes() == before


@every_kind
def test_a_plan_is_saved_in_files_only(world: World, kind: str, make: Make) -> None:
    world.declare(displayName="x")
    out = world.folder / "out.kcplan"
    make(out)
    assert kind in refuses(world, "plan", world.file, "--out", out)
    assert is_untouched(out)
    assert not (world.folder / "nowhere").exists()


@pytest.mark.parametrize("device", ["/dev/null", "/dev/full"])
def test_a_plan_is_not_saved_in_a_device(device: str) -> None:
    # Writing is not tried: root would replace the device.
    with pytest.raises(PlanFileError, match=f"cannot be saved as {device}") as caught:
        planfile.check_name(Path(device))
    assert caught.value.detail.startswith("It is a device, not a regular file.")


def test_a_saved_plan_behind_a_link_is_replaced_and_the_link_stays(world: World) -> None:
    world.declare(displayName="x")
    target, link = world.folder / "target.kcplan", world.folder / "link.kcplan"
    target.touch()
    link.symlink_to(target.name)
    world.kcplan("plan", world.file, "--out", link)
    assert link.is_symlink()
    assert target.stat().st_mode & 0o777 == 0o600
    world.kcplan("show", target)


@every_kind
@pytest.mark.parametrize("name", [".gitignore", "kcplan.toml", "realms/example.toml"])
def test_init_writes_files_only(
    tmp_path: Path, run_offline: Run, kind: str, make: Make, name: str
) -> None:
    folder = tmp_path / "example"
    (folder / "realms").mkdir(parents=True)
    make(folder / name)
    result = run_offline("init", "example")
    assert "defect of kcplan" not in result.stderr
    assert is_untouched(folder / name)
    assert not (folder / "nowhere").exists()
    if name == ".gitignore":
        assert result.exit_code == 1
        assert kind in result.stderr
        assert not (folder / "kcplan.toml").exists()


@every_kind
def test_an_import_writes_files_only(world: World, kind: str, make: Make) -> None:
    assert kind
    out = world.folder / "out.toml"
    make(out)
    assert "exists" in refuses(world, "import", "master", "--out", out)
    assert is_untouched(out)


def test_a_kcplan_toml_that_leads_nowhere_is_not_taken_for_none(world: World) -> None:
    world.declare(displayName="x")
    link_to_nowhere(world.folder / "kcplan.toml")
    assert "kcplan.toml" in refuses(world, "plan", world.file)
