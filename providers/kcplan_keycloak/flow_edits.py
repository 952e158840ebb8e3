"""What of a flow changes in place: one write for each requirement, place or configuration."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Final

from attrs import evolve

from kcplan_keycloak.flow_server import Flow, Flows
from kcplan_keycloak.flow_tree import Node, keyed

_STEP: Final = 10
"""The difference between the priorities of neighbours."""

Write = Callable[[], None]


def edits(flows: Flows, there: Flow, old: Flow, new: Flow) -> list[Write] | None:
    """The writes that change a flow in place; None where executions come, go, or move about.

    Args:
        flows: The flows of the realm.
        there: The flow, under the aliases that it has.
        old: The same, under its own aliases.
        new: What it becomes.
    """
    before, after = dict(keyed(old.nodes)), dict(keyed(new.nodes))
    if old.kind != new.kind or before.keys() != after.keys():
        return None
    writes: list[Write] = []
    if old.description != new.description or old.alias != new.alias:
        own = evolve(there, alias=new.alias, description=new.description)
        writes.append(partial(flows.describe, own))
    placed = dict(_placed(old.nodes, new.nodes))
    for key, node in before.items():
        then = evolve(after[key], priority=placed.get(key, node.priority))
        if (node.authenticator, node.kind) != (then.authenticator, then.kind):
            return None
        writes += _edits_of(flows, there, node, then)
    return writes


def _edits_of(flows: Flows, flow: Flow, old: Node, new: Node) -> Iterator[Write]:
    """The writes that change an execution: each does one of what can be done."""
    placed = evolve(old, requirement=new.requirement, priority=new.priority)
    configured = evolve(placed, config=new.config, config_alias=new.config_alias)
    stages = (old, placed, configured, evolve(configured, description=new.description))
    for before, after in pairwise(stages):
        if before.bare != after.bare or before.priority != after.priority:
            yield partial(flows.write, flow, before, after)


def _placed(
    old: Sequence[Node], new: Sequence[Node], above: tuple[str, ...] = ()
) -> Iterator[tuple[str, int]]:
    """New priorities of executions in an order that is not theirs, by key."""
    now, then = _by_key(old, above), _by_key(new, above)
    if list(now) != list(then):
        yield from ((key, _STEP * (number + 1)) for number, key in enumerate(then))
    for key, node in now.items():
        if node.inner and key in then:
            yield from _placed(node.inner, then[key].inner, (*above, node.alias))


def _by_key(nodes: Sequence[Node], above: tuple[str, ...]) -> dict[str, Node]:
    """The executions of one flow with their keys; those in them have no keys here."""
    keys = (key for key, _ in keyed([node.bare for node in nodes], above))
    return dict(zip(keys, nodes, strict=True))
