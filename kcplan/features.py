"""Switches that need a feature of the server, where it runs without: Keycloak drops them. Pure."""

from collections.abc import Iterable, Iterator, Mapping

from kcplan.address import Address
from kcplan.diagnostics import Diagnostic, Path, Severity
from kcplan.offered import OFF, Offered, Seen
from kcplan.plan import ResourceChange
from kcplan.resource import Registry, Resource
from kcplan.schema import dotted


def missing(
    changes: Iterable[ResourceChange],
    resources: Mapping[Address, Resource],
    registry: Registry,
    offered: Offered | None,
) -> Iterator[Diagnostic]:
    """What a plan turns on and this server drops; nothing where its features are not known."""
    off = _off(offered)
    for change in changes if off else ():
        features = registry[change.type].features
        for item in change.changes if features else ():
            feature = features.get(item.path)
            if feature in off and item.after is True and change.address in resources:
                resource = resources[change.address]
                yield _missing(Severity.ERROR, resource, item.path, str(feature))


def missing_offline(
    resources: Iterable[Resource], registry: Registry, seen: Seen | None
) -> Iterator[Diagnostic]:
    """What is declared, and the server would have dropped when it was asked last."""
    off = _off(seen.offered if seen is not None else None)
    for resource in resources if off else ():
        for path, feature in registry[resource.type].features.items():
            if feature in off and resource.leaves.get(path) is True:
                since = f"As of {seen.url}, seen {seen.day}. " if seen is not None else ""
                yield _missing(Severity.WARNING, resource, path, feature, since)


def _off(offered: Offered | None) -> frozenset[str]:
    return (offered.of(OFF) if offered is not None else None) or frozenset()


def _missing(
    severity: Severity, resource: Resource, path: Path, feature: str, since: str = ""
) -> Diagnostic:
    return Diagnostic(
        severity,
        "server-feature-missing",
        f"{dotted(path)} of {resource.address} needs the feature `{feature}`, which is off",
        f"{since}Keycloak accepts the field and drops it. Start the server with "
        f"`--features={feature}`, or remove the field.",
        address=resource.address,
        path=path,
        source=resource.source(path),
    )
