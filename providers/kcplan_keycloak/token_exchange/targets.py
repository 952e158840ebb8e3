"""Requests about the permission of a legacy target, and the policies that hang on it."""

from collections.abc import Mapping
from typing import Any

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.errors import ServerError
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.built_in import management_client
from kcplan_keycloak.legacy_services import of_users, switch
from kcplan_keycloak.names import Names
from kcplan_keycloak.token_exchange.legacy import Kind

_SCOPES = {
    Kind.CLIENT: "token-exchange",
    Kind.PROVIDER: "token-exchange",
    Kind.USERS: "impersonate",
}


def policy_name(target: Address) -> str:
    """What kcplan calls its policy for a target."""
    match target.segments[-2:]:
        case (Kind.CLIENT, name):
            return f"kcplan: token exchange to {name}"
        case (Kind.PROVIDER, name):
            return f"kcplan: token exchange from {name}"
    return "kcplan: token exchange for users"


@frozen
class Target:
    """The permission of a target, through the Admin API.

    Attributes:
        api: The server.
        names: Ids of clients.
        address: The target's address.
    """

    api: AdminApi
    names: Names
    address: Address

    @property
    def _kind(self) -> Kind:
        return Kind(self.address.segments[-2])

    def server(self) -> str:
        """The path of the authorization services that hold the permissions."""
        realm = self.address.realm
        client = self.names.id_of(Address.of(realm, "clients", management_client(realm)))
        return path("realms", realm, "clients", client, "authz", "resource-server")

    def _management(self) -> str:
        """The path that switches the target's permissions on and off."""
        realm, name = self.address.realm, self.address.name
        match self._kind:
            case Kind.CLIENT:
                client = self.names.id_of(Address.of(realm, "clients", name))
                return path("realms", realm, "clients", client, "management", "permissions")
            case Kind.PROVIDER:
                instance = path("realms", realm, "identity-provider", "instances", name)
                return f"{instance}/management/permissions"
            case Kind.USERS:
                return of_users(realm)

    def permissions(self) -> Mapping[str, str]:
        """The ids of the target's permissions by scope; none where they are switched off."""
        if self.api.get(self.server()) is None:
            # Asking for the permissions of an identity provider would make the services.
            return {}
        found = self.api.get(self._management()) or {}
        ids: Mapping[str, str] = found.get("scopePermissions") or {}
        return ids if found.get("enabled") else {}

    def permission(self) -> str | None:
        """The id of the permission that decides about token exchange."""
        return self.permissions().get(_SCOPES[self._kind])

    def switch(self, *, on: bool) -> None:
        """Switch the target's permissions on or off."""
        switch(self.api, self._management(), on=on)

    def hanging(self, permission: str) -> list[Mapping[str, Any]]:
        """The policies on a permission."""
        at = f"{self.server()}/permission/scope/{path(permission)}"
        found: list[Mapping[str, Any]] = self.api.get(f"{at}/associatedPolicies") or []
        return found

    def hang(self, permission: str, policies: list[str]) -> None:
        """Let exactly these policies hang on a permission."""
        at = f"{self.server()}/permission/scope/{path(permission)}"
        there = self.api.get(at)
        if there is None:
            raise ServerError(f"the permission of {self.address} is gone", "Run plan again.")
        self.api.put(at, {**there, "policies": policies})

    def policy(self) -> Mapping[str, Any] | None:
        """Kcplan's own policy for the target, with the clients that it is for."""
        at = f"{self.server()}/policy"
        found = self.api.get(f"{at}/search", name=policy_name(self.address))
        if not found:
            return None
        whole: Mapping[str, Any] | None = self.api.get(f"{at}/client/{path(found['id'])}")
        return whole

    def foreign(self) -> list[str]:
        """Names of policies on the permission that are not kcplan's."""
        permission = self.permission()
        hanging = self.hanging(permission) if permission else []
        return [p["name"] for p in hanging if p["name"] != policy_name(self.address)]


def foreign_policies(api: AdminApi, target: Address) -> list[str]:
    """Names of policies on a target's permission that are not kcplan's.

    None where the target does not exist yet.
    """
    names = Names(api)
    realm, *_, kind, name = target.segments
    needed = [Address.of(realm, "clients", management_client(realm))]
    if kind != Kind.USERS:
        needed.append(Address.of(realm, kind, name))
    if any(names.find(address) is None for address in needed):
        return []
    return Target(api, names, target).foreign()
