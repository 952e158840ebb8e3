"""What points to a role: Keycloak removes it silently, along with the role.

Composites, role mappings of users and groups, and scope mappings of clients and client scopes.
Users and groups of a role are one request each; for the other two Keycloak has no way back from
the role, so composite roles and restricted clients are read once and searched.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.errors import NotFoundError

Role = Mapping[str, Any]


def pointers_to(api: AdminApi, realm: str, role: Role) -> list[str]:
    """The paths of all collections of roles that a role is in."""
    at = _at(realm, role)
    users = api.pages(f"{at}/users", page_size=100)
    groups = api.pages(f"{at}/groups", page_size=100)
    inside = _mapping_of(role)
    held = [path("realms", realm, "users", user["id"]) for user in users]
    held += [path("realms", realm, "groups", group["id"]) for group in groups]
    return [
        *(f"{holder}/role-mappings/{inside}" for holder in held),
        *_composites_with(api, realm, role["id"]),
        *(f"{holder}/scope-mappings/{inside}" for holder in _scoped(api, realm, role)),
    ]


def point_again(api: AdminApi, paths: Iterable[str], role: Role) -> None:
    """Put a role back into collections. One whose holder has gone is left out."""
    reference = [{"id": role["id"], "name": role["name"]}]
    for at in paths:
        try:
            api.post(at, reference, repeatable=True)
        except NotFoundError:
            continue


def _at(realm: str, role: Role) -> str:
    if role.get("clientRole"):
        return path("realms", realm, "clients", role["containerId"], "roles", role["name"])
    return path("realms", realm, "roles", role["name"])


def _mapping_of(role: Role) -> str:
    return f"clients/{role['containerId']}" if role.get("clientRole") else "realm"


def _composites_with(api: AdminApi, realm: str, role_id: str) -> list[str]:
    """The composites that hold a role."""
    candidates = [role for role in _all_roles(api, realm) if role.get("composite")]

    def paths_of(role: Role) -> str:
        return path("realms", realm, "roles-by-id", role["id"], "composites")

    parts = api.map(lambda role: api.get(paths_of(role)) or [], candidates)
    return [
        paths_of(role)
        for role, members in zip(candidates, parts, strict=True)
        if any(member["id"] == role_id for member in members)
    ]


def _all_roles(api: AdminApi, realm: str) -> list[Role]:
    roles = api.pages(path("realms", realm, "roles"), page_size=100)
    clients = api.pages(path("realms", realm, "clients"))
    batches = api.map(
        lambda client: api.get(path("realms", realm, "clients", client["id"], "roles")) or [],
        clients,
    )
    return [*roles, *(role for batch in batches for role in batch)]


def _scoped(api: AdminApi, realm: str, role: Role) -> list[str]:
    """The clients and client scopes whose scope has a role directly."""
    clients = api.pages(path("realms", realm, "clients"))
    scopes = api.get(path("realms", realm, "client-scopes")) or []
    holders = [
        *(path("realms", realm, "clients", c["id"]) for c in clients),
        *(path("realms", realm, "client-scopes", s["id"]) for s in scopes),
    ]
    inside = _mapping_of(role)
    mapped = api.map(lambda holder: api.get(f"{holder}/scope-mappings/{inside}") or [], holders)
    return [
        holder
        for holder, roles in zip(holders, mapped, strict=True)
        if any(item["id"] == role["id"] for item in roles)
    ]
