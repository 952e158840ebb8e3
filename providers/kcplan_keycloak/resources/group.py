"""Groups, as far as others refer to them: by their path, `/staff/it`."""

from typing import Final

from kcplan.address import Address
from kcplan.resource import TypeSpec
from kcplan.shapes import Object, Spelling
from kcplan_keycloak.api import path
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.names import Names
from kcplan_keycloak.parts import HeldRoles
from kcplan_keycloak.rest import RestType


def _read(holder: Address, text: str) -> tuple[Address, ...]:
    return (Address.of(holder.realm, "groups", *filter(None, text.split("/"))),)


def _write(address: Address) -> str:
    return "/" + "/".join(address.segments[2:])


GROUP_PATH: Final = Spelling(_read, _write)
"""A group is named by its path from the top."""

SPEC: Final = TypeSpec(
    name="group", pattern="REALM/groups/NAME...", rank=45, where=None, schema=Object()
)


class GroupType(RestType):
    """Groups, which are found by their path."""

    def find(self, names: Names, address: Address) -> None:
        """Learn the id of a group. Raises ServerError."""
        at = path("realms", address.realm, "group-by-path", *address.segments[2:])
        found = names.api.get(at)
        if found is not None:
            names.learn(address, found["id"])


TYPES: Final = (
    GroupType(
        spec=SPEC,
        at=Collection(path="groups"),
        parts=(HeldRoles("role-mappings", ("realmRoles",), ("clientRoles",), who="groups"),),
    ),
)
