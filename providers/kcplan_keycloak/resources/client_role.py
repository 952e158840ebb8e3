"""Client roles."""

from typing import Final

from kcplan.address import Address
from kcplan.resource import Origin, TypeSpec
from kcplan.schema import Leaves
from kcplan_keycloak import management
from kcplan_keycloak.built_in import is_built_in_client
from kcplan_keycloak.roles import SHARED, role_type

_ACCOUNT: Final = """
    delete-account manage-account manage-account-links manage-consent view-applications
    view-consent view-groups view-profile
"""
_MADE: Final = {
    "account": frozenset(_ACCOUNT.split()),
    "broker": frozenset({"read-token"}),
    "realm-management": management.ROLES,
}


def _is_built_in(address: Address, client: Leaves | None) -> bool:
    """With authorization services, a client has a role of its own.

    A client of `master` that is not for bearers only is no realm's, whatever it is called.
    """
    realm, _, holder, _, name = address.segments
    if name == "uma_protection":
        return client is None or client.get(("authorizationServicesEnabled",)) is True
    if realm == "master" and client is not None and client.get(("bearerOnly",)) is False:
        return False
    made = management.ROLES if holder.endswith("-realm") else _MADE.get(holder, frozenset())
    return is_built_in_client(realm, holder) and name in made


SPEC: Final = TypeSpec(
    name="client-role",
    pattern="REALM/clients/CLIENT_ID/roles/NAME",
    rank=40,
    where="roles.client{}[name]",
    origin=Origin(_is_built_in, filled=True),
    keeper=management.keeper,
    keeps_since=management.SINCE,
    bygone=management.of_gone_realm,
    born=lambda address: management.born_role(SHARED["schema"], address),
    **SHARED,
)

TYPES: Final = (role_type(SPEC, holder="client", paged=False),)
