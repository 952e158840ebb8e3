"""Components at the console.

Keycloak gives the values of an entry of their `config` in any order, and takes an entry away when
it is sent without values.
"""

from conformance.overlays import Json, overlaid
from conformance.sample import Hand


def look_at_component(hand: Hand, at: str) -> Json | None:
    """A component, its values in order."""
    found: Json | None = hand.get(at)
    if found is None:
        return None
    return {**found, "config": {key: sorted(found["config"][key]) for key in found["config"]}}


def edit_component(hand: Hand, at: str, changes: Json) -> None:
    """Change fields of a component."""
    config = {key: value or [] for key, value in changes.get("config", {}).items()}
    hand.admin.put(at, json=overlaid(hand.get(at), {**changes, "config": config}))
