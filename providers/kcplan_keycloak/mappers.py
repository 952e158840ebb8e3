"""Protocol mappers, which clients and client scopes have alike."""

from typing import Final

from kcplan.schema import BOOLEAN, STRING, STRING_MAP, Object
from kcplan_keycloak.parts import Entries

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
