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


def pointed_to_by(kind: str, what: str, spare: Json) -> Callable[[Hand, str], None]:
    """Have an object of somebody else's name the one at a path, and a spare one of its kind.

    Args:
        kind: The path of the other object's kind: `permission/scope`.
        what: Its field that names the object: `scopes`.
        spare: The other one that it names. With the object alone, it would go along with it.
    """

    def point(hand: Hand, at: str) -> None:
        server, own, object_id = at.rsplit("/", 2)
        if inside(own)(hand, "spare") is None:
            hand.admin.post(f"{server}/{own}", json={"name": "spare", **spare})
        other = str(inside(own)(hand, "spare")).rsplit("/", 1)[1]
        name = f"foreign, for {hand.get(at)['name']}"
        foreign = {"name": name, what: [object_id, other]}
        found = inside("policy")(hand, name)
        if found is None:
            hand.admin.post(f"{server}/{kind}", json=foreign)
        else:
            there = f"{server}/{kind}/{found.rsplit('/', 1)[1]}"
            hand.admin.put(there, json={**hand.get(there), **foreign})

    return point
