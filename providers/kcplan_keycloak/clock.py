"""How much time is left for a request, from the connection to the last byte of its answer."""

import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Clock(threading.local):
    """When the exchange of each thread must be over, in monotonic seconds."""

    end = math.inf

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """What this thread does on the network meanwhile takes so many seconds at most."""
        self.end = time.monotonic() + seconds
        try:
            yield
        finally:
            self.end = math.inf

    def left(self, wanted: float | None, late: type[Exception]) -> float | None:
        """How many seconds an operation may take, which wants so many. Raises `late`."""
        left = self.end - time.monotonic()
        if left <= 0:
            raise late("timed out")
        limit = min(left, math.inf if wanted is None else wanted)
        return limit if math.isfinite(limit) else None
