"""Whoever may write a realm file does not get at what kcplan logs in with, under any name."""

import os
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from support.harness import Server
from support.world import World

SECRET = "what-kcplan-logs-in-with-3f1b"
FOREIGN = '[config]\nsubstitution = "keycloak-config-cli"\n'
Name = Callable[[Path, Path], str]


def itself(file: Path, _: Path) -> str:
    return str(file)


def roundabout(file: Path, folder: Path) -> str:
    (folder / "sub").mkdir()
    return f"sub/../{file.name}"


def symbolic(file: Path, folder: Path) -> str:
    (folder / "other").symlink_to(file)
    return "other"


def hard(file: Path, folder: Path) -> str:
    os.link(file, folder / "other")
    return "other"


NAMES = [itself, roundabout, symbolic, hard]


def content_of(file: str) -> str:
    """The placeholder for the content of a file."""
    return f"${{file:{file}}}"


def refuses(world: World, placeholder: str, *arguments: object) -> str:
    """What plan and validate say of a file with this placeholder."""
    world.declare(displayName=placeholder)
    result = world.kcplan("plan", world.file, *arguments, exit_code=1)
    assert SECRET not in result.stdout + result.stderr
    return " ".join(result.stderr.split())


@pytest.fixture
def password_file(world: World, keycloak: Server) -> Path:
    """A file with the administrator's password."""
    file = world.folder / "password"
    file.write_text(keycloak.password)
    return file


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("form", ["${file:%s}", "$(file:UTF-8:%s)"])
@pytest.mark.parametrize("flag", ["--password-file", "--client-secret-file", "--client-key"])
def test_a_file_that_a_flag_names_is_not_substituted(
    world: World, name: Name, form: str, flag: str
) -> None:
    file = world.folder / "own"
    file.write_text(SECRET)
    world.settings(FOREIGN)
    said = refuses(world, form % name(file, world.folder), flag, file, "--password", SECRET)
    assert "one of kcplan's own files and cannot be substituted" in said


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "key", ["password_file", "client_secret_file", "client_key", "client_cert"]
)
def test_a_file_that_kcplan_toml_names_is_not_substituted(
    world: World, name: Name, key: str
) -> None:
    file = world.folder / "own"
    file.write_text(SECRET)
    world.settings(f'[keycloak]\n{key} = "own"\n')
    world.declare(displayName=content_of(name(file, world.folder)))
    result = world.kcplan("validate", world.file, exit_code=1)
    assert "kcplan's own files" in " ".join(result.stderr.split())


@pytest.mark.parametrize("name", NAMES)
def test_kcplan_toml_is_not_substituted(world: World, name: Name) -> None:
    world.settings(f'[keycloak]\npassword = "{SECRET}"\n')
    written = name(world.folder / "kcplan.toml", world.folder)
    assert "kcplan's own files" in refuses(world, content_of(written))


@pytest.mark.parametrize("suffix", ["", ".backup", ".journal"])
def test_the_state_and_what_lies_beside_it_are_not_substituted(world: World, suffix: str) -> None:
    world.declare(displayName="x")
    world.apply()
    world.state_file.with_name(f"kcplan.state.json{suffix}").touch()
    world.declare(displayName=content_of(f"kcplan.state.json{suffix}"))
    said = " ".join(world.kcplan("validate", world.file, exit_code=1).stderr.split())
    assert "kcplan's own files" in said


@pytest.mark.parametrize(
    "path",
    [
        "/proc/self/environ",
        "/proc/self/cmdline",
        "/proc/1/environ",
        "/proc/thread-self/environ",
        "../../../../../../../proc/self/environ",
        "/sys/kernel/uevent_seqnum",
        "/dev/stdin",
        "/dev/fd/0",
        "/dev/null",
        "link",
    ],
)
def test_what_the_system_makes_up_is_not_substituted(world: World, path: str) -> None:
    (world.folder / "link").symlink_to("/proc/self/environ")
    said = refuses(world, content_of(path))
    assert "files in /proc, /sys and /dev are never read" in said


def test_a_file_that_the_system_makes_up_elsewhere_is_not_substituted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A container may have the host's /proc under any name.
    monkeypatch.setattr("kcplan.config.contents._SYSTEM_FOLDERS", ())
    world.variables["KCPLAN_FILES"] = "/"
    assert "it is made up by the system" in refuses(world, "${file:/proc/self/environ}")


def test_a_pipe_is_not_waited_for(world: World) -> None:
    os.mkfifo(world.folder / "pipe")
    assert "not a regular file" in refuses(world, "${file:pipe}")


def test_it_is_told_why(world: World, password_file: Path) -> None:
    said = refuses(world, "${file:password}", "--password-file", password_file)
    assert textwrap.wrap(said.replace(str(world.folder), "DIR"), 90) == snapshot(
        [
            "Error: 'DIR/password' is one of kcplan's own files and cannot be substituted [own-",
            "credential] on DIR/realm.json:3:3 It holds what kcplan logs in with, its settings, its",
            "state or variables. Use another file for the value that belongs to the configuration.",
        ]
    )


def test_the_password_may_come_from_a_pipe(world: World, password_file: Path) -> None:
    world.declare(displayName="${file:greeting}")
    (world.folder / "greeting").write_text("Hello\n")
    # A copy of it, in a file for the configuration, is somebody's decision.
    reader, writer = os.pipe()
    os.write(writer, password_file.read_bytes() + b"\n")
    os.close(writer)
    password = f"/dev/fd/{reader}"
    world.kcplan("plan", world.file, "--password-file", password, env={"KCPLAN_PASSWORD": None})
    os.close(reader)


def test_a_saved_plan_does_not_read_them_either(world: World, password_file: Path) -> None:
    value = world.folder / "value"
    value.write_text("the-name-of-the-shop")
    world.declare(displayName="${file:value}")
    world.kcplan("plan", world.file, "--out", "plan.kcplan")
    value.unlink()
    os.link(password_file, value)
    arguments = ("apply", "plan.kcplan", "--auto-approve", "--password-file", password_file)
    said = " ".join(world.kcplan(*arguments, exit_code=1).stderr.split())
    assert "cannot be read again" in said
    assert world.admin.get(world.realm, check=False).status_code == 404
