"""Accounts that may see some of a realm, and change nothing."""

from collections.abc import Iterable

from support.world import World

SECRET = "secret-of-the-reader-in-this-realm"


def make(world: World, name: str, roles: Iterable[str]) -> None:
    """Make a client of the realm whose account has these roles of `realm-management`."""
    client = {"clientId": name, "secret": SECRET, "serviceAccountsEnabled": True}
    world.admin.post(world.path("clients"), json=client)
    for role in roles:
        world.grant(name, f"realm-management/{role}")


def sign_in(world: World, roles: Iterable[str]) -> dict[str, str | None]:
    """Variables for an account of the realm that has these roles of `realm-management`."""
    make(world, "reader", roles)
    return {
        "KCPLAN_AUTH_REALM": world.realm,
        "KCPLAN_CLIENT_ID": "reader",
        "KCPLAN_CLIENT_SECRET": SECRET,
        "KCPLAN_USERNAME": None,
        "KCPLAN_PASSWORD": None,
    }
