"""The permission as a resource: in plan and state, and unknown to Keycloak."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.resource import TypeSpec
from kcplan.shapes import BOOLEAN, STRING, STRINGS, ListOf, Object, Ref, Shape
from kcplan.state import ResourceState
from kcplan_keycloak import forms
from kcplan_keycloak.token_exchange.relevance import ENABLED, REFRESH

SECTION: Final = "tokenExchange"


class Mode(StrEnum):
    """Which of Keycloak's two kinds of token exchange."""

    STANDARD = "standard"
    LEGACY = "legacy"


_CLIENTS: Final = ListOf(Ref(type="client", follows=False))

OPTIONS: Final[Mapping[str, Shape]] = {
    "subjects": _CLIENTS,
    "audiences": _CLIENTS,
    "refreshToken": BOOLEAN,
    "scopes": STRINGS,
    "description": STRING,
    "impersonate": BOOLEAN,
    "subjectIssuer": Ref(type="identity-provider", follows=False),
    "users": BOOLEAN,
}


def mapper_name(audience: str) -> str:
    """What kcplan calls the mapper that adds an audience for token exchange."""
    return f"kcplan: token exchange to {audience}"


def grant_address(realm: str, kind: str, name: str) -> Address:
    """The address of what lets requesters have tokens for a legacy target."""
    return Address.of(realm, "permissions", "legacy", kind, name)


def impersonation_address(realm: str, requester: str) -> Address:
    """The address of a requester's role to impersonate users."""
    return Address.of(realm, "permissions", "impersonation", requester)


def needed_by(entry: ResourceState, address: Address, path: Path) -> bool:
    """Whether a permission of the state needs a field of another resource."""
    realm, *_, mode, requester = entry.address.segments
    if mode == Mode.LEGACY:
        return _needed_by_legacy(entry, address)
    if address.segments[:2] != (realm, "clients"):
        return False
    client = address.name
    subjects = entry.managed.get(("subjects",)) or ()
    audiences = entry.managed.get(("audiences",)) or ()
    match path:
        case ("attributes", name):
            refresh = name == REFRESH and bool(entry.managed.get(("refreshToken",)))
            return client == requester and (name == ENABLED or refresh)
        case ("protocolMappers", name, *_):
            own = [a for a in audiences if client == requester]
            named = [requester] if client in subjects and client != requester else []
            return any(_is_named_for(name, audience) for audience in (*own, *named))
    return False


def _needed_by_legacy(entry: ResourceState, address: Address) -> bool:
    realm, *_, requester = entry.address.segments
    audiences = entry.managed.get(("audiences",)) or ()
    issuer = entry.managed.get(("subjectIssuer",))
    needed = {grant_address(realm, "clients", audience) for audience in audiences}
    if issuer:
        needed.add(grant_address(realm, "identity-providers", issuer))
    if entry.managed.get(("users",)):
        needed.add(grant_address(realm, "users", "all"))
    if entry.managed.get(("impersonate",)):
        needed.add(impersonation_address(realm, requester))
    return address in needed


def _is_named_for(name: str, audience: str) -> bool:
    base = mapper_name(audience)
    return name == base or name.startswith(f"{base} (")


SPEC: Final = TypeSpec(
    name="token-exchange",
    pattern="REALM/permissions/token-exchange/MODE/REQUESTER",
    rank=90,
    where=f"permissions.{SECTION}[requester]",
    schema=Object(OPTIONS, closed=True),
    needs=lambda address: (Address.of(address.realm, "clients", address.name),),
    virtual=True,
    forms=forms.exchange,
    explains=needed_by,
)
"""The permission itself: it is in the plan and in the state, and Keycloak knows nothing of it."""
