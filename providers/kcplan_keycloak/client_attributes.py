"""Attributes that Keycloak gives to clients by itself."""

from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha1
from typing import Any, Final

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.schema import Leaves
from kcplan.secret import reveal

SERVER_MADE: Final = frozenset(
    {"realm_client", "client.secret.creation.time", "client.secret.expiration.time"}
)
"""Those that are Keycloak's business alone."""

_FORCED: Final = {
    "backchannel.logout.revoke.offline.tokens": "false",
    "backchannel.logout.session.required": "true",
}
"""What a new client with the protocol `openid-connect` has, whatever its creation says, unless that
has a `backchannel.logout.url`."""

_ARTIFACT: Final = "saml.artifact.binding.identifier"

_OF_SAML: Final = {
    _ARTIFACT: None,
    "saml.allow.ecp.flow": "false",
    "saml.authnstatement": "true",
    "saml.client.signature": "true",
    "saml.force.post.binding": "true",
    "saml.server.signature": "true",
    "saml.signature.algorithm": "RSA_SHA256",
    "saml.signing.certificate": None,
    "saml.signing.private.key": None,
    "saml_force_name_id_format": "false",
    "saml_name_id_format": "username",
    "saml_signature_canonicalization_method": "http://www.w3.org/2001/10/xml-exc-c14n#",
}
"""What a new client with the protocol `saml` has unless its creation says otherwise; None where
Keycloak computes the value."""

LASTING: Final[Mapping[Path, str | None]] = {
    ("attributes", name): value for name, value in {**_FORCED, **_OF_SAML}.items()
}
"""The attributes that a new client may have although the files say that there are to be none."""


def unkept(address: Address, leaves: Leaves) -> Leaves:
    """Attributes that a new client has otherwise than the files say."""
    made = _made(address, leaves)

    def is_kept(path: Path) -> bool:
        usual = made.get(path[1], leaves[path])
        return bool(reveal(leaves[path]) == reveal(usual))

    return {p: leaves[p] for p in LASTING if p in leaves and not is_kept(p)}


def _made(address: Address, leaves: Leaves) -> Mapping[str, Any]:
    """Attributes of a new client whose values its creation does not decide on."""
    match leaves.get(("protocol",)):
        case "openid-connect" if not leaves.get(("attributes", "backchannel.logout.url")):
            return _FORCED
        case "saml":
            absent = [name for name in _OF_SAML if leaves.get(("attributes", name)) is None]
            return {**dict.fromkeys(absent, ""), _ARTIFACT: _identifier(address.name)}
    return {}


def _identifier(client_id: str) -> str:
    """How a SAML client is named in artifacts: Keycloak computes it for a new client."""
    digest = sha1(client_id.encode(), usedforsecurity=False).digest()
    return b64encode(digest).decode()
