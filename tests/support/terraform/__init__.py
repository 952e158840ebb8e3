"""What Terraform's Keycloak provider leaves behind: a state, and a realm made as it says."""

from collections.abc import Iterable
from typing import Final

from support.terraform import clients, components, logins, mappers, realms
from support.terraform.making import Made
from support.terraform.mappers import Maker
from support.terraform.state import Resource
from support.world import World

_MAKERS: Final[dict[str, Maker]] = {
    **realms.MAKERS,
    **components.MAKERS,
    **clients.MAKERS,
    **mappers.MAKERS,
    **logins.MAKERS,
}


def make(world: World, resources: Iterable[Resource]) -> None:
    """Make what a state has, by the Admin API as the provider does; what others need comes first."""
    made = Made(world)
    for item in resources:
        if item.of_data:
            client = world.admin.client_id(world.realm, item.text("client_id"))
            made.ids[item.text("id")] = client
        elif found := _MAKERS[item.type.removeprefix("keycloak_")](made, item.attributes):
            made.ids[item.text("id")] = found
