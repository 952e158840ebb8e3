"""Policies and permissions: how they are read, written, and kept when what they name goes.

Keycloak deletes a permission together with the last policy, resource or scope that it names, and
an aggregate with its last policy, and so on upwards, without a word. kcplan deletes nothing that
the plan does not say: it refuses such a deletion, or, where the policy is only replaced, takes it
out of the permission first.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.errors import ServerError
from kcplan.plan import Operation, Stage
from kcplan.provider import Image
from kcplan.schema import Leaves
from kcplan_keycloak.api import AdminApi, Get, first_pages, path
from kcplan_keycloak.authz import (
    AUTHORIZATION,
    Document,
    Glossary,
    client_of,
    ids_in,
    server_of,
    server_path,
)
from kcplan_keycloak.bodies import Body, written
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.errors import InvalidRequestError, RefusedError, ServerFailureError
from kcplan_keycloak.legacy_names import (
    has_name,
    is_of_old_administration,
    known_to_server,
    to_file,
    to_server,
)
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Reading, Writing, read_current
from kcplan_keycloak.rest import Found, RestType

_FIELDS: Final = ("description", "type", "logic", "decisionStrategy")

PERMISSION_TYPES: Final = ("resource", "scope")

POLICY_DEFAULTS: Final[Leaves] = {("logic",): "POSITIVE", ("decisionStrategy",): "UNANIMOUS"}
"""What Keycloak gives to a policy or permission that does not say otherwise."""


# -- what policies refer to -------------------------------------------------------------------


@frozen
class Part:
    """A kind of object that policies and permissions refer to, beside their `config`.

    Attributes:
        field: Where an export has them in `config`.
        listing: The request that lists them for a policy.
        word: What one of them is called.
        pointing: The path of the request that lists what refers to one of them.
        query: The parameter of that request that takes the id.
    """

    field: str
    listing: str
    word: str
    pointing: str
    query: str = ""

    def at(self, server: str, policy: Mapping[str, Any]) -> str | None:
        """The path of what a policy refers to; None where the policy was given with it."""
        return (
            None if self.field in policy else f"{server}/policy/{path(policy['id'])}/{self.listing}"
        )

    def names(self, api: AdminApi, server: str, policy: Mapping[str, Any]) -> list[str]:
        """The names of what a policy refers to; a list with all fields has some of them."""
        at = self.at(server, policy)
        members = policy.get(f"{self.field}Data") if at is None else api.get(at)
        return [member["name"] for member in members or ()]

    def dependents(self, api: AdminApi, server: str, object_id: str) -> list[dict[str, Any]]:
        """The policies and permissions that refer to an object."""
        at = f"{server}/{self.pointing.format(object_id)}"
        query = {self.query: object_id} if self.query else {}
        return api.get(at, **query) or []


POLICIES: Final = Part(
    "applyPolicies", "associatedPolicies", "policy", "policy/{}/dependentPolicies"
)
RESOURCES: Final = Part("resources", "resources", "resource", "policy", "resource")
SCOPES: Final = Part("scopes", "scopes", "scope", "scope/{}/permissions")

_PARTS: Final[Mapping[str, tuple[Part, ...]]] = {
    "aggregate": (POLICIES,),
    "resource": (RESOURCES, POLICIES),
    "scope": (RESOURCES, SCOPES, POLICIES),
}


def document_of(book: Glossary, server: str, policy: Mapping[str, Any]) -> Document:
    """A policy or permission as in an export, from what the Admin API gives."""
    parts = _PARTS.get(policy["type"], ())
    aside = {part.field for part in parts}
    config = policy.get("config", {})
    document = {key: policy[key] for key in _FIELDS if key in policy}
    document["config"] = book.names_in({k: v for k, v in config.items() if k not in aside})
    for part in parts:
        document["config"][part.field] = part.names(book.api, server, policy)
    return document


def body_of(
    writing: Writing, document: Mapping[str, Any], name: str, there: Mapping[str, Any] | None = None
) -> Document:
    """A policy or permission as Keycloak takes it.

    What it refers to stays where it is not sent, so an empty list is sent only where there is
    something: Keycloak would keep the text `[]` in the `config` for good.
    """
    config = dict(document.get("config", {}))
    before = (there or {}).get("config", {})
    for part in _PARTS.get(document.get("type", ""), ()):
        if not config.get(part.field):
            config.pop(part.field, None)
            if before.get(part.field):
                config[part.field] = []
    own = to_server(writing.names, writing.address, name)
    return {**document, "name": own, "config": ids_in(writing, config)}


# -- what refers to an object that goes -------------------------------------------------------


def keep_dependents(writing: Writing, part: Part) -> None:
    """See to it that a deletion takes no policy or permission along.

    Raises:
        RefusedError: One refers to the object and to nothing else, and the plan keeps it.
    """
    server = server_of(writing)
    for item in part.dependents(writing.api, server, writing.object_id()):
        dependent = writing.api.get(f"{server}/policy/{path(item['id'])}")
        if dependent is None or len(part.names(writing.api, server, dependent)) > 1:
            continue
        replaced = part is POLICIES and writing.step.stage is Stage.BUILD
        if not replaced or dependent.get("logic") != "POSITIVE":
            raise _refusal(writing, part, dependent)
        # Without any policy it denies, until it is given the new one.
        book = Glossary(writing.api, writing.names, client_of(writing.address))
        there = document_of(book, server, dependent)
        document = {**there, "config": {**there["config"], part.field: []}}
        body = body_of(writing, document, dependent["name"], there)
        writing.api.put(f"{server}/policy/{path(dependent['id'])}", body)


def _refusal(writing: Writing, part: Part, dependent: Mapping[str, Any]) -> RefusedError:
    word = "permission" if dependent["type"] in PERMISSION_TYPES else "policy"
    name = dependent["name"]
    return RefusedError(
        f"{writing.address} is the only {part.word} of the {word} {name!r}",
        f"Keycloak would delete the {word} along with it, which is not planned. Give {name!r} "
        f"another {part.word}, or delete it first. Nothing was changed.",
    )


def pointers_to(writing: Writing, part: Part) -> list[str]:
    """The ids of the policies and permissions that refer to the object of a step."""
    server = server_of(writing)
    return [item["id"] for item in part.dependents(writing.api, server, writing.object_id())]


def point_again(writing: Writing, part: Part, pointers: Iterable[str]) -> None:
    """Have the policies and permissions that are there refer to the object of a step again."""
    server = server_of(writing)
    book = Glossary(writing.api, writing.names, client_of(writing.address))
    for pointer in pointers:
        policy = writing.api.get(f"{server}/policy/{path(pointer)}")
        if policy is None:
            continue
        document = document_of(book, server, policy)
        named = document["config"].setdefault(part.field, [])
        if writing.address.name not in named:
            named.append(writing.address.name)
            writing.api.put(
                f"{server}/policy/{path(pointer)}", body_of(writing, document, policy["name"])
            )


@contextmanager
def scopes_kept(writing: Writing, scopes: set[str]) -> Iterator[None]:
    """Have permissions keep these scopes while the resource of a step loses them.

    Keycloak takes them out of the permissions for the resource, and a permission without scopes
    is one for all of them.
    """
    if not scopes:
        yield
        return
    server = server_of(writing)
    book = Glossary(writing.api, writing.names, client_of(writing.address))
    with one_writer(writing):
        before = {
            pointer: (policy["name"], document_of(book, server, policy))
            for pointer in pointers_to(writing, RESOURCES)
            if (policy := writing.api.get(f"{server}/policy/{path(pointer)}")) is not None
        }
        yield
        for pointer, (name, document) in before.items():
            if not scopes.isdisjoint(document["config"].get(SCOPES.field, ())):
                writing.api.put(
                    f"{server}/policy/{path(pointer)}", body_of(writing, document, name)
                )


def one_writer(writing: Writing) -> Lock:
    """Held while permissions are read and written back, so that no step undoes another."""
    return writing.names.lock(client_of(writing.address).child(AUTHORIZATION))


# -- the resource types -----------------------------------------------------------------------


def collection(kind: str, **more: Any) -> Collection:
    """The collection of one kind of authorization objects."""
    return Collection(
        path=f"authz/resource-server/{kind}",
        holder="client",
        single="{path}/search?name={name}",
        **more,
    )


@frozen(kw_only=True)
class AuthorizationType(RestType):
    """Scopes, resources, policies: objects in a resource server that policies refer to.

    Attributes:
        part: As what they are referred to.
    """

    part: Part

    def _carried_along(self, writing: Writing, at: str) -> Mapping[str, Any]:
        return self._document(writing.names, writing.address, read_current(writing, at))

    def find(self, names: Names, address: Address) -> None:
        """Learn the id of an object, also by a name that has an id on the server."""
        name = known_to_server(names, address, address.name)
        at = self.at.within(names, address) if name not in (None, address.name) else None
        if at is None:
            if name is not None:
                super().find(names, address)
            return
        for body in self.at.ask(names.api, at, str(name))[:1]:
            names.learn(address, body[self.at.id_key])

    def _as_in_files(self, reading: Reading, found: list[Found]) -> list[Found]:
        """The objects, those that have an id in their name under the name that files have.

        Where files have the id, they keep it; where nobody asks, nothing is looked up.
        """
        if not any(is_of_old_administration(address) for address, _, _ in found):
            return found
        names = reading.names
        wanted = {
            (client_of(a), known_to_server(names, a, a.name)): a
            for a in reading.wanted
            if has_name(a, a.name)
        }
        return [(self._in_files(reading, address, wanted), at, body) for address, at, body in found]

    def _in_files(
        self,
        reading: Reading,
        address: Address,
        wanted: Mapping[tuple[Address, str | None], Address],
    ) -> Address:
        if (known := wanted.get((client_of(address), address.name))) is not None:
            return known
        if address in reading.wanted or not self._is_news(reading):
            return address
        return address.parent.child(to_file(reading.names, address, address.name))

    def _new_name(self, writing: Writing) -> str:
        """The name. While a renaming is undone it is the server's: what it names comes after it."""
        name = super()._new_name(writing)
        is_there = writing.step.operation is Operation.UPDATE
        if is_there and known_to_server(writing.names, writing.address, name) is None:
            return str(read_current(writing, self._item(writing, writing.object_id()))["name"])
        return name

    def delete(self, writing: Writing) -> None:
        """Delete the object, and nothing else."""
        keep_dependents(writing, self.part)
        super().delete(writing)

    def capture(self, writing: Writing) -> Image | None:
        """The object by names, and the policies and permissions that refer to it."""
        at = self._item(writing, writing.object_id())
        return {
            "id": writing.object_id(),
            "document": dict(self._carried_along(writing, at)),
            "pointers": pointers_to(writing, self.part),
        }

    def restore(self, writing: Writing, image: Image) -> Mapping[Address, str]:
        """Create the object again under its old id, and refer to it again."""
        if writing.api.get(self._item(writing, image["id"])) is None:
            body = {**self._sent(writing, dict(image["document"])), self.at.id_key: image["id"]}
            self._make(writing, body)
        writing.names.learn(writing.address, image["id"])
        point_again(writing, self.part, image["pointers"])
        return {}


@frozen(kw_only=True)
class PolicyType(AuthorizationType):
    """Policies, or permissions, through `…/authz/resource-server/policy`.

    Attributes:
        queries: The lists that have them all.
    """

    queries: tuple[Mapping[str, Any], ...]

    def _gets(self, reading: Reading, holder: Address, collection: str) -> list[Get]:
        expected = self._expected(reading, holder)
        lists = (first_pages(collection, expected, **query) for query in self.queries)
        gets = (get for pages in lists for get in pages)
        return self._followed(reading, holder, collection, gets)

    def _may_ask(self) -> bool:
        return True

    def _asked(
        self,
        reading: Reading,  # noqa: ARG002
        address: Address,  # noqa: ARG002
        collection: str,
        body: Body,
    ) -> Iterable[Get]:
        server = collection.removesuffix("/policy")
        parts = _PARTS.get(body.get("type", ""), ())
        return [Get(at) for part in parts if (at := part.at(server, body)) is not None]

    def _list(
        self, reading: Reading, holder: Address, collection: str
    ) -> list[tuple[Address, str, Body]]:
        expected = self._expected(reading, holder)
        found = [
            (self.at.address(self.spec, holder, policy), collection, policy)
            for query in self.queries
            for policy in reading.api.pages(collection, expected, **query)
            # The filter finds types that begin alike.
            if query.get("type", policy["type"]) == policy["type"]
        ]
        return self._as_in_files(reading, found)

    def _expected(self, reading: Reading, holder: Address) -> int:
        """How many a list has, as far as it is known which list has them."""
        return reading.numbers[holder] if len(self.queries) == 1 else 0

    def _asks(self, reading: Reading, address: Address, body: Body) -> bool:  # noqa: ARG002
        """What a policy refers to is not in the list."""
        return True

    def _document(self, names: Names, address: Address, body: Mapping[str, Any]) -> Body:
        server = server_path(address.realm, names.id_of(client_of(address)))
        document = document_of(Glossary(names.api, names, client_of(address)), server, body)
        config = document["config"]
        if RESOURCES.field in config and has_name(address, address.name):
            named = [to_file(names, address, name) for name in config[RESOURCES.field]]
            return {**document, "config": {**config, RESOURCES.field: named}}
        return document

    def create(self, writing: Writing) -> str | None:
        """Create it under the id that the plan chose."""
        try:
            return super().create(writing)
        except ServerFailureError as failure:
            raise _unknown_type(writing, writing.step.after.get(("type",))) or failure from failure

    def _put(self, writing: Writing, at: str, own: Leaves) -> None:
        changed = {p: v for p, v in own.items() if p != self.spec.key}
        with one_writer(writing):
            there = self._carried_along(writing, at)
            document = written(self.spec.schema, there, changed, self.puts)
            writing.api.put(at, body_of(writing, document, self._new_name(writing), there))

    def _sent(self, writing: Writing, body: Body) -> Body:
        return body_of(writing, body, self._new_name(writing))


def _unknown_type(writing: Writing, kind: Any) -> ServerError | None:
    """The error where the server has no policies of this type; it only says 500 itself."""
    known = {
        item["type"] for item in writing.api.get(server_of(writing, "policy", "providers")) or ()
    }
    if kind in known:
        return None
    return InvalidRequestError(
        f"this Keycloak has no authorization policies of the type {kind!r}",
        f"It has these: {', '.join(sorted(known - set(PERMISSION_TYPES)))}. The type `js` needs "
        "a server that is started with `--features=scripts`; others come with an extension.",
    )
