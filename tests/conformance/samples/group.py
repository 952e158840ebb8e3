"""Groups: one that lies in another, with attributes and roles."""

from typing import Any

from conformance.overlays import Json, overlaid
from conformance.roles import map_roles
from conformance.sample import Hand, Sample

_ROLES = ("realmRoles", "clientRoles")


def _declare(name: str, fields: Json) -> Json:
    return {"groups": [{"name": "above", "subGroups": [{"name": name, **fields}]}]}


def _above(hand: Hand) -> str:
    """The path of the groups in the one above, in which there are few."""
    found = hand.find(hand.path("groups"), name="above")
    return hand.path("groups", str(found["id"]) if found else "none", "children")


def _where(hand: Hand, name: str) -> str | None:
    found = hand.find(_above(hand) + "?max=100", name=name)
    return hand.path("groups", found["id"]) if found else None


def _look(hand: Hand, at: str) -> Any:
    """The group with the groups in it, and who is in each."""
    group = hand.get(at)
    if group is None:
        return None
    inner = [_look(hand, hand.path("groups", item["id"])) for item in hand.get(f"{at}/children")]
    members = [user["username"] for user in hand.get(f"{at}/members")]
    return {**group, "parentId": "", "subGroups": inner, "members": members}


def _edit(hand: Hand, at: str, changes: Json) -> None:
    """Change the group, then its roles."""
    own: Json = {key: value for key, value in changes.items() if key not in _ROLES}
    before = hand.get(at)
    hand.admin.put(at, json=overlaid(before, own))
    if "realmRoles" in changes:
        mappings = f"{at}/role-mappings/realm"
        map_roles(hand, mappings, None, before.get("realmRoles", []), changes["realmRoles"])
    for client, names in changes.get("clientRoles", {}).items():
        mappings = f"{at}/role-mappings/clients/{str(hand.client(client)).rsplit('/', 1)[1]}"
        map_roles(hand, mappings, client, before.get("clientRoles", {}).get(client, []), names)


def _point(hand: Hand, at: str) -> None:
    """Have somebody be in the group, and new users be put into it."""
    group = at.rsplit("/", 1)[1]
    user = hand.find(hand.path("users"), username="joan")
    if user is None:
        hand.admin.post(hand.path("users"), json={"username": "joan"})
        user = hand.find(hand.path("users"), username="joan")
    assert user is not None
    hand.admin.put(hand.path("users", user["id"], "groups", group))
    hand.admin.put(hand.path("default-groups", group))


SAMPLE = Sample(
    type="group",
    address="groups/above/NAME",
    declare=_declare,
    where=_where,
    around={
        "roles": {
            "realm": [{"name": "reader"}, {"name": "writer"}],
            "client": {"holder": [{"name": "inner"}, {"name": "other inner"}]},
        },
        "clients": [{"clientId": "holder"}],
        "groups": [{"name": "above"}],
    },
    full={
        "description": "who packs",
        "attributes": {"colour": ["red"], "size": ["1", "2"]},
        "realmRoles": ["reader"],
        "clientRoles": {"holder": ["inner"]},
    },
    changed={
        "description": "who sends",
        "attributes": {"colour": ["blue", "green"], "size": None, "shape": ["round"]},
        "realmRoles": ["writer"],
        "clientRoles": {"holder": ["other inner"]},
    },
    look=_look,
    edit=_edit,
    point=_point,
    odd_name="a/b %é ~5%2F",
    secret={"attributes": {"colour": ["SECRET"]}},
    references=(
        ({"realmRoles": ["missing"]}, "roles/missing"),
        ({"clientRoles": {"holder": ["missing"]}}, "clients/holder/roles/missing"),
    ),
)
