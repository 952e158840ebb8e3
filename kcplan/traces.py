"""Traces: what a rollback cannot take away, since Keycloak keeps an empty value once there was one.

To kcplan and to Keycloak's console both are the same; what reads the Admin API may see it.
"""

from collections.abc import Iterable, Mapping

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.plan import Operation, Step
from kcplan.resource import Registry, path_matches

Traces = Mapping[Address, tuple[Path, ...]]
"""Fields that may have an empty value now, and had none."""


def traces(undone: Iterable[Step], registry: Registry) -> Traces:
    """What these steps leave although they were undone."""
    found: dict[Address, tuple[Path, ...]] = {}
    for step in undone:
        kept = registry[step.type].keeps_empty
        if step.operation is not Operation.UPDATE or not kept:
            continue
        paths = (
            path
            for path, value in step.after.items()
            if value and not step.before.get(path) and path_matches(path, kept)
        )
        if all_paths := tuple(sorted({*found.get(step.address, ()), *paths})):
            found[step.address] = all_paths
    return dict(sorted(found.items()))
