"""Authorization settings of a client. Keycloak makes them along with authorization services."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from attrs import frozen

from kcplan.address import Address
from kcplan.provider import Image
from kcplan.resource import TypeSpec
from kcplan.schema import BOOLEAN, STRING, Object, flatten
from kcplan.snapshot import LiveObject
from kcplan_keycloak.authz import (
    AUTHORIZATION,
    clients_to_read,
    is_settings,
    requires_authorization,
    rewritten,
    server_of,
    server_path,
)
from kcplan_keycloak.authz_policies import gone
from kcplan_keycloak.resource_type import Reading, Writing

SCHEMA: Final = Object(
    {
        "policyEnforcementMode": STRING,
        "decisionStrategy": STRING,
        "allowRemoteResourceManagement": BOOLEAN,
    }
)

DEFAULTS: Final = {
    "policyEnforcementMode": "ENFORCING",
    "decisionStrategy": "UNANIMOUS",
    "allowRemoteResourceManagement": True,
}
"""What Keycloak gives to a client whose authorization services are switched on."""

SPEC: Final = TypeSpec(
    name="authorization",
    pattern="REALM/clients/CLIENT_ID/authorization",
    rank=60,
    section=("clients", "[clientId]", "authorizationSettings"),
    schema=SCHEMA,
    ignored=(("id",), ("clientId",), ("name",)),
    on_demand=True,
    comes_with=is_settings,
    permanent=is_settings,
    requires=requires_authorization,
)


@frozen
class AuthorizationType:
    """Authorization settings through `/clients/{id}/authz/resource-server`."""

    spec: TypeSpec = SPEC

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The settings of the wanted clients that have authorization services."""
        found = reading.api.map(lambda item: _read(reading, *item), clients_to_read(reading))
        return [
            live
            for live in found
            if live is not None and (live.address in reading.wanted or reading.everything)
        ]

    def create(self, writing: Writing) -> str | None:
        """Bring the settings, which Keycloak makes itself, to what the files say."""
        return self.update(writing)

    def update(self, writing: Writing) -> str | None:
        """Write the settings as a whole: Keycloak does not take a part of them.

        They have no id: Keycloak gives them that of the client.
        """
        at = server_of(writing)
        there = writing.api.get(at)
        if there is None:
            raise gone(writing)
        body = rewritten(SCHEMA, _document(there), writing.step.after)
        writing.api.put(at, DEFAULTS | body)
        return None

    def delete(self, _: Writing) -> None:
        """Leave them: they go with the client's authorization services."""

    def capture(self, _: Writing) -> Image | None:
        """Nothing: no step of this type loses anything."""
        return None

    def restore(self, writing: Writing, image: Image) -> None:
        """Nothing to bring back."""


def _read(reading: Reading, client: Address, client_id: str) -> LiveObject | None:
    settings = reading.api.get(server_path(reading.realm, client_id))
    if settings is None:
        return None
    leaves = flatten(SCHEMA, _document(settings))
    return LiveObject(client.child(AUTHORIZATION), SPEC.name, None, leaves)


def _document(settings: Mapping[str, Any]) -> dict[str, Any]:
    return {key: settings[key] for key in SCHEMA.fields if key in settings}


TYPES: Final = (AuthorizationType(),)
