"""A world of its own for each test."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness import Admin, Run
from kcplan.cli import session
from kcplan_keycloak.api import AdminApi
from world import World


@pytest.fixture
def world(admin: Admin, realm_name: str, tmp_path: Path, run_kcplan: Run) -> World:
    """A realm name that is still free, and an empty folder."""
    return World(realm_name, tmp_path, admin, run_kcplan)


@pytest.fixture
def inhabited(world: World) -> World:
    """A world whose realm exists, and is not kcplan's."""
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    return world


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[str]]:
    """Gives what kcplan has sent to the Admin API so far, such as `GET realms/{}/clients`."""
    opened: list[AdminApi] = []

    class Watched(AdminApi):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            opened.append(self)

    monkeypatch.setattr(session, "AdminApi", Watched)
    return lambda: sorted(f"{method} {at}" for api in opened for method, at in api.requests)
