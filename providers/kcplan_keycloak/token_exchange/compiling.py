"""Permissions → what Keycloak needs for them, as declared leaves of client resources.

For a permission of requester R with subjects S and audiences A in standard mode:

    R   attribute   standard.token.exchange.enabled = true
    R   attribute   standard.token.exchange.enableRefreshRequestedTokenType = SAME_SESSION
    S   mapper      that adds R to the audience of its tokens, so that R may exchange them
    R   mapper      that adds A to the audience of its tokens, so that A is available to R

What the files or the live realm have already is not added again. A piece that several permissions
need is there once, and stays until the last of them goes.
"""

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, count
from typing import Any

from attrs import evolve, field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.config.model import Config
from kcplan.diagnostics import Diagnostic, Path, error
from kcplan.resource import Resource
from kcplan.state import State
from kcplan_keycloak.token_exchange.declaration import Permission
from kcplan_keycloak.token_exchange.model import (
    AUDIENCE_MAPPER,
    CLIENT_AUDIENCE,
    IN_ACCESS_TOKEN,
    LIGHTWEIGHT_CLAIM,
    SAME_SESSION,
    Client,
    Realm,
    is_true,
)
from kcplan_keycloak.token_exchange.relevance import ENABLED, REFRESH
from kcplan_keycloak.token_exchange.spec import Mode, mapper_name
from kcplan_keycloak.token_exchange.tokens import counts


@frozen
class Surroundings:
    """What a permission is compiled into.

    Attributes:
        files: The realm as the files alone declare it.
        base: The realm as it will be without any permission.
        live: Whether the server was asked, so that `base` holds what exists.
        state: What kcplan applied before.
    """

    files: Realm
    base: Realm
    live: bool
    state: State

    def owned(self, client: str) -> frozenset[Path]:
        """What kcplan brought to a client."""
        entry = self.state.resources.get(Address.of(self.base.name, "clients", client))
        return frozenset(entry.owned) if entry else frozenset()


@frozen
class Piece:
    """Leaves of one client that permissions need, and which ones."""

    client: str
    leaves: Mapping[Path, Any]
    because: tuple[Permission, ...] = field(factory=tuple)

    @property
    def entry(self) -> Path:
        """The attribute or mapper that it is."""
        return next(iter(self.leaves))[:2]


def pieces(permissions: Iterable[Permission], around: Surroundings) -> list[Piece]:
    """All that the permissions of a realm need and that is not there, each piece once."""
    found: dict[tuple[str, Path], Piece] = {}
    for permission in permissions:
        for piece in _pieces(permission, around):
            earlier = found.get((piece.client, piece.entry))
            because = (*(earlier.because if earlier else ()), permission)
            found[piece.client, piece.entry] = evolve(piece, because=because)
    return list(found.values())


def _pieces(permission: Permission, around: Surroundings) -> Iterator[Piece]:
    if permission.mode is Mode.STANDARD:
        yield from _attributes(permission)
        yield from _subjects(permission, around)
        for audience in permission.audiences:
            yield from _audience(around, permission.requester, audience)
    elif not permission.audiences:
        # Legacy: only where no audience is asked for must the token name its requester.
        yield from _subjects(permission, around)


def _attributes(permission: Permission) -> Iterator[Piece]:
    yield Piece(permission.requester, {("attributes", ENABLED): "true"})
    if permission.refresh_token:
        yield Piece(permission.requester, {("attributes", REFRESH): SAME_SESSION})


def _subjects(permission: Permission, around: Surroundings) -> Iterator[Piece]:
    for subject in permission.subjects:
        if subject != permission.requester:
            yield from _audience(around, subject, permission.requester)


def _audience(around: Surroundings, holder: str, audience: str) -> Iterator[Piece]:
    """The mapper that adds an audience to a client's tokens, unless there is one."""
    client = around.base.clients.get(holder) or Client(holder)
    name = _free_name(client, audience)
    ours = ("protocolMappers", name) in around.owned(holder)
    others = around.files if ours else around.base
    if adds_audience(others, holder, audience):
        return
    config = {
        CLIENT_AUDIENCE: audience,
        IN_ACCESS_TOKEN: "true",
        "introspection.token.claim": "true",
    }
    if client.lightweight:
        config[LIGHTWEIGHT_CLAIM] = "true"
    at = ("protocolMappers", name)
    fields: dict[Path, Any] = {
        (*at, "protocol"): "openid-connect",
        (*at, "protocolMapper"): AUDIENCE_MAPPER,
        **{(*at, "config", key): value for key, value in config.items()},
    }
    yield Piece(holder, fields)


def adds_audience(realm: Realm, holder: str, audience: str) -> bool:
    """Whether a client's tokens have an audience for certain, whomever they are for."""
    client = realm.clients.get(holder)
    if client is None:
        return False
    scopes = (realm.scopes.get(name) for name in client.default_scopes)
    inherited = (m for scope in scopes if scope and not scope.roles for m in scope.mappers)
    return any(
        mapper.kind == AUDIENCE_MAPPER
        and mapper.audience == audience
        and counts(mapper, lightweight=client.lightweight)
        for mapper in chain(client.mappers, inherited)
    )


def _free_name(client: Client, audience: str) -> str:
    """The mapper's name; another one where somebody else has a mapper of this name."""
    taken = {mapper.name for mapper in client.mappers}
    base = mapper_name(audience)
    names = chain([base], (f"{base} ({number})" for number in count(2)))
    return next(name for name in names if name not in taken)


# -- into the configuration -------------------------------------------------------------------


def with_pieces(
    config: Config, realm: str, found: Iterable[Piece], around: Surroundings
) -> tuple[Config, list[Diagnostic]]:
    """The configuration with the pieces among its resources, and what contradicts them."""
    resources = dict(config.resources)
    diagnostics: list[Diagnostic] = []
    for piece in found:
        address = Address.of(realm, "clients", piece.client)
        holder = resources.get(address)
        if holder is None:
            if not _may_adopt(piece.client, address, around):
                continue
            source = piece.because[0].source()
            holder = Resource(address, "client", {}, {(): source} if source else {})
        diagnostics.extend(_contradictions(holder, piece))
        because = " and ".join(permission.place for permission in piece.because)
        resources[address] = evolve(
            holder,
            leaves={**piece.leaves, **holder.leaves},
            because={**holder.because, piece.entry: because},
        )
    return evolve(config, resources=resources), diagnostics


def _may_adopt(client: str, address: Address, around: Surroundings) -> bool:
    """Whether a client that the files do not declare is there to stay."""
    entry = around.state.resources.get(address)
    leaves_kcplan = entry is not None and not entry.adopted
    return around.live and client in around.base.clients and not leaves_kcplan


def _contradictions(holder: Resource, piece: Piece) -> Iterator[Diagnostic]:
    for path, wanted in piece.leaves.items():
        if path not in holder.leaves or _same(holder.leaves[path], wanted):
            continue
        permission = piece.because[-1]
        yield error(
            "duplicate-definition",
            f"{path[-1]} of client {piece.client} contradicts {permission.place}",
            f"The permission at {permission.source()} needs the value {wanted!r}. Remove the "
            "field, since the permission sets it, or remove the permission.",
            address=holder.address,
            path=path,
            source=holder.source(path),
        )


def _same(there: Any, wanted: Any) -> bool:
    return there == wanted or (wanted == "true" and isinstance(there, str) and is_true(there))
