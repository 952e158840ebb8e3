"""Names and ids: the files know names, the Admin API wants ids.

`Names` looks an address up once and remembers it; how that is done is its type's business
(`ResourceType.find`). It goes both ways, since Keycloak gives policies with ids in them.
"""

import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from kcplan.address import Address
from kcplan.errors import ServerError
from kcplan.schema import Leaves
from kcplan_keycloak.api import AdminApi, path


class Names:
    """Ids of what exists, by address, and the other way round.

    Args:
        api: The server.
        known: Ids that are known already.
    """

    def __init__(self, api: AdminApi, known: Mapping[Address, str] | None = None) -> None:
        self.api = api
        self._ids: dict[Address, str] = {}
        self._addresses: dict[tuple[str, str], Address] = {}
        self._directly_in: defaultdict[Address, set[Address]] = defaultdict(set)
        self._default_roles: dict[str, str] = {}
        self._facts: dict[Address, Leaves] = {}
        self._loaded: set[Address] = set()
        self._lists: dict[Address, Mapping[str, str]] = {}
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
            inner = address
            for outer in address.ancestors():
                if inner in self._directly_in[outer]:
                    break
                self._directly_in[outer].add(inner)
                inner = outer

    def forget(self, address: Address) -> None:
        """Forget an id and all below it: the object is new, gone, or has another name."""
        with self._guard:
            forgotten = [address]
            for known in forgotten:
                self._ids.pop(known, None)
                forgotten += self._directly_in.pop(known, ())
            self._loaded = {c for c in self._loaded if not c.within(address)}
            for container in [c for c in self._lists if c.within(address) or address.within(c)]:
                del self._lists[container]

    def known(self, address: Address) -> str | None:
        """The id, if it is known without asking."""
        return self._ids.get(address)

    def tell(self, address: Address, facts: Leaves) -> None:
        """Remember fields of an object that came along with its id."""
        self._facts[address] = facts

    def facts(self, address: Address) -> Leaves:
        """What was told of an object."""
        return self._facts.get(address, {})

    def learn_default_role(self, realm: str, object_id: str) -> None:
        """Remember which role Keycloak gives to every account of the realm."""
        self._default_roles[realm] = object_id

    def is_default_role(self, realm: str, object_id: str) -> bool:
        """Whether the role is the realm's default role, whatever its name is."""
        return self._default_roles.get(realm) == object_id

    def find(self, address: Address) -> str | None:
        """The id; None where there is no such object. Raises ServerError."""
        from kcplan_keycloak.resources import type_at

        if address not in self._ids and (kind := type_at(address)) is not None:
            kind.find(self, address)
        return self._ids.get(address)

    def missed(self, container: Address) -> int:
        """How often something in a container was not known, this time included."""
        with self._guard:
            self._misses[container] += 1
            return self._misses[container]

    def load(self, container: Address, read: Callable[[], Iterable[tuple[Address, str]]]) -> None:
        """Learn all that a container holds, if that was not done before."""
        with self.lock(container):
            if container not in self._loaded:
                for address, object_id in read():
                    self.learn(address, object_id)
                self._loaded.add(container)

    def listed(
        self, container: Address, key: str, read: Callable[[], Mapping[str, str]]
    ) -> str | None:
        """What a list has for a key; it is read again where it lacks that. Raises ServerError."""
        with self.lock(container):
            found = self._lists.get(container)
            if found is None or key not in found:
                found = self._lists[container] = read()
            return found.get(key)

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

    def name_of_client(self, realm: str, object_id: str) -> str | None:
        """The clientId of a client; None where it went away since its id was read.

        Its roles went with it, and it is in no policy any more. Raises ServerError.
        """
        seen = self.address_of(realm, object_id)
        if seen is not None:
            return seen.name
        found = self.api.get(path("realms", realm, "clients", object_id))
        if found is None:
            return None
        self.learn(Address.of(realm, "clients", found["clientId"]), object_id)
        return str(found["clientId"])
