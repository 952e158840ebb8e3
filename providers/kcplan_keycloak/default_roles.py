"""The default roles of old: what to write in the place of `defaultRoles`.

Since version 13 a realm has one role, `default-roles-REALM`, and whoever has it has its composites.
"""

from typing import Any, Final

from kcplan.resource import Unmanaged
from kcplan.snippets import snippet

_REALM_ROLES: Final = ("offline_access", "uma_authorization")
_CLIENT_ROLES: Final = {"account": ("manage-account", "view-profile")}
"""What Keycloak puts into the role itself. Composites that are declared are all that there are."""

_COMPOSITES: Final = "Declare the composites of the role `{}` in `roles` instead."


def role_of_realm(field: Unmanaged) -> str | None:
    """What to write for `defaultRole`, which says that a realm's default role is what it is."""
    [realm] = field.names
    name = _name(realm)
    if isinstance(field.value, dict) and field.value.get("name") == name:
        return None if not field.value.get("composites") else _COMPOSITES.format(name)
    return _COMPOSITES.format(name)


def of_realm(field: Unmanaged) -> str | None:
    """What to write for the default roles of a realm."""
    [realm] = field.names
    if _says_nothing_new(_REALM_ROLES, field.value):
        return None
    return _advice(field, realm, {"realm": _with(_REALM_ROLES, field.value)})


def of_client(field: Unmanaged) -> str | None:
    """What to write for the default roles of a client."""
    realm, client = field.names
    if _says_nothing_new(_CLIENT_ROLES.get(client, ()), field.value):
        return None
    mine = _with(_CLIENT_ROLES.get(client, ()), field.value)
    return _advice(field, realm, {"client": {client: mine}})


def _says_nothing_new(own: tuple[str, ...], value: Any) -> bool:
    """Whether they are only what Keycloak puts into the role itself."""
    return isinstance(value, list) and all(item in own for item in value)


def _name(realm: str) -> str:
    return f"default-roles-{realm.lower()}"


def _with(own: tuple[str, ...], value: Any) -> list[str]:
    more = value if isinstance(value, list) else [value]
    return [*dict.fromkeys((*own, *(item for item in more if isinstance(item, str))))]


def _advice(field: Unmanaged, realm: str, composites: dict[str, Any]) -> str:
    clients = {name: list(roles) for name, roles in _CLIENT_ROLES.items()}
    role = {
        "name": _name(realm),
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
