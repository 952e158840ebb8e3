"""Addresses that Keycloak gives to clients by itself.

A new client with a `rootUrl` and the protocol `openid-connect` is administered there, and users are
redirected to anything below it, unless its creation says otherwise; an empty list does not.
"""

from typing import Final

from kcplan.schema import Leaves
from kcplan_keycloak.scope_lists import OPENID

_ADMIN: Final = ("adminUrl",)
_ORIGINS: Final = ("webOrigins",)
_REDIRECTS: Final = ("redirectUris",)


def unkept(leaves: Leaves) -> Leaves:
    """The addresses of a new client that its creation does not decide on, as the files say."""
    if leaves.get(("protocol",)) != OPENID or not leaves.get(("rootUrl",)):
        return {}
    found = [_ADMIN] if leaves.get(_ADMIN) is None else []
    if not leaves.get(_REDIRECTS):
        found += [_REDIRECTS, _ORIGINS]
    return {path: leaves[path] for path in found if path in leaves}
