"""What realm roles and client roles share: their representation, reading and writing.

A role and its composites are two things to Keycloak. Composites may form circles, so they are
*late*: written when all roles are there. `PUT` on a role drops the description and the attributes
that are not sent, so a role is read, merged and written.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.provider import Image
from kcplan.resource import Reference, Renames, Resource, TypeSpec
from kcplan.schema import STRING, STRINGS, Leaves, ListOf, MapOf, Object, flatten, unordered
from kcplan.snapshot import LiveObject
from kcplan_keycloak.api import Get, first_pages, path
from kcplan_keycloak.bodies import merged
from kcplan_keycloak.resource_type import FEW, Reading, Writing

_MEMBERS: Final = ListOf(STRING, owned=True)

SCHEMA: Final = Object(
    {
        "description": STRING,
        "attributes": MapOf(STRINGS),
        "composites": Object(
            {"realm": _MEMBERS, "client": MapOf(_MEMBERS, exhaustive=True)},
            closed=True,
            exhaustive=True,
        ),
    }
)

IGNORED: Final = (("id",), ("containerId",), ("composite",), ("clientRole",))

PAGE: Final = 200
"""Roles are small: their pages may be larger than those of clients."""

_IN_FULL: Final[Mapping[str, Any]] = {"briefRepresentation": "false"}
_REALM_ROLES: Final = 2
"""Segments of the address of a realm's roles; those of a client's roles has more."""

LOSSY: Final = ("made again, the role has another id",)


def references(resource: Resource) -> Iterator[Reference]:
    """The roles that a role is composed of."""
    realm = resource.address.realm
    for where, value in resource.leaves.items():
        match where:
            case ("composites", "realm"):
                for name in value:
                    yield Reference(Address.of(realm, "roles", name), where)
            case ("composites", "client", client) if isinstance(value, list):
                for name in value:
                    yield Reference(Address.of(realm, "clients", client, "roles", name), where)


def renamed(address: Address, where: Path, value: Any, new: Renames) -> tuple[Path, Any]:
    """A field of a role under the new names of its parts."""
    realm = Address.of(address.realm)
    match where:
        case ("composites", "realm"):
            return where, renamed_names(realm.child("roles"), value, new)
        case ("composites", "client", client):
            holder = realm.child("clients", client)
            names = renamed_names(holder.child("roles"), value, new)
            return ("composites", "client", new(holder).name), names
    return where, value


def renamed_names(container: Address, names: Any, new: Renames) -> Any:
    """The names of what lies in a container, after the renames."""
    if not isinstance(names, list):
        return names
    return unordered(new(container.child(name)).name for name in names)


def members(leaves: Leaves, realm: str) -> set[Address]:
    """The roles that `composites` leaves name."""
    found = set()
    for where, value in leaves.items():
        match where:
            case ("composites", "realm"):
                found |= {Address.of(realm, "roles", name) for name in value or ()}
            case ("composites", "client", client) if value:
                found |= {Address.of(realm, "clients", client, "roles", n) for n in value}
    return found


@frozen
class RoleType:
    """Realm roles or client roles, by their spec."""

    spec: TypeSpec

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The wanted roles; with `beneath` all roles of the clients that were read."""
        found: list[tuple[Address, Mapping[str, Any]]] = []
        for batch in reading.api.map(
            lambda container: _list(reading, container), self._containers(reading)
        ):
            found += batch
        for address, role in found:
            reading.names.learn(address, role["id"])
        chosen = [item for item in found if item[0] in reading.wanted or self._is_news(reading)]
        composite = [role["id"] for _, role in chosen if role.get("composite")]
        members = reading.api.map(lambda role_id: _composites(reading, role_id), composite)
        parts = dict(zip(composite, members, strict=True))
        return [self._live(address, role, parts.get(role["id"], {})) for address, role in chosen]

    def foreseen(self, reading: Reading) -> Iterable[Get]:
        """The lists of roles, as far as the ids of their clients are known."""
        for container in sorted({Address(address.segments[:-1]) for address in reading.wanted}):
            if self.spec.name == "role":
                yield from _of_realm(reading, container)
            elif client := reading.names.known(Address(container.segments[:-1])):
                yield _of_client(container, client)

    def users(self, live: LiveObject, found: Mapping[Address, LiveObject]) -> Get:
        """Who was given the role."""
        realm, *rest = live.address.segments
        if rest[0] == "clients":
            client = found[Address.of(realm, "clients", rest[1])].id
            return Get(path("realms", realm, "clients", str(client), "roles", rest[3], "users"))
        return Get(path("realms", realm, "roles", rest[1], "users"))

    def _is_news(self, reading: Reading) -> bool:
        return reading.unmanaged if self.spec.name == "role" else reading.beneath

    def _containers(self, reading: Reading) -> list[Address]:
        """Where the roles stand: the realm, or each client with wanted roles."""
        containers = {Address(address.segments[:-1]) for address in reading.wanted}
        if self.spec.name == "client-role":
            clients = {a for a, item in reading.found.items() if item.type == "client"}
            containers = {c for c in containers if Address(c.segments[:-1]) in clients}
            if reading.beneath:
                containers |= {client.child("roles") for client in clients}
        elif reading.unmanaged:
            containers.add(Address.of(reading.realm, "roles"))
        return sorted(containers)

    def _live(
        self, address: Address, role: Mapping[str, Any], composites: Mapping[str, Any]
    ) -> LiveObject:
        document = {key: role[key] for key in SCHEMA.fields if key in role}
        document["composites"] = composites
        return LiveObject(address, self.spec.name, role["id"], flatten(SCHEMA, document))

    def create(self, writing: Writing) -> str | None:
        """Create the role, without its composites. Keycloak chooses the id and does not tell it."""
        body = merged(SCHEMA, {"name": writing.address.name}, writing.step.after)
        writing.api.post(_container_path(writing), body)
        writing.names.forget(writing.address)
        return None

    def update(self, writing: Writing) -> str | None:
        """Write the changed fields: the role itself, its name, what it is composed of."""
        realm = writing.address.realm
        own = {p: v for p, v in writing.step.after.items() if p[0] != "composites"}
        object_id = writing.object_id()
        at = path("realms", realm, "roles-by-id", object_id)
        if own:
            there = writing.api.get(at) or {}
            body = {key: there[key] for key in SCHEMA.fields if key in there}
            named = {"name": own.pop(("name",), None) or writing.address.name}
            # What is not sent goes away; an empty text would stay.
            gone = {p[0] for p, value in own.items() if value is None and len(p) == 1}
            body = {k: v for k, v in merged(SCHEMA, body, own).items() if k not in gone}
            writing.api.put(at, {**body, **named})
        self._recompose(writing, f"{at}/composites")
        if ("name",) in writing.step.after:
            before = str(writing.step.before["name",])
            writing.names.forget(Address((*writing.address.segments[:-1], before)))
            writing.names.learn(writing.address, object_id)
        return object_id

    def _recompose(self, writing: Writing, at: str) -> None:
        realm = writing.address.realm
        before, after = members(writing.step.before, realm), members(writing.step.after, realm)
        if added := sorted(after - before):
            writing.api.post(at, [writing.role(a) for a in added], repeatable=True)
        if removed := writing.existing(before - after):
            writing.api.delete(at, [writing.role(a) for a in removed])

    def delete(self, writing: Writing) -> None:
        """Delete the role; Keycloak takes it out of every mapping and composite."""
        at = path("realms", writing.address.realm, "roles-by-id", writing.object_id())
        writing.api.delete(at)
        writing.names.forget(writing.address)

    def capture(self, writing: Writing) -> Image | None:
        """The role and all that points to it."""
        from kcplan_keycloak.images import capture_role

        return capture_role(writing)

    def restore(self, writing: Writing, image: Image) -> Mapping[Address, str]:
        """Create the role again, and point to it again."""
        from kcplan_keycloak.images import restore_role

        return restore_role(writing, image)


def _container_path(writing: Writing) -> str:
    realm, *rest = writing.address.segments
    if rest[0] == "clients":
        client = writing.id_of(Address.of(realm, "clients", rest[1]))
        return path("realms", realm, "clients", client, "roles")
    return path("realms", realm, "roles")


def _list(reading: Reading, container: Address) -> list[tuple[Address, Mapping[str, Any]]]:
    """The roles of a container that matter: one by one where they are few, else all."""
    if len(container.segments) > _REALM_ROLES:
        client = reading.found[Address(container.segments[:-1])].id
        get = _of_client(container, str(client))
        roles = reading.api.get(get.path, **get.params) or []
    elif _few(reading):
        single = reading.api.map(
            lambda get: reading.api.get(get.path), _of_realm(reading, container)
        )
        roles = [role for role in single if role is not None]
    else:
        at, expected = path("realms", container.realm, "roles"), len(reading.wanted)
        roles = reading.api.pages(at, expected, PAGE, **_IN_FULL)
    return [(container.child(role["name"]), role) for role in roles]


def _few(reading: Reading) -> bool:
    return len(reading.wanted) <= FEW and not reading.unmanaged


def _of_realm(reading: Reading, container: Address) -> list[Get]:
    """The requests for realm roles."""
    at = path("realms", container.realm, "roles")
    if not _few(reading):
        return first_pages(at, len(reading.wanted), PAGE, **_IN_FULL)
    return [Get(f"{at}/{path(address.name)}") for address in reading.wanted]


def _of_client(container: Address, client_id: str) -> Get:
    """The request for the roles of a client."""
    return Get(path("realms", container.realm, "clients", client_id, "roles"), _IN_FULL)


def _composites(reading: Reading, role_id: str) -> dict[str, Any]:
    at = path("realms", reading.realm, "roles-by-id", role_id, "composites")
    realm: list[str] = []
    client: dict[str, list[str]] = {}
    for part in reading.api.get(at) or []:
        if part.get("clientRole"):
            name = reading.names.name_of_client(reading.realm, part["containerId"])
            client.setdefault(name, []).append(part["name"])
            holder = Address.of(reading.realm, "clients", name, "roles", part["name"])
        else:
            realm.append(part["name"])
            holder = Address.of(reading.realm, "roles", part["name"])
        reading.names.learn(holder, part["id"])
    return {"realm": realm, "client": client}
