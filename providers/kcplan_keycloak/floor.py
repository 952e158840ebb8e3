"""Steps are performed side by side, except for those that must have the floor to themselves."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext


class Floor:
    """Held by many at once, or by one alone. Who waits to be alone lets nobody in any more."""

    def __init__(self) -> None:
        self._inside = 0
        self._entry = threading.Lock()
        self._changed = threading.Condition()

    @contextmanager
    def held(self, *, alone: bool) -> Iterator[None]:
        """Wait for the floor and hold it."""
        with self._entry if alone else nullcontext():
            self._enter(alone=alone)
            try:
                yield
            finally:
                self._leave()

    def _enter(self, *, alone: bool) -> None:
        # Who is alone holds the entry all the time, others only until they are in.
        with nullcontext() if alone else self._entry, self._changed:
            if alone:
                self._changed.wait_for(lambda: self._inside == 0)
            self._inside += 1

    def _leave(self) -> None:
        with self._changed:
            self._inside -= 1
            self._changed.notify_all()
