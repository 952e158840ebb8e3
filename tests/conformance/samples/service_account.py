"""Service accounts of clients: Keycloak makes and removes them along with their clients."""

from urllib.parse import quote

from conformance.overlays import Json, overlaid
from conformance.roles import map_roles
from conformance.sample import Hand, Sample

_ROLES = ("realmRoles", "clientRoles", "groups")


def _where(hand: Hand, name: str) -> str | None:
    """The account, looked for by its name: asking the client for it would create it."""
    username = quote(f"service-account-{name.lower()}", safe="")
    found = hand.get(f"{hand.path('users')}?username={username}&exact=true")
    return hand.path("users", found[0]["id"]) if found else None


def _look(hand: Hand, at: str) -> Json | None:
    """The user with its groups and roles."""
    user = hand.get(at)
    if user is None:
        return None
    mappings = hand.get(f"{at}/role-mappings")
    client = {k: _names(v["mappings"]) for k, v in mappings.get("clientMappings", {}).items()}
    realm = [n for n in _names(mappings["realmMappings"]) if not n.startswith("default-roles-")]
    groups = [group["path"] for group in hand.get(f"{at}/groups")]
    return {**user, "realmRoles": realm, "clientRoles": client, "groups": groups}


def _names(roles: list[Json]) -> list[str]:
    return [role["name"] for role in roles]


def _edit(hand: Hand, at: str, changes: Json) -> None:
    """Change the user, its groups and its roles."""
    own = {key: value for key, value in changes.items() if key not in _ROLES}
    before = _look(hand, at)
    assert before is not None
    hand.admin.put(at, json=overlaid(hand.get(at), own))
    for path in before["groups"] if "groups" in changes else ():
        hand.admin.delete(f"{at}/groups/{_group(hand, path)}")
    for path in changes.get("groups", ()):
        hand.admin.put(f"{at}/groups/{_group(hand, path)}")
    if "realmRoles" in changes:
        mappings = f"{at}/role-mappings/realm"
        map_roles(hand, mappings, None, before["realmRoles"], changes["realmRoles"])
    for client, names in changes.get("clientRoles", {}).items():
        mappings = f"{at}/role-mappings/clients/{str(hand.client(client)).rsplit('/', 1)[1]}"
        map_roles(hand, mappings, client, before["clientRoles"].get(client, []), names or [])


def _group(hand: Hand, path: str) -> str:
    return str(hand.get(hand.path("group-by-path") + path)["id"])


def _furnish(hand: Hand) -> None:
    for name in ("staff", "guests"):
        hand.admin.post(hand.path("groups"), json={"name": name})


SAMPLE = Sample(
    type="service-account",
    address="clients/NAME/service-account",
    declare=lambda name, fields: {
        "clients": [{"clientId": name, "serviceAccountsEnabled": True}],
        "users": [{"serviceAccountClientId": name, **fields}],
    },
    unique=("email",),
    holder="clients/NAME",
    where=_where,
    around={
        "roles": {
            "realm": [{"name": "reader"}, {"name": "writer"}],
            "client": {"holder": [{"name": "inner"}, {"name": "other inner"}]},
        },
        "clients": [{"clientId": "holder"}],
    },
    furnish=_furnish,
    full={
        "email": "plain@example.org",
        "emailVerified": True,
        "enabled": True,
        "firstName": "Plain",
        "lastName": "Service",
        "requiredActions": ["UPDATE_PROFILE"],
        "attributes": {"team": ["a", "b"], "floor": ["1"]},
        "groups": ["/staff"],
        "realmRoles": ["reader"],
        "clientRoles": {"holder": ["inner"], "realm-management": ["view-users"]},
    },
    changed={
        "email": "other@example.org",
        "emailVerified": False,
        "enabled": False,
        "firstName": "Other",
        "lastName": "Machine",
        "requiredActions": ["VERIFY_EMAIL"],
        "attributes": {"team": ["c"], "floor": None, "colour": ["red"]},
        "groups": ["/guests"],
        "realmRoles": ["writer"],
        "clientRoles": {
            "holder": ["other inner"],
            "realm-management": ["view-users", "view-realm"],
        },
    },
    look=_look,
    edit=_edit,
    secret={"lastName": "SECRET"},
    references=(
        ({"realmRoles": ["missing"]}, "roles/missing"),
        ({"clientRoles": {"holder": ["missing"]}}, "clients/holder/roles/missing"),
        ({"groups": ["/missing"]}, "groups/missing"),
    ),
    cannot={"change notBefore": "Keycloak does not keep it for a user."},
)
