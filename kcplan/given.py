"""What every object of a kind has, whatever the files say: out of the lists that name it. Pure.

A realm may call the role that everybody has as it likes, and its export names it at each user.
"""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.resource import Registry, Resource
from kcplan.snapshot import Snapshot


def without_given(
    resources: Mapping[Address, Resource], registry: Registry, live: Snapshot
) -> Mapping[Address, Resource]:
    """The resources without what Keycloak gives to each of their kind."""
    changed = {
        address: evolve(resource, leaves={**resource.leaves, **shorter})
        for address, resource in resources.items()
        if (given := registry[resource.type].given)
        and (shorter := _shorter(resource, given, resources, live))
    }
    return {**resources, **changed} if changed else resources


def _shorter(
    resource: Resource,
    given: Mapping[Path, Path],
    resources: Mapping[Address, Resource],
    live: Snapshot,
) -> dict[Path, Any]:
    """The lists that get shorter."""
    realm = Address.of(resource.address.realm)
    there = live.objects.get(realm)
    declared = resources.get(realm)
    told = {**(declared.leaves if declared else {}), **(there.leaves if there else {})}
    return {
        path: [item for item in items if item != told[field]]
        for path, field in given.items()
        if field in told
        and isinstance(items := resource.leaves.get(path), list)
        and told[field] in items
    }
