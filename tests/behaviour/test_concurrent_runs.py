"""Two at once, and what a killed run left: nobody works on a state that is in use."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from support.harness import Server
from support.world import World


@pytest.fixture
def slow_door(keycloak: Server) -> Iterator["SlowDoor"]:
    """A way to the server on which the first write waits until it is let through."""
    with SlowDoor(keycloak.url) as door:
        yield door


class SlowDoor:
    """A proxy that stops at the first write to a realm's clients."""

    def __init__(self, target: str) -> None:
        from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

        import httpx

        self.arrived, self.open = threading.Event(), threading.Event()
        door, client = self, httpx.Client(base_url=target, timeout=60)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _pass(self) -> None:
                length = int(self.headers.get("Content-Length", 0))
                body = self.rfile.read(length)
                if self.command != "GET" and "/clients" in self.path:
                    door.arrived.set()
                    door.open.wait(60)
                names = ("Authorization", "Content-Type")
                headers = {n: self.headers[n] for n in names if n in self.headers}
                try:
                    answer = client.request(self.command, self.path, content=body, headers=headers)
                    self.send_response(answer.status_code)
                    for name in ("Content-Type", "Location"):
                        if name in answer.headers:
                            self.send_header(name, answer.headers[name])
                    self.send_header("Content-Length", str(len(answer.content)))
                    self.end_headers()
                    self.wfile.write(answer.content)
                except (OSError, httpx.HTTPError):
                    self.close_connection = True

            do_GET = do_POST = do_PUT = do_DELETE = _pass  # noqa: N815 - names of http.server

            def log_message(self, *_: object) -> None:
                return

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._client = client
        self._thread = threading.Thread(
            target=self._server.serve_forever, kwargs={"poll_interval": 0.05}
        )
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.open.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
        self._client.close()


def start(world: World, keycloak: Server, door: SlowDoor) -> "subprocess.Popen[str]":
    """An apply in a process of its own, which waits at the door."""
    environment = {**os.environ, **keycloak.environment, "KCPLAN_URL": door.url}
    process = subprocess.Popen(
        [Path(sys.executable).with_name("kcplan"), "apply", world.file, "--auto-approve"],
        cwd=world.folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert door.arrived.wait(60)
    return process


@pytest.fixture
def two_clients(inhabited: World) -> World:
    inhabited.declare(clients=[{"clientId": "a"}, {"clientId": "b"}])
    return inhabited


def test_of_two_applies_at_once_the_second_is_told_who_is_at_work(
    two_clients: World, keycloak: Server, slow_door: SlowDoor
) -> None:
    world = two_clients
    first = start(world, keycloak, slow_door)

    second = world.apply(exit_code=1)
    assert f"{first.pid}" in second.stderr
    assert "apply" in second.stderr
    assert second.stderr.count("Error:") == 1
    for command in (("destroy", "--auto-approve"), ("state", "rm", "x"), ("refresh", "--accept")):
        assert f"{first.pid}" in world.kcplan(*command, exit_code=1).stderr

    slow_door.open.set()
    output, errors = first.communicate(timeout=60)
    assert first.returncode == 0, errors
    assert "2 added" in output
    world.plan("--allow-other-server", "--detailed-exitcode")


def test_an_apply_waits_for_the_lock_as_long_as_it_is_told(
    two_clients: World, keycloak: Server, slow_door: SlowDoor
) -> None:
    world = two_clients
    first = start(world, keycloak, slow_door)
    threading.Timer(0.5, slow_door.open.set).start()
    world.apply("--lock-timeout", "60", "--allow-other-server")
    first.communicate(timeout=60)
    assert first.returncode == 0


def test_what_a_killed_apply_left_is_recovered_before_anything_else(
    two_clients: World, keycloak: Server, slow_door: SlowDoor
) -> None:
    world = two_clients
    before = world.export()
    process = start(world, keycloak, slow_door)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    slow_door.open.set()
    assert list(world.folder.glob("*.journal*"))

    for command in (
        ("plan", world.file),
        ("apply", world.file, "--auto-approve"),
        ("destroy", "--auto-approve"),
        ("refresh",),
        ("state", "rm", f"{world.realm}/clients/a"),
    ):
        result = world.kcplan(*command, exit_code=1)
        assert "kcplan recover" in result.stderr
        assert result.stderr.count("Error:") == 1

    world.kcplan("recover", "--auto-approve", env={"KCPLAN_URL": slow_door.url})
    assert world.export() == before
    assert not list(world.folder.glob("*.journal*"))
    world.apply("--allow-other-server")
    assert world.plan("--detailed-exitcode").actions == {}


def test_the_lock_of_a_killed_process_is_taken_over_with_a_notice(inhabited: World) -> None:
    world = inhabited
    world.declare()
    program = (
        "import os, time; from pathlib import Path; from kcplan_state.lock import lock\n"
        "with lock(Path('kcplan.state.json'), 'apply', 0, print): print('held', flush=True); "
        "time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=world.folder, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        assert str(holder.pid) in world.apply(exit_code=1).stderr
        holder.kill()
    result = world.apply()
    assert str(holder.pid) in result.stderr
    assert not list(world.folder.glob("*.lock"))
