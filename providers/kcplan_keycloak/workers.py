"""A pool of threads for independent requests."""

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from typing import TypeVar

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


class Workers:
    """Threads that call a function for many items. They begin with the first use."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._thread = threading.local()
        self._pool = ThreadPoolExecutor(width, "kcplan-api", initializer=self._mark_thread)

    def _mark_thread(self) -> None:
        self._thread.is_worker = True

    def within(self) -> bool:
        """Whether the caller is one of the threads."""
        return getattr(self._thread, "is_worker", False)

    def close(self) -> None:
        """Drop what has not begun and wait for what runs."""
        self._pool.shutdown(cancel_futures=True)

    def submit(self, function: Callable[[_Item], _Result], item: _Item) -> Future[_Result]:
        """Call the function in a thread, and do not wait for it."""
        return self._pool.submit(function, item)

    def together(
        self, function: Callable[[_Item], _Result], items: Iterable[_Item]
    ) -> list[_Result]:
        """The function's results for the items, in order; each call may itself map.

        For that each has a thread beside the pool, and what they map shares the pool. The first
        error in the order of the items ends it, without waiting for the others.
        """
        todo = list(items)
        if len(todo) <= 1:
            return [function(item) for item in todo]
        beside = ThreadPoolExecutor(min(self._width, len(todo)), "kcplan-part")
        futures = [beside.submit(function, item) for item in todo]
        try:
            return [future.result() for future in futures]
        finally:
            beside.shutdown(wait=False, cancel_futures=True)

    def map(self, function: Callable[[_Item], _Result], items: Iterable[_Item]) -> list[_Result]:
        """The function's results for the items, in order.

        The first error ends it: what has not begun is cancelled, what runs is waited for. Called
        from one of the threads (a function that itself maps) it runs there, one item after the
        other, since waiting for its own pool could wait for ever.
        """
        todo = list(items)
        if len(todo) <= 1 or self.within():
            return [function(item) for item in todo]
        futures = [self._pool.submit(function, item) for item in todo]
        try:
            ended, _ = wait(futures, return_when=FIRST_EXCEPTION)
        finally:
            for future in futures:
                future.cancel()
        failures = [future.exception() for future in futures if future in ended]
        for failure in filter(None, failures):
            wait(futures)
            raise failure
        return [future.result() for future in futures]
