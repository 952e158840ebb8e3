"""From a configuration with permissions to one that the planner can plan, with all findings."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from attrs import evolve, field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.config.model import Config
from kcplan.diagnostics import Diagnostic, by_place
from kcplan.resource import Resource
from kcplan.state import State
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.resources.legacy_exchange import SPEC as LEGACY_EXCHANGE
from kcplan_keycloak.token_exchange.checks import (
    Situation,
    check,
    widened,
)
from kcplan_keycloak.token_exchange.compiling import Piece, Surroundings, pieces, with_pieces
from kcplan_keycloak.token_exchange.declaration import Declared, Permission, declared
from kcplan_keycloak.token_exchange.features import lacking, unanimous
from kcplan_keycloak.token_exchange.legacy import grants
from kcplan_keycloak.token_exchange.lint import advice
from kcplan_keycloak.token_exchange.model import Realm
from kcplan_keycloak.token_exchange.needs import Need, needs
from kcplan_keycloak.token_exchange.overlay import fresh_realm, overlaid, without_ours
from kcplan_keycloak.token_exchange.reading import read_realm
from kcplan_keycloak.token_exchange.relevance import uses_exchange
from kcplan_keycloak.token_exchange.targets import foreign_policies

Read = Callable[[str, Need], Realm | None]
"""Reads a realm, as far as it matters; None where it does not exist."""


@frozen
class Server:
    """What Keycloak is asked: realms, and the names of its features where they may be seen."""

    read: Read
    features: Callable[[], frozenset[str] | None]
    foreign: Callable[[Address], list[str]] = lambda _: []
    together: Callable[[Callable[["_Work"], "_Work"], Iterable["_Work"]], Iterable["_Work"]] = map


def live(api: AdminApi) -> Server:
    """The server behind the Admin API."""
    return Server(
        read=lambda realm, need: read_realm(api, realm, need),
        features=lambda: api.server_info().features,
        foreign=lambda target: foreign_policies(api, target),
        together=api.together,
    )


@frozen
class Prepared:
    """A configuration with its permissions compiled in.

    Attributes:
        config: What the planner plans; its diagnostics hold the findings about token exchange.
        permissions: The permissions.
        realms: The realms as they will be, where token exchange is used.
    """

    config: Config
    permissions: tuple[Permission, ...] = ()
    realms: Mapping[str, Realm] = field(factory=dict)


def prepare(
    config: Config, state: State, server: Server | None = None, *, lint: bool = False
) -> Prepared:
    """Compile the permissions of a configuration, and check every exchange.

    Args:
        config: What the files say.
        state: What kcplan applied before.
        server: The server; None to judge the files alone.
        lint: Whether to give advice as well.

    Raises:
        ServerError: A realm could not be read.
    """
    found = declared(config)
    findings: list[Diagnostic] = list(found.diagnostics)
    realms: dict[str, Realm] = {}
    result = config
    together = server.together if server else map
    for work in together(_Work.read, _works(config, found, state, server)):
        result, realms[work.realm], more = work.compile(result, lint=lint)
        findings += more
    resources = {**result.resources, **found.resources}
    diagnostics = sorted((*config.diagnostics, *findings), key=by_place)
    prepared = evolve(result, resources=resources, diagnostics=tuple(diagnostics))
    return Prepared(prepared, found.permissions, realms)


def _realms(config: Config, found: Declared) -> set[str]:
    """The realms in which token exchange is used."""
    using = {permission.realm for permission in found.permissions}
    return using | {r.address.realm for r in config.resources.values() if uses_exchange(r)}


def _works(config: Config, found: Declared, state: State, server: Server | None) -> "list[_Work]":
    """What there is to do in each realm."""
    return [
        _Work(realm, tuple(p for p in found.permissions if p.realm == realm), config, state, server)
        for realm in sorted(_realms(config, found))
    ]


@frozen
class _Work:
    """Compiling the permissions of one realm."""

    realm: str
    permissions: tuple[Permission, ...]
    config: Config
    state: State
    server: Server | None
    live: Realm | None = None

    def read(self) -> "_Work":
        """The same with the realm as it is, where there is a server."""
        if self.server is None:
            return self
        need = needs(self.realm, self.permissions, self._resources(self.config), self.state)
        return evolve(self, live=self.server.read(self.realm, need))

    def compile(self, config: Config, *, lint: bool) -> tuple[Config, Realm, list[Diagnostic]]:
        around = self._surroundings()
        features = self.server.features() if self.server and self.permissions else None
        found = pieces(self.permissions, around)
        compiled, findings = with_pieces(config, self.realm, found, around)
        if lacking(features) is None:
            legacy = grants(self.permissions)
            compiled = evolve(
                compiled,
                resources={**compiled.resources, **{item.address: item for item in legacy}},
            )
            findings += self._unanimous(legacy)
        declared = self.config.resources
        news = [r for r in self._resources(compiled) if declared.get(r.address) is not r]
        after = overlaid(around.base, news)  # the rest is in it
        situation = Situation(
            realm=after,
            permissions=self.permissions,
            resources={r.address: r for r in self._resources(self.config)},
            live=around.live,
            features=features,
        )
        findings += check(situation)
        if lint or around.live:
            findings += _news(found, around)
        if lint:
            findings += advice(situation)
        return compiled, after, findings

    def _unanimous(self, legacy: Iterable[Resource]) -> Iterator[Diagnostic]:
        """Targets on whose permission somebody else's policy hangs: both would deny."""
        if self.server is not None:
            for item in legacy:
                if item.type == LEGACY_EXCHANGE.name and (
                    names := self.server.foreign(item.address)
                ):
                    yield unanimous(item, names)

    def _surroundings(self) -> Surroundings:
        resources = self._resources(self.config)
        # A new realm is disabled unless the files enable it; one that nobody asked for may be on.
        fresh = fresh_realm(self.realm, enabled=self.server is None)
        files = overlaid(fresh, resources)
        base = files
        if self.live is not None:
            known = {resource.address: resource for resource in resources}
            base = overlaid(without_ours(self.live, self.state, known), resources)
        return Surroundings(files, base, self.server is not None, self.state)

    def _resources(self, config: Config) -> list[Resource]:
        return [r for a, r in config.resources.items() if a.realm == self.realm]


def _news(found: Iterable[Piece], around: Surroundings) -> Iterator[Diagnostic]:
    """What ordinary tokens gain, where that is news."""
    for piece in found:
        is_mapper = piece.entry[0] == "protocolMappers"
        if is_mapper and piece.entry not in around.owned(piece.client):
            audience = next(v for p, v in piece.leaves.items() if p[-1].endswith(".audience"))
            if not around.live or {piece.client, audience} <= around.base.clients.keys():
                yield widened(piece.because[0], piece.client, audience)
