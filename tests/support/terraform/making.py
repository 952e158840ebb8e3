"""What makers of the provider's objects share: a realm, and the ids in it."""

from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

from support.terraform.state import Json
from support.world import World


@frozen
class Made:
    """A realm that is being made, and the id in Keycloak for each id of the state."""

    world: World
    ids: dict[str, str] = field(factory=dict)

    def at(self, *segments: str) -> str:
        return self.world.path(*segments)

    def create(self, body: Json, *segments: str) -> str:
        return self.world.admin.create(self.at(*segments), body)

    def put(self, body: Any, *segments: str) -> None:
        self.world.admin.put(self.at(*segments), json=body)

    def live(self, attributes: Json, name: str) -> str:
        """The id in Keycloak of what an argument names."""
        return self.ids[attributes[name]]

    def roles(self, names: Iterable[str]) -> list[Json]:
        """The roles with these ids of the state."""
        return [self.world.admin.json(self.at("roles-by-id", self.ids[name])) for name in names]

    def grant(self, ids: Iterable[str], *segments: str) -> None:
        """Grant roles to what has role mappings, or put them into its scope."""
        for role in self.roles(ids):
            kind = ("clients", role["containerId"]) if role["clientRole"] else ("realm",)
            self.world.admin.post(self.at(*segments, *kind), json=[role])

    def holder(self, attributes: Json) -> tuple[str, str]:
        """The client or client scope in which a mapper is."""
        if attributes["client_id"]:
            return ("clients", self.live(attributes, "client_id"))
        return ("client-scopes", self.live(attributes, "client_scope_id"))
