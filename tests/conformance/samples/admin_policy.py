"""Policies of admin permissions."""

from conformance.admin_permissions import AROUND, section, where
from conformance.sample import Hand, Sample
from conformance.samples.authorization_policy import BY_ROLES


def _point(hand: Hand, at: str) -> None:
    """Have an aggregate of somebody else's name the policy, and a spare one."""
    server, own = at.rsplit("/policy/", 1)
    name = f"foreign, for {hand.get(at)['name']}"
    if where(hand, "spare") is None:
        spare = {"name": "spare", "users": []}
        hand.admin.post(f"{server}/policy/user", json=spare)
    spare_id = str(where(hand, "spare")).rsplit("/", 1)[1]
    foreign = {"name": name, "policies": [own, spare_id]}
    found = where(hand, name)
    if found is None:
        hand.admin.post(f"{server}/policy/aggregate", json=foreign)
    else:
        there = found.replace("/policy/", "/policy/aggregate/")
        hand.admin.put(there, json={**hand.get(there), **foreign})


SAMPLE = Sample(
    type="admin-policy",
    address="permissions/admin-policies/NAME",
    declare=lambda name, fields: section(adminPolicies=[{"name": name, **fields}]),
    where=where,
    around=AROUND,
    point=_point,
    **BY_ROLES,
)
