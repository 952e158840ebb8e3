"""What the service accounts of clients are granted: roles, and groups with their roles.

An account costs two requests, its roles and its groups; those that a file declares were read
already, so only their groups are asked for. The ids of accounts come in pages where they are many,
and nobody is asked for his groups where the realm has none.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import field

from kcplan.address import Address
from kcplan.classes import define
from kcplan.schema import Leaves, flatten
from kcplan.shapes import MapOf, Object, Shape
from kcplan.snapshot import LiveObject
from kcplan_keycloak.accounts import account_of, account_users, has_account
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.built_in import account_name
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.names import Names
from kcplan_keycloak.parts import RoleSet
from kcplan_keycloak.resource_type import FEW, Reading
from kcplan_keycloak.roles import CLIENT_ROLES, REALM_ROLES

_ROLES: Final[Mapping[str, Shape]] = {"realmRoles": REALM_ROLES, "clientRoles": CLIENT_ROLES}

GRANTS: Final = Object({**_ROLES, "groups": MapOf(Object(_ROLES))})
"""What an account is granted: `groups` has the roles that it has through each of its groups."""

_MAPPINGS: Final = RoleSet("role-mappings", ("realmRoles",), ("clientRoles",))


@define
class GrantReader:
    """Reads what the accounts of clients of one realm are granted; never writes.

    `unseen` has the accounts of which that may not be seen.
    """

    api: AdminApi
    names: Names
    realm: str
    found: Mapping[Address, LiveObject]
    unseen: set[Address] = field(factory=set)
    _groups: dict[str, Mapping[str, Any]] = field(factory=dict)
    _may_be_in_groups: bool = True

    def read(self, clients: Iterable[Address]) -> dict[Address, Leaves]:
        """What each account is granted, by its address."""
        there = (client for client in clients if client in self.found)
        on = [client for client in there if has_account(self.found[client])]
        try:
            ids = self._ids(on)
        except ForbiddenError:
            self.unseen.update(map(account_of, on))
            return {}
        self._may_be_in_groups = len(on) <= FEW or self._are_groups()
        read = self.api.map(lambda client: self._read(client, ids.get(client)), on)
        return {
            account_of(client): it for client, it in zip(on, read, strict=True) if it is not None
        }

    def _ids(self, clients: list[Address]) -> dict[Address, str]:
        """The users' ids. Asking a client for its account would make one that is missing."""
        known = {
            client: item.id
            for client in clients
            if (item := self.found.get(account_of(client))) is not None and item.id is not None
        }
        unknown = {account_name(c.segments[2]): c for c in clients if c not in known}
        at = path("realms", self.realm, "users")
        if len(unknown) > FEW:
            users = account_users(self.api, self.realm, len(unknown))
        else:
            batches = self.api.map(
                lambda name: self.api.get(at, username=name, exact="true") or [], unknown
            )
            users = [user for batch in batches for user in batch]
        return known | {
            unknown[user["username"]]: user["id"] for user in users if user["username"] in unknown
        }

    def _are_groups(self) -> bool:
        """Whether the realm has groups, as far as the account that is logged in may know."""
        try:
            counted = self.api.get(path("realms", self.realm, "groups", "count")) or {}
        except ForbiddenError:
            return True
        return bool(counted.get("count") != 0)

    def _groups_of(self, at: str) -> list[Mapping[str, Any]]:
        """The groups that an account is in."""
        if not self._may_be_in_groups:
            return []
        return self.api.get(f"{at}/groups", briefRepresentation="false") or []

    def _read(self, client: Address, user: str | None) -> Leaves | None:
        if user is None:
            return None
        at = path("realms", self.realm, "users", user)
        try:
            document = self._roles(client, at)
            groups = self._groups_of(at)
        except ForbiddenError:
            self.unseen.add(account_of(client))
            return None
        named = {group["path"]: self._through(group) for group in groups}
        leaves = flatten(GRANTS, {**document, "groups": named})
        return {where: roles for where, roles in leaves.items() if roles}

    def _roles(self, client: Address, at: str) -> dict[str, Any]:
        """The roles that an account has itself, unless they were read already."""
        if account_of(client) in self.found:
            return {}
        mappings = self.api.get(f"{at}/role-mappings") or {}
        reading = Reading(self.api, self.names, self.realm, {}, self.found)
        return _MAPPINGS.names_in(reading, mappings)

    def _through(self, group: Mapping[str, Any]) -> dict[str, Any]:
        """The roles that members of a group have: its own, and those of the groups above it."""
        realm = set(group.get("realmRoles") or ())
        client = {name: set(roles) for name, roles in (group.get("clientRoles") or {}).items()}
        while (parent := group.get("parentId")) is not None:
            group = self._group(parent)
            realm |= set(group.get("realmRoles") or ())
            for name, roles in (group.get("clientRoles") or {}).items():
                client[name] = client.get(name, set()) | set(roles)
        return {
            "realmRoles": sorted(realm),
            "clientRoles": {name: sorted(roles) for name, roles in client.items()},
        }

    def _group(self, group: str) -> Mapping[str, Any]:
        if group not in self._groups:
            self._groups[group] = self.api.get(path("realms", self.realm, "groups", group)) or {}
        return self._groups[group]
