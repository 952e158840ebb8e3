"""Ctrl-C and its kin: what a person or a system says that wants kcplan to end.

The first signal ends what runs in order: no step begins any more, running ones end, and what was
done is undone. The first one during a rollback ends that, too, after the step that is being undone:
the journal remembers the rest. Any further signal ends kcplan at once.
"""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final, Protocol

SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""A key, a system that shuts down or cancels, and a terminal that goes away."""


SIGNALLED: Final = 128
"""What a shell adds to a signal's number to make an exit code: 130, 143 and 129 for these."""


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


def stop_now(number: int, _: FrameType | None) -> None:
    """The handler that ends kcplan at once. Raises StopNow."""
    raise StopNow(number)


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
