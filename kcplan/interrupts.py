"""Ctrl-C and its kin: what a person or a system says that wants kcplan to end.

The first signal ends what runs in order: no step begins any more, running ones end, and what was
done is undone. The first one during a rollback ends that, too, after the step that is being undone:
the journal remembers the rest. Any further signal ends kcplan at once.

"At once" is not within the few lines of Python's own that must not be cut in two: where modules are
imported and threads wait for each other, a lock would stay taken, and kcplan would wait for it for
ever; what is raised where Python tidies up is dropped. There the signal comes once more, shortly.
"""

import signal
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from types import FrameType
from typing import Final, Protocol

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""A key, a system that shuts down or cancels, and a terminal that goes away."""


SIGNALLED: Final = 128
"""What a shell adds to a signal's number to make an exit code: 130, 143 and 129 for these."""


_DELICATE: Final = (
    "<frozen importlib._bootstrap",
    threading.__file__,
    threading.__file__.replace("threading.py", "concurrent"),
    weakref.__file__,
)
"""Files whose functions hold locks that others wait for, or whose errors are dropped."""

_WAITING: Final = frozenset({"wait", "_wait_for_tstate_lock"})
"""The functions among them in which threads wait for each other. These can be left at any time."""

_SHORTLY: Final = 0.01
"""Seconds until a signal that came at a bad moment comes again."""

_MOST_DELAYS: Final = 200
"""How often that is done in a run: none of these moments takes so long."""

_delays = count()


class StopNow(KeyboardInterrupt):
    """A signal that ends kcplan at once. `number` is the signal's."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number


class Stoppable(Protocol):
    """What can be asked to end in order.

    Attributes:
        interrupted: The signal that asked it to begin nothing new; 0 where none did.
        undoing: Whether it is already undoing what it did.
        stopped: Whether it is to end the undoing as well.
    """

    interrupted: int
    undoing: bool
    stopped: bool


Handler = Callable[[int, FrameType | None], None]


def stop_now(number: int, frame: FrameType | None) -> None:
    """The handler that ends kcplan at once. Raises StopNow, now or shortly."""
    if frame is not None and must_not_be_cut(frame) and next(_delays) < _MOST_DELAYS:
        _once_more(number)
        return
    signal.setitimer(signal.ITIMER_REAL, 0)
    raise StopNow(number)


def wrapped_stop(error: BaseException) -> StopNow | None:
    """The StopNow of which Python made another error, as it does where a class is made."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, StopNow):
        cause = cause.__cause__ or cause.__context__
    return cause


def must_not_be_cut(frame: FrameType) -> bool:
    """Whether what runs there is Python's own, is done in no time, and would not bear a StopNow.

    Where threads are waited for, it does; there kcplan spends most of its time.
    """
    code = frame.f_code
    within = code.co_filename.startswith(_DELICATE) and code.co_name not in _WAITING
    return within or code.co_name == "__del__"


def _once_more(number: int) -> None:
    """Let the signal come again, to whatever handles it then."""

    def again(_: int, frame: FrameType | None) -> None:
        handler = signal.getsignal(number)
        if callable(handler):
            handler(number, frame)

    signal.signal(signal.SIGALRM, again)
    signal.setitimer(signal.ITIMER_REAL, _SHORTLY)


@contextmanager
def never_lost() -> Iterator[None]:
    """Meanwhile a StopNow that Python drops, as it does where it tidies up, is raised again."""
    before = sys.unraisablehook

    def hook(dropped: "sys.UnraisableHookArgs") -> None:
        if isinstance(dropped.exc_value, StopNow):
            _once_more(dropped.exc_value.number)
        else:
            before(dropped)

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before
        signal.setitimer(signal.ITIMER_REAL, 0)


def later(_: int, __: FrameType | None) -> None:
    """The handler for moments that are short, and must not be cut in two: nothing happens."""


@contextmanager
def handled_by(handler: Handler) -> Iterator[None]:
    """Meanwhile the signals go to this handler; those that are ignored (`nohup`) stay ignored.

    Only the main thread may ask for signals; elsewhere nothing is changed.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    heard = [number for number in SIGNALS if before[number] is not signal.SIG_IGN]
    for number in heard:
        signal.signal(number, handler)
    try:
        yield
    finally:
        for number in heard:
            signal.signal(number, before[number])


@contextmanager
def orderly(run: Stoppable) -> Iterator[None]:
    """Let signals end an execution in order, as the module's docstring says."""

    def handler(number: int, frame: FrameType | None) -> None:
        if run.undoing and not run.stopped:
            run.stopped = True
            run.interrupted = run.interrupted or number
        elif not run.undoing and not run.interrupted:
            run.interrupted = number
        else:
            stop_now(number, frame)

    with handled_by(handler):
        yield
