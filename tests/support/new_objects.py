"""A new object of each type that `import` writes, made in a new realm, and what it has by itself.

What is given to an object is what it cannot do without, so that all else is Keycloak's own.
"""

from collections.abc import Iterator
from contextlib import closing
from typing import Any, Final

from attrs import frozen

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.diff import is_marker, without_server_made
from kcplan.path_patterns import path_matches
from kcplan.reading import for_import
from kcplan.resource import TypeSpec
from kcplan.schema import Leaves
from kcplan.secret import Secret, is_sensitive
from kcplan.snapshot import LiveObject
from kcplan_keycloak.api import AdminApi, Connection
from kcplan_keycloak.reader import KeycloakReader
from kcplan_keycloak.resources import registry
from support.harness import Admin, Server

REALM: Final = "kcplan-new"
"""The name of the realm: the same on each server, so that nothing differs by it."""

Json = dict[str, Any]

_URL: Final = "https://login.example"
_PROVIDERS: Final[dict[str, Json]] = {
    "oidc": {"clientId": "us", "authorizationUrl": f"{_URL}/auth", "tokenUrl": f"{_URL}/token"},
    "saml": {"singleSignOnServiceUrl": f"{_URL}/saml"},
    "google": {"clientId": "us", "clientSecret": "unknown"},
}
_LDAP: Final[Json] = {
    # Nobody is there: older versions would ask it for the owners of authorization resources.
    "enabled": ["false"],
    "connectionUrl": ["ldap://localhost:1"],
    "usersDn": ["ou=people"],
    "usernameLDAPAttribute": ["uid"],
    "rdnLDAPAttribute": ["uid"],
    "uuidLDAPAttribute": ["entryUUID"],
    "userObjectClasses": ["person"],
    "editMode": ["READ_ONLY"],
    "vendor": ["other"],
}


@frozen
class Found:
    """An object of the realm.

    Attributes:
        type: The word for its type.
        leaves: What it has without anybody's doing; None for what no import compares.
    """

    type: str
    leaves: Leaves | None


def make(admin: Admin, realm: str = REALM) -> None:
    """Make the realm and the objects."""
    admin.post("", json={"realm": realm, "enabled": True, "organizationsEnabled": True})
    domains = [{"name": "a.example"}]
    made = admin.create(f"{realm}/organizations", {"name": "new", "domains": domains})
    # Older versions have none there.
    admin.post(f"{realm}/organizations/{made}/groups", json={"name": "new"}, check=False)
    admin.post(f"{realm}/users", json={"username": "new"})
    admin.post(f"{realm}/roles", json={"name": "new"})
    admin.post(f"{realm}/groups", json={"name": "new"})
    for protocol in ("openid-connect", "saml"):
        scope = {"name": f"new-{protocol}", "protocol": protocol}
        admin.post(f"{realm}/client-scopes", json=scope)
    for provider, config in _PROVIDERS.items():
        made = {"alias": f"new-{provider}", "providerId": provider, "config": config}
        admin.post(f"{realm}/identity-provider/instances", json=made)
    mapper = {"name": "new", "identityProviderMapper": "oidc-role-idp-mapper"}
    admin.post(
        f"{realm}/identity-provider/instances/new-oidc/mappers",
        json={**mapper, "identityProviderAlias": "new-oidc"},
    )
    admin.post(f"{realm}/localization/en", json={"new": "text"})
    _make_components(admin, realm)
    _make_clients(admin, realm)


def _make_components(admin: Admin, realm: str) -> None:
    at = f"{realm}/components"
    storage = "org.keycloak.storage.UserStorageProvider"
    made = admin.create(
        at, {"name": "new", "providerType": storage, "providerId": "ldap", "config": _LDAP}
    )
    mapper = {"name": "new", "parentId": made, "providerId": "user-attribute-ldap-mapper"}
    config = {"user.model.attribute": ["phone"], "ldap.attribute": ["telephoneNumber"]}
    kind = "org.keycloak.storage.ldap.mappers.LDAPStorageMapper"
    admin.post(at, json={**mapper, "providerType": kind, "config": config})
    key = {"providerType": "org.keycloak.keys.KeyProvider", "providerId": "hmac-generated"}
    admin.post(at, json={"name": "new", **key})
    policies = "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy"
    policy = {"providerType": policies, "providerId": "scope", "subType": "anonymous"}
    admin.post(at, json={"name": "new", **policy})


def _make_clients(admin: Admin, realm: str) -> None:
    at = f"{realm}/clients"
    plain = admin.create(at, {"clientId": "new"})
    admin.post(f"{at}/{plain}/roles", json={"name": "new"})
    mapper = {"name": "new", "protocol": "openid-connect"}
    mapper["protocolMapper"] = "oidc-audience-mapper"
    admin.post(f"{at}/{plain}/protocol-mappers/models", json=mapper)
    # With a key of its own, Keycloak need not make one, which takes it long.
    saml = {"saml.signing.private.key": "a-key", "saml.signing.certificate": "its-certificate"}
    admin.post(at, json={"clientId": "new-saml", "protocol": "saml", "attributes": saml})
    admin.post(at, json={"clientId": "new-public", "publicClient": True})
    switches = ("serviceAccountsEnabled", "authorizationServicesEnabled")
    server = admin.create(at, {"clientId": "new-server", **dict.fromkeys(switches, True)})
    inside = f"{at}/{server}/authz/resource-server"
    admin.post(f"{inside}/scope", json={"name": "new"})
    admin.post(f"{inside}/resource", json={"name": "new"})
    role = admin.json(f"{realm}/roles/new")["id"]
    admin.post(f"{inside}/policy/role", json={"name": "new", "roles": [{"id": role}]})
    admin.post(f"{inside}/permission/scope", json={"name": "new-permission", "scopes": ["new"]})


def read(server: Server, realm: str = REALM) -> list[LiveObject]:
    """All objects of the realm, as an import reads them."""
    connection = Connection(
        url=server.url, username=server.username, password=Secret(server.password)
    )
    request = for_import(realm, registry(), data=True)
    with closing(AdminApi(connection)) as api:
        return list(KeycloakReader(api).read(request).objects.values())


def seen(server: Server) -> dict[Address, Found]:
    """All objects of the realm, with what an import compares; their addresses without the realm."""
    return {
        Address(item.address.segments[1:]): Found(item.type, compared(item))
        for item in read(server)
    }


def compared(item: LiveObject) -> Leaves | None:
    """What an import compares of an object; None where it leaves it out as Keycloak's own."""
    spec = registry()[item.type]
    if spec.comes_with(item.address) and not spec.origin.told:
        return None
    return dict(_without_keycloaks(spec, item))


def _without_keycloaks(spec: TypeSpec, item: LiveObject) -> Iterator[tuple[Path, Any]]:
    """The fields that a file may say, but for secrets, as they are another's on each server."""
    for path, live in sorted(item.leaves.items()):
        value = without_server_made(spec, item.address, path, live)
        if value is None or is_marker(value) or is_sensitive(value):
            continue
        if path_matches(path, (*spec.ignored, *spec.sensitive)):
            continue
        if not spec.server_made(item.address, path, value):
            yield path, value
