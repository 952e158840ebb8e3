"""The default roles of old: what to write in the place of `defaultRoles`.

Since version 13 a realm has one role, `default-roles-REALM`, and whoever has it has its composites.
"""

from collections.abc import Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.resource import ReadOnly, Taken, Unmanaged
from kcplan.snippets import snippet
from kcplan_keycloak.built_in import default_role
from kcplan_keycloak.resource_type import Reading

IGNORED: Final = tuple(
    ("defaultRole", name)
    for name in "attributes clientRole composite containerId description id".split()
)
"""What an export also says of a realm's default role. The role itself is declared in `roles`."""

READ_ONLY: Final = ReadOnly(
    since=(0,),
    advice="A realm gets its default role when it is made, and no other role becomes it "
    "afterwards. Remove `defaultRole`, or write the name that the role has. To give it another "
    "name, remove `defaultRole`, and rename the role with a `[[moved]]` rule in kcplan.toml.",
    at_birth=True,
)
"""That of a realm only a new one takes the name."""

_REALM_ROLES: Final = ("offline_access", "uma_authorization")
_CLIENT_ROLES: Final = {"account": ("manage-account", "view-profile")}
"""What Keycloak puts into the role itself. Composites that are declared are all that there are."""

_COMPOSITES: Final = "Declare the composites of the role `{}` in `roles` instead."


def role_of_realm(field: Unmanaged) -> str | Taken | None:
    """What to write for `defaultRole`; nothing where it says that it is called as usual.

    A new realm may have one of another name. Of that, kcplan takes the name.
    """
    [realm] = field.names
    value = field.value
    name = value.get("name") if isinstance(value, dict) else None
    if not isinstance(name, str) or not name:
        return _COMPOSITES.format(_name(realm))
    if value.get("composites"):
        return _COMPOSITES.format(name)
    return None if name == _name(realm) else Taken.TAKEN


def is_told(reading: Reading, address: Address, found: Mapping[str, Any]) -> bool:
    """Whether the name matters of what Keycloak tells of a realm.

    It does where a file names it, and in an import where it is an unusual one.
    """
    if not reading.everything:
        return reading.cares(address, "defaultRole")
    return bool(found.get("defaultRole", {}).get("name") != _name(address.realm))


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
