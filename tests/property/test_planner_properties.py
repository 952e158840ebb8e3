"""Properties of planning, on values: whatever was declared before, and whatever others did since.

Keycloak is a mapping from addresses to objects here, and executing a step puts the leaves of the
step into it. That Keycloak does what the steps say is tested elsewhere, with a real one.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from graphlib import TopologicalSorter
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve
from hypothesis import HealthCheck, given, settings

from kcplan.address import Address
from kcplan.config.load import load
from kcplan.config.model import Config
from kcplan.diff import is_marker
from kcplan.events import Outcome
from kcplan.inverse import invert
from kcplan.outcome import state_after
from kcplan.path_patterns import path_matches
from kcplan.plan import Action, Operation, Plan, ResourceChange, Step
from kcplan.planner import Inputs, Options, make_plan
from kcplan.refs import references
from kcplan.resource import Resource
from kcplan.schema import Leaves
from kcplan.shapes import entry_of, is_entry
from kcplan.snapshot import LiveObject, Snapshot
from kcplan.state import Digest, ServerIdentity, State
from kcplan_keycloak.resources import registry
from support.random_realms import SCOPES, realms

Live = Mapping[Address, LiveObject]

SERVER = ServerIdentity("https://sso.example", "26.7.3")
R = Address.of("r")
BUILT_IN = {R.child("roles", "offline_access"): "offline"} | {
    R.child("client-scopes", name): name for name in SCOPES
}
NEW_IDS = map("id-{}".format, count())


class PlainDigester:
    """Digests that are the texts themselves."""

    def digest(self, text: str) -> Digest:
        return Digest("plain", text)

    def matches(self, text: str, digest: Digest) -> bool | None:
        return text == digest.value


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("realms")


def plan(folder: Path, document: Any, state: State, live: Live, **options: Any) -> Plan:
    """The plan that makes of what is there what a file says."""
    file = folder / "realm.json"
    file.write_text(json.dumps({"realm": "r", **document}), encoding="utf-8")
    config: Config = load([file], registry(), {})
    snapshot = Snapshot(
        SERVER,
        asked=frozenset(live) | config.resources.keys() | state.resources.keys(),
        objects=live,
        known=BUILT_IN,
    )
    chosen = Options(new_id=NEW_IDS.__next__, allow_mass_delete=True, **options)
    made = make_plan(Inputs(config, state, snapshot, registry(), PlainDigester(), chosen))
    assert not [item for item in made.diagnostics if item.severity == "error"]
    return made


# -- executing steps on values ----------------------------------------------------------------


def ordered(steps: Iterable[Step]) -> Iterator[Step]:
    """The steps as they may run: stage by stage, each after those that it needs."""
    by_id = {step.id: step for step in steps}
    sorter = TopologicalSorter({step.id: step.needs for step in steps})
    order = [by_id[name] for name in sorter.static_order()]
    return iter(sorted(order, key=lambda step: step.stage))


def written(leaves: Leaves, after: Leaves) -> dict[tuple[str, ...], Any]:
    """The leaves with others written into them; None makes all at and below a path absent."""
    result = dict(leaves)
    for path, value in after.items():
        result = {p: v for p, v in result.items() if p[: len(path)] != path}
        if isinstance(value, Mapping):
            result |= {(*path, *inner): leaf for inner, leaf in opened(value)}
        elif value is not None:
            result[path] = value
    return result


def opened(tree: Mapping[str, Any]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from (((key, *inner), leaf) for inner, leaf in opened(value))
        else:
            yield (key,), value


def executed(live: Live, steps: Iterable[Step]) -> Live:
    """What is there after these steps."""
    result = dict(live)
    for step in steps:
        there = result.get(step.address)
        if step.operation is Operation.DELETE:
            result = {a: without(o, step) for a, o in result.items() if not a.within(step.address)}
        elif step.operation is Operation.CREATE:
            assert there is None, f"{step.address} exists"
            result |= {made.address: made for made in created(step)}
        else:
            assert there is not None, f"{step.address} does not exist"
            result[step.address] = evolve(there, leaves=written(there.leaves, step.after))
    return result


def created(step: Step) -> Iterator[LiveObject]:
    """The new object; along with a client, its service account."""
    object_id = step.object_id or next(NEW_IDS)
    yield LiveObject(step.address, step.type, object_id, written({}, step.after))
    if step.type == "client":
        account = step.address.child("service-account")
        yield LiveObject(account, "service-account", next(NEW_IDS))


def without(holder: LiveObject, gone: Step) -> LiveObject:
    """An object without what it said of a deleted one: Keycloak forgets that by itself."""
    leaves = dict(holder.leaves)
    seen = Resource(holder.address, holder.type, leaves)
    for reference in references(registry(), seen):
        if reference.target.within(gone.address) and isinstance(leaves.get(reference.path), list):
            name = reference.target.name
            leaves[reference.path] = [item for item in leaves[reference.path] if item != name]
    return evolve(holder, leaves=leaves)


def applied(state: State, made: Plan, live: Live) -> tuple[State, Live]:
    """The state and what is there, after the plan was executed."""
    steps = tuple(ordered(made.steps))
    after = executed(live, steps)
    outcome = Outcome(done=steps, ids={a: str(o.id) for a, o in after.items()})
    snapshot = Snapshot(SERVER, frozenset(after), after)
    return state_after(state, made, outcome, snapshot, registry(), settled=True), after


def meaning(live: Live) -> dict[Address, dict[tuple[str, ...], Any]]:
    """What is there, without leaves that mean nothing, in any order."""
    return {
        address: {
            path: sorted(value) if isinstance(value, list) else value
            for path, value in item.leaves.items()
            if value not in (None, [], {})
        }
        for address, item in live.items()
    }


# -- the properties ---------------------------------------------------------------------------


def only_watched(drift: ResourceChange) -> bool:
    """Whether others changed what the files say nothing of: told until it is accepted.

    Roles that they granted; and guarded fields, which no creation here fills, as Keycloak does.
    """
    spec = registry()[drift.type]
    return all(
        path_matches(item.path, spec.watched) or item.path in spec.guarded for item in drift.changes
    )


HISTORY = {"foreign": realms(), "first": realms(), "meanwhile": realms(), "last": realms()}
NOBODY = State("lineage")


def lived(folder: Path, history: Mapping[str, Any]) -> tuple[State, Live]:
    """A state, and what is there: what others made, kcplan applied, and others changed."""
    _, live = applied(NOBODY, plan(folder, history["foreign"], NOBODY, {}), {})
    state, live = applied(NOBODY, plan(folder, history["first"], NOBODY, live), live)
    _, live = applied(NOBODY, plan(folder, history["meanwhile"], NOBODY, live), live)
    return state, live


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(**HISTORY)
def test_after_a_plan_is_executed_nothing_is_left_to_do(folder: Path, **history: Any) -> None:
    state, live = lived(folder, history)

    made = plan(folder, history["last"], state, live)
    state, live = applied(state, made, live)
    again = plan(folder, history["last"], state, live)

    assert [change for change in again.changes if change.action is not Action.NOOP] == []
    assert again.steps == ()
    written_ones = {step.address for step in made.steps}
    assert [d for d in again.drift if d.address in written_ones and not only_watched(d)] == []


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(**HISTORY)
def test_a_plan_names_no_path_that_is_neither_declared_nor_owned(
    folder: Path, **history: Any
) -> None:
    state, live = lived(folder, history)

    made = plan(folder, history["last"], state, live)

    desired = load([folder / "realm.json"], registry(), {}).resources
    for change in made.changes:
        if change.action is Action.DELETE:
            continue
        entry = state.resources.get(change.address)
        declared = desired[change.address].leaves if change.address in desired else {}
        owned = entry.owned if entry else ()
        for item in change.changes:
            ways = [item.path[:length] for length in range(len(item.path) + 1)]
            emptied = any(is_marker(declared.get(way)) for way in ways)
            mine = any(way in owned for way in ways) or any(
                path[: len(item.path)] == item.path for path in owned
            )
            assert item.path in declared or emptied or mine, (change.address, item.path)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(**HISTORY)
def test_every_update_and_creation_is_undone_by_its_inverse(folder: Path, **history: Any) -> None:
    state, live = lived(folder, history)
    made = plan(folder, history["last"], state, live)
    steps = [step for step in ordered(made.steps) if step.operation is not Operation.DELETE]

    after = executed(live, steps)
    undone = executed(
        after, [invert(step, str(after[step.address].id)) for step in reversed(steps)]
    )

    assert meaning(undone) == meaning(live)


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(foreign=realms(), first=realms(), last=realms())
def test_destroying_leaves_what_others_made_and_nothing_that_is_owned(
    folder: Path, foreign: Any, first: Any, last: Any
) -> None:
    _, before = applied(NOBODY, plan(folder, foreign, NOBODY, {}), {})
    state, live = applied(NOBODY, plan(folder, first, NOBODY, before), before)
    emptied = list(markers(folder))
    state, live = applied(state, plan(folder, last, state, live), live)
    emptied += markers(folder)

    owned = {(address, path) for address, entry in state.resources.items() for path in entry.owned}
    state, live = applied(state, plan(folder, {}, state, live, destroy=True), live)

    assert state.resources == {}
    assert live.keys() == before.keys()
    entries_before, entries_after = set(entries(before)), set(entries(live))
    assert not owned & (entries_after - entries_before)
    gone = entries_before - entries_after
    assert {(a, path) for a, path in gone if (a, path[:-1]) not in emptied} == set()


def markers(folder: Path) -> Iterator[tuple[Address, tuple[str, ...]]]:
    """The maps of which the file says that they have no other entries."""
    for address, resource in load([folder / "realm.json"], registry(), {}).resources.items():
        yield from ((address, path) for path, value in resource.leaves.items() if is_marker(value))


def entries(live: Live) -> Iterator[tuple[Address, tuple[str, ...]]]:
    """The attributes, mappers and so on that are there; roles are in lists."""
    for address, leaves in meaning(live).items():
        schema = registry()[live[address].type].schema
        for path, value in leaves.items():
            if is_entry(schema, path) and (path[0] == "attributes" or not isinstance(value, list)):
                yield address, entry_of(schema, path)
