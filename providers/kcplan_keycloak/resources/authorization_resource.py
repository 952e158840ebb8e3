"""Authorization resources: what is protected.

A resource belongs to the client itself, or to a user (`owner`); names are unique for each owner.
Those of users can be very many, so they are only looked for where the files say `owner`.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from kcplan.address import Address
from kcplan.provider import Image
from kcplan.resource import Reference, Resource, TypeSpec
from kcplan.schema import BOOLEAN, STRING, STRINGS, MapOf, Object, flatten
from kcplan.snapshot import LiveObject
from kcplan_keycloak.authz import (
    AUTHORIZATION,
    Document,
    client_of,
    clients_to_read,
    named_by,
    requires_authorization,
    rewritten,
    server_of,
    server_path,
)
from kcplan_keycloak.authz_policies import (
    RESOURCES,
    forget_name,
    gone,
    keep_dependents,
    point_again,
    pointers_to,
    scopes_kept,
)
from kcplan_keycloak.resource_type import Reading, Writing

SCHEMA: Final = Object(
    {
        "displayName": STRING,
        "type": STRING,
        "icon_uri": STRING,
        "uris": STRINGS,
        "ownerManagedAccess": BOOLEAN,
        "owner": Object({"name": STRING}),
        "attributes": MapOf(STRINGS),
        "scopes": named_by("name"),
    }
)


def _references(resource: Resource) -> Iterator[Reference]:
    client = client_of(resource.address)
    for where, value in resource.leaves.items():
        match where:
            case ("scopes", _, "name"):
                yield Reference(client.child(AUTHORIZATION, "scopes", value), where)
            case ("owner", "name") if value != client.name:
                yield Reference(Address.of(client.realm, "users", value), where)


SPEC: Final = TypeSpec(
    name="authorization-resource",
    pattern="REALM/clients/CLIENT_ID/authorization/resources/NAME",
    rank=62,
    section=("clients", "[clientId]", "authorizationSettings", "resources", "[name]"),
    schema=SCHEMA,
    key=("name",),
    unsupported={"uri": "It is the old form of `uris`. Write `uris`, which is a list."},
    ignored=(
        ("_id",),
        ("id",),
        ("owner", "id"),
        ("scopes", "*", "id"),
        ("scopes", "*", "displayName"),
        ("scopes", "*", "iconUri"),
    ),
    immutable=(("owner",),),
    chooses_id=True,
    references=_references,
    requires=requires_authorization,
)


@frozen
class AuthorizationResourceType:
    """Resources through `…/authz/resource-server/resource`."""

    spec: TypeSpec = SPEC

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The wanted resources, from the list of each client."""
        batches = reading.api.map(lambda item: _read(reading, *item), clients_to_read(reading))
        return [live for batch in batches for live in batch]

    def create(self, writing: Writing) -> str | None:
        """Create the resource under the id that the plan chose."""
        document = rewritten(SCHEMA, {}, writing.step.after)
        return _create(writing, document, writing.step.object_id)

    def update(self, writing: Writing) -> str | None:
        """Write the resource as a whole: Keycloak forgets what is not sent."""
        after = {where: v for where, v in writing.step.after.items() if where != SPEC.key}
        there = _there(writing)
        document = rewritten(SCHEMA, there, after)
        at = server_of(writing, "resource", writing.object_id())
        with scopes_kept(writing, _scopes(there) - _scopes(document)):
            writing.api.put(at, _body(writing, document))
        if SPEC.key in writing.step.after:
            forget_name(writing)
        return writing.object_id()

    def delete(self, writing: Writing) -> None:
        """Delete the resource, and nothing else."""
        keep_dependents(writing, RESOURCES)
        writing.api.delete(server_of(writing, "resource", writing.object_id()))
        writing.names.forget(writing.address)

    def capture(self, writing: Writing) -> Image | None:
        """The resource, and the permissions that refer to it."""
        return {
            "id": writing.object_id(),
            "document": _there(writing),
            "pointers": pointers_to(writing, RESOURCES),
        }

    def restore(self, writing: Writing, image: Image) -> None:
        """Create the resource again under its old id, and refer to it again."""
        if writing.api.get(server_of(writing, "resource", image["id"])) is None:
            _create(writing, image["document"], image["id"])
        writing.names.learn(writing.address, image["id"])
        point_again(writing, RESOURCES, image["pointers"])


def _create(writing: Writing, document: Mapping[str, Any], object_id: str | None) -> str | None:
    body = {**_body(writing, document), "_id": object_id}
    made = writing.api.post(server_of(writing, "resource"), body)
    return object_id or made


def _body(writing: Writing, document: Mapping[str, Any]) -> Document:
    """The resource as Keycloak takes it.

    Attributes that are not sent would stay, and of scopes without names it would take only one.
    """
    scopes = client_of(writing.address).child(AUTHORIZATION, "scopes")
    body = {"attributes": {}, **document, "name": writing.address.name}
    body["scopes"] = [
        {"id": writing.id_of(scopes.child(scope["name"])), "name": scope["name"]}
        for scope in document.get("scopes", ())
    ]
    if owner := body.pop("owner", {}).get("name"):
        body["owner"] = owner
    return body


def _there(writing: Writing) -> Document:
    resource = writing.api.get(server_of(writing, "resource", writing.object_id()))
    if resource is None:
        raise gone(writing)
    return _document(resource, writing.id_of(client_of(writing.address)))


def _scopes(document: Mapping[str, Any]) -> set[str]:
    return {scope["name"] for scope in document.get("scopes", ())}


def _document(resource: Mapping[str, Any], client_id: str) -> Document:
    """A resource as in an export: its owner where that is a user, and scopes by name."""
    document = {key: resource[key] for key in SCHEMA.fields if key in resource}
    owner = document.pop("owner", {})
    if owner.get("id") != client_id:
        document["owner"] = {"name": owner.get("name")}
    document["scopes"] = [{"name": scope["name"]} for scope in resource.get("scopes", ())]
    return document


def _read(reading: Reading, client: Address, client_id: str) -> list[LiveObject]:
    at = server_path(reading.realm, client_id, "resource")
    found = _live(reading, client, client_id, reading.api.pages(at, owner=client_id))
    missing = [
        address
        for address, wanted in reading.wanted.items()
        if client_of(address) == client and address not in found and "owner" in wanted.fields
    ]
    for address in missing:
        named = reading.api.get(at, name=address.name, exactName="true") or []
        found |= _live(reading, client, client_id, named)
    return list(found.values())


def _live(
    reading: Reading, client: Address, client_id: str, resources: Iterable[Mapping[str, Any]]
) -> dict[Address, LiveObject]:
    found = {}
    for resource in resources:
        address = client.child(AUTHORIZATION, "resources", resource["name"])
        reading.names.learn(address, resource["_id"])
        if reading.beneath or address in reading.wanted:
            leaves = flatten(SCHEMA, _document(resource, client_id))
            found[address] = LiveObject(address, SPEC.name, resource["_id"], leaves)
    return found


TYPES: Final = (AuthorizationResourceType(),)
