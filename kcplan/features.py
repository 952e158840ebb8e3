"""What needs a feature of the server, where it runs without. Pure.

Keycloak drops a switch, and does not have objects of a type, of which that is so.
"""

from collections.abc import Iterable, Iterator, Mapping

from kcplan.address import Address
from kcplan.diagnostics import Diagnostic, Path, Severity
from kcplan.offered import OFF, Offered, Seen
from kcplan.plan import Action, ResourceChange
from kcplan.resource import Registry, Resource
from kcplan.schema import dotted
from kcplan.snapshot import Snapshot


def missing(
    changes: Iterable[ResourceChange],
    resources: Mapping[Address, Resource],
    registry: Registry,
    live: Snapshot,
) -> Iterator[Diagnostic]:
    """What a plan turns on and this server drops; nothing where its features are not known."""
    yield from _whole(changes, resources, registry, live)
    off = _off(live.offered)
    for change in changes if off else ():
        features = registry[change.type].features
        for item in change.changes if features else ():
            feature = features.get(item.path)
            if feature in off and item.after is True and change.address in resources:
                resource = resources[change.address]
                yield _missing(Severity.ERROR, resource, item.path, str(feature))


def _whole(
    changes: Iterable[ResourceChange],
    resources: Mapping[Address, Resource],
    registry: Registry,
    live: Snapshot,
) -> Iterator[Diagnostic]:
    """Declared objects of types that this server does not have."""
    on = live.features
    for change in changes if on is not None else ():
        feature, resource = registry[change.type].feature, resources.get(change.address)
        idle = change.action is Action.NOOP
        if feature and on is not None and feature not in on and resource is not None and not idle:
            yield _no_such_type(Severity.ERROR, resource, feature)


def missing_offline(
    resources: Iterable[Resource], registry: Registry, seen: Seen | None
) -> Iterator[Diagnostic]:
    """What is declared, and the server would have dropped when it was asked last."""
    off = _off(seen.offered if seen is not None else None)
    for resource in resources if off else ():
        feature = registry[resource.type].feature
        if _as_started(feature) in off and seen is not None:
            since = f"As of {seen.url}, seen {seen.day}. "
            yield _no_such_type(Severity.WARNING, resource, feature, since)
        for path, feature in registry[resource.type].features.items():
            if feature in off and resource.leaves.get(path) is True:
                since = f"As of {seen.url}, seen {seen.day}. " if seen is not None else ""
                yield _missing(Severity.WARNING, resource, path, feature, since)


def _as_started(feature: str) -> str:
    """A feature as `--features` takes it."""
    return feature.lower().replace("_", "-")


def _no_such_type(
    severity: Severity, resource: Resource, feature: str, since: str = ""
) -> Diagnostic:
    return Diagnostic(
        severity,
        "server-feature-missing",
        f"{resource.address} needs the feature `{_as_started(feature)}`, which the server does "
        "not have, or which is off",
        f"{since}Start the server with `--features={_as_started(feature)}`, if its version knows "
        "that, or remove the resource.",
        address=resource.address,
        source=resource.source(),
    )


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
