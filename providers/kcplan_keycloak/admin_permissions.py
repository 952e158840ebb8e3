"""Fine-grained admin permissions: who may administer what in a realm.

They are policies and permissions of the client `admin-permissions`, which Keycloak makes when the
realm's `adminPermissionsEnabled` is switched on, and no other client has such: a permission is for
scopes of a *resource type* (`Clients`), for all of its objects or for some. The resources of that
client are made by Keycloak; their names are the ids of objects, or the word for the type.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import evolve

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.config.model import Config
from kcplan.offered import Offered
from kcplan.resource import Requirement, Resource
from kcplan.snapshot import Snapshot
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.authz import client_of, is_of_admins, server_path
from kcplan_keycloak.authz_policies import PolicyType
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Reading
from kcplan_keycloak.server_info import ADMIN_RESOURCE_TYPE, ADMIN_SCOPE

_ENABLED: Final = ("adminPermissionsEnabled",)


@frozen(kw_only=True)
class AdminCollection(Collection):
    """Policies of a realm's client `admin-permissions`, whose addresses lie in the realm."""

    def holder_of(self, address: Address) -> Address:
        """The client."""
        return client_of(address)


def admin_collection() -> AdminCollection:
    """The policies and permissions of a realm's client `admin-permissions`."""
    return AdminCollection(
        path="authz/resource-server/policy", holder="client", single="{path}/search?name={name}"
    )


@frozen(kw_only=True)
class AdminType(PolicyType):
    """Policies and permissions of a realm's client `admin-permissions`, which no file declares."""

    def _is_news(self, reading: Reading) -> bool:
        return reading.unmanaged or (reading.beneath and bool(reading.wanted))

    def _places(self, reading: Reading) -> list[tuple[Address, str]]:
        client = client_of(Address.of(reading.realm, "permissions"))
        if reading.wanted:
            client_id = reading.names.find(client)
        else:
            client_id = reading.names.known(client) if self._is_looked_for(reading) else None
        return [] if client_id is None else [(client, self.at.below(client, client_id))]

    def _is_looked_for(self, reading: Reading) -> bool:
        """Whether new ones count: those of a realm that has them switched off do nothing."""
        realm = reading.found.get(Address.of(reading.realm))
        return self._is_news(reading) and (realm is None or realm.leaves.get(_ENABLED) is True)


def requires_admin_permissions(resource: Resource) -> Iterator[Requirement]:
    """That the realm has admin permissions switched on."""
    realm = Address.of(resource.address.realm)
    yield Requirement(
        address=realm,
        path=_ENABLED,
        value=True,
        code="admin-permissions-disabled",
        summary=f"realm {realm.name} has admin permissions, and `adminPermissionsEnabled` is off",
        detail="Keycloak asks nobody for permissions that are off. Write "
        "`adminPermissionsEnabled: true` in the realm, or remove `admin` and `adminPolicies` from "
        "`permissions`.",
        open=True,
    )


# -- what a server has ------------------------------------------------------------------------

_KNOWN: Final[Mapping[str, str]] = {
    "Clients": "view manage map-roles map-roles-client-scope map-roles-composite",
    "Groups": "view manage view-members manage-members manage-membership "
    "manage-membership-of-members impersonate-members",
    "Organizations": "view manage",
    "Roles": "map-role map-role-client-scope map-role-composite",
    "Users": "view manage map-roles manage-group-membership reset-password impersonate",
}
"""The scopes of each resource type in Keycloak 26.7: for a realm that is yet to be made."""


def with_schema(api: AdminApi, config: Config, names: Names, live: Snapshot) -> Snapshot:
    """The snapshot with the resource types and scopes of admin permissions, where files have some.

    Keycloak would keep a name that it does not know, and nothing would ask for it.

    Raises:
        ServerError: They could not be read.
    """
    resources = (r for r in config.resources.values() if ("resourceType",) in r.leaves)
    realms = sorted({r.address.realm for r in resources if is_of_admins(r.address)})
    if not realms:
        return live
    offered = live.offered or Offered()
    found = [_schema(api, names, realm) for realm in realms]
    scopes: dict[str, frozenset[str]] = {}
    for schema in found:
        for kind, of in schema.items():
            scopes[kind] = scopes.get(kind, frozenset()) | frozenset(of)
    known = {ADMIN_RESOURCE_TYPE: {"": frozenset(scopes)}, ADMIN_SCOPE: scopes}
    return evolve(live, offered=evolve(offered, names={**offered.names, **known}))


def _schema(api: AdminApi, names: Names, realm: str) -> Mapping[str, Iterable[str]]:
    """The resource types of a realm, each with its scopes."""
    client = names.find(client_of(Address.of(realm, "permissions")))
    server: Any = api.get(server_path(realm, client)) if client is not None else None
    return schema_of(server)


def schema_of(server: Any) -> Mapping[str, Iterable[str]]:
    """The resource types that a realm's permissions may have, as Keycloak answers, with scopes."""
    types = ((server or {}).get("authorizationSchema") or {}).get("resourceTypes")
    if not isinstance(types, Mapping):
        return {kind: scopes.split() for kind, scopes in _KNOWN.items()}
    return {
        kind: [scope for scope in of["scopes"] if isinstance(scope, str)]
        for kind, of in types.items()
        if isinstance(of, Mapping) and isinstance(of.get("scopes"), list)
    }
