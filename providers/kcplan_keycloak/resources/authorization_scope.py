"""Authorization scopes: what can be done with a resource."""

from collections.abc import Iterable, Mapping
from typing import Any, Final
from uuid import uuid4

from attrs import frozen

from kcplan.address import Address
from kcplan.provider import Image
from kcplan.resource import TypeSpec
from kcplan.schema import STRING, Object, flatten
from kcplan.snapshot import LiveObject
from kcplan_keycloak.authz import (
    AUTHORIZATION,
    clients_to_read,
    requires_authorization,
    rewritten,
    server_of,
    server_path,
)
from kcplan_keycloak.authz_policies import (
    SCOPES,
    forget_name,
    gone,
    keep_dependents,
    point_again,
    pointers_to,
)
from kcplan_keycloak.resource_type import Reading, Writing

SCHEMA: Final = Object({"displayName": STRING, "iconUri": STRING})

SPEC: Final = TypeSpec(
    name="authorization-scope",
    pattern="REALM/clients/CLIENT_ID/authorization/scopes/NAME",
    rank=61,
    section=("clients", "[clientId]", "authorizationSettings", "scopes", "[name]"),
    schema=SCHEMA,
    key=("name",),
    ignored=(("id",),),
    chooses_id=True,
    requires=requires_authorization,
)


@frozen
class ScopeType:
    """Scopes through `…/authz/resource-server/scope`."""

    spec: TypeSpec = SPEC

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The wanted scopes, from the list of each client."""
        batches = reading.api.map(lambda item: _read(reading, *item), clients_to_read(reading))
        return [live for batch in batches for live in batch]

    def create(self, writing: Writing) -> str | None:
        """Create the scope under the id that the plan chose."""
        return _create(writing, rewritten(SCHEMA, {}, writing.step.after), writing.step.object_id)

    def update(self, writing: Writing) -> str | None:
        """Write the scope as a whole: Keycloak forgets what is not sent."""
        after = {where: v for where, v in writing.step.after.items() if where != SPEC.key}
        body = rewritten(SCHEMA, _there(writing), after)
        at = server_of(writing, "scope", writing.object_id())
        writing.api.put(at, {**body, "name": writing.address.name})
        if SPEC.key in writing.step.after:
            forget_name(writing)
        return writing.object_id()

    def delete(self, writing: Writing) -> None:
        """Delete the scope, and nothing else. Keycloak refuses it while a resource has it."""
        keep_dependents(writing, SCOPES)
        writing.api.delete(server_of(writing, "scope", writing.object_id()))
        writing.names.forget(writing.address)

    def capture(self, writing: Writing) -> Image | None:
        """The scope, and the permissions that refer to it."""
        return {
            "id": writing.object_id(),
            "document": _there(writing),
            "pointers": pointers_to(writing, SCOPES),
        }

    def restore(self, writing: Writing, image: Image) -> None:
        """Create the scope again under its old id, and refer to it again."""
        if writing.api.get(server_of(writing, "scope", image["id"])) is None:
            _create(writing, image["document"], image["id"])
        writing.names.learn(writing.address, image["id"])
        point_again(writing, SCOPES, image["pointers"])


def _create(writing: Writing, document: Mapping[str, Any], object_id: str | None) -> str | None:
    # Without an id, Keycloak would say "created" of a scope that is there already.
    body = {**document, "id": object_id or str(uuid4()), "name": writing.address.name}
    return writing.api.post(server_of(writing, "scope"), body)


def _there(writing: Writing) -> dict[str, Any]:
    scope = writing.api.get(server_of(writing, "scope", writing.object_id()))
    if scope is None:
        raise gone(writing)
    return _document(scope)


def _document(scope: Mapping[str, Any]) -> dict[str, Any]:
    return {key: scope[key] for key in SCHEMA.fields if key in scope}


def _read(reading: Reading, client: Address, client_id: str) -> list[LiveObject]:
    found = []
    for scope in reading.api.pages(server_path(reading.realm, client_id, "scope")):
        address = client.child(AUTHORIZATION, "scopes", scope["name"])
        reading.names.learn(address, scope["id"])
        if reading.beneath or address in reading.wanted:
            leaves = flatten(SCHEMA, _document(scope))
            found.append(LiveObject(address, SPEC.name, scope["id"], leaves))
    return found


TYPES: Final = (ScopeType(),)
