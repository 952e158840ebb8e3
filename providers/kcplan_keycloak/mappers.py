"""Protocol mappers, which clients and client scopes have alike."""

from collections.abc import Iterator
from typing import Final

from kcplan.offered import Listed
from kcplan.resource import Idle, Resource
from kcplan.schema import dotted
from kcplan.shapes import BOOLEAN, STRING, STRING_MAP, Object
from kcplan_keycloak.parts import Entries
from kcplan_keycloak.server_info import PROTOCOL, PROTOCOL_MAPPER

MAPPERS: Final = Entries(
    "protocolMappers",
    "protocol-mappers/models",
    Object(
        {
            "id": STRING,
            "protocol": STRING,
            "protocolMapper": STRING,
            "consentRequired": BOOLEAN,
            "consentText": STRING,
            "config": STRING_MAP,
        }
    ),
    new={"protocol": "openid-connect"},
    needed="protocolMapper",
)

_CONSENT: Final = ("consentRequired", "consentText")
_DEPTH: Final = len((MAPPERS.field, "NAME", "FIELD"))


def idle(resource: Resource) -> Iterator[Idle]:
    """The consent to a mapper, which exports before version 4 have and Keycloak no longer keeps."""
    for path, value in resource.leaves.items():
        # A setting of the same name in the mapper's own `config` is its own.
        is_field = len(path) == _DEPTH and path[0] == MAPPERS.field and path[-1] in _CONSENT
        if is_field and value not in (None, False):
            yield Idle(
                path,
                "obsolete-field",
                f"{dotted(path)} is left out: Keycloak no longer keeps it",
                "Users consent to client scopes: put the mapper into one, with the attributes "
                "`display.on.consent.screen` and `consent.screen.text`.",
                "fields of mappers are left out that Keycloak no longer keeps",
            )


LISTED: Final = (
    Listed(("protocol",), PROTOCOL),
    Listed(("protocolMappers", "*", "protocol"), PROTOCOL),
    Listed(("protocolMappers", "*", "protocolMapper"), PROTOCOL_MAPPER, beside="protocol"),
)
"""What the server lists of what clients and client scopes have alike."""
