"""The default roles of old, and what has their place now.

Since version 13 a realm has one role, `default-roles-REALM`, and whoever has it has its composites.
So the `defaultRoles` of a realm and of its clients are read as that role. Where a file has the role
as well, or no list of the realm, or only a placeholder says which realm it is about, the user is
told what to write instead.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.gathered import Gathered, Place, Unsound
from kcplan.resource import ReadOnly, Taken, Unmanaged
from kcplan.schema import REWRITTEN
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

SECTION: Final = "defaultRoles"
_CLIENTS: Final = "clients"


def gather(document: Mapping[str, Any]) -> Gathered:
    """The document with the default role in the place of `defaultRoles`.

    Declared composites are all that there are, so only a document with the list of the realm says
    enough, as a full export does: the lists of some clients would take away what others have.
    """
    found = dict(_lists(document))
    realm, roles = document.get("realm"), document.get("roles") or {}
    whole = isinstance(document.get(SECTION), list)
    if not found or not whole or not _is_plain(realm) or not isinstance(roles, Mapping):
        return Gathered(document)
    name, declared = _name(str(realm)), roles.get("realm") or []
    if not isinstance(declared, list) or any(_is_called(role, name) for role in declared):
        return Gathered(document)
    at: Place = ("roles", "realm", len(declared), "composites")
    of_some = [place for place in found if len(place) > 1]
    own = {document[_CLIENTS][place[1]]["clientId"]: place for place in of_some}
    if len(own) < len(of_some):  # a client is there twice
        return Gathered(document)
    of_clients = {client: found[place] for client, place in own.items()}
    role = _role(name, found.get((SECTION,)), of_clients)
    moved = {(*at, "client", client): place for client, place in own.items()}
    first = next(iter(found))
    summary = f"{SECTION} is taken as the composites of the role `{name}`"
    note = Unsound(first, summary, "That is what Keycloak made of it.", REWRITTEN, harmless=True)
    return Gathered(
        {**_without(document, found), "roles": {**roles, "realm": [*declared, role]}},
        {at[:3]: first, **({(*at, "realm"): (SECTION,)} if (SECTION,) in found else {}), **moved},
        unsound=(note,),
    )


def _lists(document: Mapping[str, Any]) -> Iterator[tuple[Place, list[str]]]:
    """The lists of default roles that say something, by their places."""
    value = document.get(SECTION)
    if _says_something(_REALM_ROLES, value):
        yield (SECTION,), _texts(value)
    clients = document.get(_CLIENTS)
    for index, client in enumerate(clients if isinstance(clients, list) else ()):
        name = client.get("clientId") if isinstance(client, Mapping) else None
        own: tuple[str, ...] = _CLIENT_ROLES.get(str(name), ())
        if _is_plain(name) and _says_something(own, client.get(SECTION)):
            yield (_CLIENTS, index, SECTION), _texts(client[SECTION])


def _says_something(own: tuple[str, ...], value: Any) -> bool:
    plain = isinstance(value, list) and all(map(_is_plain, value))
    return plain and bool(value) and not _says_nothing_new(own, value)


def _is_plain(name: Any) -> bool:
    return isinstance(name, str) and "$" not in name


def _is_called(role: Any, name: str) -> bool:
    return isinstance(role, Mapping) and role.get("name") == name


def _without(document: Mapping[str, Any], found: Mapping[Place, Any]) -> dict[str, Any]:
    """The document without the lists."""
    rest = {key: value for key, value in document.items() if (key,) not in found}
    if _CLIENTS in rest and isinstance(rest[_CLIENTS], list):
        rest[_CLIENTS] = [
            {key: value for key, value in client.items() if key != SECTION}
            if (_CLIENTS, index, SECTION) in found
            else client
            for index, client in enumerate(rest[_CLIENTS])
        ]
    return rest


def _role(
    name: str, of_realm: list[str] | None, of_clients: Mapping[str, list[str]]
) -> dict[str, Any]:
    """The default role, with what Keycloak gives it where the lists do not say otherwise."""
    clients = {client: list(roles) for client, roles in _CLIENT_ROLES.items()}
    return {
        "name": name,
        "composites": {
            "realm": list(_REALM_ROLES) if of_realm is None else of_realm,
            "client": {**clients, **of_clients},
        },
    }


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

    It does where a file names it, and where it is an unusual one: lists of roles may have it.
    """
    if found.get("defaultRole", {}).get("name") != _name(address.realm):
        return True
    return not reading.everything and reading.cares(address, "defaultRole")


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
    role = _role(_name(realm), composites.get("realm"), composites.get("client", {}))
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
