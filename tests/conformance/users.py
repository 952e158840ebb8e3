"""Users as somebody at the console sees and edits them: roles and groups are apart from them."""

from conformance.overlays import Json, overlaid
from conformance.roles import map_roles
from conformance.sample import Hand

_ELSEWHERE = ("realmRoles", "clientRoles", "groups", "federatedIdentities")


def look(hand: Hand, at: str) -> Json | None:
    """The user with its groups, its roles, and its accounts elsewhere."""
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


def edit(hand: Hand, at: str, changes: Json) -> None:
    """Change the user, its groups, its roles, and its accounts elsewhere."""
    own = {key: value for key, value in changes.items() if key not in _ELSEWHERE}
    before = look(hand, at)
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
    for alias, identity in changes.get("federatedIdentities", {}).items():
        _link(hand, at, alias, identity)


def _link(hand: Hand, at: str, alias: str, identity: Json | None) -> None:
    links = f"{at}/federated-identity"
    old = hand.find(links, identityProvider=alias)
    if old is not None:
        hand.admin.delete(f"{links}/{alias}")
    if identity is not None:
        hand.admin.post(f"{links}/{alias}", json={**(old or {}), **identity})


def _group(hand: Hand, path: str) -> str:
    return str(hand.get(hand.path("group-by-path") + path)["id"])


def furnish(hand: Hand) -> None:
    """Make the groups that users of the samples are in."""
    for name in ("staff", "guests"):
        if hand.find(hand.path("groups"), name=name) is None:
            hand.admin.post(hand.path("groups"), json={"name": name})
