"""Stand-ins in a throw-away server for what permissions name and the files do not declare.

Users are seldom in the files, and roles or groups may be somebody else's. To a permission it
matters only that there is one of that name.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from kcplan.address import Address
from kcplan.resource import Resource
from kcplan_keycloak.admin_proof.conditions import Kind, traits
from kcplan_keycloak.admin_proof.declaration import Permission
from kcplan_keycloak.admin_proof.objects import CONTAINERS, address_of
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.built_in import is_built_in_client
from kcplan_keycloak.names import Names
from kcplan_keycloak.resources.client_role import SPEC as CLIENT_ROLE
from kcplan_keycloak.resources.role import SPEC as ROLE

_PEOPLE: Final[Mapping[Kind, str]] = {
    Kind.USER: "users",
    Kind.GROUP: "groups",
    Kind.ROLE: "roles",
    Kind.CLIENT: "clients",
}
_ORDER: Final = ("clients", "roles", "groups", "users", "organizations")
_ACCOUNT: Final = "service-account-"


def absent(
    permissions: Iterable[Permission], resources: Mapping[Address, Resource]
) -> list[Address]:
    """What permissions name and the files do not declare, in the order in which it is made."""
    named = {address for permission in permissions for address in _named(permission)}
    missing = [address for address in named if address not in resources and _is_free(address)]
    return sorted(missing, key=lambda a: (a.realm, _ORDER.index(a.segments[1]), a.segments))


def _named(permission: Permission) -> Iterator[Address]:
    for trait in traits(permission.condition):
        yield address_of(permission.realm, _PEOPLE[trait.kind], trait.name)
    container = CONTAINERS.get(permission.resource_type)
    if container is not None:
        for name in permission.resources:
            yield address_of(permission.realm, container, name)


def _is_free(address: Address) -> bool:
    """Whether nothing else makes it: Keycloak makes its own, and a client makes its account."""
    match address.segments:
        case (realm, "clients", client):
            return not is_built_in_client(realm, client)
        case (_, "clients", _, "roles", _):
            return not CLIENT_ROLE.origin.made(address, {})
        case (_, "roles", _):
            return not ROLE.origin.made(address, {})
        case (_, "users", user):
            return not user.startswith(_ACCOUNT)
        case (_, _):  # the path of a group that has no name in it
            return False
    return True


def make(api: AdminApi, wanted: Iterable[Address], resources: Mapping[Address, Resource]) -> None:
    """Make stand-ins, and their realms, before the files are applied. Raises ServerError."""
    names = Names(api)
    for address in wanted:
        realm = Address.of(address.realm)
        if names.find(realm) is None:
            _make_realm(api, realm, resources)
        for missing in (a for a in (*_within(address), address) if names.find(a) is None):
            names.learn(missing, _make(api, names, missing))


def _within(address: Address) -> Iterator[Address]:
    """What an object lies in, from the outside: groups, or a client."""
    match address.segments:
        case (realm, "clients", client, "roles", _):
            yield Address.of(realm, "clients", client)
        case (realm, "groups", *outer, _):
            yield from (Address.of(realm, "groups", *outer[:n]) for n in range(1, len(outer) + 1))


def _make_realm(api: AdminApi, realm: Address, resources: Mapping[Address, Resource]) -> None:
    declared = resources[realm].leaves if realm in resources else {}
    body = {"realm": realm.name, "enabled": True, "organizationsEnabled": True}
    realm_id = declared.get(("id",))
    api.post("realms", {**body, "id": realm_id} if realm_id else body)


def _make(api: AdminApi, names: Names, address: Address) -> str:
    """Make an object with nothing but its name; gives its id."""
    *container, name = address.segments
    match container:
        case (realm, "groups", _, *_):
            parent = names.id_of(Address.of(*container))
            at = path("realms", realm, "groups", parent, "children")
        case (realm, "clients", _, "roles"):
            client = names.id_of(Address.of(*container[:3]))
            at = path("realms", realm, "clients", client, "roles")
        case _:
            at = path("realms", *container)
    made = api.post(at, _body(container[-1], name))
    if container[-1] == "roles":  # Keycloak tells a role's name and not its id
        return str((api.get(f"{at}/{path(name)}") or {})["id"])
    return str(made)


def _body(kind: str, name: str) -> dict[str, object]:
    match kind:
        case "clients":
            return {"clientId": name, "serviceAccountsEnabled": True}
        case "users":
            return {"username": name, "enabled": True}
        case "organizations":
            return {"name": name, "alias": name, "domains": [{"name": f"{name}.example.org"}]}
    return {"name": name}
