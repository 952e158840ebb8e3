"""The way to Keycloak is wrong: one clear message, exit code 1, and no state comes about."""

import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from support.world import World


@pytest.fixture
def closed_port() -> int:
    """A port on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port


class _SomePage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<html>Welcome</html>")

    do_POST = do_GET  # noqa: N815 - http.server finds it by this name

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def web_site() -> Iterator[str]:
    """A web server that is no Keycloak."""
    server = HTTPServer(("127.0.0.1", 0), _SomePage)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def refused(world: World, **variables: str | None) -> str:
    """What every command that needs a server says: one error, and nothing on stdout."""
    texts = set()
    commands = (
        ("plan", world.file),
        ("apply", world.file, "--auto-approve"),
        ("refresh",),
        ("destroy", world.file, "--auto-approve"),
    )
    for command in commands:
        result = world.kcplan(*command, env=variables, exit_code=1)
        assert result.stderr.count("Error:") == 1, result.stderr
        assert result.stdout == ""
        assert "defect of kcplan" not in result.stderr
        texts.add(result.stderr.splitlines()[0])
    assert not world.state_file.exists()
    assert not list(world.folder.glob("*.lock"))
    assert not list(world.folder.glob("*.journal*"))
    assert len(texts) == 1
    return texts.pop()


@pytest.fixture(autouse=True)
def file(world: World) -> None:
    world.declare(displayName="x")


def test_a_wrong_password(world: World) -> None:
    said = refused(world, KCPLAN_PASSWORD="a-wrong-password")
    assert "password" in said
    assert "a-wrong-password" not in said


def test_no_password(world: World) -> None:
    assert "log in" in refused(world, KCPLAN_USERNAME=None, KCPLAN_PASSWORD=None)


def test_a_wrong_client(world: World) -> None:
    assert "nobody" in refused(world, KCPLAN_CLIENT_ID="nobody")


def test_a_wrong_client_secret(world: World) -> None:
    said = refused(
        world,
        KCPLAN_CLIENT_ID="admin-cli",
        KCPLAN_CLIENT_SECRET="wrong-secret",
        KCPLAN_USERNAME=None,
        KCPLAN_PASSWORD=None,
    )
    assert "wrong-secret" not in said


def test_a_realm_to_log_in_at_that_does_not_exist(world: World) -> None:
    assert "nowhere" in refused(world, KCPLAN_AUTH_REALM="nowhere")


def test_no_url(world: World) -> None:
    assert "where Keycloak is" in refused(world, KCPLAN_URL=None)


@pytest.mark.parametrize("url", ["nonsense", "ftp://host", "http://", "http://host:port"])
def test_an_url_that_is_none(world: World, url: str) -> None:
    assert "url" in refused(world, KCPLAN_URL=url).lower()


def test_a_port_on_which_nothing_listens(world: World, closed_port: int) -> None:
    assert str(closed_port) in refused(world, KCPLAN_URL=f"http://127.0.0.1:{closed_port}")


def test_a_host_that_does_not_exist(world: World) -> None:
    assert "no-such-host.invalid" in refused(world, KCPLAN_URL="http://no-such-host.invalid")


def test_a_server_that_is_no_keycloak(world: World, web_site: str) -> None:
    assert "Keycloak" in refused(world, KCPLAN_URL=web_site)


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_bad_ca_file(world: World, content: bytes | None) -> None:
    file = world.folder / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    said = refused(world, KCPLAN_CA_FILE=str(file), KCPLAN_URL="https://127.0.0.1:8443")
    assert "ca.pem" in said


@pytest.mark.parametrize("name", ["KCPLAN_PARALLELISM", "KCPLAN_TIMEOUT"])
def test_a_number_that_is_none(world: World, name: str) -> None:
    assert "number" in refused(world, **{name: "many"})


@pytest.mark.parametrize("value", ["0", "-1"])
def test_a_parallelism_that_is_impossible(world: World, value: str) -> None:
    assert "parallelism" in refused(world, KCPLAN_PARALLELISM=value)


def test_a_secret_file_that_is_not_there(world: World) -> None:
    result = world.kcplan("plan", world.file, "--password-file", "nowhere", exit_code=1)
    assert "nowhere" in result.stderr
    assert result.stderr.count("Error:") == 1
