"""A place for a state file, and one with a small state in it."""

from pathlib import Path

import pytest

from kcplan.state import State
from kcplan_state.file import StateFile
from support.state_samples import small_state


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kcplan.state.json"


@pytest.fixture
def saved(path: Path) -> State:
    return StateFile(path).save(small_state())
