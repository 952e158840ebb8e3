"""Waiting until Keycloak is back, with a countdown."""

import math
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from kcplan.cli.printing import emit, notify
from kcplan.errors import ServerError, UnavailableError
from kcplan.recovery import unfinished
from kcplan.storage import JournalFile
from kcplan.views.pieces import Err
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.errors import ServerFailureError, WrongServerError

_POLL_SECONDS = 2.0
_LINE_SECONDS = 30.0
"""Where the line cannot be rewritten, another one comes so often."""

_NOT_YET = (UnavailableError, WrongServerError, ServerFailureError)
"""What a server says that is starting, or a gateway in front of one."""


def wait(api: AdminApi, journal: JournalFile, seconds: float) -> None:
    """Wait until Keycloak answers, and lets kcplan log in.

    Raises:
        UnfinishedError: It does not within this time; the journal is closed.
        ServerError: It answers that something else is wrong.
    """
    try:
        until_back(api, seconds)
    except _NOT_YET as problem:
        raise unfinished(problem, journal) from None


def until_back(
    api: AdminApi, seconds: float, sleep: Callable[[float], object] = time.sleep
) -> None:
    """Wait until Keycloak answers, and lets kcplan log in.

    Raises:
        ServerError: It does not within this time, or it answers that something else is wrong.
    """
    deadline = time.monotonic() + seconds
    with _countdown() as tell:
        while (problem := _problem(api)) is not None:
            left = deadline - time.monotonic()
            if left <= 0:
                raise problem
            tell(left)
            sleep(min(_POLL_SECONDS, left))


def _problem(api: AdminApi) -> ServerError | None:
    try:
        api.server_info()
    except _NOT_YET as problem:
        return problem
    return None


@contextmanager
def _countdown() -> Iterator[Callable[[float], None]]:
    """Tells how many seconds are left: on a terminal in one line, elsewhere now and then."""
    terminal = sys.stderr.isatty()
    told: list[float] = []

    def tell(left: float) -> None:
        minutes, rest = divmod(math.ceil(left), 60)
        text = f"Keycloak does not answer. Waiting, {minutes}:{rest:02} left"
        if terminal:
            emit([Err(f"\r{text} ")])
        elif not told or told[-1] - left >= _LINE_SECONDS:
            notify(text)
        else:
            return
        told.append(left)

    yield tell
    if told:
        notify("\nKeycloak is back." if terminal else "Keycloak is back.")
