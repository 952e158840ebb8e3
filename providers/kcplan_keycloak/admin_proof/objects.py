"""The objects of a realm that admin permissions name, as requests need them."""

from collections.abc import Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan_keycloak.admin_proof.attempts import Place
from kcplan_keycloak.admin_proof.calls import Found
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.authz import TERMS
from kcplan_keycloak.names import Names

CONTAINERS: Final[Mapping[str, str]] = {
    "Users": "users",
    "Groups": "groups",
    "Clients": "clients",
    "Roles": "roles",
    "Organizations": "organizations",
}
"""The paths of the objects below the realm; roles are found by their id elsewhere."""


def address_of(realm: str, kind: str, name: str) -> Address:
    """The address of what a permission or policy names; `kind` is a container of the realm."""
    policy = Address.of(realm, "permissions", "admin-policies", "any")
    if kind in TERMS:
        return TERMS[kind].addresses(policy, name)[0]
    return Address.of(realm, kind, name)


@frozen
class Objects:
    """Looks objects up."""

    api: AdminApi
    realm: str
    names: Names

    def id_of(self, kind: str, name: str) -> str | None:
        """The id of what a policy names."""
        return self.names.find(address_of(self.realm, kind, name))

    def at(self, *segments: str) -> str:
        """A path in the realm."""
        return path("realms", self.realm, *segments)

    def found(self, place: Place) -> Found | str:
        """A named object, or that there is none."""
        kind, name = place
        container = CONTAINERS.get(kind)
        if container is None:
            return f"kcplan does not know how to try permissions for {kind}."
        object_id = self.id_of(container, str(name))
        if object_id is None:
            return f"{address_of(self.realm, container, str(name))} does not exist in Keycloak."
        return self.with_id(kind, object_id)

    def with_id(self, kind: str, object_id: str) -> Found:
        """An object by its id."""
        at = ("roles-by-id",) if kind == "Roles" else (CONTAINERS[kind],)
        body = self.api.get(self.at(*at, object_id)) or {}
        groups = self.groups_of(object_id) if kind == "Users" else ()
        return Found(object_id, body, role=body if kind == "Roles" else None, groups=groups)

    def groups_of(self, user: str) -> tuple[str, ...]:
        """The paths of a user's groups."""
        found: list[Any] = self.api.get(self.at("users", user, "groups")) or []
        return tuple(str(group["path"]) for group in found)
