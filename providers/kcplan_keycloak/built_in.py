"""What Keycloak makes by itself in every realm, and keeps."""

from typing import Final

ADMIN_CLIENT: Final = "admin-permissions"
"""The client that holds who may administer what in a realm: Keycloak makes it, and keeps it."""

BUILT_IN_CLIENTS: Final = frozenset(
    {
        "account",
        "account-console",
        "admin-cli",
        ADMIN_CLIENT,
        "broker",
        "realm-management",
        "security-admin-console",
    }
)

DEFAULT_ROLE: Final = ("defaultRole", "name")
"""The field of a realm with the name of the role that everybody has, where it is not as usual."""


def is_built_in_client(realm: str, client_id: str) -> bool:
    """Whether Keycloak makes a client of this name along with its realms.

    `master` has, for each realm X, a management client `X-realm`, and no `realm-management`.
    """
    if realm == "master" and client_id.endswith("-realm"):
        return True
    return client_id in BUILT_IN_CLIENTS


def is_management(realm: str, client_id: str) -> bool:
    """Whether the roles of a client of this name are those that administer a realm."""
    return client_id.endswith("-realm") if realm == "master" else client_id == "realm-management"


def management_client(realm: str) -> str:
    """The client that holds a realm's administration, its roles and permissions."""
    return "master-realm" if realm == "master" else "realm-management"


def account_name(client_id: str) -> str:
    """The name that Keycloak gives to the service account of a client."""
    return f"service-account-{client_id.lower()}"


def default_role(realm: str) -> str:
    """The name that Keycloak gives to the role that everybody has in a new realm."""
    return f"default-roles-{realm.lower()}"
