"""What of a realm must be read to judge its token exchanges."""

from collections.abc import Iterable, Mapping

from attrs import field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.resource import Resource
from kcplan.state import State
from kcplan_keycloak.accounts import is_on
from kcplan_keycloak.built_in import default_role
from kcplan_keycloak.resources.service_account import SPEC as SERVICE_ACCOUNT
from kcplan_keycloak.token_exchange.declaration import Permission
from kcplan_keycloak.token_exchange.model import is_true
from kcplan_keycloak.token_exchange.relevance import ENABLED, uses_exchange


@frozen
class Need:
    """What of a realm must be read.

    Attributes:
        closely: Clients whose tokens are asked about: with the roles of their accounts.
        glanced: Clients of which the representation is enough.
        everyone: Whether the mappers of all others matter too, which costs only pages.
        accounts: Ids of the users that are the accounts of clients, as far as they are known.
        unknown_accounts: Clients, of those whose tokens are asked about, that have an account as
            far as is known, whose id is not.
        default_role: The id of the role that all accounts have, where the state knows it.
        is_there: Whether the state knows the realm.
    """

    closely: frozenset[str] = frozenset()
    glanced: frozenset[str] = frozenset()
    everyone: bool = False
    accounts: Mapping[str, str] = field(factory=dict)
    unknown_accounts: frozenset[str] = frozenset()
    default_role: str | None = None
    is_there: bool = False

    @property
    def is_asked(self) -> bool:
        """Whether any tokens are asked about."""
        return self.everyone or bool(self.closely)


def needs(
    realm: str, permissions: Iterable[Permission], resources: Iterable[Resource], state: State
) -> Need:
    """The clients of the permissions, and those that exchange without one.

    For the latter it matters whose tokens name them, and that may be anybody's.
    """
    requesters = {p.requester for p in permissions}
    named = requesters | {n for p in permissions for n in (*p.subjects, *p.audiences)}
    using = [r for r in resources if uses_exchange(r)]
    on = {r.address.name for r in using if is_true(r.leaves.get(("attributes", ENABLED)))}
    closely = frozenset(named | on)
    entries = {a: entry for a, entry in state.resources.items() if a.realm == realm}
    accounts = {
        address.segments[2]: entry.id
        for address, entry in entries.items()
        if entry.type == SERVICE_ACCOUNT.name and entry.id is not None
    }
    default = entries.get(Address.of(realm, "roles", default_role(realm)))
    leaves = {a: entry.observed for a, entry in entries.items()}
    leaves |= {r.address: {**leaves.get(r.address, {}), **r.leaves} for r in resources}
    clients = {name: Address.of(realm, "clients", name) for name in closely - accounts.keys()}
    return Need(
        closely=closely,
        glanced=frozenset(r.address.segments[2] for r in using),
        everyone=bool(on - requesters),
        accounts=accounts,
        unknown_accounts=frozenset(
            name for name, address in clients.items() if is_on(leaves.get(address, {}))
        ),
        default_role=None if default is None else default.id,
        is_there=Address.of(realm) in entries,
    )
