"""The way through Docker, with a program in Docker's place that notes what it is asked."""

from pathlib import Path

import pytest
from inline_snapshot import snapshot

from kcplan.secret import Secret
from kcplan_keycloak.sandbox import Options, Sandbox, SandboxError, container, load, start, stop

_DOCKER = """#!/bin/sh
echo "$1 $KC_BOOTSTRAP_ADMIN_USERNAME" >> "$(dirname "$0")/calls"
case $1 in
    run) echo 4f5e; [ ! -e "$(dirname "$0")/refuse" ] || { echo "no such image" >&2; exit 125; };;
    inspect) echo false;;
    logs) echo "starting"; echo "out of memory" >&2;;
    rm) [ "$4" = 4f5e ] || { echo "Error: No such container: $4" >&2; exit 1; };;
esac
"""


@pytest.fixture
def docker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a docker program, with nothing else to get a Keycloak from."""
    program = tmp_path / "docker"
    program.write_text(_DOCKER)
    program.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.delenv("KCPLAN_KEYCLOAK_HOME", raising=False)
    return tmp_path


def test_a_container_that_ends_is_removed_and_its_last_words_are_told(docker: Path) -> None:
    with pytest.raises(SandboxError) as caught:
        start(Options(port=0), docker / "instance")

    assert (caught.value.summary, caught.value.detail) == snapshot(
        (
            "Keycloak ended before it was ready",
            """\
Its log ends with:
  starting
  out of memory\
""",
        )
    )
    assert (docker / "calls").read_text().split("\n") == snapshot(
        ["info ", "run admin", "inspect ", "logs ", "rm ", ""]
    )
    assert load(docker / "instance") is None


def test_a_refusal_of_docker_is_told(docker: Path) -> None:
    (docker / "refuse").touch()

    with pytest.raises(SandboxError) as caught:
        start(Options(port=0), docker / "instance")

    assert (caught.value.summary, caught.value.detail) == snapshot(
        ("Docker could not start Keycloak", "no such image")
    )


def test_a_container_that_is_gone_already_is_no_error(docker: Path) -> None:
    stop(Sandbox(docker / "i", "http://127.0.0.1:1", "admin", Secret("x"), container="another"))


@pytest.mark.usefixtures("docker")
def test_docker_counts_only_where_an_engine_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert container.available()

    monkeypatch.setenv("PATH", "/nowhere")

    assert not container.available()
