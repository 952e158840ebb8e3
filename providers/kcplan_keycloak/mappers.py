"""Protocol mappers, which clients and client scopes have alike."""

from typing import Final

from kcplan.offered import Listed
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

LISTED: Final = (
    Listed(("protocol",), PROTOCOL),
    Listed(("protocolMappers", "*", "protocol"), PROTOCOL),
    Listed(("protocolMappers", "*", "protocolMapper"), PROTOCOL_MAPPER, beside="protocol"),
)
"""What the server lists of what clients and client scopes have alike."""
