"""Client roles."""

from typing import Final

from kcplan.address import Address
from kcplan.resource import TypeSpec
from kcplan_keycloak.built_in import is_built_in_client
from kcplan_keycloak.roles import IGNORED, LOSSY, SCHEMA, RoleType, references, renamed


def is_built_in(address: Address) -> bool:
    """Whether Keycloak makes a client role of this name by itself."""
    match address.segments:
        case (_, "clients", _, "roles", "uma_protection"):
            return True
        case (realm, "clients", client, "roles", name):
            made = _MADE.get("REALM-realm" if client.endswith("-realm") else client, frozenset())
            return is_built_in_client(realm, client) and name in made
    return False


_MANAGEMENT: Final = frozenset(
    """
    create-client impersonation manage-authorization manage-clients manage-events
    manage-identity-providers manage-organizations manage-realm manage-users query-clients
    query-groups query-organizations query-realms query-users realm-admin view-authorization
    view-clients view-events view-identity-providers view-organizations view-realm view-users
    """.split()
)

_MADE: Final = {
    "account": frozenset(
        """
        delete-account manage-account manage-account-links manage-consent view-applications
        view-consent view-groups view-profile
        """.split()
    ),
    "broker": frozenset({"read-token"}),
    "realm-management": _MANAGEMENT,
    "REALM-realm": _MANAGEMENT,
}

SPEC: Final = TypeSpec(
    name="client-role",
    pattern="REALM/clients/CLIENT_ID/roles/NAME",
    rank=40,
    section=("roles", "client", "{}", "[name]"),
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
