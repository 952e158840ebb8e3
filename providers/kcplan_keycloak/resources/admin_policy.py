"""Policies of admin permissions: who may. A permission may have them in it; see `admin_sections`.

In Keycloak they are policies of the client `admin-permissions`, as other clients have them.
"""

from typing import Final

from kcplan.offered import Listed
from kcplan.resource import TypeSpec
from kcplan_keycloak import forms
from kcplan_keycloak.admin_permissions import (
    AdminType,
    admin_collection,
    requires_admin_permissions,
)
from kcplan_keycloak.admin_sections import gather, scatter
from kcplan_keycloak.authz import JSON_STRINGS
from kcplan_keycloak.authz_policies import POLICIES, POLICY_DEFAULTS
from kcplan_keycloak.resources.authorization_policy import SCHEMA
from kcplan_keycloak.server_info import POLICY_TYPE

SPEC: Final = TypeSpec(
    name="admin-policy",
    pattern="REALM/permissions/admin-policies/NAME",
    rank=66,
    where="permissions.adminPolicies[name]",
    told_at="authz",
    schema=SCHEMA,
    key=("name",),
    json_strings=JSON_STRINGS,
    immutable=(("type",),),
    listed=(Listed(("type",), POLICY_TYPE),),
    chooses_id=True,
    namespace="admin policy",
    requires=requires_admin_permissions,
    gather=gather,
    forms=forms.admin_permissions,
    scatter=scatter,
    defaults=lambda _: POLICY_DEFAULTS,
    guarded=POLICY_DEFAULTS,
)

TYPES: Final = (
    AdminType(
        spec=SPEC,
        at=admin_collection(),
        part=POLICIES,
        queries=({"permission": "false"},),
    ),
)
