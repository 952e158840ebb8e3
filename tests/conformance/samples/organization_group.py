"""Groups of organizations: one that lies in another, with attributes and roles."""

from typing import Any

from conformance.overlays import Json
from conformance.sample import Hand, Sample
from conformance.samples import group


def _declare(name: str, fields: Json) -> Json:
    above = {"name": "above", "subGroups": [{"name": name, **fields}]}
    return {"organizations": [{"name": "acme", "groups": [above]}]}


def _groups(hand: Hand) -> str:
    """The path of the groups of the organization."""
    at = hand.path("organizations")
    found = hand.find(at, alias="acme")
    return f"{at}/{found['id'] if found else 'none'}/groups"


def _where(hand: Hand, name: str) -> str | None:
    groups = _groups(hand)
    above = hand.find(groups, name="above")
    found = above and hand.find(f"{groups}/{above['id']}/children?max=100", name=name)
    return f"{groups}/{found['id']}" if found else None


def _look(hand: Hand, at: str) -> Any:
    """The group with the groups in it, and who is in each."""
    found = hand.get(at)
    if found is None:
        return None
    groups = at.rpartition("/")[0]
    inner = [_look(hand, f"{groups}/{item['id']}") for item in hand.get(f"{at}/children")]
    members = [user["username"] for user in hand.get(f"{at}/members")]
    return {**found, "parentId": "", "subGroups": inner, "members": members}


def _point(hand: Hand, at: str) -> None:
    """Have a member of the organization be in the group."""
    user = hand.find(hand.path("users"), username="joan")
    if user is None:
        hand.admin.post(hand.path("users"), json={"username": "joan"})
        user = hand.find(hand.path("users"), username="joan")
    assert user is not None
    organization = _groups(hand).removesuffix("/groups")
    hand.admin.post(f"{organization}/members", json=user["id"], check=False)
    hand.admin.put(f"{at}/members/{user['id']}")


SAMPLE = Sample(
    type="organization-group",
    address="organizations/acme/groups/above/NAME",
    declare=_declare,
    where=_where,
    around={
        "roles": group.SAMPLE.around["roles"],
        "clients": group.SAMPLE.around["clients"],
        "organizationsEnabled": True,
        "organizations": [{"name": "acme", "groups": [{"name": "above"}]}],
    },
    full=group.SAMPLE.full,
    changed=group.SAMPLE.changed,
    look=_look,
    edit=group.SAMPLE.edit,
    point=_point,
    odd_name=" a/b %é ~5%2F* ",
    secret=group.SAMPLE.secret,
    references=group.SAMPLE.references,
)
