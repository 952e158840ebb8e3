"""The default roles of old: what to write in the place of `defaultRoles`.

Since version 13 a realm has one role, `default-roles-REALM`, and whoever has it has its composites.
"""

from typing import Any, Final

from kcplan.resource import Unmanaged
from kcplan.snippets import snippet

_REALM_ROLES: Final = ("offline_access", "uma_authorization")
_CLIENT_ROLES: Final = {"account": ("manage-account", "view-profile")}
"""What Keycloak puts into the role itself. Composites that are declared are all that there are."""


def of_realm(field: Unmanaged) -> str:
    """What to write for the default roles of a realm."""
    [realm] = field.names
    return _advice(field, realm, {"realm": _with(_REALM_ROLES, field.value)})


def of_client(field: Unmanaged) -> str:
    """What to write for the default roles of a client."""
    realm, client = field.names
    mine = _with(_CLIENT_ROLES.get(client, ()), field.value)
    return _advice(field, realm, {"client": {client: mine}})


def _with(own: tuple[str, ...], value: Any) -> list[str]:
    more = value if isinstance(value, list) else [value]
    return [*dict.fromkeys((*own, *(item for item in more if isinstance(item, str))))]


def _advice(field: Unmanaged, realm: str, composites: dict[str, Any]) -> str:
    clients = {name: list(roles) for name, roles in _CLIENT_ROLES.items()}
    role = {
        "name": f"default-roles-{realm.lower()}",
        "composites": {
            "realm": composites.get("realm", list(_REALM_ROLES)),
            "client": {**clients, **composites.get("client", {})},
        },
    }
    lines = snippet({"roles": {"realm": [role]}}, field.file)
    return (
        f"Keycloak ignores it. Declare these roles as composites of the role `{role['name']}`, "
        "beside those that Keycloak gives it in a new realm. Instead of the field, write:"
        f"\n\n{lines}"
    )
