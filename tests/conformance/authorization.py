"""Authorization objects of the client `holder`, as samples declare and find them."""

from collections.abc import Callable
from typing import Any

from conformance.overlays import Json
from conformance.sample import Hand

AROUND: Json = {
    "clients": [
        {
            "clientId": "holder",
            "serviceAccountsEnabled": True,
            "authorizationServicesEnabled": True,
            "authorizationSettings": {"policyEnforcementMode": "ENFORCING"},
        }
    ]
}
"""The client that the objects lie in."""


def settings(**sections: Any) -> Json:
    """Sections of the client's authorization settings."""
    return {"clients": [{"clientId": "holder", "authorizationSettings": sections}]}


def inside(kind: str) -> Callable[[Hand, str], str | None]:
    """Where an object of this kind and name is, in the Admin API."""

    def where(hand: Hand, name: str) -> str | None:
        at = hand.client("holder", "authz", "resource-server", kind)
        found = hand.find(str(at), name=name) if at else None
        return f"{at}/{found.get('_id') or found['id']}" if found else None

    return where
