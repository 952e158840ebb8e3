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
