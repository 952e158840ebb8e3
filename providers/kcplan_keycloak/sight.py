"""Whether the account sees all there is, where Keycloak leaves out of a list what it may not see.

An account that may only look for clients or users (`query-clients`, `query-users`, `query-groups`)
is given lists without them, and no error. What it does not see must not be taken for missing.
"""

from collections.abc import Callable, Container
from typing import Final, Protocol, runtime_checkable

from kcplan.address import Address
from kcplan_keycloak.api import path
from kcplan_keycloak.built_in import management_client
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.resource_type import Reading

Sight = Callable[[Reading, Container[Address]], None]
"""Raises ForbiddenError where the account does not see all objects of a type. It takes those that
were found, and is asked where one that the files or the state know was not."""


@runtime_checkable
class Seeing(Protocol):
    """A type of which it may be known whether all objects are seen."""

    @property
    def sight(self) -> Sight | None:
        """Whether they are; None where Keycloak leaves nothing out."""


_NOBODY: Final = "00000000-0000-0000-0000-000000000000"


def of_clients(reading: Reading, found: Container[Address]) -> None:
    """Look for a client that each realm has."""
    own = management_client(reading.realm)
    if Address.of(reading.realm, "clients", own) in found:
        return
    if not reading.api.get(path("realms", reading.realm, "clients"), clientId=own):
        raise _hidden(reading.realm, "clients", "view-clients")


def of_users(reading: Reading, _: Container[Address] = ()) -> None:
    """Look for a user who does not exist. An import says by itself where it lacks the right."""
    if not reading.everything and not sees_users(reading):
        raise _hidden(reading.realm, "users", "view-users")


def of_groups(reading: Reading, _: Container[Address] = ()) -> None:
    """Who sees all users also sees all groups. An import counts those that it leaves out."""
    if not reading.everything and not sees_users(reading):
        raise _hidden(reading.realm, "groups", "view-users")


def sees_users(reading: Reading) -> bool:
    """Whether the account may see all users.

    Of one who does not exist, Keycloak tells how often a log-in failed, to whoever may.
    """
    at = path("realms", reading.realm, "attack-detection", "brute-force", "users", _NOBODY)
    try:
        reading.api.get(at)
    except ForbiddenError:
        return False
    return True


def _hidden(realm: str, what: str, role: str) -> ForbiddenError:
    return ForbiddenError(
        f"the account has no right to see the {what} of the realm {realm}",
        f"Keycloak leaves them out of its lists, so that kcplan would take {what} that are there "
        f"for missing. The account needs the role {role} of the client realm-management in "
        f"{realm!r}; an account of the realm master, that of the client {realm + '-realm'!r} "
        "there. New roles count from the next log-in.",
    )
