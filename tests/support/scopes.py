"""Client scopes as Keycloak has them, and what points to them."""

from typing import Any
from urllib.parse import quote

from attrs import frozen

from support.world import Json, World

LISTS = {
    "defaultDefaultClientScopes": "default-default-client-scopes",
    "defaultOptionalClientScopes": "default-optional-client-scopes",
}
"""The realm's lists, and their paths."""


@frozen
class Scopes:
    """The client scopes of a realm, in the eyes of its administrator."""

    world: World

    def all(self) -> dict[str, Json]:
        found = self.world.admin.json(self.world.path("client-scopes"))
        return {scope["name"]: scope for scope in found}

    def id(self, name: str) -> str:
        return str(self.all()[name]["id"])

    def at(self, name: str, *segments: str) -> str:
        """A path in a client scope."""
        return self.world.path("client-scopes", self.id(name), *segments)

    def edit(self, name: str, **fields: Any) -> None:
        """Somebody changes a scope in the console."""
        self.world.admin.put(self.at(name), json={"name": name, **fields})

    def in_realm(self) -> dict[str, set[str]]:
        """What is in the realm's lists."""
        return {
            name: {scope["name"] for scope in self.world.admin.json(self.world.path(path))}
            for name, path in LISTS.items()
        }

    def put(self, name: str, into: str) -> None:
        """Somebody puts a scope into one of the realm's lists."""
        self.world.admin.put(f"{self.world.path(LISTS[into])}/{quote(self.id(name))}")

    def take(self, name: str, out_of: str) -> None:
        """Somebody takes a scope out of one of the realm's lists."""
        self.world.admin.delete(f"{self.world.path(LISTS[out_of])}/{quote(self.id(name))}")

    def of_client(self, client_id: str) -> dict[str, set[str]]:
        """What is in a client's lists."""
        client = self.world.client(client_id) or {}
        return {kind: set(client[kind]) for kind in ("defaultClientScopes", "optionalClientScopes")}
