"""The default roles of old: what to write in the place of `defaultRoles`.

Since version 13 a realm has one role, `default-roles-REALM`, and whoever has it has its composites.
"""

from typing import Any, Final

from kcplan.resource import Unmanaged
from kcplan.snippets import snippet
from kcplan_keycloak.built_in import default_role

_REALM_ROLES: Final = ("offline_access", "uma_authorization")
_CLIENT_ROLES: Final = {"account": ("manage-account", "view-profile")}
"""What Keycloak puts into the role itself. Composites that are declared are all that there are."""

_COMPOSITES: Final = "Declare the composites of the role `{}` in `roles` instead."


def role_of_realm(field: Unmanaged) -> str | None:
    """What to write for `defaultRole`, which says that a realm's default role is what it is."""
    [realm] = field.names
    name, advice = _name(realm), _COMPOSITES.format(_name(realm))
    if not isinstance(field.value, dict):
        return advice
    if field.value.get("name") != name:
        return _other_name(field.value.get("name"), name) or advice
    return None if not field.value.get("composites") else advice


def _other_name(there: Any, usual: str) -> str | None:
    """What to do where a realm's default role is called otherwise; None where it has no name."""
    if not isinstance(there, str) or not there:
        return None
    return (
        f"The realm's default role is called `{there}` here; kcplan takes `{usual}` for it, which "
        "is what Keycloak makes in a new realm, and cannot make another role the default one. "
        f"Where the realm has `{there}` already, remove the field: it stays the default role, and "
        f"its composites are declared in `roles`. For a new realm call the role `{usual}`."
    )


def of_realm(field: Unmanaged) -> str | None:
    """What to write for the default roles of a realm."""
    [realm] = field.names
    if _says_nothing_new(_REALM_ROLES, field.value):
        return None
    return _advice(field, realm, {"realm": _texts(field.value)}, _REALM_ROLES)


def of_client(field: Unmanaged) -> str | None:
    """What to write for the default roles of a client."""
    realm, client = field.names
    own = _CLIENT_ROLES.get(client, ())
    if _says_nothing_new(own, field.value):
        return None
    return _advice(field, realm, {"client": {client: _texts(field.value)}}, own)


def _says_nothing_new(own: tuple[str, ...], value: Any) -> bool:
    """Whether they are just what Keycloak puts into the role itself: fewer take something away."""
    return isinstance(value, list) and sorted({*map(str, value)}) == sorted(own)


def _name(realm: str) -> str:
    return default_role(realm)


def _texts(value: Any) -> list[str]:
    """The names of the roles: just those of the list, which is complete."""
    items = value if isinstance(value, list) else [value]
    return [*dict.fromkeys(item for item in items if isinstance(item, str))]


def _advice(
    field: Unmanaged, realm: str, composites: dict[str, Any], own: tuple[str, ...] = ()
) -> str:
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
        f"beside those that Keycloak gives it in a new realm{_left_out(own, field.value)}. Instead "
        f"of the field, write:\n\n{lines}"
    )


def _left_out(own: tuple[str, ...], value: Any) -> str:
    """What Keycloak gives in a new realm and the list does not have, in words."""
    missing = " and ".join(f"`{role}`" for role in own if role not in _texts(value))
    return f", but without {missing}, which the list leaves out" if missing else ""
