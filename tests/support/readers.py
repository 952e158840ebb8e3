"""Accounts that may see some of a realm, and change nothing."""

from collections.abc import Iterable

from support.world import World

SECRET = "secret-of-the-reader-in-this-realm"


def sign_in(world: World, roles: Iterable[str]) -> dict[str, str | None]:
    """Variables for an account of the realm that has these roles of `realm-management`."""
    world.admin.post(
        world.path("clients"),
        json={"clientId": "reader", "secret": SECRET, "serviceAccountsEnabled": True},
    )
    for role in roles:
        world.grant("reader", f"realm-management/{role}")
    return {
        "KCPLAN_AUTH_REALM": world.realm,
        "KCPLAN_CLIENT_ID": "reader",
        "KCPLAN_CLIENT_SECRET": SECRET,
        "KCPLAN_USERNAME": None,
        "KCPLAN_PASSWORD": None,
    }
