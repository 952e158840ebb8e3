"""The resource graph: who needs whom.

An edge goes from a resource to what must be there before it: the resource that it lies in, and
what its fields name. References from *late* fields (a role's composites) may form circles; they
count for the step that writes those fields, not for the resource.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import TypeVar

from attrs import field

from kcplan import refs
from kcplan.address import Address, matches_any
from kcplan.classes import frozen
from kcplan.path_patterns import path_matches
from kcplan.resource import (
    Reference,
    Registry,
    Resource,
)

_Node = TypeVar("_Node")

_ROUNDS = 4
"""So many times what needs nothing any more is left out; another time hardly ever helps."""


@frozen
class ResourceGraph:
    """Dependencies between declared resources.

    Attributes:
        early: For each resource, what must be there before it.
        late: For each resource, what must be there before its late fields are written.
        references: All references of each resource, also to what the files do not declare.
    """

    early: Mapping[Address, frozenset[Address]] = field(factory=dict)
    late: Mapping[Address, frozenset[Address]] = field(factory=dict)
    references: Mapping[Address, tuple[Reference, ...]] = field(factory=dict)

    def needs(self, address: Address) -> frozenset[Address]:
        """All that a resource depends on directly."""
        return self.early.get(address, frozenset()) | self.late.get(address, frozenset())

    def closure(self, addresses: Iterable[Address]) -> frozenset[Address]:
        """The resources and all that they depend on, directly or not."""
        return frozenset(reached(addresses, self.needs))

    def targeted(self, known: Collection[Address], targets: Collection[str]) -> frozenset[Address]:
        """The known resources that `--target` is about.

        These are the targets, what they depend on, and what goes along with those of them that
        are no longer declared.
        """
        picked = [address for address in known if matches_any(address, targets)]
        going = {address for address in picked if address not in self.early}
        along = {address for address in known if any(a in going for a in _above(address))}
        return self.closure(picked) | along

    def circle(self) -> tuple[Address, ...]:
        """Resources that need each other in a circle, or nothing."""
        try:
            TopologicalSorter(_unsettled(self.early)).prepare()
        except CycleError as circle:
            return tuple(circle.args[1])
        return ()


def _unsettled(
    needs: Mapping[Address, frozenset[Address]],
) -> Mapping[Address, frozenset[Address]]:
    """The resources that are not plainly without a circle; most are, and nearly always all.

    Each time some are left out whose needs are. To search all for a circle takes much longer.
    """
    settled: set[Address] = set()
    for _ in range(_ROUNDS):
        left = {}
        for address, found in needs.items():
            if found <= settled:
                settled.add(address)
            else:
                left[address] = found
        needs = left
    return needs


def reached(starts: Iterable[_Node], onward: Callable[[_Node], Iterable[_Node]]) -> set[_Node]:
    """The starts, and all that leads on from them, directly or not; circles may be in it."""
    seen: set[_Node] = set()
    todo = list(starts)
    while todo:
        node = todo.pop()
        if node not in seen:
            seen.add(node)
            todo.extend(onward(node))
    return seen


def build_graph(resources: Mapping[Address, Resource], registry: Registry) -> ResourceGraph:
    """The graph of the declared resources."""

    def declared(reference: Reference, address: Address) -> Iterator[Address]:
        return (item for item in reference.candidates if item in resources and item != address)

    sets: dict[frozenset[Address], frozenset[Address]] = {}

    def shared(found: Iterable[Address]) -> frozenset[Address]:
        """The one set of these addresses: what lies in the same realm needs that, and no more."""
        these = frozenset(found)
        return sets.setdefault(these, these)

    early: dict[Address, frozenset[Address]] = {}
    late: dict[Address, frozenset[Address]] = {}
    references: dict[Address, tuple[Reference, ...]] = {}
    for address, resource in resources.items():
        spec = registry[resource.type]
        found = tuple(refs.references(registry, resource))
        references[address] = found
        first: list[Address] = []
        last: list[Address] = []
        for reference in found:
            postponed = path_matches(reference.path, spec.late)
            (last if postponed else first).extend(declared(reference, address))
        early[address] = shared(parents(address, resources).union(first))
        late[address] = shared(last)
    return ResourceGraph(early, late, references)


def parents(address: Address, known: Mapping[Address, object]) -> frozenset[Address]:
    """The nearest known resource that an address lies in, if there is one."""
    for length in range(len(address) - 1, 0, -1):
        if address[:length] in known:
            return frozenset((Address(address[:length]),))
    return frozenset()


def _above(address: Address) -> Iterator[Address]:
    """All addresses that an address lies in, the nearest first."""
    for length in range(len(address.segments) - 1, 0, -1):
        yield Address(address.segments[:length])
