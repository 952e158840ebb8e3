"""Legacy token exchange: the addresses and names of what it needs in Keycloak.

Keycloak's first token exchange asks the authorization services of the realm's management client
whether a requester may have a token for a target: a client, an identity provider (for its tokens),
or all users (for tokens without giving any). Each target has a permission, and what hangs on it
must all agree; so kcplan has one policy for each target, with all requesters.
"""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Final

from kcplan.address import Address
from kcplan.resource import Resource
from kcplan.schema import unordered
from kcplan_keycloak.token_exchange.declaration import Permission
from kcplan_keycloak.token_exchange.spec import Mode, grant_address, impersonation_address

FEATURES: Final = ("token-exchange", "admin-fine-grained-authz:v1")
"""What a server must be started with for legacy permissions."""

NEEDED: Final = frozenset({"TOKEN_EXCHANGE", "ADMIN_FINE_GRAINED_AUTHZ"})
"""The same, as a server names them."""


class Kind(StrEnum):
    """What a legacy permission is about."""

    CLIENT = "clients"
    PROVIDER = "identity-providers"
    USERS = "users"


ALL_USERS: Final = "all"


def targets(permission: Permission) -> Iterator[Address]:
    """The targets that a legacy permission asks for."""
    realm = permission.realm
    for audience in permission.audiences:
        yield grant_address(realm, Kind.CLIENT, audience)
    if permission.subject_issuer:
        yield grant_address(realm, Kind.PROVIDER, permission.subject_issuer)
    if permission.users:
        yield grant_address(realm, Kind.USERS, ALL_USERS)


def grants(permissions: Iterable[Permission]) -> list[Resource]:
    """What the legacy permissions of a realm compile to, apart from audience mappers."""
    asking: dict[Address, list[Permission]] = {}
    found: list[Resource] = []
    for permission in permissions:
        if permission.mode is not Mode.LEGACY:
            continue
        for target in targets(permission):
            asking.setdefault(target, []).append(permission)
        if permission.impersonate:
            found.append(_impersonation(permission))
    return [*found, *(_grant(target, those) for target, those in asking.items())]


def _grant(target: Address, permissions: list[Permission]) -> Resource:
    source = permissions[0].source()
    because = " and ".join(permission.place for permission in permissions)
    return Resource(
        address=target,
        type="legacy-exchange",
        leaves={
            ("requesters",): unordered(permission.requester for permission in permissions),
            ("linked",): True,
        },
        sources={(): source} if source else {},
        because={("requesters",): because, ("linked",): because},
    )


def _impersonation(permission: Permission) -> Resource:
    source = permission.source(("impersonate",))
    return Resource(
        address=impersonation_address(permission.realm, permission.requester),
        type="impersonation",
        leaves={("granted",): True},
        sources={(): source} if source else {},
        because={("granted",): permission.place},
    )
