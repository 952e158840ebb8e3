"""The disk is full from some moment of an apply on: all is undone, or kept for `kcplan recover`."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from inline_snapshot import snapshot

from kcplan_state import disk
from support.harness import Result
from support.stage import Change, Stage

_KEY = "a-secret-that-is-long-enough-to-be-strong"

CHANGE = Change(
    before={
        "roles": {"realm": [{"name": "kept"}, {"name": "gone"}]},
        "clients": [{"clientId": "api", "secret": _KEY, "serviceAccountsEnabled": True}],
        "users": [{"serviceAccountClientId": "api", "realmRoles": ["kept"]}],
    },
    after={
        "displayName": "after",
        "roles": {"realm": [{"name": "kept", "description": "still"}]},
        "clients": [{"clientId": "api", "secret": f"other-{_KEY}", "serviceAccountsEnabled": True}],
        "users": [{"serviceAccountClientId": "api", "realmRoles": []}],
    },
)

LOCK, JOURNAL, FIRST, DELETED, BACKUP, STATE = 0, 1, 2, 11, 12, 13
"""Which of kcplan's writes to the disk are for what: there are records from the third on, the last
of which says that the role is deleted. Brought back, it has an id that the state must know."""


class Disk:
    """A disk that takes so many writes, and no more."""

    def __init__(self, room: int) -> None:
        self._left = room
        self._write = disk.write_all

    def write_all(self, handle: int, data: bytes) -> None:
        self._left -= 1
        if self._left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        self._write(handle, data)


@contextmanager
def room_for(writes: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk, "write_all", Disk(writes).write_all)
        yield


def unwrapped(result: Result) -> str:
    """What was said, wherever the lines end: that depends on how long the folder's name is."""
    return " ".join(result.stderr.split())


def apply(stage: Stage, writes: int) -> Result:
    with room_for(writes):
        return stage.apply()


@pytest.mark.parametrize("writes", [LOCK, JOURNAL])
def test_where_nothing_can_be_noted_nothing_is_begun(stage: Stage, writes: int) -> None:
    result = apply(stage, writes)
    assert result.exit_code == 1
    assert "No space left" in unwrapped(result)
    assert not stage.journal.exists()
    stage.is_as_before(result)


@pytest.mark.parametrize("writes", range(FIRST, DELETED))
def test_what_was_begun_is_undone_although_it_cannot_be_noted(stage: Stage, writes: int) -> None:
    result = apply(stage, writes)
    assert result.exit_code == 3, result.stderr
    assert "No space left" in unwrapped(result)
    assert not stage.journal.exists()
    stage.is_as_before(result)


@pytest.mark.parametrize(
    ("writes", "direction"),
    [(DELETED, "back"), (BACKUP, "back"), (STATE, "back"), (BACKUP, "forward"), (STATE, "forward")],
)
def test_what_the_state_must_say_and_cannot_is_left_to_be_recovered(
    stage: Stage, writes: int, direction: str
) -> None:
    result = apply(stage, writes)
    assert result.exit_code == 4, result.stderr
    assert stage.journal.exists()
    assert "kcplan recover" in stage.apply().stderr

    forward = ["--forward"] if direction == "forward" else []
    recovered = stage.kcplan("recover", "--auto-approve", *forward)
    assert recovered.exit_code == 0, recovered.stderr
    assert not stage.journal.exists()
    if forward:
        planned = stage.kcplan("plan", "realm.json", "--detailed-exitcode")
        stage.strike()
        assert planned.exit_code == 0, planned.stdout
    else:
        stage.is_as_before(recovered)


def test_a_recovery_too_may_find_the_disk_full(stage: Stage) -> None:
    assert apply(stage, STATE).exit_code == 4
    for writes in range(1, 4):
        with room_for(writes):
            result = stage.kcplan("recover", "--auto-approve")
        assert result.exit_code == 4, result.stderr
        assert stage.journal.exists()
    result = stage.kcplan("recover", "--auto-approve")
    assert result.exit_code == 0, result.stderr
    stage.is_as_before(result)


def test_the_message_says_what_to_do(stage: Stage) -> None:
    result = apply(stage, STATE)
    stage.strike()
    text = unwrapped(result).replace(str(stage.folder), "FOLDER")
    assert text[text.index("Error: ") :] == snapshot(
        "Error: cannot write the state FOLDER/kcplan.state.json: No space left on device. Make room there first. The state file is as it was before. What was done in Keycloak is in the journal, which stays: `kcplan recover` takes it back, `kcplan recover --forward` enters it in the state."
    )
