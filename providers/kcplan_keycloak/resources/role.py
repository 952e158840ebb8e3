"""Realm roles."""

from typing import Final

from kcplan.address import Address
from kcplan.resource import Origin, TypeSpec
from kcplan.schema import Leaves
from kcplan_keycloak.built_in import default_role
from kcplan_keycloak.roles import SHARED, role_type

_BUILT_IN: Final = frozenset({"offline_access", "uma_authorization"})
_IN_MASTER: Final = frozenset({"admin", "create-realm"})


def _is_built_in(address: Address, _: Leaves | None) -> bool:
    realm, name = address.realm, address.name
    in_master = realm == "master" and name in _IN_MASTER
    return name in _BUILT_IN or name == default_role(realm) or in_master


SPEC: Final = TypeSpec(
    name="role",
    pattern="REALM/roles/NAME",
    rank=10,
    where="roles.realm[name]",
    origin=Origin(_is_built_in, filled=True),
    **SHARED,
)

# Roles are small: their pages may be larger than those of clients.
TYPES: Final = (role_type(SPEC, page=200),)
