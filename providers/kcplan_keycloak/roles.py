"""What realm roles and client roles share: their representation, and how they come back.

A role and its composites are two things to Keycloak. Composites may form circles, so they are
*late*: written when all roles are there. A `PUT` on a role drops what is not sent, so it carries
what is there. Roles cannot choose their ids: one that comes back has another.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.provider import Image
from kcplan.resource import TypeSpec
from kcplan.shapes import STRING, STRINGS, ListOf, MapOf, Object, Ref, Spelling
from kcplan_keycloak.api import AdminApi, Get, path
from kcplan_keycloak.cascade import rename_in_policies
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.parts import RoleSet, role_path
from kcplan_keycloak.resource_type import Writing, users_at
from kcplan_keycloak.rest import RestType

REALM_ROLES: Final = ListOf(Ref(type="role"), owned=True)
CLIENT_ROLES: Final = MapOf(
    ListOf(Ref(type="client-role"), owned=True), exhaustive=True, key=Ref(type="client")
)


def _read(holder: Address, text: str) -> tuple[Address, ...]:
    """A dot may be the one between the two names, or one in a name: Keycloak tries the last first.

    Where there is no client of such a name, it is a role of the realm.
    """
    dots = (n for n in range(len(text) - 2, 0, -1) if text[n] == ".")
    of_clients = (
        Address.of(holder.realm, "clients", text[:n], "roles", text[n + 1 :]) for n in dots
    )
    return (*of_clients, Address.of(holder.realm, "roles", text))


def _write(address: Address) -> str:
    names = (*address.segments[2:-2], address.name)
    return ".".join(names)


ROLE_TEXT: Final = Spelling(_read, _write)
"""A role is named by its name, that of a client by `client.role`."""

SCHEMA: Final = Object(
    {
        "description": STRING,
        "attributes": MapOf(STRINGS),
        "composites": Object(
            {"realm": REALM_ROLES, "client": CLIENT_ROLES}, closed=True, exhaustive=True
        ),
    }
)

SHARED: Final[Mapping[str, Any]] = {
    "schema": SCHEMA,
    "key": ("name",),
    "obsolete": {
        "scopeParamRequired": "use a client scope with the role in its `scopeMappings`, optional "
        "for the client."
    },
    "ignored": (("id",), ("containerId",), ("composite",), ("clientRole",)),
    "late": (("composites",),),
    "gives_rights": True,
    "watched": (("composites",),),
    "lossy_delete": ("made again, the role has another id",),
}
"""What the specs of both types say alike."""


def _all_roles(api: AdminApi, realm: str) -> Iterable[tuple[str, Mapping[str, Any]]]:
    clients = api.pages(path("realms", realm, "clients"))
    batches = api.map(
        lambda client: api.get(path("realms", realm, "clients", client["id"], "roles")) or [],
        clients,
    )
    roles = [*api.pages(path("realms", realm, "roles"), page_size=100)]
    for role in (*roles, *(role for batch in batches for role in batch)):
        yield role_path(realm, role), role


COMPOSITES: Final = RoleSet(
    "composites",
    realm=("composites", "realm"),
    client=("composites", "client"),
    apart=False,
    flag="composite",
    held=_all_roles,
)


def given(role: str, collection: str) -> Get:
    """The request for who was given a role of a collection."""
    return users_at(f"{collection}/{path(role)}/users")


class RoleType(RestType):
    """Roles, which come back under other ids."""

    def restore(self, writing: Writing, image: Image) -> Mapping[Address, str]:
        """Create the role again, and put it back to where it was, in policies too."""
        new = super().restore(writing, image)
        for now in new.values():
            ids = {image["body"]["id"]: now}
            rename_in_policies(writing.api, writing.address.realm, "role", ids)
        return new


def role_type(spec: TypeSpec, **where: Any) -> RoleType:
    """The type of a collection of roles."""
    at = Collection(
        path="roles",
        item="{realm}/roles-by-id/{id}",
        single="{path}/{name}",
        query={"briefRepresentation": "false"},
        **where,
    )
    return RoleType(
        spec=spec,
        at=at,
        parts=(COMPOSITES,),
        given=lambda live, collection: given(live.address.name, collection),
    )
