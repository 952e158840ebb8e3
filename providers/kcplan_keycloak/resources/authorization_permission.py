"""Authorization permissions: which policies decide on which resources and scopes."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from kcplan.diagnostics import Diagnostic, error
from kcplan.resource import Resource, TypeSpec
from kcplan.schema import STRING, STRINGS, Object
from kcplan_keycloak.authz import JSON_STRINGS, config_references, renamed, requires_authorization
from kcplan_keycloak.authz_policies import PERMISSION_TYPES, PolicyType

_OF_USERS: Final = "uma"

SCHEMA: Final = Object(
    {
        "description": STRING,
        "type": STRING,
        "logic": STRING,
        "decisionStrategy": STRING,
        "config": Object(
            {
                "applyPolicies": STRINGS,
                "defaultResourceType": STRING,
                "resources": STRINGS,
                "scopes": STRINGS,
            }
        ),
    }
)


def is_permission(document: Mapping[str, Any]) -> bool:
    """Whether an entry of `policies` is a permission."""
    return document.get("type") in {*PERMISSION_TYPES, _OF_USERS}


def _check(resource: Resource) -> Iterator[Diagnostic]:
    if resource.leaves.get(("type",)) == _OF_USERS:
        yield error(
            "unknown-type",
            f"authorization permission {resource.address.name} is of the type `uma`",
            "Users make such permissions themselves, for what they own. Remove it from the files.",
            address=resource.address,
            path=("type",),
            source=resource.source(("type",)),
        )


SPEC: Final = TypeSpec(
    name="authorization-permission",
    pattern="REALM/clients/CLIENT_ID/authorization/permissions/NAME",
    rank=64,
    section=("clients", "[clientId]", "authorizationSettings", "policies", "[name]"),
    schema=SCHEMA,
    key=("name",),
    belongs=is_permission,
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

TYPES: Final = (
    PolicyType(
        SPEC,
        "permissions",
        tuple({"permission": "true", "type": kind, "fields": "*"} for kind in PERMISSION_TYPES),
    ),
)
