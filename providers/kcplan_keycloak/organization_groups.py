"""Groups of organizations from which a role that goes is taken, whether files declare them or not.

Keycloak does not list them among the groups that have a role. So they are looked through before
a role is deleted, and a rollback gives them the role again.
"""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any, Final

from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.bodies import Body
from kcplan_keycloak.errors import ForbiddenError

_PAGE: Final = 100

WHOLE: Final[Mapping[str, str]] = {
    "search": "*",
    "briefRepresentation": "false",
    "populateHierarchy": "false",
}
"""What the groups of an organization are asked with to have all of them, whole."""


def holding(
    api: AdminApi, realm: str, roles: Mapping[tuple[str, str], Body]
) -> Iterator[tuple[str, str]]:
    """The ids of roles that such groups have, each with the path that gives it to the group.

    Where the account may not see organizations, or groups of one, there are none.

    Args:
        api: The server.
        realm: The realm's name.
        roles: The roles, by the clientId, empty for a role of the realm, and the name.

    Raises:
        ServerError: The groups could not be read.
    """
    at = path("realms", realm, "organizations")
    try:
        paths = [f"{at}/{path(item['id'])}/groups" for item in api.pages(at, page_size=_PAGE)]
        found = api.map(lambda groups: list(_groups(api, groups)), paths)
    except ForbiddenError:
        return
    for where, group in chain.from_iterable(found):
        for role in filter(None, map(roles.get, _held(group))):
            of = f"clients/{path(role['containerId'])}" if role.get("clientRole") else "realm"
            yield role["id"], f"{where}/role-mappings/{of}"


def _groups(api: AdminApi, at: str) -> Iterator[tuple[str, Body]]:
    """All groups of an organization, however deep, each with its path."""
    for group in api.get(at, **WHOLE) or ():
        yield f"{at}/{path(group['id'])}", group


def _held(group: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for name in group.get("realmRoles") or ():
        yield "", name
    for client, names in (group.get("clientRoles") or {}).items():
        yield from ((client, name) for name in names)
