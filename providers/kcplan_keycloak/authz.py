"""Authorization services: what their resource types share.

A client with authorization services is a *resource server*. In it are scopes, resources with
scopes, policies that say who, and permissions that join the three. Files name things as an export
does (a role as `client/role`, a group by its path); the Admin API mostly gives ids. `Glossary`
goes from ids to names, `ids_of` from names to ids.

Policies and permissions are one kind of thing to Keycloak, with one name space and one endpoint,
`…/policy`, which takes the format of an export whatever the type is. Two things are not in what it
gives: the policies, resources and scopes that one refers to, and a way to tell "none of them" from
"not said"; see `docs/keycloak-behaviour.md`.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.resource import Reference, Renames, Requirement, Resource
from kcplan.schema import (
    BOOLEAN,
    STRING,
    Leaves,
    Named,
    Object,
    flatten,
    shape_at,
    unflatten,
    unordered,
)
from kcplan.secret import reveal
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.built_in import account_name
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Reading, Writing

AUTHORIZATION: Final = "authorization"
_CLIENT_DEPTH: Final = 3

Document = dict[str, Any]


# -- addresses and paths ----------------------------------------------------------------------


def client_of(address: Address) -> Address:
    """The client that an authorization object belongs to."""
    return Address(address.segments[:_CLIENT_DEPTH])


def is_settings(address: Address) -> bool:
    """Whether an address is that of a client's authorization settings."""
    match address.segments:
        case (_, "clients", _, "authorization"):
            return True
    return False


def server_path(realm: str, client_id: str, *rest: str) -> str:
    """A path below the resource server of the client with this id."""
    return path("realms", realm, "clients", client_id, "authz", "resource-server", *rest)


def server_of(writing: Writing, *rest: str) -> str:
    """A path below the resource server that a step writes to."""
    client_id = writing.id_of(client_of(writing.address))
    return server_path(writing.address.realm, client_id, *rest)


def clients_to_read(reading: Reading) -> list[tuple[Address, str]]:
    """The clients with authorization objects to be read, with their ids."""
    wanted = {client_of(address) for address in reading.wanted}
    if reading.beneath:
        switch = ("authorizationServicesEnabled",)
        wanted |= {
            address
            for address, live in reading.found.items()
            if live.type == "client" and live.leaves.get(switch) is True
        }
    found = [(client, _client_id(reading, client)) for client in sorted(wanted)]
    return [(client, client_id) for client, client_id in found if client_id is not None]


def _client_id(reading: Reading, client: Address) -> str | None:
    live = reading.found.get(client)
    return live.id if live is not None else reading.names.find(client)


def requires_authorization(resource: Resource) -> Iterator[Requirement]:
    """That the client has authorization services."""
    client = client_of(resource.address)
    yield Requirement(
        address=client,
        path=("authorizationServicesEnabled",),
        value=True,
        code="authorization-disabled",
        summary=f"client {client.name} has authorization settings and no authorization services",
        detail="Keycloak keeps such settings only for a client with "
        "`authorizationServicesEnabled`. Set it to true, or remove `authorizationSettings`.",
    )


# -- names and ids ----------------------------------------------------------------------------


def role_text(address: Address) -> str:
    """A role as policies name it: `role`, or `client/role`.

    A slash within a name is written `%2F`, as in an address, since it would otherwise separate.
    """
    match address.segments:
        case (_, "clients", client, "roles", role):
            return f"{_escaped(client)}/{_escaped(role)}"
    return _escaped(address.name)


def role_address(realm: str, text: str) -> Address:
    """The address of the role that a policy names."""
    client, slash, role = text.partition("/")
    if slash:
        return Address.of(realm, "clients", _unescaped(client), "roles", _unescaped(role))
    return Address.of(realm, "roles", _unescaped(text))


def _escaped(name: str) -> str:
    return re.sub(r"%(?=2F|25)", "%25", name).replace("/", "%2F")


def _unescaped(name: str) -> str:
    return re.sub(r"%(2F|25)", lambda found: {"2F": "/", "25": "%"}[found[1]], name)


def group_address(realm: str, text: str) -> Address:
    """The address of the group with this path."""
    return Address.of(realm, "groups", text.strip("/"))


@frozen
class Term:
    """What the entries of a field in a policy's `config` name.

    Attributes:
        address: The address of what a name stands for.
        name: The name of what stands at an address.
        look_up: From `Glossary`: finds the address of an id.
        key: The field of an entry with the name; None where the entry is the name.
        id_key: The field of an entry with the id, where Keycloak takes it elsewhere.
    """

    address: Callable[[Address, str], Address]
    name: Callable[[Address], str]
    look_up: Callable[["Glossary", str], Address | None]
    key: str | None = None
    id_key: str = "id"


@frozen
class Glossary:
    """Names for the ids that Keycloak gives; each is looked up once.

    Args:
        api: The server.
        names: What is known already; learns what is looked up.
        client: The client that the policies belong to.
    """

    api: AdminApi
    names: Names
    client: Address

    def names_in(self, config: Mapping[str, str]) -> Document:
        """A policy's `config` as in an export, with the JSON texts parsed."""
        return {
            key: self._named(TERMS[key], json.loads(text)) if key in TERMS else text
            for key, text in config.items()
        }

    def _named(self, term: Term, entries: Iterable[Any]) -> list[Any]:
        if term.key is None:
            return [self._name(term, entry) for entry in entries]
        return [self._named_entry(term, term.key, entry) for entry in entries]

    def _named_entry(self, term: Term, key: str, entry: Mapping[str, Any]) -> Document:
        rest = {name: value for name, value in entry.items() if name != term.id_key}
        return {key: self._name(term, entry[term.id_key]), **rest}

    def _name(self, term: Term, object_id: str) -> str:
        address = self.names.address_of(self.client.realm, object_id)
        if address is None:
            address = term.look_up(self, object_id)
            if address is None:
                return object_id
            self.names.learn(address, object_id)
        return term.name(address)

    def _get(self, *segments: str) -> Any | None:
        return self.api.get(path("realms", self.client.realm, *segments))

    def role(self, object_id: str) -> Address | None:
        """The address of a role."""
        found = self._get("roles-by-id", object_id)
        if found is None:
            return None
        realm = Address.of(self.client.realm)
        if not found.get("clientRole"):
            return realm.child("roles", found["name"])
        client = self.names.name_of_client(realm.name, found["containerId"])
        return realm.child("clients", client, "roles", found["name"])

    def simple(self, container: str, key: str, object_id: str) -> Address | None:
        """The address of what has a request of its own and its name in the field `key`."""
        found = self._get(container, object_id)
        return Address.of(self.client.realm, container, found[key]) if found else None

    def group(self, object_id: str) -> Address | None:
        """The address of a group."""
        found = self._get("groups", object_id)
        return group_address(self.client.realm, found["path"]) if found else None


def ids_in(writing: Writing, config: Mapping[str, Any]) -> dict[str, str]:
    """A policy's `config` as Keycloak takes it: ids for names, and JSON texts.

    Raises:
        ServerError: Something that it names is not there.
    """
    return {
        key: json.dumps(_entries_by_id(writing, TERMS[key], value)) if key in TERMS else value
        for key, value in config.items()
    }


def _entries_by_id(writing: Writing, term: Term, entries: Iterable[Any]) -> list[Any]:
    client = client_of(writing.address)
    if term.key is None:
        return [writing.id_of(term.address(client, name)) for name in entries]
    return [
        {key: value for key, value in entry.items() if key != term.key}
        | {term.id_key: writing.id_of(term.address(client, entry[term.key]))}
        for entry in entries
    ]


def _in_realm(container: str) -> Callable[[Address, str], Address]:
    return lambda client, name: Address.of(client.realm, container, name)


def _beside(kind: str) -> Callable[[Address, str], Address]:
    return lambda client, name: client.child(AUTHORIZATION, kind, name)


def _last(address: Address) -> str:
    return address.name


def _user_name(address: Address) -> str:
    """The name of a user, or of the account of a client."""
    match address.segments:
        case (_, "clients", client, "service-account"):
            return account_name(client)
    return address.name


def _unknown(_: Glossary, __: str) -> None:
    """Scopes, resources and policies come with their names."""


TERMS: Final[Mapping[str, Term]] = {
    "roles": Term(
        lambda client, name: role_address(client.realm, name), role_text, Glossary.role, "id"
    ),
    "clients": Term(
        _in_realm("clients"), _last, lambda book, i: book.simple("clients", "clientId", i)
    ),
    "users": Term(
        _in_realm("users"), _user_name, lambda book, i: book.simple("users", "username", i)
    ),
    "groups": Term(
        lambda client, name: group_address(client.realm, name),
        lambda address: f"/{address.name}",
        Glossary.group,
        "path",
    ),
    "clientScopes": Term(
        _in_realm("client-scopes"),
        _last,
        lambda book, i: book.simple("client-scopes", "name", i),
        "id",
    ),
    "applyPolicies": Term(_beside("policies"), _last, _unknown),
    "resources": Term(_beside("resources"), _last, _unknown),
    "scopes": Term(_beside("scopes"), _last, _unknown),
}
"""What the fields of a policy's `config` name. In Keycloak their values are JSON texts."""

JSON_STRINGS: Final = tuple(("config", key) for key in TERMS)


def named_by(key: str, *fields: str) -> Named:
    """The shape of a list of objects with a name and switches; what it does not name must go."""
    return Named(Object({key: STRING, **dict.fromkeys(fields, BOOLEAN)}), key, exhaustive=True)


def config_references(resource: Resource) -> Iterator[Reference]:
    """What a policy or permission names in its `config`."""
    client = client_of(resource.address)
    for where, value in resource.leaves.items():
        match where:
            case ("config", field, _, key) if field in TERMS and TERMS[field].key == key:
                yield from _reference(client, field, value, where)
            case ("config", field) if field in TERMS and isinstance(value, list):
                for name in value:
                    yield from _reference(client, field, name, where)


def renamed(address: Address, where: Path, value: Any, new: Renames) -> tuple[Path, Any]:
    """A field of a policy or permission under the new names of what its `config` names."""
    client = client_of(address)

    def name_of(field: str, name: str) -> str:
        term = TERMS[field]
        return term.name(new(term.address(client, name)))

    match where:
        case ("config", field, name, *rest) if field in TERMS and TERMS[field].key:
            is_name = rest == [TERMS[field].key] and value == name
            now = name_of(field, name)
            return ("config", field, now, *rest), now if is_name else value
        case ("config", field) if field in TERMS and isinstance(value, list):
            return where, unordered(name_of(field, name) for name in value)
    return where, value


def _reference(
    client: Address, field: str, name: Any, where: tuple[str, ...]
) -> Iterable[Reference]:
    if not isinstance(name, str):
        return
    target = TERMS[field].address(client, name)
    account = name.removeprefix("service-account-")
    if field == "users" and account != name:
        # It comes with the client; its name is the clientId in lower case.
        yield Reference(target, where, required=False)
        yield Reference(
            Address.of(client.realm, "clients", account, "service-account"), where, required=False
        )
        return
    if field == "applyPolicies":
        permission = client.child(AUTHORIZATION, "permissions", name)
        yield Reference(target, where, alternatives=(permission,))
        yield Reference(permission, where, required=False)
        return
    yield Reference(target, where)


# -- documents --------------------------------------------------------------------------------


def rewritten(schema: Object, document: Mapping[str, Any], after: Leaves) -> Document:
    """A document with the leaves written into it, secrets in clear. None takes an entry out."""
    leaves = dict(flatten(schema, document))
    for where, value in sorted(after.items(), key=lambda item: len(item[0])):
        if isinstance(value, Mapping) and not value:
            leaves.setdefault(where, value)
            continue
        # Without its name an entry is gone, with all that Keycloak added to it.
        gone = where[:-1] if value is None and _is_key(schema, where) else where
        for inner in [known for known in leaves if known[: len(gone)] == gone]:
            del leaves[inner]
        if value is not None:
            leaves[where] = value
    clear: Any = reveal(unflatten(schema, leaves))
    return dict(clear)


def _is_key(schema: Object, where: Path) -> bool:
    """Whether a path is that of the name of an entry."""
    holder = shape_at(schema, where[:-2])
    return isinstance(holder, Named) and len(where) > 1 and where[-1] == holder.key
