"""Keycloak is gone from some write of an apply on, and back later: nothing is lost in between."""

import httpx
import pytest
from inline_snapshot import snapshot

from support.faults import answer_lost, connection_refused
from support.sabotage import Saboteur
from support.stage import Stage
from support.upheaval import UPHEAVAL

CHANGE = UPHEAVAL
SOME = [2, 11, 19, 25, 33, 40, 45]


class Outage(Saboteur):
    """From a write on (of a rollback, if said) nothing answers; that one may be acted on before."""

    def __init__(self, number: int, *, acted: bool = False, undoing: bool = False) -> None:
        begin = {number: self._begin}
        super().__init__({} if undoing else begin, undoing=begin if undoing else {})
        self._acted = acted
        self._is_down = False

    def _begin(self, inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        self._is_down = True
        return (answer_lost if self._acted else connection_refused)(inner, request)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._is_down:
            return connection_refused(self, request)
        return super().handle_request(request)


@pytest.mark.parametrize("acted", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", SOME)
def test_what_an_outage_left_is_rolled_back_when_it_is_over(
    stage: Stage, number: int, *, acted: bool
) -> None:
    result = stage.apply(Outage(number, acted=acted))
    assert result.exit_code == 4, result.stderr
    assert "kcplan recover" in result.stderr
    assert stage.journal.exists()

    for length in (0, 1):
        again = Outage(length, acted=acted, undoing=True)
        result = stage.kcplan("recover", "--auto-approve", through=again)
        assert result.exit_code == 4, result.stderr
        assert "kcplan recover" in result.stderr
        assert stage.journal.exists()

    recovered = stage.kcplan("recover", "--auto-approve")
    assert recovered.exit_code == 0, recovered.stderr
    assert not stage.journal.exists()
    stage.is_as_before(recovered)


@pytest.mark.parametrize("number", [5, 17, 29, 41])
def test_an_outage_while_steps_run_at_once_is_rolled_back_too(stage: Stage, number: int) -> None:
    outage = Outage(number, acted=number % 3 == 2)
    assert stage.apply(outage, "--parallelism", "10").exit_code == 4
    recovered = stage.kcplan("recover", "--auto-approve")
    assert recovered.exit_code == 0, recovered.stderr
    stage.is_as_before(recovered)


@pytest.mark.parametrize("number", SOME)
def test_what_an_outage_left_can_be_finished_when_it_is_over(stage: Stage, number: int) -> None:
    assert stage.apply(Outage(number, acted=number % 2 == 0)).exit_code == 4
    recovered = stage.kcplan("recover", "--auto-approve", "--forward")
    planned = stage.kcplan("plan", "realm.json", "--detailed-exitcode")
    stage.strike()
    assert recovered.exit_code == 0, recovered.stderr
    assert planned.exit_code == 0, planned.stdout


def test_it_is_told_what_stands_and_what_to_do(stage: Stage) -> None:
    result = stage.apply(Outage(4))
    stage.strike()
    text = result.stderr[result.stderr.index("Apply failed.") :].replace(stage.realm, "REALM")
    assert text == snapshot("""\
Apply failed.
These could not be rolled back and stand as the failed apply left them:
  REALM/roles/new (update)
  REALM/roles/viewer (update)
  REALM/roles/new (create)
  REALM/roles/editor (update)
  REALM (update)
The journal keeps what it takes: when the cause is mended, `kcplan recover` rolls them back.
""")
