"""Names and ids: the files know names, the Admin API wants ids.

`Names` looks an address up once and remembers it, a whole container at a time where that is one
request (all roles of a client, all client scopes of a realm). It goes both ways, since Keycloak
gives policies with ids in them.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.errors import ServerError
from kcplan_keycloak.api import AdminApi, path

ROLES: Final = "roles"

FEW_MISSES: Final = 5
"""So many realm roles are asked for one by one; then all of them are read, in pages."""

_AUTHORIZATION: Final = {
    "scopes": ("scope", "id"),
    "resources": ("resource", "_id"),
    "policies": ("policy", "id"),
    "permissions": ("policy", "id"),
}
"""For each kind of authorization object the request that finds it, and the field with its id."""


class Names:
    """Ids of what exists, by address, and the other way round.

    Args:
        api: The server.
        known: Ids that are known already.
    """

    def __init__(self, api: AdminApi, known: Mapping[Address, str] | None = None) -> None:
        self._api = api
        self._ids: dict[Address, str] = {}
        self._addresses: dict[tuple[str, str], Address] = {}
        self._within: defaultdict[Address, set[Address]] = defaultdict(set)
        self._default_roles: dict[str, str] = {}
        self._loaded: set[Address] = set()
        self._misses: defaultdict[Address, int] = defaultdict(int)
        self._locks: defaultdict[Address, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()
        self.learn_all(known or {})

    def learn_all(self, ids: Mapping[Address, str]) -> None:
        """Remember ids that are not known yet."""
        for address, object_id in ids.items():
            if self._ids.get(address) != object_id:
                self.learn(address, object_id)

    def learn(self, address: Address, object_id: str) -> None:
        """Remember an id."""
        with self._guard:
            self._ids[address] = object_id
            self._addresses[address.realm, object_id] = address
            for ancestor in address.ancestors():
                self._within[ancestor].add(address)

    def forget(self, address: Address) -> None:
        """Forget an id and all below it: the object is new, gone, or has another name."""
        with self._guard:
            for known in (address, *self._within.pop(address, ())):
                self._ids.pop(known, None)
            self._loaded = {c for c in self._loaded if not c.within(address)}

    def known(self, address: Address) -> str | None:
        """The id, if it is known without asking."""
        return self._ids.get(address)

    def learn_default_role(self, realm: str, object_id: str) -> None:
        """Remember which role Keycloak gives to every account of the realm."""
        self._default_roles[realm] = object_id

    def is_default_role(self, realm: str, object_id: str) -> bool:
        """Whether the role is the realm's default role, whatever its name is."""
        return self._default_roles.get(realm) == object_id

    def find(self, address: Address) -> str | None:
        """The id; None where there is no such object. Raises ServerError."""
        found = self._ids.get(address)
        if found is not None:
            return found
        container = Address(address.segments[:-1])
        loader = self._loader(container)
        if loader is not None:
            self._load(container, loader)
        if address not in self._ids and (loader is None or container.name == ROLES):
            self._look_up(address)
        return self._ids.get(address)

    def _loader(self, container: Address) -> Callable[[Address], Iterable[tuple[str, str]]] | None:
        """How all of a container is listed, where that is better than asking one by one."""
        match container.segments:
            case [_, "client-scopes"]:
                return self._client_scopes
            case [_, "flows"]:
                return self._flows
            case [_, "clients", _, "roles"]:
                return self._client_roles
            case [_, "roles"]:
                with self._guard:
                    self._misses[container] += 1
                    return self._realm_roles if self._misses[container] > FEW_MISSES else None
        return None

    def _load(
        self, container: Address, load: Callable[[Address], Iterable[tuple[str, str]]]
    ) -> None:
        with self.lock(container):
            if container not in self._loaded:
                for name, object_id in load(container):
                    self.learn(container.child(name), object_id)
                self._loaded.add(container)

    def lock(self, address: Address) -> threading.Lock:
        """For what reads and then writes whole objects that another step may write as well."""
        with self._guard:
            return self._locks[address]

    def id_of(self, address: Address) -> str:
        """The id of an object that must be there. Raises ServerError where it is not."""
        found = self.find(address)
        if found is None:
            raise ServerError(
                f"{address} does not exist in Keycloak",
                "Something else in the configuration refers to it. It may have been deleted in "
                "the meantime; run plan again.",
            )
        return found

    def address_of(self, realm: str, object_id: str) -> Address | None:
        """The address of an object with this id, if it was seen."""
        return self._addresses.get((realm, object_id))

    def name_of_client(self, realm: str, object_id: str) -> str:
        """The clientId of a client. Raises ServerError where there is no such client."""
        seen = self.address_of(realm, object_id)
        if seen is not None:
            return seen.name
        found = self._api.get(path("realms", realm, "clients", object_id))
        if found is None:
            raise ServerError(f"the client {object_id} of realm {realm} went away while reading")
        self.learn(Address.of(realm, "clients", found["clientId"]), object_id)
        return str(found["clientId"])

    def _look_up(self, address: Address) -> None:
        """Ask for this one object, where there is a request for that."""
        realm, *rest = address.segments
        match rest:
            case ["roles", name]:
                self._learn_from(address, self._api.get(path("realms", realm, "roles", name)))
            case ["clients", client, *inner] if inner:
                self._look_up_in_client(Address.of(realm, "clients", client), inner, address)
            case ["clients", name]:
                found = self._api.get(path("realms", realm, "clients"), clientId=name) or []
                self._learn_from(address, next(iter(found), None))
            case ["users", name]:
                at = path("realms", realm, "users")
                found = self._api.get(at, username=name, exact="true") or []
                self._learn_from(address, next(iter(found), None))
            case ["groups", name]:
                at = path("realms", realm, "group-by-path", *name.strip("/").split("/"))
                self._learn_from(address, self._api.get(at))
            case ["identity-providers", name]:
                at = path("realms", realm, "identity-provider", "instances", name)
                self._learn_from(address, self._api.get(at), "internalId")
            case []:
                self._learn_from(address, self._api.get(path("realms", realm)))

    def _look_up_in_client(self, client: Address, inner: list[str], address: Address) -> None:
        parent = self.find(client)
        if parent is None:
            return
        at = path("realms", client.realm, "clients", parent)
        match inner:
            case ["roles", name]:
                self._learn_from(address, self._api.get(f"{at}/{path('roles', name)}"))
            case ["authorization", kind, name] if kind in _AUTHORIZATION:
                request, key = _AUTHORIZATION[kind]
                found = self._api.get(f"{at}/authz/resource-server/{request}/search", name=name)
                self._learn_from(address, found, key)

    def _learn_from(self, address: Address, found: Any, key: str = "id") -> None:
        if found is not None:
            self.learn(address, found[key])

    def _client_roles(self, container: Address) -> Iterable[tuple[str, str]]:
        client = self.find(Address(container.segments[:-1]))
        if client is None:
            return []
        at = path("realms", container.realm, "clients", client, "roles")
        return _named(self._api.get(at) or [])

    def _realm_roles(self, container: Address) -> Iterable[tuple[str, str]]:
        return _named(self._api.pages(path("realms", container.realm, "roles"), page_size=100))

    def _client_scopes(self, container: Address) -> Iterable[tuple[str, str]]:
        return _named(self._api.get(path("realms", container.realm, "client-scopes")) or [])

    def _flows(self, container: Address) -> Iterable[tuple[str, str]]:
        found = self._api.get(path("realms", container.realm, "authentication", "flows")) or []
        return _named(found, "alias")


def _named(items: Iterable[Mapping[str, Any]], key: str = "name") -> list[tuple[str, str]]:
    return [(item[key], item["id"]) for item in items]
