"""Whether a plan of some targets has to do with token exchange, so that Keycloak is asked of it."""

from collections.abc import Collection, Iterator

from kcplan.address import Address, matches_any
from kcplan.config.model import Config
from kcplan.graph import build_graph
from kcplan.resource import Registry
from kcplan.state import State
from kcplan_keycloak.token_exchange.declaration import Declared, declared
from kcplan_keycloak.token_exchange.relevance import uses_exchange
from kcplan_keycloak.token_exchange.spec import Mode

_CLIENT_DEPTH = 3


def concerns(config: Config, state: State, registry: Registry, targets: Collection[str]) -> bool:
    """Whether a target, or what one depends on, is a client of an exchange, or lies in one.

    Where permissions are legacy ones, other objects have a part in them: all targets count then.
    """
    found = declared(config)
    if not targets or any(p.mode is Mode.LEGACY for p in found.permissions):
        return True
    if any(matches_any(address, targets) for address in found.resources):
        return True
    graph = build_graph(config.resources, registry)
    chosen = graph.targeted({*config.resources, *state.resources}, targets)
    clients = set(_clients(config, found))
    return any(Address(a.segments[:_CLIENT_DEPTH]) in clients for a in chosen)


def _clients(config: Config, found: Declared) -> Iterator[Address]:
    """The clients that have a part in an exchange."""
    for permission in found.permissions:
        for name in (permission.requester, *permission.subjects, *permission.audiences):
            yield Address.of(permission.realm, "clients", name)
    for address in (a for a, resource in config.resources.items() if uses_exchange(resource)):
        yield Address(address.segments[:_CLIENT_DEPTH])
