"""How many requests run at once."""

import threading
from contextlib import ExitStack

from kcplan_keycloak.pacing import Pace


def test_requests_that_fail_together_are_one_trouble() -> None:
    pace = Pace(8)
    with ExitStack() as stack:
        slots = [stack.enter_context(pace.slot()) for _ in range(8)]
        for slot in slots:
            pace.strained(slot)
    assert pace.width == 4


def test_trouble_after_trouble_narrows_to_one_and_no_further() -> None:
    pace = Pace(8)
    widths = []
    for _ in range(5):
        with pace.slot() as slot:
            pace.strained(slot)
        widths.append(pace.width)
    assert widths == [4, 2, 1, 1, 1]


def test_a_narrowed_pace_lets_fewer_run() -> None:
    pace = Pace(2)
    with pace.slot() as slot:
        pace.strained(slot)
    entered = threading.Event()

    def enter() -> None:
        with pace.slot():
            entered.set()

    with pace.slot():
        thread = threading.Thread(target=enter)
        thread.start()
        assert not entered.wait(0.1)
    assert entered.wait(5)
    thread.join()
