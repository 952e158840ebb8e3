"""Organizations."""

from conformance.overlays import Json, overlaid
from conformance.sample import Hand, Sample

_PROVIDERS = "identityProviders"


def _provider(alias: str) -> Json:
    config = {
        "clientId": "us",
        "authorizationUrl": "https://login.example/auth",
        "tokenUrl": "https://login.example/token",
    }
    return {"alias": alias, "providerId": "oidc", "enabled": False, "config": config}


def _where(hand: Hand, name: str) -> str | None:
    at = hand.path("organizations")
    found = hand.find(f"{at}?max=100", alias=name)
    return f"{at}/{found['id']}" if found else None


def _look(hand: Hand, at: str) -> Json | None:
    """The organization with its identity providers, and who is a member."""
    found = hand.get(at)
    if found is None:
        return None
    linked = [{"alias": item["alias"]} for item in hand.get(f"{at}/identity-providers")]
    members = [user["username"] for user in hand.get(f"{at}/members")]
    return {**found, _PROVIDERS: linked, "members": members}


def _edit(hand: Hand, at: str, changes: Json) -> None:
    """Change the organization, then its identity providers."""
    own = {key: value for key, value in changes.items() if key != _PROVIDERS}
    there = hand.get(at)
    domains = {item["name"]: item for item in there.get("domains", ())}
    after = overlaid({**there, "domains": domains}, own)
    named = [{**entry, "name": name} for name, entry in after["domains"].items()]
    hand.admin.put(at, json={**after, "domains": named})
    for alias, entry in changes.get(_PROVIDERS, {}).items():
        if entry is None:
            hand.admin.delete(f"{at}/identity-providers/{alias}", check=False)
        else:
            hand.admin.post(f"{at}/identity-providers", json=alias)


def _point(hand: Hand, at: str) -> None:
    """Have somebody be a member."""
    user = hand.find(hand.path("users"), username="joan")
    if user is None:
        hand.admin.post(hand.path("users"), json={"username": "joan"})
        user = hand.find(hand.path("users"), username="joan")
    assert user is not None
    hand.admin.post(f"{at}/members", json=user["id"], check=False)


SAMPLE = Sample(
    type="organization",
    address="organizations/NAME",
    declare=lambda name, fields: {"organizations": [{"alias": name, **fields}]},
    where=_where,
    around={
        "organizationsEnabled": True,
        _PROVIDERS: [_provider("company"), _provider("partner")],
    },
    unique=("name", "domains", _PROVIDERS),
    full={
        "name": "Acme Inc.",
        "description": "who buys much",
        "redirectUrl": "https://acme.example/app",
        "enabled": False,
        "attributes": {"colour": ["red"], "size": ["1", "2"]},
        "domains": [{"name": "acme.example", "verified": True}, {"name": "acme.test"}],
        _PROVIDERS: [{"alias": "company"}],
    },
    changed={
        "name": "Acme Ltd.",
        "description": "who buys more",
        "redirectUrl": "https://acme.example/shop",
        "enabled": True,
        "attributes": {"colour": ["blue"], "size": None, "shape": ["round"]},
        "domains": {"acme.example": {"verified": False}, "acme.test": None},
        _PROVIDERS: {"company": None, "partner": {"alias": "partner"}},
    },
    look=_look,
    edit=_edit,
    point=_point,
    odd_name="é%5Fa.b",
    secret={"description": "SECRET"},
    references=(({_PROVIDERS: {"missing": {"alias": "missing"}}}, "identity-providers/missing"),),
    cannot={"rename": "Keycloak does not let the alias of an organization change."},
)
