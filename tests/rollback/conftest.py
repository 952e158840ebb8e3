"""A stage for the `CHANGE` of a module; its tests share it, since each leaves it as it was."""

from collections.abc import Iterator
from uuid import uuid4

import pytest

from support.harness import Admin, Result, Run, Server
from support.stage import Stage


def _nobody(*_: object, **__: object) -> Result:
    raise AssertionError("a stage runs kcplan only within a test")


@pytest.fixture(scope="module")
def shared_stage(
    keycloak: Server,
    admin: Admin,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Stage]:
    """The stage, as the test before left it."""
    folder = tmp_path_factory.mktemp("stage")
    realm = f"test-{uuid4().hex[:12]}"
    stage = Stage(request.module.CHANGE, realm, folder, keycloak, admin, _nobody)
    yield stage
    stage.strike()


@pytest.fixture
def stage(shared_stage: Stage, run_kcplan: Run) -> Stage:
    """A realm as it is before the change."""
    shared_stage.run = run_kcplan
    if not shared_stage.original:
        shared_stage.set_up()
    return shared_stage
