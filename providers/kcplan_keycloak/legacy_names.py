"""Names of the resources and permissions with which older servers say who may administer what.

A server with the feature `admin-fine-grained-authz:v1` keeps them in the client with the roles that
administer the realm, and has ids in their names. Files have `$` and a name in the place of an id,
as keycloak-config-cli writes it:

    client.resource.$app                 the resource of the client `app`
    manage.permission.client.$app        the permission to manage it
    map-role.permission.$shop/clerk      the permission for a role, here one of a client
    view.members.permission.group.$/a/b  the permission for a group, by its path
    idp.resource.$company                the resource of an identity provider
"""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.errors import ServerError
from kcplan_keycloak.api import path
from kcplan_keycloak.authz import TERMS, Glossary, client_of, is_of_admins
from kcplan_keycloak.built_in import is_management
from kcplan_keycloak.names import Names

_RESOURCE: Final = re.compile(r"((client|idp|role|group)\.resource\.)(.+)")
_PERMISSION: Final = re.compile(r"(.+?\.permission\.(?:(client|idp|group)\.)?)(.+)")
_OF_ALL: Final = "users"
"""What stands in the place of an id in the permissions for all users."""

_TERMS: Final = {"client": TERMS["clients"], "role": TERMS["roles"], "group": TERMS["groups"]}


@frozen
class _Name:
    """A name taken apart.

    Attributes:
        start: What stands before the id.
        kind: What has the id: `client`, `idp`, `role` or `group`.
        rest: The id, or `$` and a name.
    """

    start: str
    kind: str
    rest: str


def _taken_apart(name: str) -> _Name | None:
    found = _RESOURCE.fullmatch(name) or _PERMISSION.fullmatch(name)
    if found is None or found[3] == _OF_ALL:
        return None
    return _Name(found[1], found[2] or "role", found[3])


def is_of_old_administration(address: Address) -> bool:
    """Whether an authorization object lies in the client with a realm's administration."""
    return not is_of_admins(address) and is_management(address.realm, client_of(address).name)


def has_name(address: Address, name: str) -> bool:
    """Whether a name of such an object has another object's name in the place of the id."""
    found = _taken_apart(name) if is_of_old_administration(address) else None
    return found is not None and found.rest.startswith("$")


def named_in(address: Address) -> Iterator[Address]:
    """The object whose name is in that of an authorization object, if there is one."""
    found = _taken_apart(address.name) if has_name(address, address.name) else None
    if found is not None and found.kind in _TERMS:
        yield from _TERMS[found.kind].addresses(address, found.rest[1:])
    elif found is not None:
        yield Address.of(address.realm, "identity-providers", found.rest[1:])


def named_after(address: Address, new: Callable[[Address], Address]) -> Address:
    """What an authorization object is called once the object is renamed that its name has.

    Args:
        address: The authorization object.
        new: What an address is called then.
    """
    found = _taken_apart(address.name) if has_name(address, address.name) else None
    target = next(iter(named_in(address)), None)
    after = None if target is None else new(target)
    if found is None or after is None or after == target:
        return address
    text = _TERMS[found.kind].name(after) if found.kind in _TERMS else after.name
    return address.parent.child(f"{found.start}${text}")


def renamed(name: str, known: Mapping[str, str]) -> str:
    """A name with that of an object in the place of the id; the same where nothing has the id.

    Args:
        name: The name of a resource or permission.
        known: Names by ids.
    """
    found = _taken_apart(name)
    text = known.get(found.rest, "$") if found is not None else "$"
    # One with a variable in it is known when that is resolved.
    return name if found is None or "$" in text else f"{found.start}${text}"


def to_server(names: Names, address: Address, name: str) -> str:
    """The name that the server has for an object, with the id; the same where it has none.

    Args:
        names: Ids.
        address: An authorization object of the same client.
        name: The name of the object in files.

    Raises:
        ServerError: There is nothing of the name in it.
    """
    found = known_to_server(names, address, name)
    if found is None:
        raise ServerError(
            f"{address} names something that does not exist in Keycloak",
            f"No object has the name in {name}. It may have been deleted in the meantime; run plan "
            "again.",
        )
    return found


def known_to_server(names: Names, address: Address, name: str) -> str | None:
    """The same; None where there is nothing of the name in it."""
    found = _taken_apart(name) if has_name(address, name) else None
    if found is None:
        return name
    object_id = _id_of(names, address, found)
    return None if object_id is None else found.start + object_id


def _id_of(names: Names, address: Address, found: _Name) -> str | None:
    if found.kind in _TERMS:
        (target,) = _TERMS[found.kind].addresses(address, found.rest[1:])
        return names.find(target)
    return _of_provider(names, address, found.rest)


def to_file(names: Names, address: Address, name: str) -> str:
    """The name that files have for an object; the same where its id is not that of anything.

    Args:
        names: Names by ids.
        address: An authorization object of the same client.
        name: The name of the object on the server.

    Raises:
        ServerError: It could not be looked up.
    """
    found = _taken_apart(name) if is_of_old_administration(address) else None
    if found is None or found.rest.startswith("$"):
        return name
    if found.kind in _TERMS:
        book = Glossary(names.api, names, client_of(address))
        text = book.name(_TERMS[found.kind], found.rest)
    else:
        text = _of_provider(names, address, found.rest) or found.rest
    return name if text == found.rest else f"{found.start}${text}"


def _of_provider(names: Names, address: Address, rest: str) -> str | None:
    """The id of an identity provider for `$` and its alias, and the alias for its id."""

    def read() -> dict[str, str]:
        found = names.api.get(path("realms", address.realm, "identity-provider", "instances"))
        pairs = [(p["alias"], p["internalId"]) for p in found or () if p.get("internalId")]
        return {**{i: a for a, i in pairs}, **{f"${a}": i for a, i in pairs}}

    return names.listed(Address.of(address.realm, "identity-providers"), rest, read)
