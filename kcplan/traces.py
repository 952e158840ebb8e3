"""Traces: what a rollback cannot take away, since Keycloak keeps an empty value once there was one.

To kcplan and to Keycloak's console both are the same; what reads the Admin API may see it.
"""

from collections.abc import Mapping, Sequence

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.path_patterns import path_matches
from kcplan.plan import Operation, Step
from kcplan.resource import Registry

Traces = Mapping[Address, tuple[Path, ...]]
"""Fields that may have an empty value now, and had none."""


def traces(undone: Sequence[Step], registry: Registry) -> Traces:
    """What these steps leave although they were undone; nothing in what they had made."""
    found: dict[Address, tuple[Path, ...]] = {}
    made = {step.address for step in undone if step.operation is Operation.CREATE}
    for step in undone:
        kept = registry[step.type].keeps_empty
        if step.operation is not Operation.UPDATE or not kept:
            continue
        if not made.isdisjoint((step.address, *step.address.ancestors())):
            continue
        paths = (
            path
            for path, value in step.after.items()
            if value and not step.before.get(path) and path_matches(path, kept)
        )
        if all_paths := tuple(sorted({*found.get(step.address, ()), *paths})):
            found[step.address] = all_paths
    return dict(sorted(found.items()))
