"""What only the whole realm tells of flows that a plan changes: said when planning.

Which aliases are taken by flows in other flows, which the list of flows does not have; and who is
bound to a flow though no file manages it. Nothing is asked where a plan changes no flow.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Final

from attrs import evolve

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.config.model import Config
from kcplan.diagnostics import Diagnostic, error, note, warning
from kcplan.moves import Moves, moves_of
from kcplan.plan import Plan, ResourceChange
from kcplan.resource import Registry
from kcplan.risk import Risk
from kcplan.risk_rules import RiskRule, find_risks, weighed
from kcplan.schema import Leaves
from kcplan.snapshot import Snapshot
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.flow_bindings import Bindable, Binding, bindable, bindable_types
from kcplan_keycloak.flow_edits import edits
from kcplan_keycloak.flow_leaves import changed, flow_of
from kcplan_keycloak.flow_server import Flow, Flows
from kcplan_keycloak.flow_tree import EXECUTIONS, ORDER, configurations_in, flow_named, flows_in
from kcplan_keycloak.flows_made import BUILT_IN, made
from kcplan_keycloak.resources.flow import SPEC as FLOW

Rules = Callable[[], Iterable[RiskRule]]
_NOBODY: Final[tuple[Binding, ...]] = ()


@frozen
class _Planned:
    """A flow that a plan makes or changes.

    Attributes:
        change: What happens to it.
        id: Its id; empty where it is new.
        news: The flows and configurations that come with it, as they are named.
    """

    change: ResourceChange
    id: str
    news: tuple[str, ...]


def with_flow_findings(
    api: AdminApi,
    config: Config,
    live: Snapshot,
    plan: Plan,
    known: Iterable[Address],
    registry: Registry,
    rules: Rules,
) -> Plan:
    """The plan with what the realms have against the flows that it makes and changes.

    Args:
        api: The server.
        config: What the files say.
        live: What was read of Keycloak.
        plan: The plan so far.
        known: The addresses in the state.
        registry: The resource types.
        rules: Gives the rules for risks.
    """
    changes = [change for change in plan.changes if _writes(change)]
    if not changes:
        return plan
    moves = moves_of(plan.changes)
    there = moves.live(live, registry)
    flows = [_planned(change, there) for change in changes]
    found = [*_taken(api, config, there, moves, flows)]
    managed, strangers = plan.managed(known), dict[Address, Leaves]()
    olds = {flow.change.address: moves.old(flow.change.address).realm for flow in flows if flow.id}
    seen = {realm: _seen(api, realm) for realm in sorted(set(olds.values()))}
    found += not_seen({address: seen[realm].barred for address, realm in olds.items()})
    for flow in flows:
        bound = _strangers(moves, flow, managed, seen)
        if bound and _is_replaced(api, moves, flow):
            found.append(_bound_elsewhere(config, flow, bound))
        for binding in bound:
            fields = strangers.setdefault(binding.address, {})
            strangers[binding.address] = {**fields, binding.field: flow.change.address.name}
    risks = _risks(changes, there, strangers, registry, rules) if strangers else ()
    return evolve(
        plan,
        diagnostics=(*plan.diagnostics, *found),
        risks=weighed((*plan.risks, *risks), config.lint) if risks else plan.risks,
    )


def _writes(change: ResourceChange) -> bool:
    """Whether a change makes a flow, or changes what is in it, or its name."""
    if change.type != FLOW.name or change.action.takes_away:
        return False
    fields = {item.path[0] for item in change.changes}
    return bool(change.moved_from) or not fields.isdisjoint({EXECUTIONS, ORDER})


def _planned(change: ResourceChange, live: Snapshot) -> _Planned:
    address = change.address
    there = live.objects.get(address)
    now = flow_of("", address.name, {} if there is None else there.leaves)
    then = changed(now, address.name, {item.path: item.after for item in change.changes})
    own = [flow_named(address.name)] if there is None or change.moved_from else []
    had = {*flows_in(now.nodes), *configurations_in(now.nodes)}
    inner = [*flows_in(then.nodes), *configurations_in(then.nodes)]
    news = (*own, *(name for name in inner if name not in had))
    return _Planned(change, "" if there is None else there.id or "", news)


# -- aliases ----------------------------------------------------------------------------------


def _taken(
    api: AdminApi, config: Config, live: Snapshot, moves: Moves, flows: Iterable[_Planned]
) -> Iterator[Diagnostic]:
    """What comes with flows under an alias that something in another flow of the realm has."""
    held: dict[Address, dict[str, tuple[str, str]]] = {}
    for flow in flows:
        address = flow.change.address
        realm = Address.of(address.realm)
        is_there = realm in live.objects
        if flow.news and realm not in held:
            held[realm] = _held(api, moves.old(realm).realm) if is_there else _held_by_itself()
        for name in flow.news:
            own = (flow.id or address.name, address.name)
            holder = held[realm].setdefault(name, own)
            if holder[0] != own[0]:
                yield _alias_taken(config, flow, name, holder[1], error if is_there else warning)


def _held(api: AdminApi, realm: str) -> dict[str, tuple[str, str]]:
    """All flows and configurations of a realm, each with id and alias of the flow it is in."""
    flows = Flows(api, realm)
    bodies = flows.bodies()
    pairs = zip(bodies, api.map(flows.taken, bodies), strict=True)
    return {name: (body["id"], body["alias"]) for body, names in pairs for name in names}


def _held_by_itself() -> dict[str, tuple[str, str]]:
    """The same of a realm that is new, as far as Keycloak makes flows in it."""
    found: dict[str, tuple[str, str]] = {}
    for alias in sorted(BUILT_IN):
        nodes = flow_of("", alias, made(FLOW.schema, alias) or {}).nodes
        names = (flow_named(alias), *flows_in(nodes), *configurations_in(nodes))
        found |= dict.fromkeys(names, (alias, alias))
    return found


def _alias_taken(
    config: Config, flow: _Planned, name: str, holder: str, say: Callable[..., Diagnostic]
) -> Diagnostic:
    address = flow.change.address
    resource = config.resources.get(address)
    return say(
        "flow-alias-taken",
        f"{address} cannot have {name}: {flow_named(holder)} has it already",
        "In Keycloak all flows of a realm have aliases of their own, also those that are in "
        "others, and so have configurations. Take another alias. If the other flow is to lose it, "
        "apply that first.",
        address=address,
        source=resource.source() if resource else None,
    )


# -- strangers --------------------------------------------------------------------------------


@frozen
class _Seen:
    """What the account may see of a realm that may be bound to flows.

    Attributes:
        kinds: The objects, type by type.
        barred: The words for the types that it may not see.
    """

    kinds: tuple[Bindable, ...]
    barred: tuple[str, ...]


def _seen(api: AdminApi, realm: str) -> _Seen:
    """What may be bound to flows, as far as the account may see it. Raises ServerError."""
    kinds, barred = list[Bindable](), list[str]()
    for name in bindable_types():
        try:
            kinds.append(bindable(api, realm, name))
        except ForbiddenError:
            barred.append(name)
    return _Seen(tuple(kinds), tuple(barred))


def not_seen(barred: Mapping[Address, Collection[str]]) -> Iterator[Diagnostic]:
    """What could not be looked at, once for all flows. Pure.

    Args:
        barred: The words for the types that the account may not see, by the flow that changes.
    """
    names = sorted({name for some in barred.values() for name in some})
    if not names:
        return
    whose = ", ".join(str(address) for address in sorted(barred) if barred[address])
    words = " and ".join(f"{name.replace('-', ' ')}s" for name in names)
    roles = " and ".join(f"view-{name}s" for name in names)
    yield note(
        "bindings-not-seen",
        f"which {words} use the flows that change was not looked at",
        f"The account that kcplan uses may not see {words}, so a plan cannot tell whether some "
        f"that no file manages are bound to these flows, and what that makes risky: {whose}. "
        f"Give it {roles}.",
    )


def _strangers(
    moves: Moves, flow: _Planned, managed: Collection[Address], seen: Mapping[str, _Seen]
) -> tuple[Binding, ...]:
    """What is bound to a flow and not managed, as far as the account may see it."""
    if not flow.id:
        return _NOBODY
    old = moves.old(flow.change.address)
    bound = (item for kind in seen[old.realm].kinds for item in kind.bound_to(flow.id, old.name))
    return tuple(item for item in bound if moves.new(item.address) not in managed)


def _is_replaced(api: AdminApi, moves: Moves, flow: _Planned) -> bool:
    """Whether a change takes more than one request, so that all that is bound moves."""
    address = flow.change.address
    flows = Flows(api, moves.old(address).realm)
    body = next((item for item in flows.bodies() if item["id"] == flow.id), None)
    if body is None:
        return False
    there: Flow = flows.read(body)
    then = changed(there, address.name, {item.path: item.after for item in flow.change.changes})
    writes = edits(flows, there, there, then)
    return writes is None or len(writes) > 1


def _bound_elsewhere(config: Config, flow: _Planned, bound: Iterable[Binding]) -> Diagnostic:
    address = flow.change.address
    resource = config.resources.get(address)
    return error(
        "flow-bound-elsewhere",
        f"{address} cannot change: no file manages what is bound to it: "
        + ", ".join(sorted({str(item.address) for item in bound})),
        "A flow that somebody logs in with is replaced by a new one, and all that is bound to it "
        "moves there. Declare these in the files, or bind them to another flow.",
        address=address,
        source=resource.source() if resource else None,
    )


def _risks(
    changes: Iterable[ResourceChange],
    live: Snapshot,
    strangers: Mapping[Address, Leaves],
    registry: Registry,
    rules: Rules,
) -> tuple[Risk, ...]:
    """What is risky about the changes, as strangers are bound to these flows."""
    there = {address: item.leaves for address, item in live.objects.items()}
    return find_risks(rules(), changes, {**there, **strangers}, registry)
