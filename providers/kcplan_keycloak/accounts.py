"""Which clients have a service account, what it is called, and how many are looked at at once."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.schema import Leaves
from kcplan.shapes import STRING, ListOf, MapOf
from kcplan.snapshot import LiveObject
from kcplan_keycloak.api import AdminApi, Get, first_pages, path
from kcplan_keycloak.built_in import ADMIN_CLIENT, account_name
from kcplan_keycloak.errors import ForbiddenError, OverloadedError, ServerFailureError

_SWITCH: Final = ("serviceAccountsEnabled",)
_PAGE: Final = 100

User = Mapping[str, Any]

ATTRIBUTES: Final = MapOf(ListOf(STRING, may_be_one=True, without_empty=True))
"""The attributes of an account. Unlike for groups and roles, Keycloak takes one text without the
list, and leaves empty texts out."""


def account_of(client: Address) -> Address:
    """The address of a client's service account."""
    return client.child("service-account")


def is_on(client: Leaves) -> bool:
    """Whether fields switch the service account of a client on."""
    return client.get(_SWITCH) is True


def has_account(client: LiveObject) -> bool:
    """Whether a client has a service account switched on."""
    return is_on(client.leaves)


def clients_without_account(objects: Mapping[Address, LiveObject]) -> Iterator[Address]:
    """The clients whose service account is switched on, and was not read.

    Keycloak makes none for the client that holds the permissions of administrators.
    """
    for address, item in sorted(objects.items()):
        missing = has_account(item) and account_of(address) not in objects
        if missing and address.name != ADMIN_CLIENT:
            yield address


@frozen
class Accounts:
    """Users whose names are those of service accounts, by id and by name."""

    by_id: Mapping[str, User]
    by_name: Mapping[str, User]

    @classmethod
    def of(cls, users: Iterable[User]) -> "Accounts":
        """These users."""
        found = list(users)
        return cls({user["id"]: user for user in found}, {u["username"]: u for u in found})


NO_ACCOUNTS: Final = Accounts({}, {})
"""Nobody was looked up: each account is to be asked for by itself."""


def is_about_users(at: str) -> bool:
    """Whether what is at a path grows with the users: lists of them, and what each of them has."""
    match at.split("/"):
        case ["realms", _, "users", *more]:
            return more[:1] not in (["profile"], ["count"])
    return False


def account_pages(realm: str, expected: int) -> list[Get]:
    """The requests with which `account_users` begins."""
    return first_pages(_users(realm), expected, _PAGE, username=account_name(""))


def account_users(api: AdminApi, realm: str, expected: int = 0) -> list[User]:
    """All users with the name of a service account, in pages, each as whole as if asked for alone.

    Args:
        api: The server.
        realm: The realm's name.
        expected: About how many there are.

    Raises:
        ServerError: They could not be read.
    """
    return api.pages(_users(realm), expected, _PAGE, username=account_name(""))


def list_accounts(api: AdminApi, realm: str, expected: int = 0) -> Accounts:
    """The same, to be looked up; nobody where the account that is logged in may list no users.

    It may still look at some of them, one by one. So it is where Keycloak fails at the list: it
    also asks the directories of user federations, which may not answer.

    Raises:
        ServerError: Anything else.
    """
    try:
        return Accounts.of(account_users(api, realm, expected))
    except (ForbiddenError, ServerFailureError, OverloadedError):
        return NO_ACCOUNTS


def _users(realm: str) -> str:
    return path("realms", realm, "users")
