"""Components at the console: an entry of their `config` goes when it is sent without values."""

from conformance.overlays import Json, overlaid
from conformance.sample import Hand


def edit_component(hand: Hand, at: str, changes: Json) -> None:
    """Change fields of a component."""
    config = {key: value or [] for key, value in changes.get("config", {}).items()}
    hand.admin.put(at, json=overlaid(hand.get(at), {**changes, "config": config}))
