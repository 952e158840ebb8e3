"""What kcplan sends, for tests that look at it."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from kcplan.cli import session
from kcplan_keycloak.api import AdminApi


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Gives what kcplan has sent to the Admin API so far, such as `GET realms/{}/clients`."""
    opened: list[AdminApi] = []

    class Watched(AdminApi):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            opened.append(self)

    monkeypatch.setattr(session, "connect", Watched)
    return lambda: sorted(f"{method} {at}" for api in opened for method, at in api.requests)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The paths of all requests that are sent."""
    paths: list[str] = []
    send = httpx.HTTPTransport.handle_request

    def handle_request(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
        paths.append(request.url.path)
        return send(self, request)

    monkeypatch.setattr(httpx.HTTPTransport, "handle_request", handle_request)
    return paths
