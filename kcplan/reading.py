"""What a command must read: only what is managed, and what that refers to."""

from collections.abc import Container, Iterable, Mapping
from functools import lru_cache

from kcplan.address import Address, matches, matches_any
from kcplan.config.model import Config
from kcplan.errors import UsageError
from kcplan.graph import ResourceGraph
from kcplan.moves import moves_of, rebased
from kcplan.plan import Action, Plan, ResourceChange
from kcplan.provider import ReadRequest, Wanted
from kcplan.resource import Registry, TypeSpec, spec_at
from kcplan.schema import tops
from kcplan.state import ResourceState, State


def for_plan(
    config: Config,
    graph: ResourceGraph,
    state: State,
    registry: Registry,
    targets: tuple[str, ...] = (),
) -> ReadRequest:
    """What a plan compares: all that the files declare and the state knows of their realms."""
    realms = realms_of(config, state)
    entries = {a: e for a, e in state.resources.items() if a.realm in realms}
    resources = dict(config.resources)
    _refuse_unmatched(targets, {*entries, *resources})
    if targets:
        chosen = graph.targeted({*entries, *resources}, targets)
        entries = {a: e for a, e in entries.items() if a in chosen}
        resources = {a: r for a, r in resources.items() if a in chosen}
    # What Keycloak still calls the resources that are about to be renamed.
    old = {rule.new: rule.old for rule in config.moved if rule.old in state.resources}
    wanted: dict[Address, Wanted] = {}
    for address, resource in resources.items():
        for name in {address, rebased(address, old)}:
            _want(wanted, name, resource.type, tops(resource.leaves))
    for address, entry in entries.items():
        _want(wanted, address, entry.type, entry.fields)
    references = {
        name
        for address in resources
        for reference in graph.references[address]
        for candidate in reference.candidates
        for name in (candidate, rebased(candidate, old))
    }
    return ReadRequest(
        wanted=_with_parents(wanted, registry),
        ids=_ids(state),
        references=frozenset(references - wanted.keys()),
        leaving=_leaving(config, entries, resources),
        administering=True,
    )


def _leaving(
    config: Config, entries: Mapping[Address, ResourceState], resources: Mapping[Address, object]
) -> frozenset[Address]:
    """What may be deleted: what the files no longer have, without what goes along with it.

    What was adopted is released, as a rule, and does not take along what lies in it.
    """
    moved = {rule.old for rule in config.moved if rule.new in resources}
    missing = entries.keys() - resources.keys() - moved
    going = {address for address in missing if not entries[address].adopted}
    return frozenset(address for address in missing if going.isdisjoint(address.ancestors()))


def for_state(state: State, registry: Registry) -> ReadRequest:
    """What the state knows, and so a plan will probably read, whatever the files say."""
    wanted = {a: _wanted(e.type, e.fields) for a, e in state.resources.items()}
    return ReadRequest(_with_parents(wanted, registry), _ids(state))


def _refuse_unmatched(targets: Iterable[str], addresses: Iterable[Address]) -> None:
    """Raise UsageError for a glob that matches none of the addresses."""
    known = tuple(addresses)
    for target in targets:
        if not any(matches(address, target) for address in known):
            raise UsageError(
                f"--target {target} matches nothing",
                "No resource of the files or of the state has such an address. `kcplan state "
                "list` shows those of the state; `*` stands for a part of one segment, `**` for "
                "any number of segments.",
            )


def for_refresh(
    state: State,
    registry: Registry,
    targets: tuple[str, ...] = (),
    *,
    unmanaged: bool = False,
    chosen: Container[Address] | None = None,
) -> ReadRequest:
    """What drift detection looks at: all that the state knows, and what lies beneath it.

    With `chosen` only these, of all that the state knows.
    """
    _refuse_unmatched(targets, state.resources)
    wanted: dict[Address, Wanted] = {}
    for address, entry in state.resources.items():
        if chosen is not None and address not in chosen:
            continue
        if not targets or matches_any(address, targets):
            _want(wanted, address, entry.type, entry.fields)
    return ReadRequest(
        wanted=_with_parents(wanted, registry),
        ids=_ids(state),
        beneath=True,
        unmanaged=unmanaged,
        granted=frozenset(wanted),
    )


def for_confirmation(
    entries: Iterable[ResourceState], ids: Mapping[Address, str], registry: Registry
) -> ReadRequest:
    """What an apply reads back: the resources that it wrote, and those that it adopted."""
    wanted: dict[Address, Wanted] = {}
    for entry in entries:
        _want(wanted, entry.address, entry.type, tops(entry.declared))
    return ReadRequest(wanted=_with_parents(wanted, registry), ids=ids)


def for_import(realm: str, registry: Registry, *, data: bool = False) -> ReadRequest:
    """A whole realm, whoever made what is in it; with `data` also users, say."""
    address = Address.of(realm)
    spec = spec_at(registry, address)
    wanted = {address: Wanted(spec.name)} if spec else {}
    return ReadRequest(wanted, everything=True, data=data)


def for_saved_plan(plan: Plan, registry: Registry) -> ReadRequest:
    """What must still be as it was when a plan was saved: the objects that it changes."""
    moves = moves_of(plan.changes)
    wanted: dict[Address, Wanted] = {}
    for change in plan.changes:
        if change.action is not Action.NOOP:
            _want(wanted, moves.old(change.address), change.type, _touched(change))
    ids = {moves.old(address): object_id for address, object_id in plan.known.items()}
    return ReadRequest(wanted=_with_parents(wanted, registry), ids=ids)


def _touched(change: ResourceChange) -> frozenset[str]:
    return tops([*(change.before or ()), *(item.path for item in change.changes)])


def realms_of(config: Config, state: State) -> frozenset[str]:
    """The realms that the files name, under their old names too."""
    moved = {rule.old.realm for rule in config.moved if rule.new.realm in config.realms}
    return config.realms | {realm for realm in moved if Address.of(realm) in state.resources}


def _want(
    wanted: dict[Address, Wanted], address: Address, type_name: str, fields: frozenset[str]
) -> None:
    before = wanted.get(address)
    if before is None or not fields <= before.fields:
        wanted[address] = _wanted(type_name, fields | before.fields if before else fields)


@lru_cache(maxsize=4096)
def _wanted(type_name: str, fields: frozenset[str]) -> Wanted:
    """The one value for this: the same few fields of thousands of objects are read."""
    return Wanted(type_name, fields)


def _with_parents(wanted: Mapping[Address, Wanted], registry: Registry) -> dict[Address, Wanted]:
    """Also what the wanted objects lie in: without it they cannot be found."""
    result = {a: item for a, item in wanted.items() if not registry[item.type].virtual}
    seen: set[Address] = set()
    specs: dict[tuple[str, int, int], TypeSpec | None] = {}
    for address, item in wanted.items():
        for ancestor in address.ancestors():
            if ancestor in seen or ancestor in result:
                break
            seen.add(ancestor)
            # What the parts of an address are depends on its type, whatever their names are.
            place = item.type, len(address), len(ancestor)
            if place not in specs:
                specs[place] = spec_at(registry, ancestor)
            if spec := specs[place]:
                result[ancestor] = Wanted(spec.name)
    return result


def _ids(state: State) -> dict[Address, str]:
    return {a: e.id for a, e in state.resources.items() if e.id is not None}
