"""What a resource server decides: scopes, resources, policies of each type, permissions.

There is none of client scopes: where a realm goes, Keycloak looks through those of all realms.
"""

import json
from typing import Any, Final

from conformance.sample import Hand
from support.authorization import RESOURCES, SCOPES
from support.every_type.access import ODD

Json = dict[str, Any]

_POLICIES: Final[tuple[tuple[str, str, Json], ...]] = (
    ("roles", "role", {"roles": [{"id": "reader", "required": True}, {"id": "app/part"}]}),
    ("clients", "client", {"clients": ["app", "other"]}),
    ("users", "user", {"users": ["joan", "service-account-app"]}),
    ("hours", "time", {"hour": "8", "hourEnd": "17"}),
    ("mail", "regex", {"targetClaim": "email", "pattern": ".*@example.org"}),
    ("grouped", "group", {"groups": [{"path": "/staff/staff", "extendChildren": True}]}),
    (ODD, "aggregate", {"applyPolicies": ["roles", "clients"]}),
    (
        "see documents",
        "scope",
        {"resources": ["documents"], "scopes": ["view", ODD], "applyPolicies": [ODD, "hours"]},
    ),
    (
        "any document",
        "resource",
        {"defaultResourceType": "urn:app:document", "applyPolicies": ["users"]},
    ),
    ("some", "resource", {"resources": ["documents", ODD], "applyPolicies": ["mail"]}),
)


def authorization(hand: Hand) -> None:
    """The resource server of the client `app`."""
    at = str(hand.client("app", "authz", "resource-server"))
    for scope in SCOPES:
        hand.admin.post(f"{at}/scope", json=scope)
    for resource in RESOURCES:
        hand.admin.post(f"{at}/resource", json=resource)
    for name, kind, config in _POLICIES:
        texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in config.items()}
        logic = "NEGATIVE" if kind in {"role", "time"} else "POSITIVE"
        body = {"name": name, "type": kind, "logic": logic, "description": f"by {kind}"}
        strategy = {"decisionStrategy": "AFFIRMATIVE" if kind == "aggregate" else "UNANIMOUS"}
        hand.admin.post(f"{at}/policy", json={**body, **strategy, "config": texts})
    settings = {"policyEnforcementMode": "PERMISSIVE", "decisionStrategy": "AFFIRMATIVE"}
    hand.admin.put(at, json={**hand.get(at), **settings})


_ADMINISTRATORS: Final[tuple[tuple[str, str, Json], ...]] = (
    ("readers", "role", {"roles": [{"id": "reader", "required": True}, {"id": "app/part"}]}),
    ("people", "user", {"users": ["joan"]}),
    ("staff", "group", {"groups": [{"path": "/staff/staff", "extendChildren": True}]}),
    ("tools", "client", {"clients": ["other"]}),
    ("hours", "time", {"hour": "8", "hourEnd": "17"}),
    (ODD, "aggregate", {"applyPolicies": ["readers", "staff"]}),
)


def administrators(hand: Hand) -> None:
    """Admin permissions for all objects of a type, and for some of those that an export has."""
    hand.admin.put(hand.path(), json={"realm": hand.realm, "adminPermissionsEnabled": True})
    at = str(hand.client("admin-permissions", "authz", "resource-server"))
    policies: dict[str, str] = {}
    for name, kind, config in _ADMINISTRATORS:
        texts = {k: v if isinstance(v, str) else json.dumps(v) for k, v in config.items()}
        strategy = "AFFIRMATIVE" if kind == "aggregate" else "UNANIMOUS"
        body = {"name": name, "type": kind, "logic": "POSITIVE", "config": texts}
        made = hand.admin.post(f"{at}/policy", json={**body, "decisionStrategy": strategy})
        policies[name] = made.json()["id"]
    groups = hand.get(hand.path("groups"))
    ids = {group["name"]: group["id"] for group in groups}
    ids |= {name: str(hand.client(name)).rsplit("/", 1)[1] for name in ("app", "other")}
    roles = [hand.role("reader")["id"], hand.role("part", "app")["id"]]
    for name, kind, scopes, resources, asked in (
        ("all users", "Users", ["view", "reset-password"], None, [ODD, "hours"]),
        ("clients", "Clients", ["view", "manage"], [ids["app"], ids["other"]], ["people"]),
        (f"{ODD} of groups", "Groups", ["view-members"], [ids["staff"]], ["staff"]),
        ("roles", "Roles", ["map-role"], roles, ["tools"]),
        ("organizations", "Organizations", ["view"], None, ["readers"]),
    ):
        about = {"name": name, "description": "by hand", "resourceType": kind, "scopes": scopes}
        named = {"resources": resources} if resources else {}
        body = {**about, **named, "policies": [policies[item] for item in asked]}
        hand.admin.post(f"{at}/permission/scope", json=body)
