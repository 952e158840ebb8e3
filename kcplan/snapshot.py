"""The live Keycloak as kcplan read it: a value, complete for what was asked."""

from collections.abc import Mapping
from enum import Enum
from functools import cached_property

from attrs import field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.offered import Offered
from kcplan.schema import Leaves
from kcplan.state import ServerIdentity


@frozen
class LiveObject:
    """An object in Keycloak.

    Attributes:
        address: Its name.
        type: The word for its type.
        id: Keycloak's id.
        leaves: All of its fields; secrets as `Secret`. Empty for an object that was only looked
            up because something refers to it.
        locked: Whether Keycloak keeps it for itself, so that nobody may change it.
    """

    address: Address
    type: str
    id: str | None
    leaves: Leaves = field(factory=dict)
    locked: bool = False


class PassedOver(Enum):
    """Why an object is there and was not read, or is not taken along with all of a realm."""

    TWIN = "twin"
    """Another object has the same address, so that nobody can say which is meant."""

    BROUGHT = "brought"
    """Something outside of Keycloak brings it, as a directory brings users."""

    BARRED = "barred"
    """The account that kcplan uses may not see it: nobody knows whether it is there at all."""


MANY = 1000
"""Beyond so many users the exact number is not worth more requests."""


@frozen
class Inhabitants:
    """What lives in a realm, or lies in another object, apart from what Keycloak makes.

    Attributes:
        counts: How many there are of what is only counted, by a word for one of it.
        named: The addresses of everything else, by the word.
    """

    counts: Mapping[str, int] = field(factory=dict)
    named: Mapping[str, tuple[Address, ...]] = field(factory=dict)


@frozen
class Snapshot:
    """What Keycloak has, for all addresses that were asked for.

    Attributes:
        server: Where it was read.
        asked: The addresses that were asked for, and may be seen.
        objects: What is there. An address that was asked for and is not here does not exist.
        known: Ids of objects that something refers to, and that nobody asked to have read.
        facts: Fields of such objects that came along with their ids.
        features: Names of the server's enabled features; None where they may not be seen.
        offered: The names that the server knows; None where they may not be seen.
        unmanaged: Objects that nobody asked for, found on what was asked for (`refresh` only).
        inhabitants: What lives in realms and other objects that may go.
        granted: What accounts are granted, by the address of the account, where that was asked. For
            one that was asked for itself only what it has through something else.
        administering: Which roles that administer a realm the accounts have that nobody asked to
            have read, by account, where that was asked.
        unseen: The accounts of which that may not be seen.
        passed_over: What was not read, or left out of a whole realm, and why.
        seconds: When it was read, in seconds since 1970, UTC; None where nobody knows.
    """

    server: ServerIdentity
    asked: frozenset[Address] = frozenset()
    objects: Mapping[Address, LiveObject] = field(factory=dict)
    known: Mapping[Address, str] = field(factory=dict)
    facts: Mapping[Address, Leaves] = field(factory=dict)
    features: frozenset[str] | None = None
    offered: Offered | None = None
    unmanaged: tuple[LiveObject, ...] = ()
    inhabitants: Mapping[Address, Inhabitants] = field(factory=dict)
    granted: Mapping[Address, Leaves] = field(factory=dict)
    administering: Mapping[Address, Leaves] = field(factory=dict)
    unseen: frozenset[Address] = frozenset()
    passed_over: Mapping[Address, PassedOver] = field(factory=dict)
    seconds: int | None = field(default=None, eq=False)

    @cached_property
    def granted_of(self) -> Mapping[Address, Leaves]:
        """What accounts are granted, by the address of what the account comes with."""
        return {Address(account[:-1]): leaves for account, leaves in self.granted.items()}

    @cached_property
    def barred(self) -> frozenset[Address]:
        """What the account may not see. Of a whole realm it is the collection: `shop/workflows`."""
        found = self.passed_over.items()
        return frozenset(address for address, why in found if why is PassedOver.BARRED)

    def exists(self, address: Address) -> bool:
        """Whether the object is there."""
        return address in self.objects or address in self.known

    def ids(self) -> dict[Address, str]:
        """The id of each object that has one."""
        read = {a: o.id for a, o in self.objects.items() if o.id is not None}
        return {**self.known, **read}
