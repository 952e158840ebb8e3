"""Roles as somebody at the console sees and edits them: composites have requests of their own."""

from conformance.overlays import Json, overlaid
from conformance.sample import Hand


def look(hand: Hand, at: str) -> Json | None:
    """The role with the names of what it is composed of."""
    role = hand.get(at)
    if role is None:
        return None
    composites: Json = {"realm": [], "client": {}}
    clients = {item["id"]: item["clientId"] for item in hand.get(hand.path("clients"))}
    for part in hand.get(f"{at}/composites"):
        if part["clientRole"]:
            holder = clients[part["containerId"]]
            composites["client"].setdefault(holder, []).append(part["name"])
        else:
            composites["realm"].append(part["name"])
    return {**role, "composites": composites}


def edit(hand: Hand, at: str, changes: Json) -> None:
    """Change the role's own fields, and what it is composed of."""
    own = {key: value for key, value in changes.items() if key != "composites"}
    hand.admin.put(at, json=overlaid(hand.get(at), own))
    composites = changes.get("composites", {})
    before = look(hand, at)
    assert before is not None
    groups = {None: composites.get("realm"), **composites.get("client", {})}
    for holder, names in groups.items():
        if names is None:
            continue
        there = before["composites"]
        held = there["client"].get(holder, []) if holder else there["realm"]
        added = [hand.role(name, holder) for name in names if name not in held]
        removed = [hand.role(name, holder) for name in held if name not in names]
        hand.admin.post(f"{at}/composites", json=added)
        hand.admin.delete(f"{at}/composites", json=removed)


def map_roles(hand: Hand, at: str, client: str | None, before: list[str], after: list[str]) -> None:
    """Give roles of the realm, or of a client, by mappings at a path, and take others away."""
    removed = [hand.role(name, client) for name in before if name not in after]
    hand.admin.delete(at, json=removed)
    hand.admin.post(at, json=[hand.role(name, client) for name in after if name not in before])


def point_to_role(hand: Hand, at: str) -> None:
    """Have a role of somebody else's be composed of the role, and a group hold it."""
    role = hand.get(at)
    part = {"id": role["id"], "name": role["name"]}
    if hand.get(hand.path("roles", "foreign")) is None:
        hand.admin.post(hand.path("roles"), json={"name": "foreign"})
        hand.admin.post(hand.path("groups"), json={"name": "people"})
    hand.admin.post(hand.path("roles", "foreign", "composites"), json=[part])
    group = hand.find(hand.path("groups"), name="people")
    assert group is not None
    where = ("clients", role["containerId"]) if role["clientRole"] else ("realm",)
    mappings = hand.path("groups", group["id"], "role-mappings", *where)
    hand.admin.post(mappings, json=[part])
