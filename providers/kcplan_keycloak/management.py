"""The clients with the roles that administer realms. Keycloak keeps them for itself since 26.6.3.

It says so of the client itself (`access.manage`); its roles go with it. What is here is what they
are in a new realm of Keycloak 26.7.
"""

from collections.abc import Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.resource import Bygone, Resource
from kcplan.schema import Leaves, flatten
from kcplan.shapes import Object
from kcplan.snapshot import Snapshot
from kcplan.versions import numbers, tells
from kcplan_keycloak.built_in import ADMIN_CLIENT, is_management, management_client

_PART_OF_SERVICES: Final = frozenset({"authorization"})

SINCE: Final = (26, 6, 3)
"""The version of Keycloak that lets nobody change them any more."""

OLD_PERMISSIONS: Final = "ADMIN_FINE_GRAINED_AUTHZ"
"""The feature of a server that has Keycloak switch on the authorization services there."""

ROLES: Final = frozenset(
    """
    create-client impersonation manage-authorization manage-clients manage-events
    manage-identity-providers manage-organizations manage-realm manage-users query-clients
    query-groups query-organizations query-realms query-users realm-admin view-authorization
    view-clients view-events view-identity-providers view-organizations view-realm view-users
    """.split()
)

_PARTS: Final[Mapping[str, frozenset[str]]] = {
    "realm-admin": ROLES - {"realm-admin"},
    "view-clients": frozenset({"query-clients"}),
    "view-organizations": frozenset({"query-organizations"}),
    "view-users": frozenset({"query-groups", "query-users"}),
}

_CLIENT: Final[Mapping[str, Any]] = {
    "alwaysDisplayInConsole": False,
    "authorizationServicesEnabled": False,
    "bearerOnly": True,
    "clientAuthenticatorType": "client-secret",
    "consentRequired": False,
    "defaultClientScopes": ["acr", "basic", "email", "profile", "roles", "web-origins"],
    "directAccessGrantsEnabled": False,
    "enabled": True,
    "frontchannelLogout": False,
    "fullScopeAllowed": False,
    "implicitFlowEnabled": False,
    "nodeReRegistrationTimeout": 0,
    "notBefore": 0,
    "optionalClientScopes": [
        "address",
        "microprofile-jwt",
        "offline_access",
        "organization",
        "phone",
    ],
    "protocol": "openid-connect",
    "publicClient": False,
    "serviceAccountsEnabled": False,
    "standardFlowEnabled": True,
    "surrogateAuthRequired": False,
}


def keeper(address: Address) -> Address | None:
    """The client that says whether it, or a role of it, may be changed."""
    match address.segments:
        case (realm, "clients", name, *rest) if is_management(realm, name):
            return Address.of(realm, "clients", name) if not rest or rest[0] == "roles" else None
        case (_, "clients", name) if name == ADMIN_CLIENT:
            return address
    return None


def formerly(address: Address, path: Path, value: Any) -> bool:
    """Whether Keycloak may have given such a client this value, by itself or once it was saved.

    Nobody logs in with it, so that its redirects mean nothing; what says `false` is not there. That
    of admin permissions has the client scopes that new clients got when those were switched on.
    """
    match path:
        case ("authorizationServicesEnabled",):
            return value is True  # what it held then is left out, and said
        case ("defaultClientScopes" | "optionalClientScopes",):
            return address.name == ADMIN_CLIENT
        case ("attributes", "post.logout.redirect.uris"):
            return bool(value == "+")
        case ("attributes", _):
            return value in ("false", "{}")
    return False


def locks(address: Address, client: Mapping[str, Any]) -> bool:
    """Whether Keycloak says of a client of its own that nobody may change it."""
    return keeper(address) is not None and client.get("access", {}).get("manage") is False


def born_client(schema: Object, address: Address) -> Leaves:
    """What such a client has in a new realm."""
    if address.name == ADMIN_CLIENT:
        services = ("authorizationServicesEnabled", "serviceAccountsEnabled")
        return flatten(schema, {**_CLIENT, **dict.fromkeys(services, True), "bearerOnly": False})
    return flatten(schema, {**_CLIENT, "name": "${client_realm-management}"})


def born_role(schema: Object, address: Address) -> Leaves | None:
    """What a role of such a client has in a new realm."""
    if address.name not in ROLES:
        return None
    role: dict[str, Any] = {"description": f"${{role_{address.name}}}"}
    if parts := _PARTS.get(address.name):
        role["composites"] = {"client": {address.segments[2]: sorted(parts)}}
    return flatten(schema, role)


def of_gone_realm(
    address: Address, live: Snapshot, declared: Mapping[Address, Resource]
) -> Bygone | None:
    """Whether it is the client with the roles for a realm that is not there, or such a role."""
    match address.segments:
        case ("master", "clients", name, *_) if name.endswith("-realm") and name != "master-realm":
            client, realm = Address.of("master", "clients", name), name.removesuffix("-realm")
            if live.exists(client) or Address.of(realm) in declared:
                return None
            if not _is_as_keycloak_makes_it(client, declared):
                return None
            return Bygone(
                client,
                f"{client} is left out, with its roles: there is no realm {realm}",
                "Keycloak makes this client along with the realm, and removes it with that. "
                "Nothing needs to be done.",
            )
    return None


def _is_as_keycloak_makes_it(client: Address, declared: Mapping[Address, Resource]) -> bool:
    """Whether what is declared is such a client, and not somebody's that is only called so."""
    item = declared.get(client)
    bearer_only = item.leaves.get(("bearerOnly",)) if item is not None else None
    if bearer_only is not None:
        return bool(bearer_only)
    roles = client.child("roles")
    names = {address.name for address in declared if address.parent == roles}
    return bool(names) and names <= ROLES


def of_old_permissions(
    address: Address, live: Snapshot, _: Mapping[Address, Resource]
) -> Bygone | None:
    """Whether it is one of the permissions that such a client had before Keycloak 26.2.

    A server that is started for such permissions still has them, where they are for its own realm.
    """
    match address.segments:
        case (realm, "clients", name, part, *_) if is_management(realm, name):
            client = Address.of(realm, "clients", name)
            if part not in _PART_OF_SERVICES or not _has_none(client, live):
                return None
            if name == management_client(realm) and OLD_PERMISSIONS in (live.features or ()):
                return None
            return Bygone(
                client,
                f"{{count}} authorization objects of {client} are left out: this server has none "
                "there",
                "Older versions of Keycloak kept there who may administer, or exchange tokens for, "
                "single clients, groups and users. Grant such rights anew: with "
                "`adminPermissionsEnabled`, and token exchange in `permissions`.",
            )
    return None


def _has_none(client: Address, live: Snapshot) -> bool:
    """Whether such a client has no authorization services, and nobody can give it some."""
    there = live.objects.get(client)
    if there is not None:
        return there.locked and there.leaves.get(("authorizationServicesEnabled",)) is not True
    version = live.server.version
    is_older = tells(version) and numbers(version) < SINCE
    return not is_older and not live.exists(Address.of(client.realm))
