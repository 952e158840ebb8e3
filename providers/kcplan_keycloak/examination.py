"""What `kcplan doctor` asks Keycloak. It only reads."""

import time
from collections.abc import Collection, Mapping
from typing import Any, Final, TypeGuard

from attrs import field

from kcplan.classes import frozen
from kcplan_keycloak.api import AdminApi, Connection, path
from kcplan_keycloak.built_in import management_client
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.rights import ALL

_MASTER: Final = "master"
_LATEST: Final = 10**11
"""In seconds since 1970; no token is made after that."""


@frozen
class Held:
    """What the account has in a realm.

    Attributes:
        exists: Whether there is such a realm.
        roles: Its roles for that realm; None where nobody knows.
        creates: Whether it may create realms; None where nobody knows.
    """

    exists: bool
    roles: frozenset[str] | None
    creates: bool | None


@frozen
class Examination:
    """What Keycloak told.

    Attributes:
        connection: How it was reached.
        skew: How many seconds its clock is ahead of this machine's; None where nobody knows.
        ends: When its certificate expires, in seconds since 1970; None where that is not known.
        now: This machine's clock, in seconds since 1970.
        version: Its version; None where the account may not see it.
        held: What the account has in each realm.
    """

    connection: Connection
    skew: float | None
    ends: float | None
    now: float
    version: str | None
    held: Mapping[str, Held] = field(factory=dict)


def examine(api: AdminApi, realms: Collection[str]) -> Examination:
    """Log in and ask. Raises ServerError."""
    began = time.time()
    claims = api.claims()
    now = time.time()
    issued = claims.get("iat")
    skew = issued + 0.5 - (began + now) / 2 if _is_time(issued) else None
    version = api.server_info().version
    account = Account.of(api, claims)
    held = {
        realm: Held(_exists(api, realm), account.roles(api, realm), account.creates)
        for realm in sorted(realms)
    }
    return Examination(api.connection, skew, api.certificate_ends(), now, version, held)


def _exists(api: AdminApi, realm: str) -> bool:
    try:
        return api.get(path("realms", realm)) is not None
    except ForbiddenError:
        return True


@frozen
class Account:
    """Which roles the account has, by what its token says or else by what it may see of itself.

    Attributes:
        realm: Where it is.
        realm_roles: Its roles of that realm; None where nobody knows.
        clients: Its roles by client, as the token has them; None where the token has none.
        id: The id of the user, where that is to be asked.
    """

    realm: str
    realm_roles: frozenset[str] | None
    clients: Mapping[str, frozenset[str]] | None = None
    id: str | None = None

    @classmethod
    def of(cls, api: AdminApi, claims: Mapping[str, Any]) -> "Account":
        """The account that is logged in."""
        realm = api.connection.auth_realm
        told = cls.told(realm, claims)
        if told is not None:
            return told
        # Tokens of admin-cli, for one, are lightweight, and say nothing of roles.
        try:
            subject = claims.get("sub")
            return cls._seen(api, realm, subject if isinstance(subject, str) else None)
        except ForbiddenError:
            return cls(realm, None)

    @classmethod
    def told(cls, realm: str, claims: Mapping[str, Any]) -> "Account | None":
        """The account as its token has it; None where that says nothing of roles."""
        of_realm, of_clients = claims.get("realm_access"), claims.get("resource_access")
        if of_realm is None and of_clients is None:
            return None
        clients = of_clients if isinstance(of_clients, dict) else {}
        roles = {name: _roles(access) for name, access in clients.items()}
        return cls(realm, _roles(of_realm), roles)

    @classmethod
    def _seen(cls, api: AdminApi, realm: str, user: str | None) -> "Account":
        name = api.connection.username
        if user is None and name is not None:
            at = path("realms", realm, "users")
            found = api.get(at, username=name, exact="true") or []
            user = next((item["id"] for item in found), None)
        if user is None:
            return cls(realm, None)
        mapped = api.get(
            path("realms", realm, "users", user, "role-mappings", "realm", "composite")
        )
        return cls(realm, frozenset(role["name"] for role in mapped or ()), id=user)

    @property
    def creates(self) -> bool | None:
        """Whether it may create realms."""
        if self.realm != _MASTER:
            return False
        if self.realm_roles is None:
            return None
        return not self.realm_roles.isdisjoint({"admin", "create-realm"})

    def roles(self, api: AdminApi, realm: str) -> frozenset[str] | None:
        """Its roles for a realm; None where nobody knows. Raises ServerError."""
        if self.realm not in (_MASTER, realm):
            return frozenset()
        if self.realm_roles is not None and self.realm == _MASTER and "admin" in self.realm_roles:
            return frozenset({ALL})
        client = management_client(realm) if self.realm == realm else f"{realm}-realm"
        if self.clients is not None:
            return self.clients.get(client, frozenset())
        return None if self.id is None else self._mapped(api, client)

    def _mapped(self, api: AdminApi, client: str) -> frozenset[str] | None:
        try:
            found = api.get(path("realms", self.realm, "clients"), clientId=client)
        except ForbiddenError:
            return None
        if not found:
            return frozenset()
        user = path("realms", self.realm, "users", str(self.id), "role-mappings")
        mapped = api.get(f"{user}/clients/{path(found[0]['id'])}/composite")
        return frozenset(role["name"] for role in mapped or ())


def _is_time(value: Any) -> TypeGuard[int]:
    """Whether it may be a time in seconds since 1970."""
    return isinstance(value, int) and 0 < value < _LATEST


def _roles(access: Any) -> frozenset[str]:
    found = access.get("roles") if isinstance(access, dict) else None
    names = found if isinstance(found, list) else []
    return frozenset(name for name in names if isinstance(name, str))
