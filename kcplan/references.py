"""References: whether what a resource names is there, and is as the resource needs it."""

from collections import Counter
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from functools import cache

from attrs import evolve

from kcplan import grammar
from kcplan.address import Address
from kcplan.diagnostics import Diagnostic, error, warning
from kcplan.graph import ResourceGraph
from kcplan.plan import Action, ResourceChange
from kcplan.resource import Reference, Registry, Requirement, Resource
from kcplan.schema import Leaves, dotted
from kcplan.snapshot import Snapshot


def unresolved(
    resources: Mapping[Address, Resource],
    graph: ResourceGraph,
    registry: Registry,
    live: Snapshot,
    changes: Iterable[ResourceChange],
) -> Iterator[Diagnostic]:
    """What is named and exists neither in the files nor in Keycloak, or is about to go."""
    gone = {change.address for change in changes if change.action is Action.DELETE}
    planned = {change.address for change in changes}
    released = {change.address for change in changes if _was_declared(change)}
    depths = _depths_of_holders(registry)
    missing: list[tuple[Address, Diagnostic]] = []
    for address, resource in resources.items():
        if address not in planned:
            continue
        if resource.extends and address in released:
            yield _no_longer_declared(resource)
            continue
        for reference in _not_declared(resource, depths, graph, resources):
            if not gone.isdisjoint(reference.candidates):
                yield _about_to_go(resource, reference)
            elif reference.required and not any(
                live.exists(candidate) or _comes_along(candidate, resources, registry, live)
                for candidate in reference.candidates
            ):
                missing.append((reference.target, _missing(resource, reference)))
    yield from _together(missing, "which does not exist")
    yield from circles(graph)
    yield from clashes(resources, registry)


def _together(findings: Iterable[tuple[Address, Diagnostic]], what: str) -> Iterator[Diagnostic]:
    """Findings about what is named, those about one name together: an export may have hundreds."""
    named = [*findings]
    times = Counter(target for target, item in named if item.path)
    for target, item in named:
        if times[target] > 1 and item.path:
            several = f"fields name {target}, {what}"
            yield evolve(item, several=several, subject=dotted(item.path))
        else:
            yield item


def _depths_of_holders(registry: Registry) -> dict[str, int]:
    """For each type how many segments the address has of what its resources lie in; or 0."""
    patterns = {grammar.pattern(spec.pattern).parts for spec in registry.values()}

    def depth(parts: tuple[str, ...]) -> int:
        above = range(len(parts) - 1, 0, -1)
        return next((length for length in above if parts[:length] in patterns), 0)

    return {name: depth(grammar.pattern(spec.pattern).parts) for name, spec in registry.items()}


def _not_declared(
    resource: Resource,
    depths: Mapping[str, int],
    graph: ResourceGraph,
    resources: Mapping[Address, Resource],
) -> Iterator[Reference]:
    """What must be there for a resource and is not declared: itself, where files only add to it."""
    if resource.extends:
        yield Reference(resource.address)
    # What it lies in is a reference without a field.
    holder = Address(resource.address[: depths[resource.type]])
    if holder and not _is_declared(holder, resources):
        yield Reference(holder)
    for reference in graph.references.get(resource.address, ()):
        if not any(_is_declared(item, resources) for item in reference.candidates):
            yield reference


def _is_declared(address: Address, resources: Mapping[Address, Resource]) -> bool:
    resource = resources.get(address)
    return resource is not None and not resource.extends


def _was_declared(change: ResourceChange) -> bool:
    """Whether kcplan made the resource, which something must have declared then."""
    made = change.entry is not None and not change.entry.adopted
    return made and change.action is not Action.CREATE


def _comes_along(
    target: Address, resources: Mapping[Address, Resource], registry: Registry, live: Snapshot
) -> bool:
    """Whether Keycloak makes the object when this plan makes, or changes, what it lies in."""
    near = next((a for a in target.ancestors() if a in resources or live.exists(a)), None)
    declared = resources.get(near) if near is not None else None
    if near is None or declared is None:
        return False
    if not live.exists(near):
        return keycloak_makes(target, registry, declared.leaves)
    there = live.objects[near].leaves if near in live.objects else {}
    will_be = {**there, **declared.leaves}
    was = keycloak_makes(target, registry, there)
    return not was and keycloak_makes(target, registry, will_be)


def keycloak_makes(target: Address, registry: Registry, parent: Leaves | None = None) -> bool:
    """Whether Keycloak makes an object along with what it lies in, which has these fields."""
    return any(spec.comes_with(target, parent) for spec in registry.values())


def clashes(resources: Mapping[Address, Resource], registry: Registry) -> Iterator[Diagnostic]:
    """Resources that take the same name, which only one of them can have."""
    takers: dict[tuple[str, str], Address] = {}
    for address, resource in resources.items():
        for name in registry[resource.type].takes(resource):
            first = takers.setdefault((address.realm, name), address)
            if first != address:
                yield error(
                    "duplicate-definition",
                    f"{first} and {address} would both have {name}",
                    "Keycloak does not tell such names apart. Give one of them another name.",
                    address=address,
                    source=resource.source(),
                )


def circles(graph: ResourceGraph) -> Iterator[Diagnostic]:
    """Resources that need each other, so that none of them can be first."""
    if circle := graph.circle():
        yield error(
            "circular-reference",
            "resources need each other in a circle: " + " → ".join(map(str, circle)),
            "None of them can be created first. Remove one of the references.",
            address=circle[0],
        )


def unknown_offline(
    resources: Mapping[Address, Resource], graph: ResourceGraph, registry: Registry
) -> Iterator[Diagnostic]:
    """What is named and not declared; it may exist in Keycloak, which nobody asked."""
    yield from _together(_undeclared(resources, graph, registry), "which the files do not declare")


def _undeclared(
    resources: Mapping[Address, Resource], graph: ResourceGraph, registry: Registry
) -> Iterator[tuple[Address, Diagnostic]]:
    depths = _depths_of_holders(registry)
    for address, resource in resources.items():
        for reference in _not_declared(resource, depths, graph, resources):
            if not reference.required or any(
                keycloak_makes(item, registry) for item in reference.candidates
            ):
                continue
            finding = warning(
                "unknown-reference",
                f"{_naming(resource, reference)}, which the files do not declare",
                "It may exist in Keycloak; `kcplan plan` looks it up there.",
                address=address,
                path=reference.path,
                source=resource.source(reference.path),
            )
            yield reference.target, finding


def unmet(
    resources: Mapping[Address, Resource],
    registry: Registry,
    live: Snapshot | None,
    known: Callable[[], Container[Address]] = frozenset,
    changes: Iterable[ResourceChange] = (),
) -> Iterator[Diagnostic]:
    """Requirements that the files, or else Keycloak, do not meet.

    Args:
        resources: What the files declare.
        registry: The resource types.
        live: What is there; None where nobody asked Keycloak.
        known: What is there as far as the state knows, for the latter case.
        changes: What the plan does: it may change fields that the files do not mention.
    """
    after = _planned(changes)
    known = cache(known)  # it reads the state
    for address, resource in resources.items():
        for requirement in registry[resource.type].requires(resource):
            if requirement.when_written and not _is_written(resource, live, known, after):
                continue
            if not _is_met(requirement, resource, resources, registry, live, known, after):
                yield error(
                    requirement.code,
                    requirement.summary,
                    requirement.detail,
                    address=address,
                    path=requirement.source_path,
                    source=resource.source(requirement.source_path),
                )


def _planned(changes: Iterable[ResourceChange]) -> Mapping[Address, Leaves]:
    """The fields that the plan changes, with what they will be."""
    return {
        change.address: {item.path: item.after for item in change.changes}
        for change in changes
        if change.changes
    }


def _is_met(
    requirement: Requirement,
    resource: Resource,
    resources: Mapping[Address, Resource],
    registry: Registry,
    live: Snapshot | None,
    known: Callable[[], Container[Address]],
    after: Mapping[Address, Leaves],
) -> bool:
    declared = resources.get(requirement.address)
    changing = after.get(requirement.address, {})
    above = (requirement.path[:size] for size in range(1, len(requirement.path)))
    if any(changing.get(path, ...) is None for path in above):
        changing = {requirement.path: None}  # it goes along with what it lies in
    if requirement.path not in changing and _is_so_already(requirement, resource, live):
        return True
    if declared is not None and requirement.path in declared.leaves:
        return requirement.is_met_by(declared.leaves[requirement.path])
    there = live.objects.get(requirement.address) if live is not None else None
    if there is not None:
        return requirement.is_met_by({**there.leaves, **changing}.get(requirement.path))
    if declared is None:
        return True  # that it is not there at all is said elsewhere
    elsewhere = requirement.open or requirement.address != resource.address
    if live is None and (elsewhere or declared.address in known()):
        return True  # it may be so in Keycloak
    usual = registry[declared.type].defaults(declared.leaves)
    return requirement.is_met_by(usual.get(requirement.path))


def _is_written(
    resource: Resource,
    live: Snapshot | None,
    known: Callable[[], Container[Address]],
    after: Mapping[Address, Leaves],
) -> bool:
    """Whether a resource is new, or changes; as far as one knows where nobody asked Keycloak."""
    there = known() if live is None else live.objects
    return resource.address not in there or resource.address in after


def _is_so_already(requirement: Requirement, resource: Resource, live: Snapshot | None) -> bool:
    """Whether Keycloak has the field that brings the requirement, for once without it.

    It counts for what a resource requires of itself: a request for it would change nothing.
    """
    there = live.objects.get(resource.address) if live is not None else None
    if there is None or requirement.address != resource.address:
        return False
    wanted = resource.leaves.get(requirement.source_path)
    return bool(there.leaves.get(requirement.source_path) == wanted)


def _naming(resource: Resource, reference: Reference) -> str:
    title = resource.address.title(resource.type)
    if reference.target == resource.address and not reference.path:
        return f"the files only add to {resource.type} {title}"
    verb = "names" if reference.path else "lies in"
    return f"{resource.type} {title} {verb} {reference.target}"


def _about_to_go(resource: Resource, reference: Reference) -> Diagnostic:
    return error(
        "unknown-reference",
        f"{_naming(resource, reference)}, which this plan deletes",
        "It was in the files at the last apply and no longer is. Declare it again, or remove "
        "the reference.",
        address=resource.address,
        path=reference.path,
        source=resource.source(reference.path),
    )


def _no_longer_declared(resource: Resource) -> Diagnostic:
    title = resource.address.title(resource.type)
    return error(
        "unknown-reference",
        f"{resource.type} {title} is no longer declared, and the files still add to it",
        "It was in the files at the last apply. Declare it again, or remove what adds to it.",
        address=resource.address,
        source=resource.source(),
    )


def _missing(resource: Resource, reference: Reference) -> Diagnostic:
    return error(
        "unknown-reference",
        f"{_naming(resource, reference)}, which does not exist",
        "It is neither in the files nor in Keycloak. Declare it, or correct the name.",
        address=resource.address,
        path=reference.path,
        source=resource.source(reference.path),
    )
