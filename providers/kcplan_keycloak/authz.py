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

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.resource import Requirement, Resource
from kcplan.shapes import BOOLEAN, ListOf, Named, Object, Ref, Shape, Spelling, choice
from kcplan.snapshot import LiveObject
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.built_in import ADMIN_CLIENT
from kcplan_keycloak.errors import MalformedAnswerError
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Writing
from kcplan_keycloak.resources.group import GROUP_PATH, group_path
from kcplan_keycloak.resources.service_account import USER, USER_NAME

AUTHORIZATION: Final = "authorization"
_CLIENT_DEPTH: Final = 3

_OF_ADMINS: Final = {"policies": "admin-policies", "permissions": "admin"}
"""Below `REALM/permissions` instead of below the client: the policies and permissions in it."""

LOGIC: Final = choice("POSITIVE", "NEGATIVE")
DECISION_STRATEGY: Final = choice("UNANIMOUS", "AFFIRMATIVE", "CONSENSUS")

POLICY_UNSUPPORTED: Final = {
    **dict.fromkeys(
        ("policies", "resources", "scopes"),
        "Write `applyPolicies`, `resources` and `scopes` in `config`, as an export has them.",
    ),
    "owner": "Only permissions that users make have it. They are data: remove it from the file.",
    "resourceType": "Only a realm's admin permissions have it: write those in `permissions.admin`.",
}
"""Fields of policies and permissions beside those of an export."""

Document = dict[str, Any]


# -- addresses and paths ----------------------------------------------------------------------


def client_of(address: Address) -> Address:
    """The client that an authorization object belongs to."""
    if is_of_admins(address):
        return Address.of(address.realm, "clients", ADMIN_CLIENT)
    return Address(address.segments[:_CLIENT_DEPTH])


def is_of_admins(address: Address) -> bool:
    """Whether an authorization object is one of who may administer what in the realm."""
    return address.segments[1:2] == ("permissions",)


def server_path(realm: str, client_id: str, *rest: str) -> str:
    """A path below the resource server of the client with this id."""
    return path("realms", realm, "clients", client_id, "authz", "resource-server", *rest)


def server_of(writing: Writing, *rest: str) -> str:
    """A path below the resource server that a step writes to."""
    client_id = writing.id_of(client_of(writing.address))
    return server_path(writing.address.realm, client_id, *rest)


def has_authorization(client: LiveObject) -> bool:
    """Whether a client has authorization services that are declared with it."""
    own = client.address.name != ADMIN_CLIENT
    return own and client.leaves.get(("authorizationServicesEnabled",)) is True


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


@frozen
class Term:
    """What the entries of a field in a policy's `config` name.

    Attributes:
        addresses: The addresses of what a name may stand for, the likeliest first; none where
            Keycloak takes the name itself.
        name: The name of what stands at an address.
        look_up: From `Glossary`: finds the address of an id.
        key: The field of an entry with the name; None where the entry is the name.
        id_key: The field of an entry with the id, where Keycloak takes it elsewhere.
    """

    addresses: Callable[[Address, str], tuple[Address, ...]]
    name: Callable[[Address], str]
    look_up: Callable[["Glossary", str], Address | None]
    key: str | None = None
    id_key: str = "id"

    def ref(self, word: str, required: Callable[[str], bool] = lambda _: True) -> Ref:
        """The shape of such a name; `word` is the type of what it mostly names."""
        return Ref(type=word, spelling=Spelling(self.addresses, self.name), required=required)


def _listed(key: str, text: Any) -> list[Any]:
    """The list that Keycloak keeps as a text. Raises MalformedAnswerError."""
    try:
        found = json.loads(text)
    except (ValueError, TypeError, RecursionError):
        found = None
    term = TERMS[key]
    ids = found if isinstance(found, list) else [None]
    if term.key is not None:
        ids = [item.get(term.id_key) if isinstance(item, dict) else None for item in ids]
    if not all(isinstance(item, str) for item in ids):
        raise MalformedAnswerError(
            f"the `{key}` of an authorization policy is not what Keycloak answers",
            "It must be a text with a list of ids in JSON.",
        )
    return list(found)


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
            key: self._named(TERMS[key], _listed(key, text)) if key in TERMS else text
            for key, text in config.items()
        }

    def _named(self, term: Term, entries: Iterable[Any]) -> list[Any]:
        if term.key is None:
            return [self.name(term, entry) for entry in entries]
        return [self._named_entry(term, term.key, entry) for entry in entries]

    def _named_entry(self, term: Term, key: str, entry: Mapping[str, Any]) -> Document:
        rest = {name: value for name, value in entry.items() if name != term.id_key}
        return {key: self.name(term, entry[term.id_key]), **rest}

    def name(self, term: Term, object_id: str) -> str:
        """The name of an object as files have it; its id where there is no such object."""
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
        if client is None:
            return None
        return realm.child("clients", client, "roles", found["name"])

    def simple(self, container: str, key: str, object_id: str) -> Address | None:
        """The address of what has a request of its own and its name in the field `key`."""
        found = self._get(container, object_id)
        return Address.of(self.client.realm, container, found[key]) if found else None

    def group(self, object_id: str) -> Address | None:
        """The address of a group."""
        found = self._get("groups", object_id)
        if found is None:
            return None
        return GROUP_PATH.read(self.client, group_path(self.names, self.client.realm, found))[0]


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
    def id_of(name: str) -> str:
        found = term.addresses(writing.address, name)
        if not found:
            return name
        existing = next((item for item in found if writing.names.find(item) is not None), found[0])
        return writing.id_of(existing)

    if term.key is None:
        return [id_of(name) for name in entries]
    return [
        {key: value for key, value in entry.items() if key != term.key}
        | {term.id_key: id_of(entry[term.key])}
        for entry in entries
    ]


def _in_realm(container: str) -> Callable[[Address, str], tuple[Address, ...]]:
    return lambda policy, name: (Address.of(policy.realm, container, name),)


def _beside(*kinds: str) -> Callable[[Address, str], tuple[Address, ...]]:
    def found(policy: Address, name: str) -> tuple[Address, ...]:
        if not is_of_admins(policy):
            return tuple(client_of(policy).child(AUTHORIZATION, kind, name) for kind in kinds)
        words = (_OF_ADMINS[kind] for kind in kinds if kind in _OF_ADMINS)
        return tuple(Address.of(policy.realm, "permissions", word, name) for word in words)

    return found


def _last(address: Address) -> str:
    return address.name


def _unknown(_: Glossary, __: str) -> None:
    """Scopes, resources and policies come with their names."""


TERMS: Final[Mapping[str, Term]] = {
    "roles": Term(
        lambda policy, name: (role_address(policy.realm, name),), role_text, Glossary.role, "id"
    ),
    "clients": Term(
        _in_realm("clients"), _last, lambda book, i: book.simple("clients", "clientId", i)
    ),
    "users": Term(
        USER_NAME.read, USER_NAME.write, lambda book, i: book.simple("users", "username", i)
    ),
    "groups": Term(GROUP_PATH.read, GROUP_PATH.write, Glossary.group, "path"),
    "clientScopes": Term(
        _in_realm("client-scopes"),
        _last,
        lambda book, i: book.simple("client-scopes", "name", i),
        "id",
    ),
    "applyPolicies": Term(_beside("policies", "permissions"), _last, _unknown),
    "resources": Term(_beside("resources"), _last, _unknown),
    "scopes": Term(_beside("scopes"), _last, _unknown),
}
"""What the fields of a policy's `config` name. In Keycloak their values are JSON texts."""

JSON_STRINGS: Final = tuple(("config", key) for key in TERMS)


def named_by(key: str, name: Shape, *fields: str) -> Named:
    """The shape of a list of objects with a name and switches; what it does not name must go."""
    return Named(Object({key: name, **dict.fromkeys(fields, BOOLEAN)}), key, exhaustive=True)


CONFIG_NAMES: Final[Mapping[str, Shape]] = {
    "applyPolicies": ListOf(TERMS["applyPolicies"].ref("authorization-policy")),
    "clients": ListOf(TERMS["clients"].ref("client")),
    "clientScopes": named_by("id", TERMS["clientScopes"].ref("client-scope"), "required"),
    "groups": named_by("path", TERMS["groups"].ref("group"), "extendChildren"),
    "resources": ListOf(TERMS["resources"].ref("authorization-resource")),
    "roles": named_by("id", TERMS["roles"].ref("role"), "required"),
    "scopes": ListOf(TERMS["scopes"].ref("authorization-scope")),
    "users": ListOf(USER),
}
"""The shapes of those fields."""
