"""Authorization resources of a client."""

from conformance.authorization import AROUND, inside, pointed_to_by, settings
from conformance.overlays import Json, joined, overlaid
from conformance.sample import Hand, Sample

_SCOPES = settings(scopes=[{"name": "read"}, {"name": "write"}])


def _look(hand: Hand, at: str) -> Json | None:
    """The resource, its scopes by name."""
    found = hand.get(at)
    return found and {**found, "scopes": [{"name": s["name"]} for s in found.get("scopes", ())]}


def _edit(hand: Hand, at: str, changes: Json) -> None:
    """Change the resource; it may have no scopes yet."""
    there = hand.get(at)
    scopes = there.get("scopes") or [{"name": "read"}]
    hand.admin.put(at, json=overlaid({**there, "scopes": scopes}, changes))


SAMPLE = Sample(
    type="authorization-resource",
    address="clients/holder/authorization/resources/NAME",
    declare=lambda name, fields: settings(resources=[{"name": name, **fields}]),
    where=inside("resource"),
    around=joined(AROUND, _SCOPES),
    full={
        "displayName": "Book",
        "type": "urn:shop:book",
        "icon_uri": "https://icons.example/book.png",
        "uris": ["/books", "/books/*"],
        "ownerManagedAccess": True,
        "attributes": {"shelf": ["1", "2"], "size": ["big"]},
        "scopes": [{"name": "read"}],
    },
    changed={
        "displayName": "Volume",
        "type": "urn:shop:volume",
        "icon_uri": "https://icons.example/volume.png",
        "uris": ["/books", "/volumes"],
        "ownerManagedAccess": False,
        "attributes": {"shelf": ["3"], "size": None, "colour": ["red"]},
        "scopes": {"read": None, "write": {"name": "write"}},
    },
    look=_look,
    edit=_edit,
    point=pointed_to_by("permission/resource", "resources", {}),
    secret={"displayName": "SECRET"},
    references=(
        ({"scopes": [{"name": "missing"}]}, "clients/holder/authorization/scopes/missing"),
    ),
)
