"""Authorization policies of a client."""

from conformance.authorization import AROUND, inside, pointed_to_by, settings
from conformance.overlays import Json, joined
from conformance.sample import Hand, Sample

_ROLES: Json = {"roles": {"realm": [{"name": "reader"}, {"name": "writer"}]}}


def look_at_roles(hand: Hand, at: str) -> Json | None:
    """The policy as an export has it: roles by name."""
    found = hand.get(at.replace("/policy/", "/policy/role/"))
    if found is None:
        return None
    names = {role["id"]: role["name"] for role in hand.get(hand.path("roles"))}
    roles = [{**role, "id": names[role["id"]]} for role in found["roles"]]
    config = {"roles": roles, "fetchRoles": str(found.get("fetchRoles", False)).lower()}
    return {**found, "config": config}


def edit_roles(hand: Hand, at: str, changes: Json) -> None:
    """Change a policy of the type `role`, which has an end point of its own."""
    at = at.replace("/policy/", "/policy/role/")
    own = {key: value for key, value in changes.items() if key != "config"}
    config = changes.get("config", {})
    if "fetchRoles" in config:
        own["fetchRoles"] = config["fetchRoles"] == "true"
    if "roles" in config:
        roles = config["roles"].items()
        own["roles"] = [{**v, "id": hand.role(k)["id"]} for k, v in roles if v is not None]
    hand.admin.put(at, json={**hand.get(at), **own})


BY_ROLES: Json = {
    "minimal": {"type": "role", "config": {"roles": [{"id": "reader", "required": False}]}},
    "full": {
        "type": "role",
        "description": "who reads",
        "logic": "NEGATIVE",
        "decisionStrategy": "AFFIRMATIVE",
        "config": {"fetchRoles": "true", "roles": [{"id": "reader", "required": True}]},
    },
    "changed": {
        "description": "who writes",
        "logic": "POSITIVE",
        "decisionStrategy": "UNANIMOUS",
        "config": {"fetchRoles": "false", "roles": {"reader": {"required": False}}},
    },
    "look": look_at_roles,
    "edit": edit_roles,
    "secret": {"description": "SECRET"},
    "references": (({"config": {"roles": [{"id": "missing"}]}}, "roles/missing"),),
    "cannot": {"change type": "A policy of another type is another object: it is replaced."},
}
"""What the samples of policies by roles have in common, whoever asks the policies."""

SAMPLE = Sample(
    type="authorization-policy",
    address="clients/holder/authorization/policies/NAME",
    declare=lambda name, fields: settings(policies=[{"name": name, **fields}]),
    where=inside("policy"),
    around=joined(AROUND, _ROLES),
    point=pointed_to_by(
        "policy/aggregate", "policies", {"type": "user", "config": {"users": "[]"}}
    ),
    **BY_ROLES,
)
