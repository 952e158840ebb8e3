"""A realm that kcplan makes to see what a new one has by itself, and removes again.

Whatever happens meanwhile, it is removed: signals wait while it is made, and while it goes.
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Final

from kcplan.classes import define
from kcplan.errors import KcplanError, ServerError, UsageError
from kcplan.interrupts import StopNow, handled_by
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.errors import ForbiddenError, NotFoundError, RefusedError

_PREFIX: Final = "kcplan-compare-"


@define
class _Waiting:
    """A signal that waits; 0 where none came."""

    number: int = 0

    def hear(self, number: int, _: FrameType | None) -> None:
        """Remember a signal."""
        self.number = self.number or number

    def deliver(self) -> None:
        """Raise StopNow where a signal came."""
        if self.number:
            raise StopNow(self.number)


@contextmanager
def new_realm(api: AdminApi, tell: Callable[[str], None]) -> Iterator[str]:
    """Make a realm, give its name, and remove it.

    Args:
        api: The server.
        tell: Is told in a line where the realm stays although something else failed already.

    Raises:
        UsageError: The account may not create realms.
        KcplanError: The realm could not be removed.
        ServerError: It could not be made.
    """
    name, waiting, made = f"{_PREFIX}{uuid.uuid4().hex[:12]}", _Waiting(), False
    try:
        with handled_by(waiting.hear):
            _make(api, name)
            made = True
        waiting.deliver()
        yield name
    except BaseException:
        if made and (problem := _removed(api, name, waiting)) is not None:
            tell(f"{problem.summary}. {problem.detail}")
        raise
    if (problem := _removed(api, name, waiting)) is not None:
        raise problem
    waiting.deliver()


def _make(api: AdminApi, name: str) -> None:
    try:
        api.post(path("realms"), {"realm": name, "enabled": True})
    except ForbiddenError:
        raise UsageError(
            "the account may not make a realm to compare with",
            "`--compare-with-new-realm` makes a realm and removes it again. An account of the "
            "realm master may, with the realm role create-realm or admin. Without the option "
            "kcplan goes by what it knows of new realms.",
        ) from None
    except RefusedError:
        raise
    except ServerError:
        # Perhaps it was made, and only the answer is lost.
        with suppress(ServerError):
            api.delete(path("realms", name), slow=True)
        raise


def _removed(api: AdminApi, name: str, waiting: _Waiting) -> KcplanError | None:
    """Remove the realm; what is to be said where it stays."""
    try:
        with handled_by(waiting.hear):
            api.delete(path("realms", name), slow=True)
    except NotFoundError:
        return None
    except ServerError as problem:
        return KcplanError(
            f"the realm {name}, which kcplan made to compare with, could not be removed",
            f"Nothing else is in it: delete it in the console. {problem.summary.capitalize()}.",
        )
    return None
