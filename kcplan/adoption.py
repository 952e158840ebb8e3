"""Adopting a live realm as a file describes it: the state that makes the next plan empty."""

from collections.abc import Iterator, Mapping

from attrs import evolve

from kcplan.address import Address
from kcplan.config.model import Config
from kcplan.diagnostics import Path
from kcplan.diff import compare
from kcplan.digests import Digester
from kcplan.entries import entry_after, without_secrets
from kcplan.graph import build_graph
from kcplan.resource import Registry
from kcplan.snapshot import LiveObject
from kcplan.state import ResourceState

Objects = Mapping[Address, LiveObject]


def differences(
    config: Config, objects: Objects, registry: Registry, digester: Digester
) -> Iterator[tuple[Address, Path]]:
    """The declared fields that are not as the live objects have them. `()` is a whole object."""
    for address, resource in config.resources.items():
        live = objects.get(address)
        if live is None:
            yield address, ()
            continue
        spec = registry[resource.type]
        found = compare(spec, address, resource, None, live.leaves, digester.matches)
        yield from ((address, change.path) for change in found.changes)


def adopted(
    config: Config, objects: Objects, registry: Registry, digester: Digester
) -> list[ResourceState]:
    """The entries of the declared resources, all of which are there."""
    graph = build_graph(config.resources, registry)
    entries = (
        entry_after(
            registry[resource.type],
            resource,
            None,
            owned=(),
            object_id=objects[address].id,
            adopted=True,
            depends_on=graph.early[address],
            digester=digester,
        )
        for address, resource in config.resources.items()
    )
    return [_observed(entry, objects, registry) for entry in entries]


def _observed(entry: ResourceState, objects: Objects, registry: Registry) -> ResourceState:
    leaves, sensitive = objects[entry.address].leaves, registry[entry.type].sensitive
    return evolve(entry, observed=without_secrets(leaves, sensitive, entry.secrets))
