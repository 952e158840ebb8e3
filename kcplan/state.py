"""The state: what kcplan applied and may therefore change, undo and delete.

The file that holds it is the business of `kcplan_state`; here it is a value.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from typing import Any

from attrs import evolve, field

from kcplan.address import Address
from kcplan.authors import OwnAccount
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.schema import Leaves, tops


@frozen
class ServerIdentity:
    """The server that a state or a plan belongs to. `version` is None where it may not be seen."""

    url: str
    version: str | None = None


@frozen
class Digest:
    """What a secret looked like, so that a change is seen and the secret is not.

    Attributes:
        algorithm: `hmac-sha256`, or `scrypt` for short secrets.
        value: The digest, in hexadecimal.
    """

    algorithm: str
    value: str


@lru_cache(maxsize=4096)
def _shared(paths: frozenset[Any]) -> frozenset[Any]:
    """The one set of these: thousands of objects have the same fields."""
    return paths


@frozen
class ResourceState:
    """What kcplan knows about one resource that it manages.

    Attributes:
        address: Its name.
        type: The word for its type.
        id: Keycloak's id for it.
        depends_on: What it needed when it was applied; it is deleted before those.
        managed: The fields that kcplan last applied, secrets left out.
        observed: The whole object as Keycloak returned it then, as leaves, secrets left out.
        owned: Entries that did not exist before kcplan wrote them.
        secrets: A digest for each secret field among the managed ones.
        adopted: Whether the object existed before kcplan managed it.
        granted: What the account that comes with the object had been granted, as leaves of the
            type's `grants`, when it was adopted or that was accepted. Of another one it is what
            Keycloak grants to a new account.
        since: When all of it was last taken as it was, in seconds since 1970, UTC: when it was
            created, adopted or accepted. None where that was not recorded.
    """

    address: Address
    type: str
    id: str | None
    depends_on: tuple[Address, ...] = ()
    managed: Leaves = field(factory=dict)
    observed: Leaves = field(factory=dict)
    owned: tuple[Path, ...] = ()
    secrets: Mapping[Path, Digest] = field(factory=dict)
    adopted: bool = False
    granted: Leaves = field(factory=dict)
    since: int | None = None

    @cached_property
    def declared(self) -> frozenset[Path]:
        """The fields that kcplan manages, secrets among them."""
        return _shared(frozenset(self.managed) | frozenset(self.secrets))

    @cached_property
    def fields(self) -> frozenset[str]:
        """The object's own fields of which something is known."""
        return _shared(tops(self.managed) | tops(self.secrets) | tops(self.observed))

    def is_another(self, object_id: str | None) -> bool:
        """Whether the object with this id is not the one that the state knows.

        Somebody has deleted that one then, and made another of its name.
        """
        return self.id is not None and self.id != object_id


@frozen
class State:
    """A state as a value. Each write of the file has the next `serial`; `lineage` never changes.

    `key` is what its digests are made with; None where none was ever needed. `own_accounts` are the
    accounts that kcplan has written to Keycloak with.
    """

    lineage: str
    serial: int = 0
    server: ServerIdentity | None = None
    resources: Mapping[Address, ResourceState] = field(factory=dict)
    key: bytes | None = field(default=None, repr=False)
    own_accounts: tuple[OwnAccount, ...] = ()

    def with_resources(self, entries: Iterable[ResourceState]) -> "State":
        """This state with these resources added or replaced."""
        return evolve(self, resources=dict(self.resources) | {e.address: e for e in entries})

    def without(self, addresses: Iterable[Address]) -> "State":
        """This state without these resources."""
        excluded = frozenset(addresses)
        return evolve(
            self, resources={a: e for a, e in self.resources.items() if a not in excluded}
        )

    def children(self, address: Address) -> list[ResourceState]:
        """The resources below an address."""
        return [e for a, e in self.resources.items() if a != address and a.within(address)]


def sorted_by_address(mapping: Mapping[Address, Any]) -> list[tuple[Address, Any]]:
    """The items of a mapping, in the order of their addresses."""
    return sorted(mapping.items(), key=lambda item: item[0])
