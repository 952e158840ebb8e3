"""Authorization settings of a client. Keycloak makes them along with authorization services."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.provider import Image
from kcplan.resource import Origin, TypeSpec
from kcplan.schema import flatten
from kcplan.shapes import BOOLEAN, Object, choice
from kcplan.snapshot import LiveObject
from kcplan_keycloak.api import Get
from kcplan_keycloak.authz import (
    AUTHORIZATION,
    DECISION_STRATEGY,
    client_of,
    has_authorization,
    requires_authorization,
    server_of,
    server_path,
)
from kcplan_keycloak.bodies import Absent, written
from kcplan_keycloak.legacy_export import gather
from kcplan_keycloak.legacy_names import is_of_old_administration
from kcplan_keycloak.legacy_services import have_services
from kcplan_keycloak.management import of_old_permissions
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Part, Reading, Writing, read_current
from kcplan_keycloak.resources.client import SPEC as CLIENT

SCHEMA: Final = Object(
    {
        "policyEnforcementMode": choice("ENFORCING", "PERMISSIVE", "DISABLED"),
        "decisionStrategy": DECISION_STRATEGY,
        "allowRemoteResourceManagement": BOOLEAN,
    }
)

DEFAULTS: Final = {
    "policyEnforcementMode": "ENFORCING",
    "decisionStrategy": "UNANIMOUS",
    "allowRemoteResourceManagement": True,
}
"""What Keycloak gives to a client whose authorization services are switched on."""


def _needs(address: Address) -> Iterator[Address]:
    """The realm, where the client is Keycloak's own: no step makes that."""
    if is_of_old_administration(address):
        yield Address.of(address.realm)


SPEC: Final = TypeSpec(
    name="authorization",
    pattern="REALM/clients/CLIENT_ID/authorization",
    rank=60,
    where="clients[clientId].authorizationSettings",
    schema=SCHEMA,
    # The schema is that of the realm's own admin permissions.
    ignored=(("id",), ("clientId",), ("name",), ("authorizationSchema",)),
    origin=Origin(lambda _, __: True, on_demand=True),
    gather=gather,
    needs=_needs,
    requires=requires_authorization,
    bygone=of_old_permissions,
    defaults=lambda _: flatten(SCHEMA, DEFAULTS),
)


@frozen
class AuthorizationType:
    """Authorization settings through `/clients/{id}/authz/resource-server`."""

    spec: TypeSpec = SPEC
    parts: tuple[Part, ...] = ()

    def path_of(self, address: Address, object_id: str | None) -> str:
        """The path of the settings of the client with this id."""
        return server_path(address.realm, object_id or "")

    def find(self, names: Names, address: Address) -> None:
        """Settings have no id."""

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The settings of the wanted clients that have authorization services."""
        found = reading.api.map(lambda item: _read(reading, *item), _clients(reading))
        return [
            live
            for live in found
            if live is not None and (live.address in reading.wanted or reading.everything)
        ]

    def foreseen(self, reading: Reading) -> Iterable[Get]:
        """The settings of the wanted clients whose ids are known."""
        clients = sorted({client_of(address) for address in reading.wanted})
        ids = [reading.names.known(client) for client in clients]
        return [Get(server_path(reading.realm, i)) for i in ids if i is not None]

    def create(self, writing: Writing) -> str | None:
        """Bring the settings, which Keycloak makes itself, to what the files say."""
        return self.update(writing)

    def update(self, writing: Writing) -> str | None:
        """Write the settings as a whole: Keycloak does not take a part of them.

        They have no id: Keycloak gives them that of the client.
        """
        have_services(writing)
        at = server_of(writing)
        body = written(
            SCHEMA, _document(read_current(writing, at)), writing.step.after, Absent.LEFT_OUT
        )
        writing.api.put(at, DEFAULTS | body)
        return None

    def delete(self, _: Writing) -> None:
        """Leave them: they go with the client's authorization services."""

    def capture(self, _: Writing) -> Image | None:
        """Nothing: no step of this type loses anything."""
        return None

    def restore(self, writing: Writing, image: Image) -> None:
        """Nothing to bring back."""


def _clients(reading: Reading) -> list[tuple[Address, str]]:
    """The clients with settings to be read, with their ids."""
    wanted = {client_of(address) for address in reading.wanted}
    clients = {a: live for a, live in reading.found.items() if live.type == CLIENT.name}
    if reading.beneath:
        wanted |= {a for a, live in clients.items() if has_authorization(live)}
    return [(a, str(clients[a].id)) for a in sorted(wanted & clients.keys())]


def _read(reading: Reading, client: Address, client_id: str) -> LiveObject | None:
    settings = reading.api.get(server_path(reading.realm, client_id))
    if settings is None:
        return None
    leaves = flatten(SCHEMA, _document(settings))
    return LiveObject(client.child(AUTHORIZATION), SPEC.name, None, leaves)


def _document(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: settings[key] for key in SCHEMA.fields if key in settings}


TYPES: Final = (AuthorizationType(),)
