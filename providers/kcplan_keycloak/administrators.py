"""Which service accounts may administer a realm, whoever gave them that.

Keycloak is asked for the holders of the roles, not for the roles of the accounts: so the number of
requests does not grow with the number of accounts. A role administers that is one of Keycloak's
own for it, or is composed of one. Who has the default role is not asked: all have it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import evolve, field

from kcplan.address import Address
from kcplan.classes import define, frozen
from kcplan.diagnostics import Path
from kcplan.schema import Leaves
from kcplan.snapshot import MANY, LiveObject
from kcplan_keycloak.accounts import account_of, has_account
from kcplan_keycloak.api import AdminApi, Get, first_pages, path
from kcplan_keycloak.built_in import account_name, default_role, management_client
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.names import Names
from kcplan_keycloak.resources.client_role import SPEC as CLIENT_ROLE
from kcplan_keycloak.resources.role import SPEC as ROLE

_HARMLESS: Final = ("view-", "query-")
_BRIEFLY: Final = {"briefRepresentation": "true"}


@frozen
class _Role:
    """A role, with its path, the leaf that a grant of it stands in, and the ids of its parts."""

    id: str
    name: str
    at: str
    leaf: Path
    parts: frozenset[str] = frozenset()


@frozen
class _Within:
    """A group that has a role, itself or through the groups above it."""

    group: Mapping[str, Any]
    role: _Role


_Holder = tuple[str, Path, str]
"""Who has a role, the leaf that says so, and the role's name."""


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
        self.api.read_ahead(administrators_ahead(self.realm, self._roles()))
        try:
            holders = self._holders(self._administering())
        except ForbiddenError:
            self.unseen.update(accounts.values())
            return {}
        granted: dict[Address, dict[Path, list[str]]] = {}
        for user, leaf, role in holders:
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
            for role in self.api.pages(of_realm, self._roles(), page_size=MANY)
            if role.get("composite") and not self.names.is_default_role(self.realm, role["id"])
        ]
        roles += self._composed_of_clients()
        batches = self.api.map(lambda r: self.api.get(_parts(self.realm, r.id)) or [], roles)
        for role, parts in zip(roles, batches, strict=True):
            yield evolve(role, parts=frozenset(part["id"] for part in parts))

    def _roles(self) -> int:
        """How many roles of the realm were read."""
        return sum(
            1 for a, i in self.found.items() if i.type == ROLE.name and a.realm == self.realm
        )

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

    def _holders(self, roles: Sequence[_Role]) -> list[_Holder]:
        """The users who have the roles, also through groups, with the leaf that says so."""
        self.api.read_ahead(get for role in roles for get in _holding(role.at))
        found: list[_Holder] = []
        level: list[_Within] = []
        for role, (users, groups) in zip(roles, self.api.map(self._direct, roles), strict=True):
            found += [(user["username"], role.leaf, role.name) for user in users]
            level += [_Within(group, role) for group in groups]
        while level:
            self.api.read_ahead(get for item in level for get in _in_group(self._group(item)))
            inside = self.api.map(self._inside, level)
            for item, (members, _) in zip(level, inside, strict=True):
                leaf = ("groups", item.group["path"], *item.role.leaf)
                found += [(user["username"], leaf, item.role.name) for user in members]
            level = [
                _Within(child, item.role)
                for item, (_, children) in zip(level, inside, strict=True)
                for child in children
            ]
        return found

    def _direct(self, role: _Role) -> tuple[list[Any], list[Any]]:
        """The users and the groups that have a role."""
        users, groups = f"{role.at}/users", f"{role.at}/groups"
        return self._all(users, **_BRIEFLY), self._all(groups, **_BRIEFLY)

    def _inside(self, item: _Within) -> tuple[list[Any], list[Any]]:
        """The members of a group, and the groups in it."""
        at = self._group(item)
        return self._all(f"{at}/members", **_BRIEFLY), self._all(f"{at}/children")

    def _all(self, at: str, **query: Any) -> list[Any]:
        return self.api.pages(at, page_size=MANY, **query)

    def _group(self, item: _Within) -> str:
        return path("realms", self.realm, "groups", item.group["id"])


def administrators_ahead(realm: str, roles: int) -> Iterator[Get]:
    """What is read of a realm to find who administers it, one thing after the other.

    Args:
        realm: The realm's name.
        roles: About how many roles it has.
    """
    at = path("realms", realm)

    def held(client: str, found: Iterable[Mapping[str, Any]]) -> Iterator[Get]:
        for name in (role["name"] for role in found):
            if not name.startswith(_HARMLESS):
                yield from _holding(f"{client}/roles/{path(name)}")

    def of_client(found: Sequence[Mapping[str, Any]]) -> Iterator[Get]:
        if found:
            client = f"{at}/clients/{path(found[0]['id'])}"
            yield Get(f"{client}/roles", then=lambda content: held(client, content))

    def parts(found: Iterable[Mapping[str, Any]]) -> Iterator[Get]:
        for role in found:
            if role.get("composite") and role["name"] != default_role(realm):
                yield Get(_parts(realm, role["id"]))

    yield Get(f"{at}/clients", {"clientId": management_client(realm)}, of_client)
    yield from first_pages(f"{at}/roles", roles, MANY, parts)


def _parts(realm: str, role_id: str) -> str:
    """The path of what a role is composed of; the same as of that of a role that is managed."""
    return path("realms", realm, "roles-by-id", role_id, "composites")


def _holding(at: str) -> Iterator[Get]:
    """The requests for those who have the role at a path."""
    for kind in ("users", "groups"):
        yield from first_pages(f"{at}/{kind}", 0, MANY, None, **_BRIEFLY)


def _in_group(at: str) -> Iterator[Get]:
    """The requests for those who are in the group at a path."""
    yield from first_pages(f"{at}/members", 0, MANY, None, **_BRIEFLY)
    yield from first_pages(f"{at}/children", 0, MANY)
