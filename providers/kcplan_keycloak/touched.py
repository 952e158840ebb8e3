"""What admin events touched: which managed objects must be read again, and whether that is enough.

An event is about an object if its path is the object's, or lies below that. Some paths do not say
which object it was (a step of a flow), some change what others are granted (what a role is composed
of), and some may rename or remove what others refer to. So each event is followed only where it is
known what it can change; any other is a reason to read everything. Pure.
"""

import re
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.resource import TypeSpec

_TOGETHER: Final = frozenset({"authentication", "authz", "components", "identity-provider"})
"""Where a path begins with this, all managed objects of the types of which it may tell are read.

There are few of them, and the paths name what lies in them, or what does not exist any more.
"""

_BESIDE: Final = frozenset(
    {
        "attack-detection",
        "clients-initial-access",
        "default-default-client-scopes",
        "default-groups",
        "default-optional-client-scopes",
        "localization",
        "logout-all",
        "organizations",
        "push-revocation",
        "sessions",
        "testLDAPConnection",
        "testSMTPConnection",
        "workflows",
    }
)
"""Where a path begins with this, it is about no managed object, or one that is always read."""

_NEW: Final = re.compile(r"(clients|client-scopes|groups|roles|users)/[^/]+|clients/[^/]+/roles/.+")
"""The path of a new object. Nothing that is managed can refer to it yet."""

_PART_OF_CLIENT: Final = re.compile(
    r"clients/[^/]+/(protocol-mappers|scope-mappings|default-client-scopes|optional-client-scopes"
    r"|client-secret|nodes|certificates|registration-access-token|push-revocation)(/.*)?"
)
"""The path of what lies in a client, and which nothing but the client depends on."""

_FAR: Final = re.compile(
    r".*/composites(/.*)?|(.*/)?groups/.*/(role-mappings|members)(/.*)?|groups/[^/]+/children"
    r"|.*/management/permissions|events/config"
)
"""The path of what others depend on.

What a role is composed of and what a group gives, accounts have through them; a new child of a
group may be one that was elsewhere.
"""

_NAMED: Final = re.compile(r"(clients/[^/]+/)?roles/.+|authentication/flows/[^/]+")
"""The path of what others refer to by name, and that may lie in something else that is managed."""

_AUTHORIZATION: Final = re.compile(r"clients/[^/]+/authz/.*")
_USER: Final = re.compile(r"users/([^/]+)(/.*)?")
_PROFILE: Final = "users/profile"
_REALM: Final = "REALM"


@frozen
class Happened:
    """What an admin event tells, whoever made the request.

    Attributes:
        operation: `CREATE`, `UPDATE`, `DELETE` or `ACTION`.
        kind: Keycloak's word for what it was about. A partial import is about the `REALM`, says
            where things were made, and not what it removed before.
        path: What the request was sent to, below the realm; empty for the realm itself.
    """

    operation: str
    kind: str
    path: str

    def __str__(self) -> str:
        return f"{self.operation} {self.path or 'of the realm'}"


@frozen
class Touched:
    """What events are about.

    Attributes:
        addresses: The managed objects that are to be read again.
        users: Ids of users that are not managed: the account of a managed client may be one.
        doubt: An event that may have changed anything; None where there is none.
    """

    addresses: frozenset[Address] = frozenset()
    users: frozenset[str] = frozenset()
    doubt: Happened | None = None


def touched(
    events: Iterable[Happened],
    places: Mapping[str, Address],
    managed: Mapping[Address, TypeSpec],
) -> Touched:
    """What these events are about.

    Args:
        events: The events of one realm.
        places: The paths of managed objects below the realm.
        managed: All managed objects of the realm, with their types.
    """
    addresses: set[Address] = set()
    users: set[str] = set()
    for event in events:
        about = _about(event, places, managed)
        if about is None:
            user = _USER.fullmatch(event.path)
            if user is None:
                return Touched(doubt=event)
            users.add(user[1])
        else:
            addresses |= about
    return Touched(_with_inner(addresses, managed), frozenset(users))


def _about(
    event: Happened, places: Mapping[str, Address], managed: Mapping[Address, TypeSpec]
) -> set[Address] | None:
    """The objects that an event is about; None where that is not known."""
    at = event.path
    if event.kind == _REALM or _FAR.fullmatch(at) or _is_rename(event, places):
        return None
    found = _managed_at(at, places)
    about = set() if found is None else {found}
    section = "authz" if _AUTHORIZATION.fullmatch(at) else at.split("/", 1)[0]
    if section in _TOGETHER:
        return about | {address for address, spec in managed.items() if spec.told_at == section}
    if found is not None:
        # What goes may be what others refer to.
        return None if event.operation == "DELETE" and at in places else about
    harmless = section in _BESIDE or at == _PROFILE or _PART_OF_CLIENT.fullmatch(at)
    if harmless or (event.operation == "CREATE" and _NEW.fullmatch(at)):
        return about
    return None


def _is_rename(event: Happened, places: Mapping[str, Address]) -> bool:
    """Whether something that is not managed may have another name now, or be gone.

    A managed object is not found under its name then, which tells it.
    """
    stays = event.operation not in {"UPDATE", "DELETE"}
    return not stays and event.path not in places and bool(_NAMED.fullmatch(event.path))


def _managed_at(at: str, places: Mapping[str, Address]) -> Address | None:
    """The managed object whose path this is, or that it lies in: the innermost."""
    while at:
        if at in places:
            return places[at]
        at = at.rpartition("/")[0]
    return None


def _with_inner(
    addresses: AbstractSet[Address], managed: Mapping[Address, TypeSpec]
) -> frozenset[Address]:
    """Also the managed objects that lie in these."""
    if not addresses:
        return frozenset()
    return frozenset(
        address
        for address in managed
        if address in addresses or not addresses.isdisjoint(address.ancestors())
    )
