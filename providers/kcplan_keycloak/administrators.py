"""Which service accounts may administer a realm, whoever gave them that.

Keycloak is asked for the holders of the roles, not for the roles of the accounts: so the number of
requests does not grow with the number of accounts. A role administers that is one of Keycloak's
own for it, or is composed of one. Who has the default role is not asked: all have it.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import define, evolve, field, frozen

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.schema import Leaves
from kcplan.snapshot import MANY, LiveObject
from kcplan_keycloak.accounts import account_of, has_account
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.built_in import account_name, management_client
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.names import Names
from kcplan_keycloak.resources.client_role import SPEC as CLIENT_ROLE

_HARMLESS: Final = ("view-", "query-")


@frozen
class _Role:
    """A role, with its path, the leaf that a grant of it stands in, and the ids of its parts."""

    id: str
    name: str
    at: str
    leaf: Path
    parts: frozenset[str] = frozenset()


@define
class AdministratorReader:
    """Reads who administers one realm; never writes.

    `unseen` has the accounts of which that may not be seen.
    """

    api: AdminApi
    names: Names
    realm: str
    found: Mapping[Address, LiveObject]
    unseen: set[Address] = field(factory=set)

    def read(self, clients: Iterable[Address]) -> Mapping[Address, Leaves]:
        """Which roles that administer the accounts of these clients have, by account.

        Accounts that were read themselves are left out.
        """
        accounts = {
            account_name(client.segments[2]): account_of(client)
            for client in clients
            if self._is_undeclared(client)
        }
        if not accounts:
            return {}
        try:
            batches = self.api.map(self._holders, self._administering())
        except ForbiddenError:
            self.unseen.update(accounts.values())
            return {}
        granted: dict[Address, dict[Path, list[str]]] = {}
        for user, leaf, role in (holder for batch in batches for holder in batch):
            if user in accounts:
                granted.setdefault(accounts[user], {}).setdefault(leaf, []).append(role)
        return granted

    def _is_undeclared(self, client: Address) -> bool:
        item = self.found.get(client)
        return item is not None and has_account(item) and account_of(client) not in self.found

    # -- roles -------------------------------------------------------------------------------

    def _administering(self) -> list[_Role]:
        """Keycloak's own roles for it, and those that are composed of one."""
        own, others = self._own(), [*self._composed()]
        chosen = {role.id: role for role in own}
        size = -1
        while len(chosen) > size:
            size = len(chosen)
            chosen |= {r.id: r for r in others if not r.parts.isdisjoint(chosen)}
        return list(chosen.values())

    def _own(self) -> list[_Role]:
        name = management_client(self.realm)
        at = path("realms", self.realm, "clients")
        found = self.api.get(at, clientId=name) or []
        if not found:
            return []
        at = f"{at}/{path(found[0]['id'])}/roles"
        return [
            _Role(role["id"], role["name"], f"{at}/{path(role['name'])}", ("clientRoles", name))
            for role in self.api.get(at) or []
            if not role["name"].startswith(_HARMLESS)
        ]

    def _composed(self) -> Iterator[_Role]:
        """The roles that are composed of others, of the realm and of clients that were read."""
        of_realm = path("realms", self.realm, "roles")
        roles = [
            _Role(role["id"], role["name"], f"{of_realm}/{path(role['name'])}", ("realmRoles",))
            for role in self.api.pages(of_realm, page_size=MANY)
            if role.get("composite") and not self.names.is_default_role(self.realm, role["id"])
        ]
        roles += self._composed_of_clients()
        batches = self.api.map(lambda role: self.api.get(f"{role.at}/composites") or [], roles)
        for role, parts in zip(roles, batches, strict=True):
            yield evolve(role, parts=frozenset(part["id"] for part in parts))

    def _composed_of_clients(self) -> Iterator[_Role]:
        for address, item in self.found.items():
            if item.type != CLIENT_ROLE.name or address.realm != self.realm or item.id is None:
                continue
            client = self.found.get(Address(address.segments[:3]))
            composed = any(leaf[0] == "composites" and item.leaves[leaf] for leaf in item.leaves)
            if composed and client is not None and client.id is not None:
                at = path("realms", self.realm, "clients", client.id, "roles", address.name)
                yield _Role(item.id, address.name, at, ("clientRoles", client.address.name))

    # -- who has them ------------------------------------------------------------------------

    def _holders(self, role: _Role) -> list[tuple[str, Path, str]]:
        """The users who have a role, with the leaf that says so."""
        users = self.api.pages(f"{role.at}/users", page_size=MANY, briefRepresentation="true")
        groups = self.api.pages(f"{role.at}/groups", page_size=MANY, briefRepresentation="true")
        found = [(user["username"], role.leaf, role.name) for user in users]
        for group in groups:
            found += self._members(group, role)
        return found

    def _members(self, group: Mapping[str, Any], role: _Role) -> list[tuple[str, Path, str]]:
        """The members of a group, and of the groups in it."""
        at = path("realms", self.realm, "groups", group["id"])
        leaf = ("groups", group["path"], *role.leaf)
        members = self.api.pages(f"{at}/members", page_size=MANY, briefRepresentation="true")
        found = [(user["username"], leaf, role.name) for user in members]
        for child in self.api.pages(f"{at}/children", page_size=MANY):
            found += self._members(child, role)
        return found
