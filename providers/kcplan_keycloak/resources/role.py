"""Realm roles."""

from typing import Any, Final

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.resource import Origin, TypeSpec
from kcplan.schema import Leaves
from kcplan_keycloak import default_roles
from kcplan_keycloak.built_in import DEFAULT_ROLE, default_role, is_management, management_client
from kcplan_keycloak.management import ROLES
from kcplan_keycloak.roles import SHARED, role_type

_BUILT_IN: Final = frozenset({"offline_access", "uma_authorization"})
_IN_MASTER: Final = frozenset({"admin", "create-realm"})
_ADMINISTRATOR: Final = Address.of("master", "roles", "admin")
_OF_CLIENTS: Final = ("composites", "client")


def _is_built_in(address: Address, of_realm: Leaves | None) -> bool:
    realm, name = address.realm, address.name
    in_master = realm == "master" and name in _IN_MASTER
    everybodys = (of_realm or {}).get(DEFAULT_ROLE, default_role(realm))
    return name in _BUILT_IN or name == everybodys or in_master


def _server_made(address: Address, where: Path, value: Any) -> bool:
    """Whether the administrator has a role since another realm was made.

    It goes with that realm, so an export of `master` has those of the realms of its day.
    """
    if address != _ADMINISTRATOR or where[:-1] != _OF_CLIENTS:
        return False
    roles = value if isinstance(value, list) else [value]
    is_own = where[-1] == management_client(address.realm)
    return not is_own and is_management(address.realm, where[-1]) and ROLES.issuperset(roles)


SPEC: Final = TypeSpec(
    name="role",
    pattern="REALM/roles/NAME",
    rank=10,
    where="roles.realm[name]",
    origin=Origin(_is_built_in, filled=True),
    server_made=_server_made,
    gather=default_roles.gather,
    understands=frozenset({default_roles.SECTION}),
    **SHARED,
)

# Roles are small: their pages may be larger than those of clients.
TYPES: Final = (role_type(SPEC, page=200),)
