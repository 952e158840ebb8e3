"""A signal that comes while Python does what must not be cut in two is neither lost nor harmful."""

import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from types import FrameType
from typing import Any

import pytest

from kcplan.interrupts import must_not_be_cut

SCRIPT = """
import os, signal, weakref
from kcplan.interrupts import StopNow, handled_by, never_lost, stop_now
done = []
def kill():
    os.kill(os.getpid(), signal.SIGTERM)
class It:
    pass
with never_lost(), handled_by(stop_now):
    try:
        MOMENT
        for _ in range(50_000_000):
            pass
        print("never stopped")
    except StopNow as stop:
        print("stopped by", stop.number, "after", *done)
"""
"""What was done stands in `done`; `kill` sends the signal."""


def run(moment: str) -> tuple[str, str]:
    """Run the script; what it prints, and what Python complains about."""
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT.replace("MOMENT", moment)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return ended.stdout.strip(), ended.stderr


def test_an_import_is_not_cut_in_two() -> None:
    """Else the lock of all imports stays taken, and no other thread can import anything."""
    code = "os.kill(os.getpid(), 15); done.append('the whole import')"
    moment = f'exec(compile("{code}", "<frozen importlib._bootstrap>", "exec"))'
    assert run(moment) == ("stopped by 15 after the whole import", "")


@pytest.mark.parametrize(
    "moment",
    [
        "It.__del__ = lambda _: done.append('it went') or kill(); It()",
        "it = It(); ref = weakref.ref(it, lambda _: done.append('it went') or kill()); del it",
    ],
)
def test_a_signal_is_not_lost_where_python_drops_errors(moment: str) -> None:
    """What tidies up is called by the interpreter, which drops what it raises."""
    assert run(moment) == ("stopped by 15 after it went", "")


def test_a_signal_is_one_too_where_python_makes_another_error_of_it() -> None:
    """While a class is made, what its parts raise is a RuntimeError."""
    code = """
import os, signal, sys
import kcplan.cli.app as app
class Part:
    def __set_name__(self, *_):
        os.kill(os.getpid(), signal.SIGTERM)
        os.getpid()
app.app.main = lambda **_: type("Made", (), {"part": Part()})
app.main()
"""
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.stderr == "Interrupted. Nothing more is done.\n"
    assert ended.returncode == 128 + signal.SIGTERM


def frame_of(name: str, within: Callable[[Callable[[], None]], object]) -> FrameType:
    """The frame of the function of this name while it calls what it was given."""
    found: list[FrameType] = []

    def look() -> None:
        frame: FrameType | None = sys._getframe()
        while frame is not None and frame.f_code.co_name != name:
            frame = frame.f_back
        assert frame is not None
        found.append(frame)

    within(look)
    return found[0]


def test_what_holds_the_locks_of_threads_is_not_cut_in_two() -> None:
    def ends(look: Callable[[], None]) -> None:
        future: Future[None] = Future()
        future.add_done_callback(lambda _: look())
        future.set_result(None)

    assert must_not_be_cut(frame_of("set_result", ends))


def test_what_waits_or_is_kcplans_own_is_left_at_once() -> None:
    waiting = threading.Event()
    thread = threading.Thread(target=waiting.wait)
    thread.start()
    frame: Any = None
    try:
        while frame is None or frame.f_code.co_name != "wait":
            frame = sys._current_frames().get(thread.ident or 0)
        assert not must_not_be_cut(frame)
    finally:
        waiting.set()
        thread.join()
    assert not must_not_be_cut(sys._getframe())
    assert signal.getitimer(signal.ITIMER_REAL) == (0.0, 0.0)
