"""Explanations: what `kcplan verify` finds of admin permissions, as tried on a real server."""

from kcplan.diagnostics import Severity
from kcplan.explanation import Explanation

_ONE_OF = """\
[[permissions.adminPolicies]]
name = "support or sales"
policies = ["support", "sales"]
decisionStrategy = "AFFIRMATIVE"

[[permissions.admin]]
name = "view users"
resourceType = "Users"
scopes = ["view"]
policies = ["support or sales"]"""

EXPLANATIONS = (
    Explanation(
        code="admin-permissions-disagree",
        title="Another permission shuts out whom a permission lets in",
        severity=Severity.ERROR,
        meaning="`kcplan verify --sandbox` tried what a permission allows, and Keycloak refused "
        "it, since another permission counts as well and does not let the caller in.",
        why="All permissions for the same objects and scope must let a caller in. With one for "
        "`support` and one for `sales`, only those who are both get in. Of permissions for all "
        "objects of a type, those for other scopes count too (Keycloak's issue 50740).",
        fix="Make one permission of them, with an aggregate policy that lets in whoever meets one "
        "of its policies. Where the scopes differ, name the objects in `resources`. `kcplan graph "
        "--admin` shows such permissions.",
        example=_ONE_OF,
    ),
    Explanation(
        code="admin-permission-without-view",
        title="A scope that has no effect without `view`",
        severity=Severity.ERROR,
        meaning="`kcplan verify --sandbox` tried what a permission for organizations allows, and "
        "Keycloak refused it, as the caller may not view the organization.",
        why="Keycloak does not find an organization for somebody who may not view it, so `manage` "
        "alone allows nothing.",
        fix="Add `view` to the scopes of the permission.",
    ),
    Explanation(
        code="admin-permission-undeclared",
        title="Keycloak allows what no admin permission of the files does",
        severity=Severity.ERROR,
        meaning="`kcplan verify --sandbox` tried what a permission does not allow (somebody else, "
        "another object, another scope), and Keycloak did it.",
        why="Roles of `realm-management`, such as `view-users`, count for the whole realm, "
        "whatever permissions say. Who reads the permissions does not see them.",
        fix="Take the role away from the role, group or account that the policy names, or declare "
        "what it allows.",
    ),
)
