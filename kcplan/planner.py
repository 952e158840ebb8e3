"""The planner: files, state and live Keycloak in, a plan out. Pure.

moves ─▶ one decision for each resource ─▶ what they mean for each other ─▶ guards
─▶ steps in order ─▶ Plan
"""

from collections.abc import Iterable

from attrs import evolve

from kcplan import guards, kept, lockout, references, unknown_names
from kcplan.address import Address
from kcplan.agreeing import agreed
from kcplan.concealing import concealed, secret_fields
from kcplan.decisions import decide
from kcplan.dependents import go_along, rewrite_dependents
from kcplan.diagnostics import Diagnostic, Path, warning
from kcplan.digests import Digester
from kcplan.drift import find_drift
from kcplan.fingerprints import fingerprints, secret_digests
from kcplan.grants import find_administration, with_grants
from kcplan.graph import ResourceGraph
from kcplan.inputs import Context, Inputs, Options
from kcplan.lifecycle import Rules
from kcplan.moves import resolve_moves
from kcplan.plan import Action, FieldChange, Plan, ResourceChange
from kcplan.resource import Registry, path_matches
from kcplan.risk import Risk
from kcplan.risk_rules import find_risks, lint, weighed
from kcplan.schema import Leaves, dotted, lies_in
from kcplan.snapshot import LiveObject, Snapshot
from kcplan.state import State
from kcplan.steps import build_steps
from kcplan.versions import judged

__all__ = ["Inputs", "Options", "make_plan"]


def make_plan(inputs: Inputs) -> Plan:
    """The plan that brings Keycloak to what the files say, and the state along with it."""
    context = _context(inputs)
    decided = [decide(context, address) for address in _addresses(context)]
    changes = rewrite_dependents(context, go_along(decided))
    written = _real(changes, inputs.registry)
    steps = build_steps(written, context.graph, inputs.registry, context.live, context.state)
    drift, unmentioned = find_drift(
        context.state, context.live, inputs.registry, inputs.digester, context.rules
    )
    administering = find_administration(context.state, context.live, inputs.registry, context.rules)
    outside = with_grants(_outside(context, unmentioned, changes), administering)
    plan = Plan(
        server=inputs.live.server,
        lineage=inputs.state.lineage,
        serial=inputs.state.serial,
        changes=tuple(changes),
        steps=steps,
        drift=drift,
        outside=outside,
        diagnostics=(
            *context.moves.diagnostics,
            *_diagnostics(context, changes, drift),
            *_administering_outside(administering),
        ),
        risks=_risks(context, changes, (*outside, *_watched(context, drift))),
        known=context.live.ids(),
    )
    return seal(plan, context.live, inputs.options.seal)


def seal(plan: Plan, live: Snapshot, digester: Digester | None) -> Plan:
    """The plan with what a saved plan needs to be checked before it is executed."""
    if digester is None:
        return plan
    return evolve(
        plan,
        fingerprints=fingerprints(plan, live, digester),
        digests=secret_digests(plan, digester),
    )


def _risks(
    context: Context, changes: list[ResourceChange], left: Iterable[ResourceChange]
) -> tuple[Risk, ...]:
    """What is risky about what the plan does, and about changes in Keycloak that it leaves."""
    left = tuple(left)
    lints = context.inputs.options.lint
    if not left and not lints and all(item.action is Action.NOOP for item in changes):
        return ()
    rules, registry = context.inputs.risk_rules(), context.inputs.registry
    live = {address: item.leaves for address, item in context.live.objects.items()}
    going = {item.address for item in changes if item.action in (Action.DELETE, Action.REPLACE)}
    staying = (item for item in left if item.address not in going)
    found = (
        evolve(risk, summary=f"{risk.summary} (changed in Keycloak, and left so)")
        for risk in find_risks(rules, staying, live, registry)
    )
    planned = {change.address for change in changes}
    declared = (r for a, r in context.inputs.config.resources.items() if a in planned)
    advice = lint(rules, declared, registry) if lints else ()
    risks = (*find_risks(rules, changes, live, registry), *found, *advice)
    return weighed(risks, context.inputs.config.lint)


def _outside(
    context: Context, found: Iterable[ResourceChange], changes: Iterable[ResourceChange]
) -> tuple[ResourceChange, ...]:
    """What changed in fields that no file mentions, of what the plan leaves as it is."""
    planned = {change.address: change for change in changes}
    return tuple(
        evolve(item, changes=left)
        for item in found
        if (left := _left_as_it_is(context, item, planned.get(item.address)))
    )


def _left_as_it_is(
    context: Context, item: ResourceChange, planned: ResourceChange | None
) -> tuple[FieldChange, ...]:
    if planned is None or planned.action in (Action.CREATE, Action.REPLACE, Action.DELETE):
        return ()
    resource = context.inputs.config.resources.get(item.address)
    taken = {change.path for change in planned.changes} | set(resource.leaves if resource else ())
    return tuple(change for change in item.changes if not lies_in(change.path, taken))


def _context(inputs: Inputs) -> Context:
    moves = resolve_moves(inputs.config, inputs.state, inputs.live, inputs.registry)
    state = moves.state(inputs.state, inputs.registry)
    live = _with_virtual(moves.live(inputs.live, inputs.registry), state, inputs.registry)
    fields = secret_fields(inputs.config.resources.values(), state.resources.values())
    declared = {} if inputs.options.destroy else inputs.config.resources
    fitting = agreed(declared, inputs.registry, live)
    resources = fitting.resources
    config = evolve(
        inputs.config,
        resources=resources,
        diagnostics=(*inputs.config.diagnostics, *fitting.diagnostics),
    )
    return Context(
        inputs=evolve(inputs, config=config),
        state=state,
        live=concealed(live, fields),
        moves=moves,
        graph=ResourceGraph() if inputs.options.destroy else inputs.graph,
        rules=Rules(inputs.config.lifecycle),
    )


def _with_virtual(live: Snapshot, state: State, registry: Registry) -> Snapshot:
    """The snapshot with the resources that are in the state only, as they are there."""
    virtual = {
        address: LiveObject(address, entry.type, entry.id, entry.managed)
        for address, entry in state.resources.items()
        if registry[entry.type].virtual
    }
    return evolve(live, objects={**live.objects, **virtual}) if virtual else live


def _real(changes: Iterable[ResourceChange], registry: Registry) -> list[ResourceChange]:
    """The changes that something must be written for."""
    return [change for change in changes if not registry[change.type].virtual]


def _addresses(context: Context) -> list[Address]:
    """What is planned, in the order of types and names."""
    resources = context.inputs.config.resources
    realms = context.inputs.config.realms
    known = {a: e.type for a, e in context.state.resources.items() if a.realm in realms}
    known |= {address: resource.type for address, resource in resources.items()}
    chosen = frozenset(known)
    if targets := context.inputs.options.targets:
        chosen = context.graph.targeted(known, targets)
    ranks = {address: context.spec(known[address]).rank for address in chosen}
    return sorted(chosen, key=lambda address: (address.realm, ranks[address], address))


def _diagnostics(
    context: Context, changes: list[ResourceChange], drift: Iterable[ResourceChange]
) -> Iterable[Diagnostic]:
    inputs = context.inputs
    version = inputs.live.server.version or inputs.options.server_version
    found = inputs.config.diagnostics
    yield from judged(found, version) if version else found
    yield from references.unresolved(
        inputs.config.resources, context.graph, inputs.registry, context.live, changes
    )
    yield from references.unmet(
        inputs.config.resources, inputs.registry, context.live, changes=changes
    )
    yield from _unknown_names(context, changes)
    yield from kept.check(context, changes)
    yield from guards.check(
        changes,
        context.rules,
        inputs.registry,
        context.state,
        guards.Allowed(
            mass_delete=inputs.options.allow_mass_delete,
            realm_deletion=inputs.options.destroy,
            unmanaged=inputs.options.delete_unmanaged,
        ),
        context.live,
    )
    yield from lockout.check(changes, inputs.options.identity, context.live, inputs.registry)
    yield from _realms_not_named(context)
    yield from _granted_outside(context, drift)


def _unknown_names(context: Context, changes: Iterable[ResourceChange]) -> Iterable[Diagnostic]:
    """Names that the server does not have, in what is planned."""
    declared, live = context.inputs.config.resources, context.live.objects
    planned = {change.address for change in changes}

    def before(address: Address) -> Leaves | None:
        there = live.get(address)
        return None if there is None else there.leaves

    def left_alone(address: Address, path: Path) -> bool:
        return context.rules.ignored(address)(path)

    resources = (item for address, item in declared.items() if address in planned)
    yield from unknown_names.unknown(
        resources, context.inputs.registry, context.live.offered, before, left_alone
    )


def _watched(context: Context, drift: Iterable[ResourceChange]) -> Iterable[ResourceChange]:
    """Changes of watched fields that the files say nothing about."""
    for change in drift:
        watched = context.spec(change.type).watched
        declared = context.inputs.config.resources.get(change.address)
        mentioned = {path[:1] for path in declared.leaves} if declared is not None else set()
        left = tuple(
            item
            for item in change.changes
            if path_matches(item.path, watched) and item.path[:1] not in mentioned
        )
        if left:
            yield evolve(change, changes=left)


def _granted_outside(context: Context, drift: Iterable[ResourceChange]) -> Iterable[Diagnostic]:
    """Watched fields that somebody changed and the files say nothing about: they are said."""
    for change in _watched(context, drift):
        for item in change.changes:
            yield warning(
                "roles-changed-outside",
                f"{dotted(item.path)} of {change.address} was changed in Keycloak",
                "The files do not mention it, so kcplan leaves it as it is. Declare the field "
                "to have it managed, or accept the change with "
                "`kcplan refresh --accept`.",
                address=change.address,
                path=item.path,
            )


def _administering_outside(found: Iterable[ResourceChange]) -> Iterable[Diagnostic]:
    """Accounts that no file declares and that somebody lets administer a realm: they are said."""
    for change in found:
        for item in change.changes:
            yield warning(
                "administration-granted-outside",
                f"{change.address} was given {dotted(item.path)}: {', '.join(item.after)}",
                "Whoever has the client's secret may administer the realm with it. No file "
                "declares the account, so kcplan leaves it as it is. Take the role away in "
                "Keycloak, declare the account's roles to have that done, or take it as it is "
                "with `kcplan refresh --accept`.",
                address=change.address,
                path=item.path,
            )


def _realms_not_named(context: Context) -> Iterable[Diagnostic]:
    realms = {address.realm for address in context.inputs.state.resources}
    for realm in sorted(realms - context.inputs.config.realms):
        if context.moves.was(realm):
            continue
        yield warning(
            "realm-not-in-files",
            f"the realm {realm} is in the state and in none of the files",
            "kcplan neither plans nor deletes it. Name its files too. If kcplan should no longer "
            f"manage it, run `kcplan state rm '{realm}'`; it stays in Keycloak.",
            address=Address.of(realm),
        )
