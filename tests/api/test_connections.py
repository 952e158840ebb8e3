"""Requests share connections: as many are open as requests run at once, and none is made twice."""

import socket
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from kcplan.secret import Secret
from kcplan_keycloak.api import AdminApi, Connection, address
from support.harness import Server

WIDTH = 4


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[socket.socket]:
    """The connections to the server, as they are made."""
    found: list[socket.socket] = []
    real: Callable[..., socket.socket] = socket.create_connection

    def connect(*arguments: Any, **more: Any) -> socket.socket:
        found.append(real(*arguments, **more))
        return found[-1]

    monkeypatch.setattr(socket, "create_connection", connect)
    return found


@pytest.fixture
def direct(keycloak: Server) -> Connection:
    """How to log in as the administrator, with a few requests at once."""
    password = Secret(keycloak.password)
    return Connection(
        url=keycloak.url, username=keycloak.username, password=password, parallelism=WIDTH
    )


def test_connections_are_used_again(direct: Connection, made: list[socket.socket]) -> None:
    with AdminApi(direct) as api:
        for _ in range(5):
            assert api.get("realms/master")
        assert len(made) == 1
        api.map(lambda _: api.get("realms/master/roles"), range(10 * WIDTH))
        api.map(lambda _: api.get("realms/master/roles"), range(10 * WIDTH))
    assert 1 < len(made) <= WIDTH
    assert {connection.fileno() for connection in made} == {-1}, "all are closed"


def test_a_connection_that_was_cut_meanwhile_is_not_used_again(
    direct: Connection, made: list[socket.socket]
) -> None:
    with AdminApi(direct) as api:
        assert api.get("realms/master")
        made[0].shutdown(socket.SHUT_RDWR)
        assert api.get("realms/master")
        assert len(made) == 2
        assert api.requests.total() == 3, "a log-in and two reads; none was repeated"


def test_a_connection_whose_answer_was_not_read_to_its_end_is_not_used_again(
    direct: Connection, made: list[socket.socket]
) -> None:
    with AdminApi(direct) as api:
        assert api.get("realms/master")
        client = api._http()
        request = client.build_request("GET", f"{direct.url}/realms/master")
        client.send(request, stream=True).close()
        assert made[0].fileno() == -1
        assert api.get("realms/master")
    assert len(made) == 2


class Sticky(httpx.HTTPTransport):
    """The real network behind a balancer that says with a cookie where a session lives."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: list[str | None] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request.headers.get("cookie"))
        answer = super().handle_request(request)
        answer.headers["set-cookie"] = "node=blue; Path=/"
        return answer


def test_a_cookie_of_a_load_balancer_is_sent_back(direct: Connection) -> None:
    sticky = Sticky()
    with AdminApi(direct, sticky) as api:
        assert api.get("realms/master")
        assert api.get("realms/master")
    assert sticky.sent == [None, "node=blue", "node=blue"]


@pytest.mark.parametrize("server", ["http://sso.example/auth", "http://[::1]:8080", "https://ü.de"])
@pytest.mark.parametrize("path", ["realms/a%2Fb", "realms/a b", "realms/prüfung", "realms/x:y"])
def test_a_request_goes_where_httpx_would_send_it(server: str, path: str) -> None:
    made = address(httpx.URL(f"{server}/"), path)
    usual = httpx.URL(f"{server}/{path}")
    assert (made, made.raw_path, made.host, made.port) == (
        usual,
        usual.raw_path,
        usual.host,
        usual.port,
    )
