"""Groups: a tree of any depth, whose members have the roles of a group and of those above it.

An object of the Admin API says of a group all but its members and the groups in it, its roles too.
A `PUT` needs the name, replaces attributes, and ignores roles. Whoever posts a group with an id
moves it: so no group can choose its id, and one that comes back has another.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.resource import TypeSpec
from kcplan.shapes import STRING, STRINGS, ListOf, MapOf, Object, Ref, Spelling
from kcplan.snapshot import LiveObject
from kcplan_keycloak import sight
from kcplan_keycloak.api import Get, path
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.group_paths import gather
from kcplan_keycloak.names import Names
from kcplan_keycloak.parts import HeldRoles, Links
from kcplan_keycloak.resource_type import users_at
from kcplan_keycloak.roles import CLIENT_ROLES, REALM_ROLES
from kcplan_keycloak.tree import TreeType

_FEW: Final = 8
"""How many names may be told apart in each way that there is: two to the power of them."""

_BETWEEN_NAMES: Final = re.compile("(?<!~)/")


def _read(holder: Address, text: str) -> tuple[Address, ...]:
    names = (name.replace("~/", "/") for name in _BETWEEN_NAMES.split(text) if name)
    return (Address.of(holder.realm, "groups", *names),)


def _write(address: Address) -> str:
    return "".join("/" + name.replace("/", "~/") for name in address.segments[2:])


GROUP_PATH: Final = Spelling(_read, _write)
"""A group is named by its path from the top; in a name with `/`, that is written `~/`."""


def _read_any(holder: Address, text: str) -> tuple[Address, ...]:
    first = _read(holder, text)
    names = [name for name in text.split("/") if name]
    if "~/" in text or len(names) > _FEW:
        return first
    ways = (Address.of(holder.realm, "groups", *way) for way in _ways(names))
    return tuple(dict.fromkeys((*first, *ways)))


def _ways(parts: Sequence[str]) -> Iterator[tuple[str, ...]]:
    """The names that parts between slashes may be, where a name may have slashes in it."""
    if not parts:
        yield ()
    for size in range(1, len(parts) + 1):
        name = "/".join(parts[:size])
        yield from ((name, *rest) for rest in _ways(parts[size:]))


def _write_plain(address: Address) -> str:
    return "".join(f"/{name}" for name in address.segments[2:])


PLAIN_GROUP_PATH: Final = Spelling(_read_any, _write_plain)
"""The same as Keycloak keeps it as a text: a `/` in a name looks like one between names."""


@frozen(kw_only=True)
class _Group(Ref):
    def spelled(self, value: Any) -> Any:
        """The path with the `/` before it that Keycloak takes as understood."""
        if not isinstance(value, str) or not value.strip("/"):
            return value
        return f"/{value.lstrip('/')}"


GROUP: Final = _Group(type="group", spelling=GROUP_PATH)
GROUPS: Final = ListOf(GROUP, owned=True)


def group_path(names: Names, realm: str, body: Mapping[str, Any]) -> str:
    """The path of a group as files have it; Keycloak's own does not tell whose a `/` is."""
    given, seen = str(body["path"]), names.address_of(realm, body["id"])
    if seen is not None and given in ("/" + "/".join(seen[2:]), _write(seen)):
        return _write(seen)
    above = given.removesuffix(body["name"])
    return given if above == given else above + body["name"].replace("/", "~/")


GROUP_LINKS: Final = Links(GROUP, {"groups": "groups"}, listed=True, text=group_path)
"""The groups that an account is in."""


SHARED: Final[Mapping[str, Any]] = {
    "schema": Object(
        {
            "attributes": MapOf(STRINGS),
            "clientRoles": CLIENT_ROLES,
            "description": STRING,
            "realmRoles": REALM_ROLES,
        }
    ),
    "key": ("name",),
    "ignored": (("access",), ("id",), ("parentId",), ("path",), ("subGroupCount",)),
    "late": (("clientRoles",), ("realmRoles",)),
    "movable": True,
    "watched": (("clientRoles",), ("realmRoles",)),
    "lossy_delete": ("made again, the group has another id",),
}
"""What the specs of groups of a realm and of an organization say alike."""


SPEC: Final = TypeSpec(
    name="group",
    pattern="REALM/groups/NAME...",
    rank=45,
    where="groups[name].subGroups*[name]",
    **SHARED,
    lacked={("description",): (26, 2)},
    gather=gather,
)

_AT: Final = Collection(
    path="groups",
    item="{realm}/groups/{id}",
    single="{path}?search={name}&exact=true&briefRepresentation=false&populateHierarchy=false",
    query={"briefRepresentation": "false"},
    page=100,
    located=True,
    nested="children",
)


def members_of(live: LiveObject, collection: str) -> Get:
    """The request for who is in a group, or in an organization."""
    return users_at(f"{collection}/{path(str(live.id))}/members")


_ROLES: Final = HeldRoles(
    "role-mappings", ("realmRoles",), ("clientRoles",), shown=True, who="groups"
)

GROUP_TYPE: Final = TreeType(
    spec=SPEC,
    at=_AT,
    parts=(_ROLES,),
    given=members_of,
    inner_count="subGroupCount",
    policies="group",
    sight=sight.of_groups,
)

TYPES: Final = (GROUP_TYPE,)
