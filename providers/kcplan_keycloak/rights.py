"""Which roles an account needs: declared once, for `kcplan doctor` and the page on accounts. Pure.

A role is one of the client `realm-management` of a realm, for accounts of that realm; for accounts
of `master` it is one of the client `{realm}-realm` there.
"""

from collections.abc import Iterable
from typing import Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan_keycloak.resources import resource_types


@frozen
class Area:
    """What Keycloak guards with the same roles.

    Attributes:
        what: What it is, for people.
        view: The role to view it.
        manage: The role to change it, which lets one view it, too.
        also: Other roles with which one may do either.
    """

    what: str
    view: str
    manage: str
    also: frozenset[str] = frozenset()

    def is_viewed_with(self, roles: frozenset[str]) -> bool:
        """Whether an account with these roles sees it."""
        return self.view in roles or self.is_managed_with(roles)

    def is_managed_with(self, roles: frozenset[str]) -> bool:
        """Whether an account with these roles may change it."""
        return not roles.isdisjoint({self.manage, ALL, *self.also})


ALL: Final = "realm-admin"
"""The role with which one may do everything in a realm."""

REALM: Final = Area(
    "the realm, roles, flows, components, localizations, user profile", "view-realm", "manage-realm"
)
CLIENTS: Final = Area(
    "clients and their roles, client scopes, authorization services, admin permissions",
    "view-clients",
    "manage-clients",
)
USERS: Final = Area("users, service accounts, groups", "view-users", "manage-users")
PROVIDERS: Final = Area(
    "identity providers", "view-identity-providers", "manage-identity-providers"
)
ORGANIZATIONS: Final = Area(
    "organizations", "view-organizations", "manage-realm", frozenset({"manage-organizations"})
)
WORKFLOWS: Final = Area("workflows", ALL, ALL)

AREAS: Final = (REALM, CLIENTS, USERS, PROVIDERS, ORGANIZATIONS, WORKFLOWS)

_FIRST: Final = {
    "clients": CLIENTS,
    "client-scopes": CLIENTS,
    "users": USERS,
    "groups": USERS,
    "identity-provider": PROVIDERS,
    "organizations": ORGANIZATIONS,
    "workflows": WORKFLOWS,
}
"""By the first segment of a path below the realm; all else is the realm's."""

_OF_CLIENTS: Final = frozenset({"clients", "permissions"})
"""What addresses begin with, below the realm, whose objects are those of clients."""


def areas_of(resources: Iterable[tuple[str, Address]]) -> tuple[Area, ...]:
    """The areas of resources, each given by its type and address; the realm's is always one.

    What is only declared, as token exchange, has none: it becomes what has.
    """
    found = {REALM}
    for name, address in resources:
        kind = resource_types().get(name)
        if kind is None:
            continue
        found.add(_at(kind.path_of(address, "id")))
        if address.segments[1:2] and address.segments[1] in _OF_CLIENTS:
            found.add(CLIENTS)
    return tuple(area for area in AREAS if area in found)


def _at(path: str) -> Area:
    """The area of a path, such as `realms/shop/clients/1b2c`."""
    match path.split("/")[2:]:
        case ["users", "profile", *_]:
            return REALM
        case [first, *_]:
            return _FIRST.get(first, REALM)
    return REALM
