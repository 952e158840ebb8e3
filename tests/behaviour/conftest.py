"""A world of its own for each test."""

from pathlib import Path

import pytest

from harness import Admin, Run
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
