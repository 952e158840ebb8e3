"""One change with all kinds of steps, and each of its writes fails once in each way.

Whatever fails, the realm is as it was before, and so is the state.
"""

import pytest

from sabotage import SILENT, WAYS, Saboteur
from stage import Stage
from upheaval import UPHEAVAL

CHANGE = UPHEAVAL

WRITES = 46
"""How many writes the change takes; the first test pins it."""

CASES = [(number, way) for number in range(WRITES) for way in WAYS]


def test_the_change_takes_this_many_writes(stage: Stage) -> None:
    everything = Saboteur()
    result = stage.apply(everything)
    stage.strike()
    assert result.exit_code == 0, result.stderr
    assert len(everything.writes) == WRITES


@pytest.mark.parametrize(("number", "way"), CASES, ids=[f"{n} {way}" for n, way in CASES])
def test_a_failed_write_leaves_everything_as_it_was(stage: Stage, number: int, way: str) -> None:
    turns = {number: WAYS[way]}
    if way in SILENT:
        # Keycloak acted, and kcplan finds that out and goes on; so the next write fails too.
        turns[number + 1] = WAYS["status 500"]
    result = stage.apply(Saboteur(turns))
    if way in SILENT and number == WRITES - 1:
        stage.strike()
        assert result.exit_code == 0, result.stderr
        return
    assert result.exit_code == 3, result.stderr
    assert "Keycloak is as it was before" in result.stderr
    assert not stage.journal.exists()
    stage.is_as_before(result)
