"""A pure model of a realm, as far as it decides about audiences and token exchange.

The values come from the Admin API (`reading`), with what the files declare laid over them
(`overlay`); `tokens` and `rules` say what Keycloak does with them. A matrix test tries their
predictions on a real server.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import field

from kcplan.classes import frozen
from kcplan.graph import reached
from kcplan_keycloak.built_in import default_role
from kcplan_keycloak.token_exchange.relevance import ENABLED, REFRESH

Role = tuple[str, str]
"""A role: the clientId of its client (`""` for a realm role), and its name."""

SAME_SESSION: Final = "SAME_SESSION"
LIGHTWEIGHT: Final = "client.use.lightweight.access.token.enabled"
LIGHTWEIGHT_CLAIM: Final = "lightweight.claim"
CLIENT_AUDIENCE: Final = "included.client.audience"
CUSTOM_AUDIENCE: Final = "included.custom.audience"
IN_ACCESS_TOKEN: Final = "access.token.claim"  # noqa: S105 - the name of a setting

AUDIENCE_MAPPER: Final = "oidc-audience-mapper"
AUDIENCE_RESOLVE: Final = "oidc-audience-resolve-mapper"
HARDCODED_ROLE: Final = "oidc-hardcoded-role-mapper"

ROLES_SCOPE: Final = "roles"


def is_true(value: object) -> bool:
    """Whether an attribute says yes. Keycloak does not mind capitals, and knows no other word."""
    return isinstance(value, str) and value.lower() == "true"


@frozen
class Mapper:
    """A protocol mapper."""

    name: str
    kind: str
    config: Mapping[str, str] = field(factory=dict)

    def is_on(self, setting: str) -> bool:
        """Whether a setting of the mapper is on."""
        return self.config.get(setting) == "true"

    @property
    def audience(self) -> str:
        """What an audience mapper adds; the client goes before the free text."""
        return self.config.get(CLIENT_AUDIENCE) or self.config.get(CUSTOM_AUDIENCE) or ""


@frozen
class Scope:
    """A client scope. With `roles`, only who holds one of them gets it."""

    name: str
    mappers: tuple[Mapper, ...] = ()
    roles: frozenset[Role] = frozenset()


@frozen
class Client:
    """A client.

    Attributes:
        client_id: Its name.
        enabled: Whether it may do anything at all.
        public: Whether it has no secret.
        consent_required: Whether a user must agree to what it gets.
        full_scope: Whether its tokens have all roles of whom they are for.
        attributes: Its attributes.
        mappers: Its own protocol mappers.
        default_scopes: Client scopes that its tokens always have.
        optional_scopes: Client scopes that its tokens have where they are asked for.
        scope_roles: Without `full_scope`, the roles that its tokens may have.
        account: Whether it has a service account.
        account_roles: The roles that the account holds directly; None where they were not read.
        flows: Ways to log in that are switched on, by field name.
        declared: Whether the files declare it.
    """

    client_id: str
    enabled: bool = True
    public: bool = False
    consent_required: bool = False
    full_scope: bool = True
    attributes: Mapping[str, str] = field(factory=dict)
    mappers: tuple[Mapper, ...] = ()
    default_scopes: frozenset[str] = frozenset()
    optional_scopes: frozenset[str] = frozenset()
    scope_roles: frozenset[Role] = frozenset()
    account: bool = False
    account_roles: frozenset[Role] | None = frozenset()
    flows: frozenset[str] = frozenset()
    declared: bool = False

    @property
    def lightweight(self) -> bool:
        """Whether its access tokens carry only what is marked for lightweight ones."""
        return is_true(self.attributes.get(LIGHTWEIGHT))

    @property
    def exchanges(self) -> bool:
        """Whether standard token exchange is switched on."""
        return is_true(self.attributes.get(ENABLED))

    @property
    def scope_names(self) -> frozenset[str]:
        """The client scopes that it may ask for."""
        return self.default_scopes | self.optional_scopes

    @property
    def may_refresh(self) -> bool:
        """Whether an exchange may ask for a refresh token."""
        return self.attributes.get(REFRESH) == SAME_SESSION


@frozen
class Realm:
    """A realm.

    Attributes:
        name: Its name.
        enabled: Whether it answers at all.
        clients: Its clients by clientId.
        scopes: Its client scopes by name.
        composites: For each composite role what it consists of directly.
        default_scopes: Client scopes that a new client gets by default.
        optional_scopes: Those that it may ask for.
    """

    name: str
    enabled: bool = True
    clients: Mapping[str, Client] = field(factory=dict)
    scopes: Mapping[str, Scope] = field(factory=dict)
    composites: Mapping[Role, frozenset[Role]] = field(factory=dict)
    default_scopes: frozenset[str] = frozenset()
    optional_scopes: frozenset[str] = frozenset()

    @property
    def default_role(self) -> Role:
        """The role that every account holds."""
        return ("", default_role(self.name))

    def deep(self, roles: Iterable[Role]) -> frozenset[Role]:
        """The roles with all that they consist of."""
        return frozenset(reached(roles, lambda role: self.composites.get(role, ())))
