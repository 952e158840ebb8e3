"""Making objects in a throw-away realm, each with a name of its own."""

import secrets
from typing import Any, Final

from attrs import field

from kcplan.classes import define
from kcplan.secret import Secret
from kcplan_keycloak.admin_proof.objects import Objects
from kcplan_keycloak.api import AdminApi, path

PREFIX: Final = "kcplan-verify"
"""The client that callers log in with; all names begin with it."""

_ROLES: Final = [
    {
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": f"oidc-usermodel-{kind}-role-mapper",
        "config": {"claim.name": claim, "access.token.claim": "true", "multivalued": "true"},
    }
    for name, kind, claim in (
        ("realm roles", "realm", "realm_access.roles"),
        ("client roles", "client", "resource_access.${client_id}.roles"),
    )
]
"""Policies by role look at the roles in the token, whatever scopes the realm has by default."""


@define
class Maker:
    """Makes users, clients, roles and permissions in a realm.

    Attributes:
        api: The server, as its administrator.
        objects: Looks up what is there.
        password: The password of everybody who logs in.
    """

    api: AdminApi
    objects: Objects
    password: Secret = field(factory=lambda: Secret(f"{secrets.token_urlsafe(18)}aA1!"))
    _count: int = 0

    def name(self) -> str:
        """A name that nothing has."""
        self._count += 1
        return f"{PREFIX}-{self._count}"

    def client(self) -> None:
        """The client that callers log in with."""
        body = {
            "clientId": PREFIX,
            "publicClient": True,
            "standardFlowEnabled": False,
            "directAccessGrantsEnabled": True,
            "fullScopeAllowed": True,
            "protocolMappers": _ROLES,
            **self.flow(),
        }
        self.api.post(self.objects.at("clients"), body)

    def ask_nothing_of_users(self) -> None:
        """Nobody sits before the log-in page, to complete a profile or to accept terms."""
        at = self.objects.at("authentication", "required-actions")
        for action in self.api.get(at) or []:
            asked = action.get("defaultAction") or action["alias"] == "VERIFY_PROFILE"
            if asked and action.get("enabled"):
                alias = path(action["alias"])
                self.api.put(f"{at}/{alias}", {**action, "enabled": False, "defaultAction": False})

    def flow(self) -> dict[str, Any]:
        """Have a client log users in with their password, whatever the realm asks for."""
        flows = self.api.get(self.objects.at("authentication", "flows")) or []
        own = [flow["id"] for flow in flows if flow.get("alias") == "direct grant"]
        return {"authenticationFlowBindingOverrides": {"direct_grant": own[0]}} if own else {}

    def user(self, name: str, *, logs_in: bool = False) -> str:
        """A user without any role or group; gives the id."""
        body: dict[str, Any] = {
            "username": name,
            "enabled": True,
            "email": f"{name}@example.org",
            "emailVerified": True,
            "firstName": "kcplan",
            "lastName": "verify",
        }
        if logs_in:
            body["credentials"] = [self._credential()]
        return str(self.api.post(self.objects.at("users"), body))

    def _credential(self) -> dict[str, Any]:
        return {"type": "password", "value": self.password, "temporary": False}

    def let_in(self, user: str) -> None:
        """Let a user of the files log in, with the password of this run."""
        at = self.objects.at("users", user)
        self.api.put(f"{at}/reset-password", self._credential())
        self.api.put(at, {"enabled": True, "emailVerified": True, "requiredActions": []})

    def join(self, user: str, group: str) -> None:
        """Put a user into a group."""
        self.api.put(self.objects.at("users", user, "groups", group))

    def role(self, client: str | None) -> dict[str, Any]:
        """A role of the realm or of a client."""
        name = self.name()
        whose = ("clients", client) if client is not None else ()
        self.api.post(self.objects.at(*whose, "roles"), {"name": name})
        found: dict[str, Any] = self.api.get(self.objects.at(*whose, "roles", name)) or {}
        return found

    def _server(self, *segments: str) -> str:
        client = self.objects.id_of("clients", "admin-permissions")
        return self.objects.at("clients", str(client), "authz", "resource-server", *segments)

    def policy(self, users: list[str]) -> str:
        """A policy by user; gives the id."""
        body = {"name": self.name(), "users": users}
        return str(self.api.post(self._server("policy", "user"), body))

    def permit(self, policy: str, kind: str, object_id: str, scopes: list[str]) -> None:
        """A permission for one object."""
        body = {
            "name": self.name(),
            "resourceType": kind,
            "resources": [object_id],
            "scopes": scopes,
            "policies": [policy],
        }
        self.api.post(self._server("permission", "scope"), body)
