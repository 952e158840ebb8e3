"""Reads what the model needs from a live realm: clients, client scopes, roles.

A plan reads the same clients, roles of accounts and composites, and asks for them in the same way:
so it sends only one of each two requests (`AdminApi.reading_once`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from attrs import field

from kcplan.classes import define
from kcplan_keycloak.accounts import NO_ACCOUNTS, list_accounts
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.built_in import account_name, default_role
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.resource_type import FEW
from kcplan_keycloak.token_exchange.foreseeing import foreseen
from kcplan_keycloak.token_exchange.model import Client, Mapper, Realm, Role, Scope
from kcplan_keycloak.token_exchange.needs import Need
from kcplan_keycloak.token_exchange.tokens import Holder

Body = Mapping[str, Any]

FLOWS: Final = (
    "standardFlowEnabled",
    "implicitFlowEnabled",
    "directAccessGrantsEnabled",
    "serviceAccountsEnabled",
)


def read_realm(api: AdminApi, realm: str, need: Need | None = None) -> Realm | None:
    """The realm as the model sees it; None where it does not exist.

    Args:
        api: The server.
        realm: The realm's name.
        need: What matters; everything where it is None.

    Raises:
        ServerError: Something could not be read.
    """
    if need is not None and need.is_there:
        api.read_ahead(foreseen(realm, need), joining=True)
    representation = api.get(path("realms", realm))
    if representation is None:
        return None
    return _Reader(api, realm, need).read(enabled=representation.get("enabled", False))


@define
class _Reader:
    """Reads one realm.

    Attributes:
        api: The server.
        realm: The realm's name.
        need: What matters; everything where it is None.
        client_ids: The clientIds of clients, by id.
        composite: The ids of the roles that were seen and are composed of others.
    """

    api: AdminApi
    realm: str
    need: Need | None
    client_ids: dict[str, str] = field(factory=dict)
    composite: dict[Role, str] = field(factory=dict)

    @property
    def _at(self) -> str:
        return path("realms", self.realm)

    def read(self, *, enabled: bool) -> Realm:
        need = self.need
        found = self._clients()
        self.client_ids |= {client["id"]: client["clientId"] for client in found}
        asked = need is None or need.is_asked
        listed = self.api.get(f"{self._at}/client-scopes") or [] if asked else []
        scopes = self.api.map(self._scope, listed)
        users = self._accounts(filter(self._is_close, found))
        clients = self.api.map(lambda client: self._client(client, users), found)
        held = {role for client in clients for role in client.account_roles or ()}
        held |= {role for client in clients for role in client.scope_roles}
        held |= {role for scope in scopes for role in scope.roles}
        if asked:
            held.add(self._default_role)
        return Realm(
            name=self.realm,
            enabled=enabled,
            clients={client.client_id: client for client in clients},
            scopes={scope.name: scope for scope in scopes},
            composites=self._composites(held),
            default_scopes=self._realms_scopes("default-default-client-scopes"),
            optional_scopes=self._realms_scopes("default-optional-client-scopes"),
        )

    # -- clients and client scopes ---------------------------------------------------------------

    def _clients(self) -> Sequence[Body]:
        need = self.need
        names = sorted(need.closely | need.glanced) if need is not None else []
        every = need is None or need.everyone
        if every or len(names) > FEW:
            found = self.api.pages(f"{self._at}/clients", len(names))
            return [client for client in found if every or client["clientId"] in names]
        batches = self.api.map(
            lambda name: self.api.get(f"{self._at}/clients", clientId=name) or [], names
        )
        return [client for batch in batches for client in batch]

    def _realms_scopes(self, kind: str) -> frozenset[str]:
        return frozenset(scope["name"] for scope in self.api.get(f"{self._at}/{kind}") or ())

    def _scope(self, scope: Body) -> Scope:
        at = f"{self._at}/{path('client-scopes', scope['id'], 'scope-mappings')}"
        return Scope(scope["name"], mappers_of(scope), self._seen(self.api.get(at)))

    def _is_close(self, client: Body) -> bool:
        """Whether a client's tokens are asked about."""
        return self.need is None or client["clientId"] in self.need.closely

    def _client(self, client: Body, users: Mapping[str, str]) -> Client:
        """A client; closely, it has the roles in its scope and those of its account."""
        if not self._is_close(client):
            return client_of(client)
        name, account = client["clientId"], bool(client.get("serviceAccountsEnabled"))
        at = f"{self._at}/{path('clients', client['id'], 'scope-mappings')}"
        mapped = None if client.get("fullScopeAllowed", True) else self.api.get(at)
        roles = self._account_roles(name, users.get(name)) if account else frozenset()
        return client_of(client, self._seen(mapped), roles)

    # -- the roles of accounts -------------------------------------------------------------------

    def _accounts(self, clients: Iterable[Body]) -> Mapping[str, str]:
        """The users that are the accounts of clients, as far as they are known or in a list."""
        known = self.need.accounts if self.need is not None else {}
        names = {c["clientId"] for c in clients if c.get("serviceAccountsEnabled")} - known.keys()
        many = len(names) > FEW
        users = list_accounts(self.api, self.realm, len(names)) if many else NO_ACCOUNTS
        found = {name: users.by_name.get(account_name(name)) for name in names}
        return {**known, **{name: user["id"] for name, user in found.items() if user is not None}}

    def _account_roles(self, client_id: str, known: str | None) -> frozenset[Role] | None:
        """The roles that an account holds directly; None where they may not be seen."""
        for user in self._users(client_id, known):
            try:
                mapped = self.api.get(f"{self._at}/{path('users', user, 'role-mappings')}")
            except ForbiddenError:
                return None
            if mapped is not None:
                return self._seen(mapped)
        return frozenset()

    def _users(self, client_id: str, known: str | None) -> Iterator[str]:
        """Who the account is: the user that is known, or one of its name, if it was made anew."""
        if known is not None:
            yield known
        name = account_name(client_id)
        for user in self.api.get(f"{self._at}/users", username=name, exact="true") or []:
            yield user["id"]

    # -- what roles are composed of --------------------------------------------------------------

    @property
    def _default_role(self) -> Role:
        """The role that all accounts have."""
        return ("", default_role(self.realm))

    def _seen(self, mapped: Body | None) -> frozenset[Role]:
        """The roles of a mapping. Of each, the answer says whether it is composed of others."""
        roles = _mapped(mapped or {})
        self._note(roles)
        return frozenset(roles)

    def _note(self, roles: Mapping[Role, Body]) -> None:
        self.composite |= {role: body["id"] for role, body in roles.items() if _is_composite(body)}

    def _composites(self, held: set[Role]) -> dict[Role, frozenset[Role]]:
        """What the held roles consist of, level by level; only composite ones are asked for."""
        composites: dict[Role, frozenset[Role]] = {}
        todo = sorted(role for role in held if role in self.composite or role == self._default_role)
        while todo:
            batches = self.api.map(self._parts, todo)
            self._learn_holders(part for batch in batches for part in batch)
            for role, batch in zip(todo, batches, strict=True):
                parts = {self._role(part): part for part in batch}
                self._note(parts)
                composites[role] = frozenset(parts)
            inner = {part for batch in composites.values() for part in batch}
            todo = sorted((inner & self.composite.keys()) - composites.keys())
        return {role: found for role, found in composites.items() if found}

    def _parts(self, role: Role) -> Sequence[Body]:
        seen = self.composite.get(role)
        if role == self._default_role:
            # By its name, it can be asked for before anything is known of it.
            seen = self.need.default_role if self.need is not None else None
        where = path("roles", role[1]) if seen is None else path("roles-by-id", seen)
        return self.api.get(f"{self._at}/{where}/composites") or []

    def _learn_holders(self, roles: Iterable[Body]) -> None:
        """Have the clientIds of the clients whose roles these are."""
        holders = {role["containerId"] for role in roles if role.get("clientRole")}
        unknown = sorted(holders - self.client_ids.keys())
        found = self.api.map(lambda i: self.api.get(f"{self._at}/{path('clients', i)}"), unknown)
        self.client_ids |= {
            i: (c or {}).get("clientId", i) for i, c in zip(unknown, found, strict=True)
        }

    def _role(self, role: Body) -> Role:
        holder = self.client_ids[role["containerId"]] if role.get("clientRole") else ""
        return (holder, role["name"])


def _mapped(mapped: Body) -> dict[Role, Body]:
    """The roles of a role mapping or scope mapping."""
    roles = {("", role["name"]): role for role in mapped.get("realmMappings") or ()}
    for item in (mapped.get("clientMappings") or {}).values():
        roles |= {(item["client"], role["name"]): role for role in item["mappings"]}
    return roles


def _is_composite(role: Body) -> bool:
    return bool(role.get("composite"))


def client_of(
    client: Mapping[str, Any],
    scope_roles: frozenset[Role] = frozenset(),
    account_roles: frozenset[Role] | None = frozenset(),
) -> Client:
    """A client as the model sees it, from its representation."""
    return Client(
        client_id=client["clientId"],
        enabled=client.get("enabled", True),
        public=client.get("publicClient", False),
        consent_required=client.get("consentRequired", False),
        full_scope=client.get("fullScopeAllowed", True),
        attributes={k: v for k, v in (client.get("attributes") or {}).items() if v is not None},
        mappers=mappers_of(client),
        default_scopes=frozenset(client.get("defaultClientScopes") or ()),
        optional_scopes=frozenset(client.get("optionalClientScopes") or ()),
        scope_roles=scope_roles,
        account=client.get("serviceAccountsEnabled", False),
        account_roles=account_roles,
        flows=frozenset(name for name in FLOWS if client.get(name)),
    )


def mappers_of(holder: Mapping[str, Any]) -> tuple[Mapper, ...]:
    """The protocol mappers of a client or client scope, from its representation."""
    return tuple(
        Mapper(item["name"], item.get("protocolMapper") or "", item.get("config") or {})
        for item in holder.get("protocolMappers") or ()
    )


def read_holder(api: AdminApi, realm: str, username: str) -> Holder | None:
    """A user with the roles that it holds directly; None where there is no such user.

    Raises:
        ServerError: It could not be read.
    """
    at = path("realms", realm)
    users = api.get(f"{at}/users", username=username, exact="true") or []
    if not users:
        return None
    mapped = api.get(f"{at}/{path('users', users[0]['id'], 'role-mappings')}") or {}
    return Holder(frozenset(_mapped(mapped)), session=True)
