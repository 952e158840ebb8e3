"""One change with all kinds of steps, and each of its writes fails once in each way.

Whatever fails, the realm is as it was before, and so is the state; and the next apply succeeds.
`make test` has each write fail in one way, `make test-all` in all of them.
"""

import pytest

from support.sabotage import SILENT, WAYS, Saboteur
from support.stage import Stage
from support.upheaval import UPHEAVAL

CHANGE = UPHEAVAL

WRITES = 47
"""How many writes the change takes; the first test pins it."""


def broken(number: int, way: str) -> Saboteur:
    """Breaks a write so that the change fails."""
    turns = {number: WAYS[way]}
    if way in SILENT:
        # Keycloak acted, and kcplan finds that out and goes on; so the next write fails too.
        turns[number + 1] = WAYS["status 500"]
    return Saboteur(turns)


def is_in_sample(number: int, way: str) -> bool:
    """Whether a case runs always: each write fails once, in the ways by turns."""
    return way == [*WAYS][number % len(WAYS)]


CASES = [
    pytest.param(
        number,
        way,
        id=f"{number} {way}",
        marks=() if is_in_sample(number, way) else pytest.mark.exhaustive,
    )
    for number in range(WRITES)
    for way in WAYS
]


def test_the_change_takes_this_many_writes(stage: Stage) -> None:
    everything = Saboteur()
    result = stage.apply(everything)
    stage.strike()
    assert result.exit_code == 0, result.stderr
    assert len(everything.writes) == WRITES


@pytest.mark.parametrize(("number", "way"), CASES)
def test_a_failed_write_leaves_everything_as_it_was(stage: Stage, number: int, way: str) -> None:
    result = stage.apply(broken(number, way))
    if way in SILENT and number == WRITES - 1:
        stage.strike()
        assert result.exit_code == 0, result.stderr
        return
    assert result.exit_code == 3, result.stderr
    assert "Keycloak is as it was before" in result.stderr
    assert not stage.journal.exists()
    stage.is_as_before(result)


AGAIN = [(3, "status 500"), (8, "closed before"), (14, "answer lost"), (20, "time-out")]
AGAIN += [(26, "status 401"), (32, "answer lost"), (38, "status 500"), (44, "closed before")]


@pytest.mark.parametrize(("number", "way"), AGAIN, ids=[f"{n} {way}" for n, way in AGAIN])
def test_after_a_failure_the_same_change_can_be_applied(
    stage: Stage, number: int, way: str
) -> None:
    failed = stage.apply(broken(number, way))
    result = stage.apply()
    plan = stage.kcplan("plan", "realm.json", "--detailed-exitcode")
    refresh = stage.kcplan("refresh", "--detailed-exitcode", "--only-managed")
    stage.strike()
    assert failed.exit_code == 3, failed.stderr
    assert result.exit_code == 0, result.stderr
    assert plan.exit_code == 0, plan.stdout
    assert refresh.exit_code == 0, refresh.stdout


AT_ONCE = [(number, way) for number, way in zip(range(1, 45, 4), [*WAYS] * 3, strict=False)]


@pytest.mark.parametrize(("number", "way"), AT_ONCE, ids=[f"{n} {way}" for n, way in AT_ONCE])
def test_where_steps_run_at_once_a_failed_write_leaves_everything_as_it_was(
    stage: Stage, number: int, way: str
) -> None:
    result = stage.apply(broken(number, way), "--parallelism", "10")
    assert result.exit_code == 3, result.stderr
    assert "Keycloak is as it was before" in result.stderr
    assert not stage.journal.exists()
    stage.is_as_before(result)
