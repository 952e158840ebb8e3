"""Whoever ends kcplan waits for no server, whenever the connection was made."""

import socket
from collections.abc import Iterator

import pytest

from kcplan_keycloak.clock import Clock
from kcplan_keycloak.network import TimedNetwork


@pytest.fixture
def silent() -> Iterator[tuple[str, int]]:
    """Where somebody listens who never says anything."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()


@pytest.mark.parametrize("before", [True, False])
def test_nobody_waits_for_an_answer_after_hanging_up(
    silent: tuple[str, int], *, before: bool
) -> None:
    network = TimedNetwork(Clock())
    if before:
        network.hang_up()
    stream = network.connect_tcp(*silent)
    if not before:
        network.hang_up()
    assert stream.read(1) == b""
    stream.close()
