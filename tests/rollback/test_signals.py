"""A run is cancelled, its terminal goes away, the machine shuts down: as after Ctrl-C.

kcplan runs in a process of its own. A proxy before Keycloak sends it a signal when a certain
request has been carried out, and before kcplan hears of that.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from attrs import define

from support.harness import Server
from support.wayward import Door, wayward
from support.world import World

SIGNALS = pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
NAMES = [f"role-{number}" for number in range(8)]
FIRST, SECOND = "a-token-before-the-change-0001", "a-token-after-the-change-0002"
APP = {
    "clientId": "app",
    "redirectUris": ["https://x/${env:X_TOKEN}", "https://a/*"],
    "attributes": {"plain": "${env:X_TOKEN}", "text": '{"key": ["${env:X_TOKEN}"]}'},
}
"""A client with a secret in a list, in a table, and in a JSON text."""
APPLY = ("apply", "realm.json", "--auto-approve", "--parallelism", "1")


@define
class Running:
    """kcplan in a process, before Keycloak a proxy."""

    door: Door
    folder: Path
    environment: dict[str, str]
    process: "subprocess.Popen[str] | None" = None

    def signals(self, number: signal.Signals, method: str, path: str) -> None:
        """Send a signal when the next such request has been carried out."""
        self.door.when(method, path, lambda: self._send(number))

    def _send(self, number: signal.Signals) -> None:
        assert self.process is not None
        self.process.send_signal(number)
        time.sleep(0.2)  # kcplan hears of the request after the signal

    def run(self, *arguments: object, ignoring: signal.Signals | None = None) -> str:
        """Run a command; what it said on stderr."""
        command = [sys.executable, "-c", "from kcplan.cli import main; main()"]
        if ignoring is not None:
            # As `nohup` does.
            command[2] = f"import signal; signal.signal({ignoring:d}, signal.SIG_IGN); {command[2]}"
        self.process = subprocess.Popen(
            [*command, *map(str, arguments)],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        _, errors = self.process.communicate(timeout=120)
        assert "Traceback" not in errors
        return errors

    @property
    def exit_code(self) -> int:
        assert self.process is not None
        return self.process.returncode


@pytest.fixture
def running(keycloak: Server, world: World) -> Iterator[Running]:
    """A realm that exists, and files that want eight roles and another secret in it."""
    world.variables["X_TOKEN"] = FIRST
    world.declare(displayName="x", clients=[APP])
    world.apply()
    roles = {"realm": [{"name": name} for name in NAMES]}
    world.declare(displayName="y", roles=roles, clients=[APP])
    with wayward(keycloak.url) as door:
        kept = {name: v for name, v in os.environ.items() if not name.startswith("KCPLAN_")}
        variables = {**kept, **keycloak.environment, "KCPLAN_URL": door.url, "X_TOKEN": SECOND}
        # The state knows Keycloak under its own address.
        yield Running(door, world.folder, variables)


OTHER = "--allow-other-server"


def made(world: World) -> list[str]:
    """Which of the roles exist."""
    return [name for name in NAMES if world.role(name) is not None]


@SIGNALS
def test_a_signal_ends_an_apply_in_order_and_undoes_everything(
    running: Running, world: World, number: signal.Signals
) -> None:
    before = world.state_file.read_bytes()
    for _ in range(2):
        running.door.when("POST", "/roles", lambda: None)
    running.signals(number, "POST", "/roles")
    said = running.run(*APPLY, OTHER)
    assert running.exit_code == 128 + number, said
    assert said.index("Interrupted. Nothing new begins") < said.index("Apply was interrupted.")
    assert "Every completed step was rolled back" in said
    assert made(world) == []
    assert world.admin.json(world.realm)["displayName"] == "x"
    assert world.state_file.read_bytes() == before
    assert [file.name for file in world.folder.glob("*.lock")] == []
    assert [file.name for file in world.folder.glob("*.journal")] == []


@SIGNALS
def test_one_more_during_the_rollback_leaves_the_rest_to_recover(
    running: Running, world: World, number: signal.Signals
) -> None:
    for _ in range(4):
        running.door.when("POST", "/roles", lambda: None)
    running.signals(number, "POST", "/roles")
    running.signals(number, "DELETE", "/roles")
    said = running.run(*APPLY, OTHER)
    assert running.exit_code == 4, said
    assert "run `kcplan recover`" in said
    assert made(world) == NAMES[:4]

    said = running.run("recover", "--auto-approve", OTHER)
    assert running.exit_code == 0, said
    assert made(world) == []
    assert [file.name for file in world.folder.glob("*.journal")] == []


@SIGNALS
def test_secrets_within_values_come_back_too(
    running: Running, world: World, number: signal.Signals
) -> None:
    before = world.client("app")
    running.signals(number, "PUT", "/clients/")
    said = running.run(*APPLY, OTHER)
    assert running.exit_code == 128 + number, said
    assert FIRST not in said
    assert SECOND not in said
    assert world.client("app") == before
    assert [file.name for file in world.folder.glob("*.journal")] == []


def test_secrets_within_values_that_a_signal_left_are_recovered(
    running: Running, world: World
) -> None:
    before = world.client("app")

    def twice() -> None:
        running._send(signal.SIGTERM)
        running._send(signal.SIGTERM)

    running.door.when("PUT", "/clients/", twice)
    said = running.run(*APPLY, OTHER)
    assert running.exit_code == 4, said
    assert world.client("app") != before

    said = running.run("recover", "--auto-approve", OTHER)
    assert running.exit_code == 0, said
    assert FIRST not in said
    assert world.client("app") == before


@SIGNALS
def test_two_at_once_end_it_at_once_and_the_journal_remembers(
    running: Running, world: World, number: signal.Signals
) -> None:
    running.door.when("POST", "/roles", lambda: None)

    def twice() -> None:
        running._send(number)
        running._send(number)

    running.door.when("POST", "/roles", twice)
    said = running.run(*APPLY, OTHER)
    assert running.exit_code == 4, said
    assert "interrupted before it was done" in said
    assert made(world) == NAMES[:2]
    assert [file.name for file in world.folder.glob("*.lock")] == []

    said = running.run("recover", "--auto-approve", OTHER)
    assert running.exit_code == 0, said
    assert made(world) == []


@SIGNALS
def test_a_signal_before_anything_was_written_changes_nothing(
    running: Running, world: World, number: signal.Signals
) -> None:
    running.signals(number, "GET", f"/realms/{world.realm}")
    for command in (APPLY, ("plan", "realm.json")):
        said = running.run(*command, OTHER)
        assert running.exit_code == 128 + number, said
        assert said.splitlines()[-1] == "Interrupted. Nothing more is done."
        running.signals(number, "GET", f"/realms/{world.realm}")
    assert made(world) == []
    assert sorted(file.name for file in world.folder.glob("kcplan.state.json*")) == [
        "kcplan.state.json",
        "kcplan.state.json.server",
    ]


def test_a_server_that_hangs_keeps_no_run_that_is_to_end(running: Running, world: World) -> None:
    def hangs(*_: object) -> None:
        while running.process is not None and running.process.poll() is None:
            time.sleep(0.05)

    running.door.answer(hangs, f"/admin/realms/{world.realm}")
    running.signals(signal.SIGTERM, "GET", f"/admin/realms/{world.realm}")
    said = running.run("plan", "realm.json", "--timeout", "1000", OTHER)
    assert running.exit_code == 128 + signal.SIGTERM
    assert said.splitlines()[-1] == "Interrupted. Nothing more is done."


def test_a_signal_that_nohup_has_ignored_is_ignored(running: Running, world: World) -> None:
    running.signals(signal.SIGHUP, "POST", "/roles")
    said = running.run(*APPLY, OTHER, ignoring=signal.SIGHUP)
    assert running.exit_code == 0, said
    assert made(world) == NAMES
