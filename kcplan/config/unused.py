"""Declared fields that another field makes useless, so that Keycloak does not keep them."""

from collections.abc import Iterator, Mapping

from attrs import evolve

from kcplan.address import Address
from kcplan.diagnostics import Diagnostic, warning
from kcplan.resource import Registry, Resource
from kcplan.schema import dotted


def without_unused(
    resources: Mapping[Address, Resource], registry: Registry, findings: list[Diagnostic]
) -> dict[Address, Resource]:
    """The resources without what is of no use; the findings say so."""
    return {
        address: _without(resource, registry, findings) for address, resource in resources.items()
    }


def _without(resource: Resource, registry: Registry, findings: list[Diagnostic]) -> Resource:
    paths = tuple(registry[resource.type].unused(resource.leaves))
    if not paths:
        return resource
    findings.extend(_warning(resource, paths))
    return evolve(resource, leaves={p: v for p, v in resource.leaves.items() if p not in paths})


def _warning(resource: Resource, paths: tuple[tuple[str, ...], ...]) -> Iterator[Diagnostic]:
    yield warning(
        "unused-field",
        f"fields are left out that other fields make useless: {', '.join(map(dotted, paths))}",
        "Keycloak drops them with the next update. Remove them, or correct what makes them "
        "useless.",
        address=resource.address,
        path=paths[0],
        source=resource.source(paths[0]),
    )
