"""Keycloak is gone from some write of an apply on, and back later: nothing is lost in between."""

import signal

import httpx
import pytest
from inline_snapshot import snapshot

from kcplan_keycloak.exchange import ATTEMPTS
from support.faults import answer_lost, connection_refused, signalled
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
        self.unanswered = 0
        """How many requests were sent to nobody."""

    def _begin(self, inner: httpx.BaseTransport, request: httpx.Request) -> httpx.Response:
        self._is_down = True
        self.unanswered += 1
        return (answer_lost if self._acted else connection_refused)(inner, request)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self._is_down:
            self.unanswered += 1
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


@pytest.mark.parametrize("acted", [False, True], ids=["before", "after"])
def test_a_rollback_is_given_up_when_one_request_is(stage: Stage, *, acted: bool) -> None:
    """However much there is to undo: the write that failed, and one request of a rollback."""
    outage = Outage(40, acted=acted)
    assert stage.apply(outage).exit_code == 4
    assert len(outage.writes) > 40
    assert outage.unanswered <= 2 * ATTEMPTS + 1

    away = Outage(0, undoing=True)
    result = stage.kcplan("recover", "--auto-approve", through=away)
    assert result.exit_code == 4
    assert away.unanswered <= ATTEMPTS + 1

    nobody = Nobody()
    result = stage.kcplan("recover", "--auto-approve", through=nobody)
    assert result.exit_code == 4
    assert nobody.unanswered <= ATTEMPTS
    assert stage.journal.exists()

    recovered = stage.kcplan("recover", "--auto-approve")
    assert recovered.exit_code == 0, recovered.stderr
    stage.is_as_before(recovered)


class Nobody(httpx.BaseTransport):
    """Nobody answers, so many times; then Keycloak does."""

    def __init__(self, times: int = 1_000_000) -> None:
        self._times = times
        self._inner = httpx.HTTPTransport()
        self.unanswered = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if self.unanswered < self._times:
            self.unanswered += 1
            return connection_refused(self, request)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def test_recover_waits_for_keycloak_where_it_is_asked_to(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert stage.apply(Outage(11)).exit_code == 4
    result = stage.kcplan("recover", "--auto-approve", "--wait", "0", through=Nobody())
    assert result.exit_code == 4
    assert "nothing accepts connections" in result.stderr
    assert stage.journal.exists()

    monkeypatch.setattr("kcplan.cli.waiting._POLL_SECONDS", 0.01)
    starting = Nobody(3)
    recovered = stage.kcplan("recover", "--auto-approve", "--wait", through=starting)
    assert recovered.exit_code == 0, recovered.stderr
    assert starting.unanswered == 3
    waited = [line for line in recovered.stderr.splitlines() if line.startswith("Keycloak ")]
    assert waited == snapshot(
        ["Keycloak does not answer. Waiting, 10:00 left", "Keycloak is back."]
    )
    stage.is_as_before(recovered)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_a_recovery_after_the_step_that_is_being_undone(
    stage: Stage, number: signal.Signals
) -> None:
    assert stage.apply(Outage(19)).exit_code == 4
    stopped = Saboteur(undoing={1: signalled(number)})
    result = stage.kcplan("recover", "--auto-approve", through=stopped)
    assert result.exit_code == 4, result.stderr
    assert "Recover was interrupted." in result.stderr
    assert "run `kcplan recover`" in result.stderr
    assert len(stopped.undone) < 6
    assert stage.journal.exists()

    recovered = stage.kcplan("recover", "--auto-approve")
    assert recovered.exit_code == 0, recovered.stderr
    stage.is_as_before(recovered)


def test_a_signal_ends_a_recovery_forward_in_order(stage: Stage) -> None:
    assert stage.apply(Outage(19)).exit_code == 4
    stopped = Saboteur({3: signalled(signal.SIGTERM)})
    arguments = ("recover", "--auto-approve", "--forward", "--parallelism", "1")
    result = stage.kcplan(*arguments, through=stopped)
    assert result.exit_code == 4, result.stderr
    assert "run `kcplan recover` again" in result.stderr
    assert stage.journal.exists()

    recovered = stage.kcplan(*arguments)
    planned = stage.kcplan("plan", "realm.json", "--detailed-exitcode")
    stage.strike()
    assert recovered.exit_code == 0, recovered.stderr
    assert planned.exit_code == 0, planned.stdout


def test_it_is_told_what_stands_and_what_to_do(stage: Stage) -> None:
    result = stage.apply(Outage(5))
    stage.strike()
    text = result.stderr[result.stderr.index("Apply failed.") :].replace(stage.realm, "REALM")
    assert text == snapshot("""\
Apply failed.
These could not be rolled back:
  REALM/roles/new (update)
  REALM/roles/viewer (update)
  REALM/roles/new (create)
  REALM/roles/editor (update)
  REALM (update)
Keycloak does not answer, so the rollback stopped. The journal is kept: run `kcplan recover` when it is back.
""")
