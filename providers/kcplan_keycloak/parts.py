"""Parts: fields of a representation that have end points of their own.

Entries   named tables with ids, each with its own POST, PUT and DELETE (protocol mappers)
Links     names of objects, each attached with a PUT and detached with a DELETE (client scopes)
RoleSet   roles, given and taken in batches (composites, role mappings, role scopes)
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import uuid4

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.provider import UnknownOutcomeError
from kcplan.schema import Leaves
from kcplan.shapes import Object, Ref
from kcplan_keycloak.api import AdminApi, Get, path
from kcplan_keycloak.bodies import Absent, written
from kcplan_keycloak.errors import ConflictError, NotFoundError
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Reading, Writing, read_current

Bodies = Sequence[Mapping[str, Any]]


class PlainPart:
    """A part that stands in the object itself, is not created with it, and names nothing."""

    @property
    def is_posted(self) -> bool:
        """They are written after the object is there."""
        return False

    def posted(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """The fields as they are."""
        return document

    def asks(self, *_: Any) -> bool:
        """Reading takes no request: the fields stand in the object."""
        return False

    def gets(self, *_: Any) -> Iterable[Get]:
        """None, or none that are certain."""
        return ()

    def read(self, *_: Any) -> Mapping[str, Any]:
        """Nothing: the fields stand in the object."""
        return {}

    def holders(self, *_: Any) -> Iterable[tuple[str, str]]:
        """Nowhere."""
        return ()


@frozen
class Entries(PlainPart):
    """Named tables with ids. They stand in the object itself, and can be sent when it is created.

    They are read with the object: their own end point adds defaults, which would be written then.

    Attributes:
        field: The field with the tables.
        at: The path of their collection, below the object.
        shape: What each is.
        new: What a new one needs that the files may leave out.
        needed: The field without which there is none: undone, its creation takes it away.
    """

    field: str
    at: str
    shape: Object
    new: Mapping[str, Any]
    needed: str

    @property
    def fields(self) -> tuple[str, ...]:
        """The one field with the tables."""
        return (self.field,)

    @property
    def is_posted(self) -> bool:
        """They count when the object is created."""
        return True

    def posted(self, document: Mapping[str, Any]) -> Mapping[str, Any]:
        """The tables, with what each must have."""
        return {
            name: [{**self.new, **table} for table in tables] for name, tables in document.items()
        }

    def place(self, _: Path) -> str:
        """The collection of the tables."""
        return self.at

    def write(self, writing: Writing, at: str) -> None:
        """Add, change and remove tables, one by one."""
        after = writing.step.after
        touched = {p[1] for p in after if p[0] == self.field and len(p) > 1}
        if not touched:
            return
        tables = read_current(writing, at).get(self.field, ())
        existing = {table["name"]: table for table in tables}
        for name in sorted(touched):
            leaves = {p[2:]: v for p, v in after.items() if p[:2] == (self.field, name)}
            self._write_one(writing, f"{at}/{self.at}", name, leaves, existing.get(name))

    def _write_one(
        self,
        writing: Writing,
        at: str,
        name: str,
        leaves: dict[tuple[str, ...], Any],
        present: Mapping[str, Any] | None,
    ) -> None:
        if any(where in leaves and leaves[where] is None for where in ((), (self.needed,))):
            if present is not None:
                _delete(writing.api, f"{at}/{path(present['id'])}")
            return
        whole = leaves.pop((), None)
        body = written(self.shape, whole or present or self.new, leaves, Absent.EMPTY_FIELDS)
        if present is None:
            writing.api.post(at, {"id": str(uuid4()), **body, "name": name})
        else:
            writing.api.put(
                f"{at}/{path(present['id'])}", {**body, "name": name, "id": present["id"]}
            )


@frozen
class Links(PlainPart):
    """Names of objects, each attached and detached by its id.

    Attributes:
        ref: How the fields name the objects.
        paths: For each field the path, below the object, that takes the ids.
        listed: Whether the fields are read with a request each, since the object lacks them.
        held: Which objects have such links.
        text: How the files name a listed object.
        members: The path below a linked object to the users who have it, where users do.
    """

    ref: Ref
    paths: Mapping[str, str]
    listed: bool = False
    held: "Holders | None" = None
    text: "Text" = lambda _, __, body: str(body["name"])
    members: str = ""

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields with the names."""
        return tuple(self.paths)

    @property
    def is_posted(self) -> bool:
        """They count when the object is created, if they stand in it."""
        return not self.listed

    def asks(self, reading: Reading, address: Address, *_: Any) -> bool:
        """Whether the names are read with requests of their own, and somebody wants them."""
        wanted = self.listed and reading.cares(address, *self.fields)
        return wanted and self.ref.type not in reading.missing

    def gets(self, reading: Reading, address: Address, at: str, *_: Any) -> Iterable[Get]:
        """A request for each field that somebody wants."""
        asked = self.asks(reading, address)
        return [
            Get(f"{at}/{kind}")
            for name, kind in self.paths.items()
            if asked and reading.cares(address, name)
        ]

    def read(
        self,
        reading: Reading,
        address: Address,
        at: str,
        body: Mapping[str, Any],  # noqa: ARG002
    ) -> Mapping[str, Any]:
        """The names, with a request for each field where the object does not have them."""
        if self.ref.type in reading.missing:
            return {name: [] for name in self.paths}
        if not self.asks(reading, address):
            return {}
        return {
            name: [
                self.text(reading.names, reading.realm, item)
                for item in reading.api.get(f"{at}/{kind}") or []
            ]
            for name, kind in self.paths.items()
            if reading.cares(address, name)
        }

    def place(self, where: Path) -> str:
        """The path that takes the ids."""
        return self.paths[where[0]]

    def write(self, writing: Writing, at: str) -> None:
        """Attach and detach. What changes sides is detached first."""
        attach: list[tuple[str, str]] = []
        for name, kind in self.paths.items():
            if (name,) not in writing.step.after:
                continue
            before = self._before(writing, at, name)
            after = set(writing.step.after[name,] or ())
            for item in sorted(self._attached(writing, f"{at}/{kind}", before - after)):
                if (object_id := writing.names.find(self._address(writing, item))) is not None:
                    _delete(writing.api, f"{at}/{kind}/{path(object_id)}")
            attach += [(kind, item) for item in sorted(after - before)]
        for kind, item in attach:
            self._attach(writing, f"{at}/{kind}", item)

    def _attached(self, writing: Writing, at: str, names: set[str]) -> set[str]:
        """Those of the names that are there.

        Asked to detach another one from a realm's list, Keycloak takes it out of the other list.
        """
        if not self.listed or not names:
            return names
        return names & self._names_at(writing, at)

    def _names_at(self, writing: Writing, at: str) -> set[str]:
        realm = writing.address.realm
        return {self.text(writing.names, realm, item) for item in writing.api.get(at) or []}

    def _attach(self, writing: Writing, at: str, name: str) -> None:
        try:
            put_into(writing.api, f"{at}/{writing.id_of(self._address(writing, name))}")
        except ConflictError as problem:
            raise ConflictError(
                problem.summary,
                f"{name} is in another list, and can be in one only. Declare all of them: "
                f"{', '.join(self.paths)}. {problem.detail}",
            ) from None

    def _before(self, writing: Writing, at: str, name: str) -> set[str]:
        """What is attached: a new object may have some that the plan does not know of."""
        before = writing.step.before.get((name,))
        if before is not None or not self.listed:
            return set(before or ())
        return self._names_at(writing, f"{at}/{self.paths[name]}")

    def _address(self, writing: Writing, name: str) -> Address:
        from kcplan import refs
        from kcplan_keycloak.resources import registry

        return refs.targets(registry(), self.ref, writing.address, name)[0]

    def holders(
        self, api: AdminApi, realm: str, word: str, lost: Bodies
    ) -> Iterable[tuple[str, str]]:
        """Where objects of the linked type are attached."""
        if word == self.ref.type and self.members:
            yield from self._users(api, realm, lost)
        if word != self.ref.type or self.held is None:
            return
        ids = {body["id" if self.listed else "name"]: body["id"] for body in lost}
        for at, body in self.held(api, realm):
            for name, kind in self.paths.items():
                found = api.get(f"{at}/{kind}") if self.listed else body.get(name)
                attached = (i["id"] if self.listed else i for i in found or ())
                for item in ids.keys() & set(attached):
                    yield ids[item], f"{at}/{kind}/{ids[item]}"

    def _users(self, api: AdminApi, realm: str, lost: Bodies) -> Iterable[tuple[str, str]]:
        """The users to whom the objects are attached, as Keycloak tells them for each."""
        ((_, kind),) = self.paths.items()
        for body in lost:
            at = path("realms", realm, kind, body["id"], self.members)
            for user in api.pages(at, page_size=100, briefRepresentation="true"):
                yield body["id"], path("realms", realm, "users", user["id"], kind, body["id"])


_GRANTED: Final = "role-mappings"
"""Where the roles are that an account is granted, and not those that a client may see."""


@frozen
class RoleSet(PlainPart):
    """Roles of the realm and of its clients, given and taken in batches.

    Attributes:
        at: The path below the object.
        realm: The path of the leaf with the names of realm roles.
        client: The path of the map with the names of client roles, by client.
        apart: Whether realm roles and each client's roles have a path of their own.
        flag: The field of the object that is false where it has no such roles.
        held: Which objects have such roles.
        shown: Whether the object itself has the names, in these fields.
    """

    at: str
    realm: tuple[str, ...]
    client: tuple[str, ...]
    apart: bool = True
    flag: str = ""
    held: "Holders | None" = None
    shown: bool = False

    @property
    def fields(self) -> tuple[str, ...]:
        """The fields with the names."""
        return tuple(dict.fromkeys((self.realm[0], self.client[0])))

    # -- reading -----------------------------------------------------------------------------

    def asks(self, reading: Reading, address: Address, body: Mapping[str, Any]) -> bool:
        """Whether there may be some, and somebody wants to know."""
        if self.shown:
            return False
        return bool(body.get(self.flag)) if self.flag else reading.cares(address, *self.fields)

    def gets(
        self, reading: Reading, address: Address, at: str, body: Mapping[str, Any]
    ) -> Iterable[Get]:
        """The one request that tells all of them."""
        return [Get(f"{at}/{self.at}")] if self.asks(reading, address, body) else []

    def read(
        self, reading: Reading, address: Address, at: str, body: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The names of the roles, with a request where there may be some."""
        if self.shown:
            realm, client = (body.get(where[0]) for where in (self.realm, self.client))
            return self._document(realm or [], client or {})
        if not self.asks(reading, address, body):
            return self._document([], {}) if self.flag else {}
        found = reading.api.get(f"{at}/{self.at}") or {}
        return self.names_in(reading, found if self.apart else _as_mappings(reading, found))

    def names_in(self, reading: Reading, mappings: Mapping[str, Any]) -> dict[str, Any]:
        """The names of the roles in what Keycloak gives of mappings.

        Those that an account is granted are without the default role, which each one has.
        """
        realm = [
            role["name"]
            for role in mappings.get("realmMappings", ())
            if self.at != _GRANTED or not reading.names.is_default_role(reading.realm, role["id"])
        ]
        client = {
            holder: [role["name"] for role in item["mappings"]]
            for holder, item in mappings.get("clientMappings", {}).items()
        }
        return self._document(realm, client)

    def _document(self, realm: list[str], client: dict[str, list[str]]) -> dict[str, Any]:
        document: dict[str, Any] = {}
        for where, value in ((self.realm, realm), (self.client, client)):
            node = document
            for part in where[:-1]:
                node = node.setdefault(part, {})
            node[where[-1]] = value
        return document

    # -- writing -----------------------------------------------------------------------------

    def place(self, where: Path) -> str:
        """The path of the mappings, or of those of the realm or of clients."""
        if not self.apart:
            return self.at
        return f"{self.at}/realm" if where == self.realm else f"{self.at}/clients"

    def roles(self, leaves: Leaves, realm: str) -> set[Address]:
        """The roles that leaves name."""
        found = set()
        for where, value in leaves.items():
            if where == self.realm:
                found |= {Address.of(realm, "roles", name) for name in value or ()}
            elif where[:-1] == self.client:
                client = Address.of(realm, "clients", where[-1])
                found |= {client.child("roles", name) for name in value or ()}
        return found

    def write(self, writing: Writing, at: str) -> None:
        """Give and take roles. What is gone is in no set either."""
        realm = writing.address.realm
        before = self.roles(writing.step.before, realm)
        after = self.roles(writing.step.after, realm)
        for where, batch in self._batches(writing, after - before):
            writing.api.post(f"{at}/{where}", batch, repeatable=True)
        for where, batch in self._batches(writing, writing.existing(before - after)):
            writing.api.delete(f"{at}/{where}", batch)

    def _batches(
        self, writing: Writing, roles: Iterable[Address]
    ) -> Iterable[tuple[str, list[dict[str, str]]]]:
        batches: dict[str, list[dict[str, str]]] = {}
        for role in sorted(roles):
            where = self.at
            if self.apart:
                client = Address(role.segments[:-2])
                is_realm_role = client == Address.of(role.realm)
                where += "/realm" if is_realm_role else f"/clients/{writing.id_of(client)}"
            batches.setdefault(where, []).append(writing.role(role))
        return batches.items()

    # -- where roles are that go -------------------------------------------------------------

    def path_for(self, role: Mapping[str, Any]) -> str:
        """The path below the object that takes a role."""
        if not self.apart:
            return self.at
        inner = f"clients/{role['containerId']}" if role.get("clientRole") else "realm"
        return f"{self.at}/{inner}"

    def holders(
        self, api: AdminApi, realm: str, word: str, lost: Bodies
    ) -> Iterable[tuple[str, str]]:
        """In which sets the roles are."""
        if not _is_role(word) or self.held is None:
            return
        roles = {role["id"]: role for role in lost}
        held = [at for at, body in self.held(api, realm) if not self.flag or body.get(self.flag)]
        sets = api.map(lambda at: _ids_in(api.get(f"{at}/{self.at}") or {}), held)
        for at, found in zip(held, sets, strict=True):
            for role_id in found & roles.keys():
                yield role_id, f"{at}/{self.path_for(roles[role_id])}"


Text = Callable[[Names, str, Mapping[str, Any]], str]
"""How the files name an object, from its representation in the realm of this name."""

Holders = Callable[[AdminApi, str], Iterable[tuple[str, Mapping[str, Any]]]]
"""The objects of a realm that may have something: the path of each, and what its list says."""


@frozen
class HeldRoles(RoleSet):
    """A set of roles of which Keycloak tells, for each role, who has it.

    Attributes:
        who: What has such sets: the segment of their path below the realm and of the role's.
    """

    who: str = "users"

    def holders(
        self, api: AdminApi, realm: str, word: str, lost: Bodies
    ) -> Iterable[tuple[str, str]]:
        """Who has the roles, as Keycloak tells it for each."""
        for role in lost if _is_role(word) else ():
            for holder in api.pages(f"{role_path(realm, role)}/{self.who}", page_size=100):
                at = path("realms", realm, self.who, holder["id"])
                yield role["id"], f"{at}/{self.path_for(role)}"


def _is_role(word: str) -> bool:
    from kcplan_keycloak.resources import registry

    return registry()[word].gives_rights


def role_path(realm: str, role: Mapping[str, Any]) -> str:
    """The path of a role by its name: should it go as well, it comes back under another id."""
    if role.get("clientRole"):
        return path("realms", realm, "clients", role["containerId"], "roles", role["name"])
    return path("realms", realm, "roles", role["name"])


def _as_mappings(reading: Reading, roles: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """A plain list of roles in the form of mappings. Their ids are learned.

    A role is left out whose client went away since the list was read.
    """
    mappings: dict[str, Any] = {"realmMappings": [], "clientMappings": {}}
    for role in roles:
        holder = Address.of(reading.realm)
        if role.get("clientRole"):
            name = reading.names.name_of_client(reading.realm, role["containerId"])
            if name is None:
                continue
            holder = holder.child("clients", name)
            client = mappings["clientMappings"].setdefault(name, {"mappings": []})
            client["mappings"].append(role)
        else:
            mappings["realmMappings"].append(role)
        reading.names.learn(holder.child("roles", role["name"]), role["id"])
    return mappings


def _ids_in(found: Mapping[str, Any] | Sequence[Mapping[str, Any]]) -> set[str]:
    """The ids of the roles in a list, or in mappings."""
    if not isinstance(found, Mapping):
        return {role["id"] for role in found}
    batches = [
        found.get("realmMappings", ()),
        *(item["mappings"] for item in found.get("clientMappings", {}).values()),
    ]
    return {role["id"] for batch in batches for role in batch}


def put_into(api: AdminApi, at: str) -> None:
    """Attach an object to a list, at the list's path and its id.

    The lists of a realm answer 409 where it is attached already, as it is when it was tried before
    and the answer was lost.
    """
    try:
        api.put(at)
    except (ConflictError, UnknownOutcomeError):
        held, _, object_id = at.rpartition("/")
        if object_id not in {item["id"] for item in api.get(held) or ()}:
            raise


def _delete(api: AdminApi, at: str) -> None:
    try:
        api.delete(at)
    except NotFoundError:
        return
