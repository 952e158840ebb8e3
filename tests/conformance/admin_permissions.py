"""Policies and permissions of a realm's client `admin-permissions`, as samples find them."""

from typing import Any

from conformance.overlays import Json
from conformance.sample import Hand

AROUND: Json = {
    "adminPermissionsEnabled": True,
    "roles": {"realm": [{"name": "reader"}, {"name": "writer"}]},
    "clients": [{"clientId": "orders"}, {"clientId": "billing"}],
}

_CLIENT = "admin-permissions"


def server(hand: Hand, *segments: str) -> str | None:
    """A path in the resource server of the client; None where the realm has none."""
    return hand.client(_CLIENT, "authz", "resource-server", *segments)


def where(hand: Hand, name: str) -> str | None:
    """The path of the policy or permission with this name."""
    at = server(hand, "policy")
    found = hand.find(at, name=name) if at else None
    return f"{at}/{found['id']}" if found else None


def ids(hand: Hand, names: list[str]) -> list[str]:
    """The ids of policies."""
    return [str(where(hand, name)).rsplit("/", 1)[1] for name in names]


def section(**lists: Any) -> Json:
    """Lists under `permissions`."""
    return {"permissions": lists}
