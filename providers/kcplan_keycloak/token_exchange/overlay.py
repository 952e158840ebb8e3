"""The realm as it will be: what Keycloak has, without what kcplan brought, with what the files say.

What kcplan brought and still declares is declared again, so that nothing is taken for granted
that is about to go.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import evolve

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.resource import Resource
from kcplan.schema import Leaves, under
from kcplan.state import ResourceState, State
from kcplan_keycloak.built_in import default_role
from kcplan_keycloak.resources.client import SPEC as CLIENT
from kcplan_keycloak.resources.service_account import SPEC as SERVICE_ACCOUNT
from kcplan_keycloak.roles import COMPOSITES
from kcplan_keycloak.token_exchange.model import (
    AUDIENCE_RESOLVE,
    IN_ACCESS_TOKEN,
    ROLES_SCOPE,
    Client,
    Mapper,
    Realm,
    Role,
    Scope,
)

_FLOWS: Final = (
    "standardFlowEnabled",
    "implicitFlowEnabled",
    "directAccessGrantsEnabled",
    "serviceAccountsEnabled",
)

_DEFAULT_SCOPES: Final = frozenset("web-origins acr roles profile basic email".split())
_OPTIONAL_SCOPES: Final = frozenset(
    "address phone offline_access organization microprofile-jwt".split()
)

BUILT_IN_CLIENTS: Final = ("account", "broker", "realm-management")


def fresh_realm(name: str, *, enabled: bool) -> Realm:
    """A realm as Keycloak makes it, also for those who cannot look: other clients may exist."""
    resolve = Mapper("audience resolve", AUDIENCE_RESOLVE, {IN_ACCESS_TOKEN: "true"})
    scopes = {s: Scope(s) for s in _DEFAULT_SCOPES | _OPTIONAL_SCOPES}
    scopes[ROLES_SCOPE] = Scope(ROLES_SCOPE, (resolve,))
    account = ("account", "manage-account")
    return Realm(
        name=name,
        enabled=enabled,
        clients={client: Client(client, public=False) for client in BUILT_IN_CLIENTS},
        scopes=scopes,
        composites={("", default_role(name)): frozenset({account})},
        default_scopes=_DEFAULT_SCOPES,
        optional_scopes=_OPTIONAL_SCOPES,
    )


def without_ours(realm: Realm, state: State, resources: Mapping[Address, Resource]) -> Realm:
    """The live realm without what kcplan brought, and without clients that it will delete."""
    clients = dict(realm.clients)
    for address, entry in state.resources.items():
        if address.realm != realm.name or entry.type != CLIENT.name or address.name not in clients:
            continue
        if address not in resources and not entry.adopted:
            del clients[address.name]
        else:
            clients[address.name] = _without_owned(clients[address.name], entry)
    return evolve(realm, clients=clients)


def _without_owned(client: Client, entry: ResourceState) -> Client:
    owned = frozenset(entry.owned)
    return evolve(
        client,
        attributes={k: v for k, v in client.attributes.items() if ("attributes", k) not in owned},
        mappers=tuple(m for m in client.mappers if ("protocolMappers", m.name) not in owned),
    )


def overlaid(realm: Realm, resources: Iterable[Resource]) -> Realm:
    """The realm with what the files declare of clients, accounts and roles."""
    clients, composites = dict(realm.clients), dict(realm.composites)
    enabled = realm.enabled
    for item in resources:
        match item.address.segments[1:]:
            case ():
                enabled = bool(item.leaves.get(("enabled",), enabled))
            case ("clients", name):
                before = clients.get(name) or _new_client(realm, name)
                clients[name] = _client(before, item.leaves)
            case ("roles", name):
                _add_composites(composites, ("", name), item.leaves)
            case ("clients", client, "roles", name):
                _add_composites(composites, (client, name), item.leaves)
    for item in resources:
        holder = (
            clients.get(item.address.segments[2]) if item.type == SERVICE_ACCOUNT.name else None
        )
        if holder is not None:
            clients[holder.client_id] = _account(holder, item.leaves)
    return evolve(realm, enabled=enabled, clients=clients, composites=composites)


def _new_client(realm: Realm, name: str) -> Client:
    return Client(
        name,
        default_scopes=realm.default_scopes,
        optional_scopes=realm.optional_scopes,
        flows=frozenset({"standardFlowEnabled"}),
    )


def _client(before: Client, leaves: Leaves) -> Client:
    def switch(name: str, default: bool) -> bool:  # noqa: FBT001
        return bool(leaves.get((name,), default))

    def names(name: str, default: frozenset[str]) -> frozenset[str]:
        return frozenset(leaves[name,]) if (name,) in leaves else default

    return Client(
        before.client_id,
        enabled=switch("enabled", before.enabled),
        public=switch("publicClient", before.public),
        consent_required=switch("consentRequired", before.consent_required),
        full_scope=switch("fullScopeAllowed", before.full_scope),
        attributes=_attributes(before.attributes, leaves),
        mappers=tuple(_mappers(before.mappers, leaves)),
        default_scopes=names("defaultClientScopes", before.default_scopes),
        optional_scopes=names("optionalClientScopes", before.optional_scopes),
        scope_roles=before.scope_roles,
        account=switch("serviceAccountsEnabled", before.account),
        account_roles=before.account_roles,
        flows=frozenset(name for name in _FLOWS if switch(name, name in before.flows)),
        declared=True,
    )


def _attributes(before: Mapping[str, str], leaves: Leaves) -> dict[str, str]:
    kept: dict[str, Any] = {} if ("attributes",) in leaves else dict(before)
    kept |= {p[1]: v for p, v in leaves.items() if len(p) > 1 and p[0] == "attributes"}
    return {name: value for name, value in kept.items() if isinstance(value, str)}


def _mappers(before: Iterable[Mapper], leaves: Leaves) -> Iterable[Mapper]:
    kept = {} if ("protocolMappers",) in leaves else {mapper.name: mapper for mapper in before}
    fields: dict[str, dict[Path, Any]] = {}
    for path, value in leaves.items():
        if len(path) > 1 and path[0] == "protocolMappers":
            fields.setdefault(path[1], {})[path[2:]] = value
    for name, found in fields.items():
        there = kept.get(name) or Mapper(name, "")
        config: dict[str, Any] = dict(there.config)
        config |= {p[1]: v for p, v in found.items() if p[:1] == ("config",) and len(p) > 1}
        kind = found.get(("protocolMapper",)) or there.kind
        kept[name] = Mapper(name, kind, {k: v for k, v in config.items() if isinstance(v, str)})
    return kept.values()


def _account(client: Client, leaves: Leaves) -> Client:
    """The account's roles; each of the two lists, where it is declared, is all there is."""
    held = set(client.account_roles or ())
    if ("realmRoles",) in leaves:
        held = {role for role in held if role[0]}
        held |= {("", name) for name in leaves["realmRoles",] or ()}
    granted = {path: value for path, value in leaves.items() if path[:1] == ("clientRoles",)}
    if granted:
        held = {role for role in held if not role[0]}
        held |= {
            (path[1], name)
            for path, value in granted.items()
            if len(path) > 1
            for name in value or ()
        }
    return evolve(client, account_roles=frozenset(held))


def _add_composites(composites: dict[Role, frozenset[Role]], role: Role, leaves: Leaves) -> None:
    if any(under(leaves, COMPOSITES.fields)):
        parts = COMPOSITES.roles(leaves, "")
        composites[role] = frozenset((_client_of(part), part.name) for part in parts)


def _client_of(role: Address) -> str:
    """The client that a role belongs to; empty for the realm's."""
    match role.segments:
        case (_, _, client, _, _):
            return client
    return ""
