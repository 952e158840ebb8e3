"""Names and ids: the files know names, the Admin API wants ids.

`Names` looks an address up once and remembers it, a whole container at a time where that is one
request (all roles of a client, all client scopes of a realm). It goes both ways, since Keycloak
gives policies with ids in them.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from kcplan.address import Address
from kcplan.errors import ServerError
from kcplan_keycloak.api import AdminApi, path

ROLES, CLIENTS, SCOPES = "roles", "clients", "client-scopes"
GROUPS, FLOWS, USERS = "groups", "flows", "users"


class Names:
    """Ids of what exists, by address, and the other way round.

    Args:
        api: The server.
        known: Ids that are known already.
    """

    def __init__(self, api: AdminApi, known: Mapping[Address, str] | None = None) -> None:
        self._api = api
        self._ids: dict[Address, str] = dict(known or {})
        self._addresses: dict[tuple[str, str], Address] = {}
        self._loaded: set[Address] = set()
        self._locks: defaultdict[Address, threading.Lock] = defaultdict(threading.Lock)
        self._guard = threading.Lock()
        for address, object_id in self._ids.items():
            self._addresses[address.realm, object_id] = address

    def learn(self, address: Address, object_id: str) -> None:
        """Remember an id."""
        self._ids[address] = object_id
        self._addresses[address.realm, object_id] = address

    def forget(self, address: Address) -> None:
        """Forget an id and all below it: the object is new, gone, or has another name."""
        with self._guard:
            for known in [a for a in self._ids if a.within(address)]:
                del self._ids[known]
            self._loaded = {
                container for container in self._loaded if not container.within(address)
            }

    def known(self, address: Address) -> str | None:
        """The id, if it is known without asking."""
        return self._ids.get(address)

    def find(self, address: Address) -> str | None:
        """The id; None where there is no such object. Raises ServerError."""
        found = self._ids.get(address)
        if found is not None:
            return found
        container, load = self._container(address)
        with self._guard:
            lock = self._locks[container]
        with lock:
            if address not in self._ids and container not in self._loaded:
                for name, object_id in load(container):
                    self.learn(container.child(name), object_id)
                self._loaded.add(container)
        if address not in self._ids:
            self._look_up(address)
        return self._ids.get(address)

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

    def role(self, address: Address) -> dict[str, str]:
        """A role as role mappings and composites take it: by id and name."""
        return {"id": self.id_of(address), "name": address.name}

    def _container(
        self, address: Address
    ) -> tuple[Address, Callable[[Address], Iterable[tuple[str, str]]]]:
        """What an address is looked up with, and how that is listed."""
        loaders: Mapping[str, Callable[[Address], Iterable[tuple[str, str]]]] = {
            ROLES: self._roles,
            SCOPES: self._client_scopes,
            FLOWS: self._flows,
        }
        container = Address(address.segments[:-1])
        return container, loaders.get(container.name, lambda _: ())

    def _look_up(self, address: Address) -> None:
        """Ask for this one object, where there is a request for that."""
        realm, *rest = address.segments
        match rest:
            case ["roles", name]:
                self._learn_from(address, self._api.get(path("realms", realm, "roles", name)))
            case ["clients", _, "roles", name]:
                parent = self.find(Address(address.segments[:-2]))
                if parent is not None:
                    at = path("realms", realm, "clients", parent, "roles", name)
                    self._learn_from(address, self._api.get(at))
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

    def _learn_from(self, address: Address, found: Any, key: str = "id") -> None:
        if found is not None:
            self.learn(address, found[key])

    def _roles(self, container: Address) -> Iterable[tuple[str, str]]:
        """All roles of a client; realm roles are asked for one by one or read in pages."""
        realm, *rest = container.segments
        match rest:
            case ["clients", _, "roles"]:
                client = self.find(Address(container.segments[:-1]))
                if client is None:
                    return []
                at = path("realms", realm, "clients", client, "roles")
                return _named(self._api.get(at) or [])
            case _:
                return _named(self._api.pages(path("realms", realm, "roles"), page_size=100))

    def _client_scopes(self, container: Address) -> Iterable[tuple[str, str]]:
        return _named(self._api.get(path("realms", container.realm, "client-scopes")) or [])

    def _flows(self, container: Address) -> Iterable[tuple[str, str]]:
        found = self._api.get(path("realms", container.realm, "authentication", "flows")) or []
        return _named(found, "alias")


def _named(items: Iterable[Mapping[str, Any]], key: str = "name") -> list[tuple[str, str]]:
    return [(item[key], item["id"]) for item in items]
