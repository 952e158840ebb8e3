"""Authorization policies: who may. Their `config` is that of an export."""

from collections.abc import Iterator
from typing import Final

from kcplan.diagnostics import Diagnostic, error
from kcplan.resource import Resource, TypeSpec
from kcplan.schema import STRING, STRINGS, Object
from kcplan_keycloak.authz import (
    JSON_STRINGS,
    config_references,
    named_by,
    renamed,
    requires_authorization,
)
from kcplan_keycloak.authz_policies import PolicyType
from kcplan_keycloak.resources.authorization_permission import is_permission

_TEXTS: Final = """
    code dayMonth dayMonthEnd fetchRoles groupsClaim hour hourEnd minute minuteEnd month monthEnd
    nbf noa pattern targetClaim targetContextAttributes year yearEnd
"""

CONFIG: Final = Object(
    {
        **dict.fromkeys(_TEXTS.split(), STRING),
        "applyPolicies": STRINGS,
        "clients": STRINGS,
        "clientScopes": named_by("id", "required"),
        "groups": named_by("path", "extendChildren"),
        "roles": named_by("id", "required"),
        "users": STRINGS,
    }
)

SCHEMA: Final = Object(
    {
        "description": STRING,
        "type": STRING,
        "logic": STRING,
        "decisionStrategy": STRING,
        "config": CONFIG,
    }
)


def _check(resource: Resource) -> Iterator[Diagnostic]:
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
    section=("clients", "[clientId]", "authorizationSettings", "policies", "[name]"),
    schema=SCHEMA,
    key=("name",),
    belongs=lambda document: not is_permission(document),
    ignored=(("id",),),
    json_strings=JSON_STRINGS,
    immutable=(("type",),),
    chooses_id=True,
    references=config_references,
    renamed=renamed,
    namespace="authorization policy",
    requires=requires_authorization,
    check=_check,
)

TYPES: Final = (PolicyType(SPEC, "policies", ({"permission": "false"},)),)
