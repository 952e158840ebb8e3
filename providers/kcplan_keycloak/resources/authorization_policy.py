"""Authorization policies: who may. Their `config` is that of an export."""

from collections.abc import Iterator
from typing import Final

from attrs import evolve

from kcplan.diagnostics import Diagnostic, error
from kcplan.offered import Listed
from kcplan.resource import Resource, TypeSpec
from kcplan.shapes import STRING, Object
from kcplan_keycloak.authz import (
    CONFIG_NAMES,
    DECISION_STRATEGY,
    JSON_STRINGS,
    LOGIC,
    POLICY_UNSUPPORTED,
    has_authorization,
    requires_authorization,
)
from kcplan_keycloak.authz_policies import POLICIES, POLICY_DEFAULTS, PolicyType, collection
from kcplan_keycloak.dollar_names import dollar_names
from kcplan_keycloak.management import of_old_permissions
from kcplan_keycloak.resources.authorization_permission import IS_PERMISSION
from kcplan_keycloak.server_info import POLICY_TYPE

_TEXTS: Final = """
    code dayMonth dayMonthEnd fetchRoles groupsClaim hour hourEnd minute minuteEnd month monthEnd
    nbf noa pattern targetClaim targetContextAttributes year yearEnd
"""

_NAMES: Final = "applyPolicies clients clientScopes groups roles users"

CONFIG: Final = Object(
    {
        **dict.fromkeys(_TEXTS.split(), STRING),
        **{name: CONFIG_NAMES[name] for name in _NAMES.split()},
    },
    others=STRING,
)

SCHEMA: Final = Object(
    {
        "description": STRING,
        "type": STRING,
        "logic": LOGIC,
        "decisionStrategy": DECISION_STRATEGY,
        "config": CONFIG,
    }
)


def _check(resource: Resource) -> Iterator[Diagnostic]:
    yield from dollar_names(resource)
    if resource.leaves.get(("type",)) is None:
        yield error(
            "unknown-type",
            f"authorization policy {resource.address.name} has no `type`",
            "A policy is of a type, such as `role` or `client`; a permission is of the type "
            "`resource` or `scope`.",
            address=resource.address,
            source=resource.source(),
        )


SPEC: Final = TypeSpec(
    name="authorization-policy",
    pattern="REALM/clients/CLIENT_ID/authorization/policies/NAME",
    rank=63,
    where="clients[clientId].authorizationSettings.policies[name]",
    schema=SCHEMA,
    key=("name",),
    belongs=evolve(IS_PERMISSION, within=False),
    ignored=(("id",), ("resourcesData",), ("scopesData",)),
    unsupported=POLICY_UNSUPPORTED,
    json_strings=JSON_STRINGS,
    immutable=(("type",),),
    listed=(Listed(("type",), POLICY_TYPE),),
    chooses_id=True,
    namespace="authorization policy",
    requires=requires_authorization,
    bygone=of_old_permissions,
    check=_check,
    defaults=lambda _: POLICY_DEFAULTS,
    guarded=POLICY_DEFAULTS,
)

TYPES: Final = (
    PolicyType(
        spec=SPEC,
        at=collection("policy"),
        part=POLICIES,
        holds=has_authorization,
        queries=({"permission": "false"},),
    ),
)
