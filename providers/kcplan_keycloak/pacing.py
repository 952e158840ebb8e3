"""How many requests run at once: as many as allowed, fewer while the server has trouble."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from kcplan.classes import define


@define
class Slot:
    """The permission to send one request. `epoch` tells which slow-down it came after."""

    epoch: int


class Pace:
    """A semaphore that adapts. Trouble halves its width, then each full round widens it by one.

    Ten requests that fail together are one trouble and halve it once.
    """

    def __init__(self, width: int) -> None:
        self.width = width
        self._widest = width
        self._running = 0
        self._epoch = 0
        self._good = 0
        self._free = threading.Condition()

    @contextmanager
    def slot(self) -> Iterator[Slot]:
        """Wait for a slot and hold it."""
        with self._free:
            self._free.wait_for(lambda: self._running < self.width)
            self._running += 1
            slot = Slot(self._epoch)
        try:
            yield slot
        finally:
            with self._free:
                self._running -= 1
                self._free.notify_all()

    def strained(self, slot: Slot) -> None:
        """The request of the slot met a server in trouble."""
        with self._free:
            if slot.epoch == self._epoch:
                self.width = max(1, self.width // 2)
                self._epoch += 1
                self._good = 0

    def went_well(self) -> None:
        """A request got its answer."""
        if self.width == self._widest:
            return
        with self._free:
            self._good += 1
            if self.width < self._widest and self._good >= self.width:
                self.width += 1
                self._good = 0
                self._free.notify_all()
