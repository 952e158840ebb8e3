"""A client of the Admin API, its way to the server breakable."""

import re
import textwrap
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from kcplan.errors import KcplanError
from kcplan.secret import Secret
from kcplan_keycloak.api import AdminApi, Connection
from support.faults import FaultyTransport
from support.harness import Admin, Server

Connect = Callable[..., AdminApi]


@pytest.fixture(scope="session")
def shared_realm(admin: Admin) -> Iterator[str]:
    """A realm for all tests that leave it as they found it; a realm of one's own takes longer."""
    name = f"test-{uuid.uuid4().hex[:12]}"
    admin.post("", json={"realm": name, "enabled": True})
    yield name
    admin.delete(name)


@pytest.fixture
def faults() -> FaultyTransport:
    """The real transport, to be broken."""
    return FaultyTransport()


@pytest.fixture
def waits() -> list[float]:
    """The seconds that the client would have waited."""
    return []


@pytest.fixture
def connect(keycloak: Server, faults: FaultyTransport, waits: list[float]) -> Iterator[Connect]:
    """Makes clients that go through `faults`; takes what `Connection` takes."""
    with ExitStack() as stack:

        def make(**settings: Any) -> AdminApi:
            if "username" not in settings and "client_secret" not in settings:
                settings |= {"username": keycloak.username, "password": Secret(keycloak.password)}
            connection = Connection(**{"url": keycloak.url, **settings})
            return stack.enter_context(AdminApi(connection, faults, sleep=waits.append))

        yield make


@pytest.fixture
def api(connect: Connect) -> AdminApi:
    """A client that is logged in as the administrator, with nothing counted yet."""
    client = connect()
    client.get("serverinfo")
    client.requests.clear()
    return client


@pytest.fixture
def said(keycloak: Server) -> Callable[[pytest.ExceptionInfo[KcplanError]], str]:
    """Summary and detail of an error, without what differs from run to run, in short lines."""

    def text(error: pytest.ExceptionInfo[KcplanError]) -> str:
        whole = f"{error.value.summary}\n{error.value.detail}"
        host = keycloak.url.partition("://")[2]
        known = re.sub(r"test-[0-9a-f]{12}", "R", whole.replace(host, "sso"))
        return "\n".join(part for line in known.split("\n") for part in textwrap.wrap(line, 90))

    return text
