"""Fields that do nothing beside another one, as exports have them: left out, and said."""

from collections.abc import Mapping

from attrs import evolve

from kcplan.address import Address
from kcplan.diagnostics import Diagnostic
from kcplan.resource import Idle, Registry, Resource


def without_idle(
    resources: Mapping[Address, Resource], registry: Registry, findings: list[Diagnostic]
) -> dict[Address, Resource]:
    """The resources without fields that do nothing. A finding for each is added."""
    result = dict(resources)
    for address, resource in resources.items():
        for idle in registry[resource.type].idle(resource):
            findings.append(_finding(idle, resource))
            kept = {p: v for p, v in result[address].leaves.items() if p != idle.path}
            result[address] = evolve(result[address], leaves=kept)
    return result


def _finding(idle: Idle, resource: Resource) -> Diagnostic:
    return Diagnostic(
        idle.severity,
        idle.code,
        idle.summary,
        idle.detail,
        resource.address,
        idle.path,
        resource.source(idle.path),
        idle.several,
    )
