"""Authorization permissions: which policies decide on which resources and scopes."""

from collections.abc import Iterator
from typing import Final

from kcplan.diagnostics import Diagnostic, error
from kcplan.resource import Discriminator, Resource, TypeSpec
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
from kcplan_keycloak.authz_policies import (
    PERMISSION_TYPES,
    POLICIES,
    POLICY_DEFAULTS,
    PolicyType,
    collection,
)
from kcplan_keycloak.dollar_names import dollar_names
from kcplan_keycloak.legacy_names import named_after, named_in
from kcplan_keycloak.management import of_old_permissions

_OF_USERS: Final = "uma"

SCHEMA: Final = Object(
    {
        "description": STRING,
        "type": STRING,
        "logic": LOGIC,
        "decisionStrategy": DECISION_STRATEGY,
        "config": Object(
            {
                "default": STRING,
                "defaultResourceType": STRING,
                **{name: CONFIG_NAMES[name] for name in ("applyPolicies", "resources", "scopes")},
            },
            others=STRING,
        ),
    }
)


IS_PERMISSION: Final = Discriminator("type", (*PERMISSION_TYPES, _OF_USERS))
"""Whether an entry of `policies` is a permission."""


def _check(resource: Resource) -> Iterator[Diagnostic]:
    yield from dollar_names(resource)
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
    where="clients[clientId].authorizationSettings.policies[name]",
    schema=SCHEMA,
    keeps_empty=(("config", "applyPolicies"),),
    key=("name",),
    belongs=IS_PERMISSION,
    ignored=(("id",), ("resourcesData",), ("scopesData",)),
    unsupported=POLICY_UNSUPPORTED,
    json_strings=JSON_STRINGS,
    immutable=(("type",),),
    chooses_id=True,
    namespace="authorization policy",
    needs=named_in,
    named_after=named_after,
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
        queries=tuple(
            {"permission": "true", "type": kind, "fields": "*"} for kind in PERMISSION_TYPES
        ),
    ),
)
