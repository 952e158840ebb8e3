"""Who changed something in Keycloak, and with which accounts kcplan itself writes.

Keycloak keeps admin events where a realm wants it. What they say of a change is an `Author`. The
state remembers each `OwnAccount` that kcplan has written with, so that nobody is named for what
kcplan did.
"""

import time
from collections.abc import Iterable

from kcplan.classes import frozen


@frozen
class Author:
    """Who changed something in Keycloak, as an admin event has it.

    Attributes:
        user: The user's name; its id where the name may not be seen.
        user_id: Keycloak's id of the user.
        ip_address: Where the request came from; empty where the event does not say.
        seconds: When, in seconds since 1970, UTC.
    """

    user: str
    user_id: str
    ip_address: str
    seconds: int

    @property
    def moment(self) -> str:
        """When, for programs: `2026-11-24T21:03:05Z`."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.seconds))

    def __str__(self) -> str:
        place = f" from {self.ip_address}" if self.ip_address else ""
        when = time.strftime("%Y-%m-%d %H:%M", time.gmtime(self.seconds))
        return f"{self.user}{place}, {when} UTC"


@frozen
class OwnAccount:
    """An account that kcplan has written with.

    Attributes:
        user: Keycloak's id of it.
        client: The client that it logged in with; None for a service account, which only programs
            have.
        seconds: When kcplan wrote with it last, in seconds since 1970, UTC.
    """

    user: str
    client: str | None
    seconds: int


CLOCKS = 60
"""So many seconds two clocks may differ."""


def has_written(
    accounts: Iterable[OwnAccount], user: str, client: str | None, seconds: float
) -> bool:
    """Whether a write to Keycloak counts as kcplan's own.

    What the account of a person wrote after kcplan last used it was not kcplan.

    Args:
        accounts: The accounts that kcplan has written with.
        user: The id of the user who wrote.
        client: The client that they were logged in with; None where that is not known.
        seconds: When.
    """
    return any(
        account.user == user
        and (
            account.client is None
            or (client in (None, account.client) and seconds <= account.seconds + CLOCKS)
        )
        for account in accounts
    )


def with_account(accounts: Iterable[OwnAccount], account: OwnAccount) -> tuple[OwnAccount, ...]:
    """The accounts, with one that has just written."""
    rest = [item for item in accounts if (item.user, item.client) != (account.user, account.client)]
    return (*rest, account)
