"""Reads what the model needs from a live realm: clients, client scopes, roles."""

from collections.abc import Mapping
from typing import Any, Final

from attrs import frozen

from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.resource_type import FEW
from kcplan_keycloak.token_exchange.model import Client, Mapper, Realm, Role, Scope
from kcplan_keycloak.token_exchange.tokens import Holder

FLOWS: Final = (
    "standardFlowEnabled",
    "implicitFlowEnabled",
    "directAccessGrantsEnabled",
    "serviceAccountsEnabled",
)


@frozen
class _Names:
    """ClientIds by id: role mappings name clients both ways."""

    clients: Mapping[str, str]

    def role(self, role: Mapping[str, Any]) -> Role:
        holder = role["containerId"] if role.get("clientRole") else ""
        return (self.clients.get(holder, holder), role["name"])


@frozen
class Need:
    """What of a realm must be read.

    Attributes:
        closely: Clients whose tokens are asked about: with the roles of their accounts.
        glanced: Clients of which the representation is enough.
        everyone: Whether the mappers of all others matter too, which costs only pages.
    """

    closely: frozenset[str] = frozenset()
    glanced: frozenset[str] = frozenset()
    everyone: bool = False


def read_realm(api: AdminApi, realm: str, need: Need | None = None) -> Realm | None:
    """The realm as the model sees it; None where it does not exist.

    Args:
        api: The server.
        realm: The realm's name.
        need: What matters; everything where it is None.

    Raises:
        ServerError: Something could not be read.
    """
    at = path("realms", realm)
    representation = api.get(at)
    if representation is None:
        return None
    found = _read_clients(api, at, need)
    asked = need is None or need.everyone or bool(need.closely)
    scopes = api.map(lambda scope: _scope(api, at, scope), _read_scopes(api, at)) if asked else []

    def read(client: Mapping[str, Any]) -> Client:
        closely = need is None or client["clientId"] in need.closely
        return _client(api, at, client) if closely else client_of(client)

    clients = api.map(read, found)
    held = {role for client in clients for role in client.account_roles or ()}
    held |= {role for client in clients for role in client.scope_roles}
    held |= {role for scope in scopes for role in scope.roles}
    if asked:
        held.add(("", f"default-roles-{realm}"))
    return Realm(
        name=realm,
        enabled=representation.get("enabled", False),
        clients={client.client_id: client for client in clients},
        scopes={scope.name: scope for scope in scopes},
        composites=_composites(api, at, found, held),
        default_scopes=_realms_scopes(api, at, "default-default-client-scopes"),
        optional_scopes=_realms_scopes(api, at, "default-optional-client-scopes"),
    )


def _read_clients(api: AdminApi, at: str, need: Need | None) -> list[Any]:
    names = sorted(need.closely | need.glanced) if need is not None else []
    if need is None or need.everyone or len(names) > FEW:
        found = api.pages(f"{at}/clients")
        every = need is None or need.everyone
        return [client for client in found if every or client["clientId"] in names]
    return _by_name(api, at, names)


def _by_name(api: AdminApi, at: str, names: list[str]) -> list[Any]:
    batches = api.map(lambda name: api.get(f"{at}/clients", clientId=name) or [], names)
    return [client for batch in batches for client in batch]


def _read_scopes(api: AdminApi, at: str) -> list[Any]:
    found: list[Any] = api.get(f"{at}/client-scopes") or []
    return found


def _realms_scopes(api: AdminApi, at: str, kind: str) -> frozenset[str]:
    return frozenset(scope["name"] for scope in api.get(f"{at}/{kind}") or ())


def _scope(api: AdminApi, at: str, scope: Mapping[str, Any]) -> Scope:
    mapped = api.get(f"{at}/{path('client-scopes', scope['id'], 'scope-mappings')}") or {}
    return Scope(scope["name"], mappers_of(scope), _mapped(mapped))


def _client(api: AdminApi, at: str, client: Mapping[str, Any]) -> Client:
    own = f"{at}/{path('clients', client['id'])}"
    full = client.get("fullScopeAllowed", True)
    mapped = {} if full else api.get(f"{own}/scope-mappings") or {}
    account = bool(client.get("serviceAccountsEnabled"))
    roles = _account_roles(api, at, client["clientId"]) if account else frozenset()
    return client_of(client, _mapped(mapped), roles)


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


def _account_roles(api: AdminApi, at: str, client_id: str) -> frozenset[Role] | None:
    name = f"service-account-{client_id.lower()}"
    users = api.get(f"{at}/users", username=name, exact="true") or []
    if not users:
        return frozenset()
    return user_roles(api, at, users[0]["id"])


def user_roles(api: AdminApi, at: str, user: str) -> frozenset[Role] | None:
    """The roles that a user holds directly; None where they may not be seen."""
    try:
        mapped = api.get(f"{at}/{path('users', user, 'role-mappings')}") or {}
    except ForbiddenError:
        return None
    return _mapped(mapped)


def _mapped(mapped: Mapping[str, Any]) -> frozenset[Role]:
    """The roles of a role mapping or scope mapping."""
    roles = {("", role["name"]) for role in mapped.get("realmMappings") or ()}
    for item in (mapped.get("clientMappings") or {}).values():
        roles |= {(item["client"], role["name"]) for role in item["mappings"]}
    return frozenset(roles)


def _composites(
    api: AdminApi, at: str, clients: list[Any], held: set[Role]
) -> dict[Role, frozenset[Role]]:
    """What the held roles consist of, level by level."""
    by_name = {client["clientId"]: client["id"] for client in clients}
    names = {client["id"]: client["clientId"] for client in clients}
    composites: dict[Role, frozenset[Role]] = {}
    todo = sorted(held)

    def parts(role: Role) -> list[Any]:
        client, name = role
        if client and client not in by_name:
            found = api.get(f"{at}/clients", clientId=client) or []
            by_name.update({item["clientId"]: item["id"] for item in found})
        if client and client not in by_name:
            return []
        where = path("clients", by_name[client], "roles", name) if client else path("roles", name)
        return api.get(f"{at}/{where}/composites") or []

    while todo:
        batches = api.map(parts, todo)
        for batch in batches:
            for role in batch:
                holder = role.get("containerId", "")
                if role.get("clientRole") and holder not in names:
                    found = api.get(f"{at}/{path('clients', holder)}") or {}
                    names[holder] = found.get("clientId", holder)
        for role, batch in zip(todo, batches, strict=True):
            composites[role] = frozenset(map(_Names(names).role, batch))
        todo = sorted({part for batch in composites.values() for part in batch} - composites.keys())
    return {role: found for role, found in composites.items() if found}


def read_holder(api: AdminApi, realm: str, username: str) -> Holder | None:
    """A user with the roles that it holds directly; None where there is no such user.

    Raises:
        ServerError: It could not be read.
    """
    at = path("realms", realm)
    users = api.get(f"{at}/users", username=username, exact="true") or []
    if not users:
        return None
    return Holder(user_roles(api, at, users[0]["id"]) or frozenset(), session=True)
