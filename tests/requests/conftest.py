"""Counts what kcplan sends, by method and path, with the names and ids in the path left out."""

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from kcplan.cli import session
from kcplan_keycloak.api import AdminApi

Requests = Counter[str]
"""How many requests there were, such as `GET realms/{}/clients`."""

Count = Callable[[Callable[[], object]], Requests]


@pytest.fixture
def requests_of(monkeypatch: pytest.MonkeyPatch) -> Count:
    """Gives what a call sends to the server, through all connections that it makes."""
    opened: list[AdminApi] = []

    class Counted(AdminApi):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            opened.append(self)

    monkeypatch.setattr(session, "connect", Counted)

    def count(call: Callable[[], object]) -> Requests:
        opened.clear()
        call()
        total: Requests = Counter()
        for api in opened:
            for (method, at), number in api.requests.items():
                total[f"{method} {at}"] += number
        return total

    return count
