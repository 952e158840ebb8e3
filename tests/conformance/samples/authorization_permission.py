"""Authorization permissions of a client."""

from conformance.authorization import AROUND, inside, settings
from conformance.overlays import Json, joined
from conformance.sample import Hand, Sample

_OTHERS = settings(
    scopes=[{"name": "read"}, {"name": "write"}],
    resources=[
        {"name": "book", "scopes": [{"name": "read"}, {"name": "write"}]},
        {"name": "shelf", "scopes": [{"name": "read"}, {"name": "write"}]},
    ],
    policies=[
        {"name": "readers", "type": "role", "config": {"roles": [{"id": "reader"}]}},
        {"name": "writers", "type": "role", "config": {"roles": [{"id": "writer"}]}},
    ],
)
_ROLES: Json = {"roles": {"realm": [{"name": "reader"}, {"name": "writer"}]}}
_PARTS = {"resources": "resources", "scopes": "scopes", "applyPolicies": "associatedPolicies"}


def _look(hand: Hand, at: str) -> Json | None:
    """The permission with the names of what it is about."""
    found = hand.get(at)
    if found is None:
        return None
    names = {
        key: [item["name"] for item in hand.get(f"{at}/{part}")] for key, part in _PARTS.items()
    }
    return {**found, "config": names}


def _edit(hand: Hand, at: str, changes: Json) -> None:
    """Change a permission for scopes, which has an end point of its own."""
    at = at.replace("/policy/", "/permission/scope/")
    own = {key: value for key, value in changes.items() if key != "config"}
    config = changes.get("config", {})
    renamed = {"applyPolicies": "policies"}
    ids = {renamed.get(key, key): _ids(hand, key, names) for key, names in config.items()}
    hand.admin.put(at, json={**hand.get(at), **own, **ids})


def _ids(hand: Hand, key: str, names: list[str]) -> list[str]:
    kind = {"resources": "resource", "scopes": "scope", "applyPolicies": "policy"}[key]
    where = inside(kind)
    return [str(where(hand, name)).rsplit("/", 1)[1] for name in names]


_CONFIG = {"resources": ["book"], "scopes": ["read"], "applyPolicies": ["readers"]}
_INSIDE = "clients/holder/authorization"

SAMPLE = Sample(
    type="authorization-permission",
    address=f"{_INSIDE}/permissions/NAME",
    declare=lambda name, fields: settings(policies=[{"name": name, **fields}]),
    where=inside("policy"),
    around=joined(joined(AROUND, _ROLES), _OTHERS),
    minimal={"type": "scope", "config": {"scopes": ["read"]}},
    full={
        "type": "scope",
        "description": "reads books",
        "logic": "NEGATIVE",
        "decisionStrategy": "AFFIRMATIVE",
        "config": _CONFIG,
    },
    changed={
        "description": "writes on shelves",
        "logic": "POSITIVE",
        "decisionStrategy": "CONSENSUS",
        "config": {"resources": ["shelf"], "scopes": ["write"], "applyPolicies": ["writers"]},
    },
    look=_look,
    edit=_edit,
    secret={"description": "SECRET"},
    references=(
        ({"config": {"resources": ["missing"]}}, f"{_INSIDE}/resources/missing"),
        ({"config": {"scopes": ["missing"]}}, f"{_INSIDE}/scopes/missing"),
        ({"config": {"applyPolicies": ["missing"]}}, f"{_INSIDE}/policies/missing"),
    ),
    cannot={"change type": "A permission of another type is another object: it is replaced."},
)
