"""Admin permissions: who may do what with objects of the realm."""

from typing import Any

from conformance.admin_permissions import AROUND, ids, section, where
from conformance.overlays import Json, joined
from conformance.sample import Hand, Sample

_POLICIES = section(
    adminPolicies=[
        {"name": "readers", "roles": ["reader"]},
        {"name": "writers", "roles": ["writer"]},
    ]
)


def _declare(name: str, fields: Json) -> Json:
    """The permission; the files have the objects without their type."""
    found = {"name": name, **fields}
    for names in fields.get("resources", {}).values():
        found["resources"] = names
    return section(admin=[found])


def _look(hand: Hand, at: str) -> Json | None:
    found = hand.get(at)
    if found is None:
        return None
    kind = found["config"]["defaultResourceType"]
    names = {client["id"]: client["clientId"] for client in hand.get(hand.path("clients"))}
    resources = [item["name"] for item in hand.get(f"{at}/resources")]
    return {
        **found,
        "resourceType": kind,
        "resources": {kind: [names[item] for item in resources if item != kind]},
        "scopes": [item["name"] for item in hand.get(f"{at}/scopes")],
        "policies": [item["name"] for item in hand.get(f"{at}/associatedPolicies")],
    }


def _edit(hand: Hand, at: str, changes: Json) -> None:
    """Change a permission as the console does, which names everything by its id."""
    there = {**(_look(hand, at) or {}), **changes}
    clients = [str(hand.client(name)) for name in there["resources"]["Clients"]]
    body: dict[str, Any] = {
        **{key: there.get(key) for key in ("name", "description", "logic", "decisionStrategy")},
        "resourceType": there["resourceType"],
        "resources": [client.rsplit("/", 1)[1] for client in clients],
        "scopes": there["scopes"],
        "policies": ids(hand, there["policies"]),
    }
    hand.admin.put(at.replace("/policy/", "/permission/scope/"), json=body)


SAMPLE = Sample(
    type="admin-permission",
    address="permissions/admin/NAME",
    declare=_declare,
    where=where,
    around=joined(AROUND, _POLICIES),
    minimal={"resourceType": "Clients", "scopes": ["view"]},
    full={
        "resourceType": "Clients",
        "description": "looks at the orders",
        "logic": "NEGATIVE",
        "decisionStrategy": "UNANIMOUS",
        "resources": {"Clients": ["orders"]},
        "scopes": ["view"],
        "policies": ["readers"],
    },
    changed={
        "description": "changes the bills",
        "logic": "POSITIVE",
        "resources": {"Clients": ["billing"]},
        "scopes": ["manage", "map-roles"],
        "policies": ["writers"],
    },
    look=_look,
    edit=_edit,
    secret={"description": "SECRET"},
    references=(
        ({"resources": {"Clients": ["missing"]}}, "clients/missing"),
        ({"policies": ["missing"]}, "permissions/admin-policies/missing"),
    ),
    cannot={
        "change resourceType": "A permission of another type is another object: it is replaced.",
        "alone resources": "Left out, they are all objects of the type, which is a value of its own.",
        "change decisionStrategy": "Keycloak takes `UNANIMOUS` only, for admin permissions.",
    },
)
