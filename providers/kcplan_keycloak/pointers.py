"""What points to a role: Keycloak removes it silently, along with the role.

Composites, role mappings of users and groups, and scope mappings of clients and client scopes.
(Authorization policies keep the id of a role that has gone, and are corrected when it is back.)
Users and groups of a role are one request each; for the other two Keycloak has no way back from
the role, so composite roles, clients and client scopes are read and searched, once for all roles
that go together.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.errors import NotFoundError

Role = Mapping[str, Any]


def pointers_to(api: AdminApi, realm: str, roles: Sequence[Role]) -> dict[str, list[str]]:
    """For the id of each role, the paths of all collections of roles that it is in."""
    found = {role["id"]: _held(api, realm, role) for role in roles}
    inside = {role["id"]: _mapping_of(role) for role in roles}
    for composite, members in _composites(api, realm):
        for member in members & found.keys():
            found[member].append(composite)
    for holder, members in _scoped(api, realm):
        for member in members & found.keys():
            found[member].append(f"{holder}/scope-mappings/{inside[member]}")
    return found


def point_again(api: AdminApi, paths: Iterable[str], role: Role) -> None:
    """Put a role back into collections. One whose holder has gone is left out."""
    reference = [{"id": role["id"], "name": role["name"]}]
    for at in paths:
        try:
            api.post(at, reference, repeatable=True)
        except NotFoundError:
            continue


def rename_in_policies(api: AdminApi, realm: str, old: str, new: str) -> None:
    """Have authorization policies name a role by its new id.

    They hold on to the old one: Keycloak does not take a role that goes out of them.
    """
    for client in api.pages(path("realms", realm, "clients")):
        if not client.get("authorizationServicesEnabled"):
            continue
        at = path("realms", realm, "clients", client["id"], "authz", "resource-server", "policy")
        for policy in api.pages(at, type="role"):
            config = policy.get("config", {})
            if old in config.get("roles", ""):
                roles = config["roles"].replace(old, new)
                api.put(f"{at}/{policy['id']}", {**policy, "config": {**config, "roles": roles}})


def _at(realm: str, role: Role) -> str:
    if role.get("clientRole"):
        return path("realms", realm, "clients", role["containerId"], "roles", role["name"])
    return path("realms", realm, "roles", role["name"])


def _mapping_of(role: Role) -> str:
    return f"clients/{role['containerId']}" if role.get("clientRole") else "realm"


def _held(api: AdminApi, realm: str, role: Role) -> list[str]:
    """The role mappings of users and groups that have a role."""
    at = _at(realm, role)
    users = api.pages(f"{at}/users", page_size=100)
    groups = api.pages(f"{at}/groups", page_size=100)
    held = [path("realms", realm, "users", user["id"]) for user in users]
    held += [path("realms", realm, "groups", group["id"]) for group in groups]
    return [f"{holder}/role-mappings/{_mapping_of(role)}" for holder in held]


def _composites(api: AdminApi, realm: str) -> Iterable[tuple[str, set[str]]]:
    """The parts of each composite role, by id.

    Such a role is told by its name: should it go as well, it comes back under another id.
    """
    paths = [
        f"{_at(realm, role)}/composites" for role in _all_roles(api, realm) if role.get("composite")
    ]
    parts = api.map(lambda at: {part["id"] for part in api.get(at) or []}, paths)
    return zip(paths, parts, strict=True)


def _all_roles(api: AdminApi, realm: str) -> list[Role]:
    roles = api.pages(path("realms", realm, "roles"), page_size=100)
    clients = api.pages(path("realms", realm, "clients"))
    batches = api.map(
        lambda client: api.get(path("realms", realm, "clients", client["id"], "roles")) or [],
        clients,
    )
    return [*roles, *(role for batch in batches for role in batch)]


def _scoped(api: AdminApi, realm: str) -> Iterable[tuple[str, set[str]]]:
    """The roles that each client and client scope has in its scope, by id."""
    clients = api.pages(path("realms", realm, "clients"))
    scopes = api.get(path("realms", realm, "client-scopes")) or []
    holders = [
        *(path("realms", realm, "clients", c["id"]) for c in clients),
        *(path("realms", realm, "client-scopes", s["id"]) for s in scopes),
    ]
    mapped = api.map(lambda holder: _mapped(api.get(f"{holder}/scope-mappings") or {}), holders)
    return zip(holders, mapped, strict=True)


def _mapped(mappings: Mapping[str, Any]) -> set[str]:
    batches = [
        mappings.get("realmMappings", ()),
        *(item["mappings"] for item in mappings.get("clientMappings", {}).values()),
    ]
    return {role["id"] for batch in batches for role in batch}
