"""Groups of organizations: a tree in each, whose groups give roles to members of the organization.

They are not among the groups of the realm. One list has all groups of an organization, whole and
however deep, if it is asked for all names (`search=*`); those of `children` are brief. Each group
says which one it lies in, also one at the top: that lies in one that nobody sees.

A `POST` keeps description and attributes of a group at the top only. One with an id moves the group
within its organization: so no group can choose its id, and one that comes back has another. A name
is not found by search where it begins or ends with a space. A `PUT` is as for other groups.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.plan import Operation
from kcplan.provider import Image
from kcplan.resource import TypeSpec
from kcplan.versions import numbers, tells
from kcplan_keycloak import organization_groups
from kcplan_keycloak.api import AdminApi, Get, path
from kcplan_keycloak.bodies import Body
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.errors import ConflictError, InvalidRequestError, NotFoundError
from kcplan_keycloak.names import Names
from kcplan_keycloak.parts import Bodies as Lost
from kcplan_keycloak.parts import RoleSet
from kcplan_keycloak.resource_type import Reading, Writing
from kcplan_keycloak.resources.client_role import SPEC as CLIENT_ROLE
from kcplan_keycloak.resources.group import SHARED, members_of
from kcplan_keycloak.resources.role import SPEC as ROLE
from kcplan_keycloak.tree import Bodies, TreeType

_WITHOUT: Final = (26, 5)
"""The last version of Keycloak in which organizations have no groups."""
_ROLES: Final = frozenset({ROLE.name, CLIENT_ROLE.name})
_DROPPED: Final = ("attributes", "description")
_PAGE: Final = 100


SPEC: Final = TypeSpec(
    name="organization-group",
    pattern="REALM/organizations/ALIAS/groups/NAME...",
    rank=46,
    where="organizations[alias].groups[name].subGroups*[name]",
    told_at=None,
    # A creation drops attributes and description where the group lies in another one.
    **{**SHARED, "late": (*SHARED["late"], *((name,) for name in _DROPPED))},
    lacked={(): _WITHOUT},
)


class _Roles(RoleSet):
    """The roles that a group gives, of which Keycloak does not tell who has them."""

    def holders(
        self, api: AdminApi, realm: str, word: str, lost: Lost
    ) -> Iterable[tuple[str, str]]:
        """The groups that have the roles."""
        return _with_roles(api, realm, lost if word in _ROLES else ())


def _with_roles(
    api: AdminApi, realm: str, lost: Iterable[Mapping[str, Any]]
) -> Iterator[tuple[str, str]]:
    """Where roles that go are in groups of organizations."""
    roles = {}
    for role in lost:
        client = ""
        if role.get("clientRole"):
            at = path("realms", realm, "clients", role["containerId"])
            client = (api.get(at) or {}).get("clientId", "")
        roles[client, role["name"]] = dict(role)
    if roles:
        yield from organization_groups.holding(api, realm, roles)


@frozen(kw_only=True)
class OrganizationGroupType(TreeType):
    """Groups of organizations, of which each organization gives all at once."""

    # -- places ------------------------------------------------------------------------------

    def _list_of(self, names: Names, holder: Address, holder_id: str | None) -> str:
        outermost = self.at.outermost(holder)
        top = self.at.below(outermost, names.id_of(outermost))
        return top if holder == outermost else f"{top}/{path(holder_id or '')}/{self.at.nested}"

    def _object_at(self, names: Names, address: Address, object_id: str | None) -> str:
        top = self._list_of(names, self.at.outermost(address), None)
        return self.at.at(top, address, object_id)

    def _parent(self, body: Mapping[str, Any]) -> str | None:
        name = str(body[self.at.name_key])
        # A server may be set to escape slashes in paths.
        top = {f"/{name}", "/" + name.replace("/", "~/")}
        return None if body.get("path") in top else super()._parent(body)

    def _collection(self, writing: Writing) -> str:
        holder = self.at.holder_of(writing.address)
        return self._list_of(writing.names, holder, writing.id_of(holder))

    def _at(self, writing: Writing, address: Address, object_id: str | None) -> str:
        return self._object_at(writing.names, address, object_id)

    # -- reading -----------------------------------------------------------------------------

    def find(self, names: Names, address: Address) -> None:
        """Have `names` learn the ids of all groups of an organization, if that is there."""
        organization = self.at.outermost(address)
        if names.find(organization) is not None:
            self.all_in(names, organization)

    def foreseen(self, reading: Reading) -> Iterable[Get]:
        """The lists of the organizations whose ids are known."""
        for organization in self._organizations(reading):
            if reading.names.known(organization) is not None:
                at = self._list_of(reading.names, organization, None)
                yield Get(at, self.at.query)

    def _organizations(self, reading: Reading) -> list[Address]:
        """Those with wanted groups."""
        return sorted({self.at.outermost(address) for address in reading.wanted})

    def _all(self, reading: Reading) -> Bodies:
        return self._in_each(reading, self._found(reading))

    def _some(self, reading: Reading) -> Bodies:
        """The wanted groups; with `beneath` also others in the organizations that were read.

        What lies in one of those is not told: it is as new as that.
        """
        found = self._found(reading)
        chosen = found if reading.beneath else set(self._organizations(reading)) & set(found)
        bodies = self._in_each(reading, sorted(chosen))
        told = {*found, *reading.wanted} if reading.beneath else ()
        return {
            address: body
            for address, body in bodies.items()
            if address in reading.wanted or self.at.holder_of(address) in told
        }

    def _found(self, reading: Reading) -> list[Address]:
        return [a for a, live in reading.found.items() if live.type == self.at.holder]

    def _in_each(self, reading: Reading, organizations: Iterable[Address]) -> Bodies:
        batches = reading.api.map(lambda item: self.all_in(reading.names, item), organizations)
        return {a: body for batch in batches for a, body in batch.items()}

    def all_in(self, names: Names, holder: Address, holder_id: str | None = None) -> Bodies:  # noqa: ARG002
        """All that lies in an organization, or in a group, from the outside in.

        Raises:
            ServerError: The list could not be read.
        """
        version = names.api.server_info().version
        if tells(version) and numbers(version)[:2] <= _WITHOUT:
            return {}
        organization = self.at.outermost(holder)
        at = self._list_of(names, organization, None)
        found = self._addressed(organization, self.at.read_all(names.api, at))
        for address, body in found.items():
            names.learn(address, body[self.at.id_key])
        return {a: body for a, body in found.items() if a != holder and a.within(holder)}

    def _addressed(self, organization: Address, bodies: Iterable[Body]) -> Bodies:
        inner: defaultdict[str | None, list[Body]] = defaultdict(list)
        for body in bodies:
            inner[self._parent(body)].append(body)
        found: Bodies = {}
        level: dict[str | None, Address] = {None: organization}
        while level:
            here = {
                self.at.address(self.spec, holder, body): body
                for parent, holder in level.items()
                for body in inner[parent]
            }
            found |= here
            level = {body[self.at.id_key]: address for address, body in here.items()}
        return found

    # -- writing, and taking back a deletion ---------------------------------------------------

    def _image_of(
        self, writing: Writing, body: Body, pointers: Mapping[str, list[str]]
    ) -> dict[str, Any]:
        at = self._object_at(writing.names, writing.address, writing.object_id())
        members = writing.api.pages(f"{at}/members", page_size=_PAGE, briefRepresentation="true")
        image = super()._image_of(writing, body, pointers)
        return {**image, "members": [user["id"] for user in members]}

    def restore_all(self, writing: Writing, images: Mapping[str, Image]) -> Mapping[Address, str]:
        """Bring back groups, from the outside in; what is there is listed once."""
        if writing.step.operation is not Operation.UPDATE:
            addresses = [Address.parse(text) for text in images]
            for address in addresses:
                writing.names.forget(address)
            for organization in dict.fromkeys(map(self.at.outermost, addresses)):
                self.all_in(writing.names, organization)
        return super().restore_all(writing, images)

    def _existing(self, writing: Writing, body: Body) -> Body | None:
        """What `restore_all` found."""
        known = writing.names.known(writing.address)
        return None if known is None else {**body, self.at.id_key: known}

    def _made(self, writing: Writing, body: Body, new_id: str | None) -> Body:
        if new_id is None:  # an answer without the place of what it made
            self.all_in(writing.names, self.at.outermost(writing.address))
            return super()._made(writing, body, new_id)
        return {**body, self.at.id_key: new_id}

    def _carry_back(self, writing: Writing, at: str, image: Image, *, made: bool) -> None:
        """Write what a creation drops, and put those who were in the group into it again."""
        super()._carry_back(writing, at, image, made=made)
        own = {key: value for key in _DROPPED if (value := image["body"].get(key))}
        if own:
            writing.api.put(at, {self.at.name_key: writing.address.name, **own})
        for user in image["members"]:
            try:
                writing.api.put(f"{at}/members/{path(user)}")
            except (ConflictError, InvalidRequestError, NotFoundError):
                continue  # in it already, or a member of the organization no longer


ORGANIZATION_GROUPS: Final = OrganizationGroupType(
    spec=SPEC,
    at=Collection(
        path="groups",
        holder="organization",
        item="{path}/{id}",
        query=organization_groups.WHOLE,
        paged=False,
        located=True,
        nested="children",
    ),
    parts=(_Roles("role-mappings", ("realmRoles",), ("clientRoles",), shown=True),),
    given=members_of,
)

TYPES: Final = (ORGANIZATION_GROUPS,)
