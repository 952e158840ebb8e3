"""Users, as far as others refer to them. They are data, not configuration."""

from typing import Final

from kcplan.resource import TypeSpec
from kcplan.shapes import Object
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.parts import HeldRoles
from kcplan_keycloak.rest import RestType

SPEC: Final = TypeSpec(
    name="user", pattern="REALM/users/USERNAME", rank=55, where=None, schema=Object()
)

TYPES: Final = (
    RestType(
        spec=SPEC,
        at=Collection(
            path="users", single="{path}?username={name}&exact=true", name_key="username"
        ),
        parts=(HeldRoles("role-mappings", ("realmRoles",), ("clientRoles",), who="users"),),
    ),
)
