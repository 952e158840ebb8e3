"""The planner: files, state and live Keycloak in, a plan out. Pure.

moves ─▶ one decision for each resource ─▶ what they mean for each other ─▶ guards
─▶ steps in order ─▶ Plan
"""

from collections.abc import Iterable

from attrs import evolve

from kcplan import (
    barred,
    features,
    guards,
    kept,
    lockout,
    masked,
    newer_fields,
    not_compared,
    outside,
    own_values,
    read_only,
    references,
    unknown_names,
)
from kcplan.address import Address
from kcplan.agreeing import agreed
from kcplan.bygone import without_bygone
from kcplan.concealing import concealed, secret_fields
from kcplan.decisions import decide
from kcplan.dependents import go_along, rewrite_dependents
from kcplan.diagnostics import Diagnostic, Path, warning
from kcplan.digests import Digester
from kcplan.drift import find_drift
from kcplan.fingerprints import fingerprints, secret_digests
from kcplan.given import without_given
from kcplan.grants import find_administration, unseen, with_grants
from kcplan.graph import ResourceGraph
from kcplan.inputs import Context, Inputs, Options
from kcplan.lifecycle import Rules
from kcplan.moves import resolve_moves
from kcplan.plan import Action, Plan, ResourceChange
from kcplan.resource import Registry
from kcplan.risk import Risk
from kcplan.risk_rules import find_risks, lint, of_secrets, weighed
from kcplan.schema import Leaves
from kcplan.snapshot import LiveObject, Snapshot
from kcplan.state import State
from kcplan.steps import build_steps
from kcplan.upsets import written_again
from kcplan.versions import judged

__all__ = ["Inputs", "Options", "make_plan"]


def make_plan(inputs: Inputs) -> Plan:
    """The plan that brings Keycloak to what the files say, and the state along with it."""
    context = _context(inputs)
    decided = [decide(context, address) for address in _addresses(context)]
    changes = rewrite_dependents(context, go_along(context, decided))
    changes = written_again(context, changes)
    written = _real(changes, inputs.registry)
    steps = build_steps(written, context.graph, inputs.registry, context.live, context.state)
    drift, unmentioned = find_drift(
        context.state, context.live, inputs.registry, inputs.digester, context.rules
    )
    administering = find_administration(context.state, context.live, inputs.registry, context.rules)
    left = with_grants(outside.left_alone(context, unmentioned, changes), administering)
    watched = tuple(outside.watched(context, drift))
    plan = Plan(
        server=inputs.live.server,
        lineage=inputs.state.lineage,
        serial=inputs.state.serial,
        changes=tuple(changes),
        steps=steps,
        drift=drift,
        outside=left,
        diagnostics=(
            *context.moves.diagnostics,
            *_diagnostics(context, changes),
            *outside.granted(watched),
            *unseen(inputs.live),
            *barred.noted(context.live, inputs.registry),
            *outside.administered(administering),
        ),
        risks=_risks(context, changes, (*left, *watched)),
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
    inputs, left = context.inputs, tuple(left)
    registry, lints = inputs.registry, inputs.options.lint
    planned = {change.address for change in changes}
    declared = [r for a, r in inputs.config.resources.items() if a in planned]
    secrets = of_secrets(inputs.risk_rules, declared, registry)
    if not left and not lints and all(item.action is Action.NOOP for item in changes):
        return weighed(secrets, inputs.config.lint)
    rules = inputs.risk_rules()
    live = {address: item.leaves for address, item in context.live.objects.items()}
    going = {item.address for item in changes if item.action.takes_away}
    staying = (item for item in left if item.address not in going)
    found = (
        evolve(risk, summary=f"{risk.summary} (changed in Keycloak, and left so)")
        for risk in find_risks(rules, staying, live, registry)
    )
    advice = lint(rules, declared, registry) if lints else ()
    risks = (*find_risks(rules, changes, live, registry), *found, *advice, *secrets)
    return weighed(risks, inputs.config.lint)


def _context(inputs: Inputs) -> Context:
    moves = resolve_moves(inputs.config, inputs.state, inputs.live, inputs.registry)
    state = moves.state(inputs.state, inputs.registry)
    live = _with_virtual(moves.live(inputs.live, inputs.registry), state, inputs.registry)
    fields = secret_fields(inputs.config.resources.values(), state.resources.values())
    config = without_bygone(inputs.config, inputs.registry, live)
    declared = {} if inputs.options.destroy else config.resources
    fitting = agreed(without_given(declared, inputs.registry, live), inputs.registry, live)
    resources = fitting.resources
    config = evolve(
        config,
        resources=resources,
        diagnostics=(*config.diagnostics, *fitting.diagnostics),
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


def _diagnostics(context: Context, changes: list[ResourceChange]) -> Iterable[Diagnostic]:
    inputs = context.inputs
    version = context.server_version
    found = inputs.config.diagnostics
    yield from judged(found, version) if version else found
    yield from references.unresolved(
        inputs.config.resources, context.graph, inputs.registry, context.live, changes
    )
    yield from references.unmet(
        inputs.config.resources, inputs.registry, context.live, changes=changes
    )
    yield from masked.check(context, changes)
    yield from _unknown_names(context, changes)
    yield from features.missing(changes, inputs.config.resources, inputs.registry, context.live)
    yield from read_only.check(context, changes)
    yield from newer_fields.check(context, changes)
    yield from read_only.forbidden(context, changes)
    yield from kept.check(context, changes)
    yield from own_values.check(context, changes)
    yield from not_compared.check(context, changes)
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
    for item in lockout.check(changes, inputs.options.identity, context.live, inputs.registry):
        declared = inputs.config.resources.get(item.address) if item.address else None
        path = tuple(map(str, item.path))
        yield evolve(item, source=declared.source(path) if declared else None)
    yield from _realms_not_named(context)


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
