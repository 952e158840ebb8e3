"""Realm roles."""

from typing import Final

from kcplan.address import Address
from kcplan.resource import TypeSpec
from kcplan_keycloak.roles import IGNORED, LOSSY, SCHEMA, RoleType, references, renamed

_BUILT_IN: Final = frozenset({"offline_access", "uma_authorization"})
_IN_MASTER: Final = frozenset({"admin", "create-realm"})


def is_built_in(address: Address) -> bool:
    """Whether Keycloak makes a realm role of this name in every realm."""
    match address.segments:
        case (realm, "roles", name):
            return (
                name in _BUILT_IN
                or name == f"default-roles-{realm.lower()}"
                or (realm == "master" and name in _IN_MASTER)
            )
    return False


SPEC: Final = TypeSpec(
    name="role",
    pattern="REALM/roles/NAME",
    rank=10,
    section=("roles", "realm", "[name]"),
    schema=SCHEMA,
    key=("name",),
    ignored=IGNORED,
    late=(("composites",),),
    references=references,
    renamed=renamed,
    watched=(("composites",),),
    comes_filled=True,
    comes_with=is_built_in,
    permanent=is_built_in,
    lossy_delete=LOSSY,
)

TYPES: Final = (RoleType(SPEC),)
