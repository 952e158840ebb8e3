"""What the files have and nobody can make on this server: left out, and said. Pure.

An export of an older Keycloak has such objects, and so has one of `master` from before realms went.
"""

from collections.abc import Iterator, Mapping

from attrs import evolve

from kcplan.address import Address
from kcplan.config.model import Config
from kcplan.diagnostics import Diagnostic, note, warning
from kcplan.resource import Bygone, Registry
from kcplan.snapshot import Snapshot


def without_bygone(config: Config, registry: Registry, live: Snapshot) -> Config:
    """The configuration without such objects; its diagnostics say which they are."""
    found = {
        address: bygone
        for address, resource in config.resources.items()
        if (bygone := registry[resource.type].bygone(address, live, config.resources)) is not None
    }
    if not found:
        return config
    kept = {a: resource for a, resource in config.resources.items() if a not in found}
    said = tuple(_said(config, found))
    return evolve(config, resources=kept, diagnostics=(*config.diagnostics, *said))


def _said(config: Config, found: Mapping[Address, Bygone]) -> Iterator[Diagnostic]:
    for holder in dict.fromkeys(item.holder for item in found.values()):
        own = [address for address, item in found.items() if item.holder == holder]
        first = found[own[0]]
        say = note if first.harmless else warning
        yield say(
            first.code,
            first.summary.format(count=len(own)),
            first.advice,
            address=holder,
            source=config.resources[own[0]].source(),
        )
