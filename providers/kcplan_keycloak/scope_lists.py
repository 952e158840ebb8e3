"""The two lists of client scopes that clients and realms have: default ones, and optional ones."""

from collections.abc import Iterator
from typing import Final

from kcplan.address import Address
from kcplan.diagnostics import Diagnostic, error
from kcplan.resource import Resource

OPENID: Final = "openid-connect"

_FOR_SAML: Final = frozenset({"AuthnContextClassRef", "role_list", "saml_organization"})
"""The client scopes that Keycloak makes for SAML; its others are for OpenID Connect."""


def usual_protocol(address: Address) -> str:
    """The protocol of a client scope that Keycloak makes; of other scopes, and clients, theirs."""
    *_, section, name = address.segments
    return "saml" if section == "client-scopes" and name in _FOR_SAML else OPENID


def in_both(resource: Resource, default: str, optional: str) -> Iterator[Diagnostic]:
    """Errors for scopes that both lists name: Keycloak has each in one of them at most."""
    first, second = (resource.leaves.get((name,)) for name in (default, optional))
    if not isinstance(first, list) or not isinstance(second, list):
        return
    if both := sorted(item for item in first if isinstance(item, str) and item in second):
        yield error(
            "duplicate-definition",
            f"{optional} and {default} both name {', '.join(both)}",
            f"A client scope is in one of the two lists. {default} is at "
            f"{resource.source((default,))}. Remove it from one of them.",
            address=resource.address,
            path=(optional,),
            source=resource.source((optional,)),
        )
