"""What all documents contribute, layer by layer → the one configuration of all files."""

from collections.abc import Iterable, Sequence

from attrs import evolve

from kcplan.address import Address
from kcplan.config.document import Document
from kcplan.config.idle import without_idle
from kcplan.config.merge import merge_resources, merge_sections
from kcplan.config.mirrored import without_mirrors
from kcplan.config.model import Config, Section
from kcplan.config.overlays import laid_over, section_over, taken_out
from kcplan.config.parts import Part
from kcplan.config.realm_names import said_once
from kcplan.config.settings import Settings
from kcplan.diagnostics import Diagnostic, by_place, has_errors
from kcplan.errors import ConfigError
from kcplan.resource import Registry, Resource
from kcplan.versions import judged


def _layer(
    parts: Sequence[Part], layer: int, registry: Registry, findings: list[Diagnostic]
) -> tuple[dict[Address, Resource], dict[str, Section]]:
    """What the files of one layer say together."""
    here = [part for part in parts if part.layer == layer]
    documents = [[item.resource for item in part.built] for part in here]
    resources = merge_resources(documents, findings, registry)
    permissions: dict[str, Section] = {}
    for part in here:
        if part.permissions is not None:
            earlier = permissions.get(part.realm)
            permissions[part.realm] = (
                part.permissions
                if earlier is None
                else merge_sections(earlier, part.permissions, findings)
            )
    return resources, permissions


def merged(
    parts: Sequence[Part],
    registry: Registry,
    findings: list[Diagnostic],
    settings: Settings,
    documents: Iterable[Document],
) -> Config:
    """One configuration of all files. Raises ConfigError."""
    built = [item for part in parts for item in part.built]
    resources, permissions = _layer(parts, 0, registry, findings)
    for layer in sorted({part.layer for part in parts} - {0}):
        over, sections_over = _layer(parts, layer, registry, findings)
        resources = laid_over(resources, over, registry, findings)
        for realm, section in sections_over.items():
            permissions[realm] = section_over(permissions.get(realm, Section({})), section)
    resources = without_mirrors(resources, registry, findings)
    resources = without_idle(resources, registry, findings)
    unsound = {item.resource.address for item in built if not item.sound}
    for address, resource in resources.items():
        if address not in unsound:
            found = registry[resource.type].check(resource)
            findings.extend(_located(finding, resource) for finding in found)
    # Here, so that each command that reads files gives the same answer, with a server or without.
    found = judged(dict.fromkeys(said_once(findings, documents)), settings.keycloak.version)
    diagnostics = tuple(sorted(found, key=by_place))
    out = taken_out(item.resource for item in built)
    if has_errors(diagnostics):
        raise ConfigError(diagnostics)
    return Config(
        resources=resources,
        realms=frozenset(part.realm for part in parts),
        permissions=permissions,
        diagnostics=diagnostics,
        masked=tuple(
            masked
            for item in built
            for masked in item.masked
            if masked.path not in resources[masked.address].leaves
            and (masked.address, masked.path) not in out
        ),
    )


def _located(finding: Diagnostic, resource: Resource) -> Diagnostic:
    """A finding of a type's own check, with address and place."""
    return evolve(
        finding,
        address=finding.address or resource.address,
        source=finding.source or resource.source(tuple(map(str, finding.path))),
    )
