"""What the accounts of managed objects are granted, whether a file declares the accounts or not.

Nobody writes it down, and whoever grants something to such an account acts with its rights from
then on. So each grant that kcplan did not see when it adopted the object, and that nobody accepted,
is drift. Pure.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from attrs import evolve

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, Path, note
from kcplan.diff import same, without_server_made
from kcplan.lifecycle import Rules
from kcplan.plan import Action, ChangeOrigin, FieldChange, Plan, ResourceChange
from kcplan.resource import Registry, TypeSpec, spec_at
from kcplan.schema import Leaves
from kcplan.snapshot import Snapshot
from kcplan.state import ResourceState, State


@frozen
class _Account:
    """An account, and what it is granted apart from what kcplan itself gave it.

    Attributes:
        address: Its name.
        spec: Its type.
        holder: What the state knows of the object that it comes with.
        before: What it was granted as far as that was seen or accepted.
        now: What it is granted.
    """

    address: Address
    spec: TypeSpec
    holder: ResourceState | None
    before: Leaves
    now: Leaves


def find_grants(
    state: State, live: Snapshot, registry: Registry, rules: Rules
) -> tuple[ResourceChange, ...]:
    """What accounts of managed objects were granted, or lost, since nobody looked."""
    return tuple(
        _seen(account, changes)
        for account in _accounts(live.granted, state, registry)
        if account.holder is not None
        and (changes := _not_ignored(account, _changes(account, state), rules))
    )


def find_administration(
    state: State, live: Snapshot, registry: Registry, rules: Rules
) -> tuple[ResourceChange, ...]:
    """Which accounts that no file declares may administer a realm, since nobody looked."""
    return tuple(
        _seen(account, changes)
        for account in _accounts(live.administering, state, registry)
        if (changes := _not_ignored(account, _gained(account), rules))
    )


def _accounts(
    granted: Mapping[Address, Leaves], state: State, registry: Registry
) -> Iterator[_Account]:
    if not granted:
        return
    given = frozenset(
        item
        for entry in state.resources.values()
        for item in registry[entry.type].gives(entry.address)
    )
    for address, now in sorted(granted.items()):
        spec, holder = spec_at(registry, address), state.resources.get(address.parent)
        if spec is not None:
            before = holder.granted if holder is not None else {}
            both = (_without(leaves, address, given) for leaves in (before, now))
            yield _Account(address, spec, holder, *both)


def _without(
    granted: Leaves, account: Address, given: frozenset[tuple[Address, Path, str]]
) -> dict[Path, Any]:
    """What an account is granted, but for roles that kcplan gave it by resources of their own."""
    rest = {
        path: [role for role in roles if (account, path, role) not in given]
        for path, roles in granted.items()
    }
    return {path: roles for path, roles in rest.items() if roles or not granted[path]}


def _gained(account: _Account) -> Iterator[FieldChange]:
    for path, roles in sorted(account.now.items()):
        before = account.before.get(path) or []
        if not set(roles) <= set(before):
            after = sorted({*before, *roles})
            yield FieldChange(path, before or None, after, ChangeOrigin.DRIFT)


def _not_ignored(
    account: _Account, changes: Iterable[FieldChange], rules: Rules
) -> list[FieldChange]:
    ignored = rules.ignored(account.address)
    return [change for change in changes if not ignored(change.path)]


def _seen(account: _Account, changes: Iterable[FieldChange]) -> ResourceChange:
    name = account.spec.name
    return ResourceChange.seen(account.address, name, Action.UPDATE, changes, account.before)


def with_grants(
    changed: Iterable[ResourceChange], granted: Iterable[ResourceChange]
) -> tuple[ResourceChange, ...]:
    """Both, one for each resource, by address."""
    found = {change.address: change for change in changed}
    for change in granted:
        there = found.get(change.address)
        if there is not None:
            both = sorted((*there.changes, *change.changes), key=lambda item: item.path)
            change = evolve(there, changes=tuple(both))  # noqa: PLW2901 - it has both now
        found[change.address] = change
    return tuple(sorted(found.values(), key=lambda change: change.address))


def granted_now(entry: ResourceState, live: Snapshot) -> Leaves:
    """What the account of an object is granted; what was known where nobody looked."""
    return live.granted_of.get(entry.address, entry.granted)


def joining_accounts(plan: Plan, registry: Registry) -> dict[Address, frozenset[str]]:
    """What the accounts of objects that a plan makes join by themselves, by object."""
    entrances = {
        change.address: frozenset(found)
        for change in plan.changes
        if change.entry is not None and (found := _entrance(change.entry, registry))
    }
    return {
        change.address: entrances[realm]
        for change in plan.changes
        if change.action in (Action.CREATE, Action.REPLACE)
        and registry[change.type].grants is not None
        and (realm := Address.of(change.address.realm)) in entrances
    }


def _entrance(entry: ResourceState, registry: Registry) -> Iterable[str]:
    where = registry[entry.type].joined
    known = entry.managed.get(where) or entry.observed.get(where)
    return known if where and isinstance(known, list) else ()


def with_what_was_joined(live: Snapshot, joining: Mapping[Address, frozenset[str]]) -> Snapshot:
    """Of what these accounts are granted only what comes of joining: the rest somebody gave."""
    if not joining:
        return live
    granted = {
        account: {
            path: roles
            for path, roles in leaves.items()
            if account.parent not in joining
            or (len(path) >= _THROUGH and path[1] in joining[account.parent])
        }
        for account, leaves in live.granted.items()
    }
    return evolve(live, granted=granted)


def undeclared_before(
    state: State, change: ResourceChange, seen: Leaves, registry: Registry
) -> ResourceState | None:
    """What was known of an account that a file declares for the first time.

    None where it is not one of an object that was managed already. What it was granted since is no
    part of it, so that declaring the account accepts nothing.
    """
    holder = state.resources.get(change.address.parent)
    grants = registry[holder.type].grants if holder is not None else None
    if holder is None or grants is None or change.entry is None:
        return None
    if change.action is not Action.ADOPT or not registry[change.type].origin.on_demand:
        return None
    rest = {path: value for path, value in seen.items() if path[0] not in grants.fields}
    direct = {path: value for path, value in holder.granted.items() if len(path) < _THROUGH}
    return evolve(change.entry, observed=rest | direct, since=holder.since)


def undeclared_after(
    holder: ResourceState, change: ResourceChange, before: ResourceState, registry: Registry
) -> ResourceState:
    """An object whose account leaves the files: what that had been granted, and keeps, stays known.

    Args:
        holder: The object.
        change: The release of the account.
        before: What was known of the account.
        registry: The types.
    """
    grants = registry[holder.type].grants
    if grants is None or change.after is None:
        return holder
    kept = {
        path: [item for item in before.observed[path] if item in (value or ())]
        for path, value in change.after.items()
        if path[0] in grants.fields and isinstance(before.observed.get(path), list)
    }
    direct = {path: items for path, items in kept.items() if items and path != ("groups",)}
    return evolve(holder, granted={**holder.granted, **direct})


def _changes(account: _Account, state: State) -> Iterator[FieldChange]:
    own = state.resources.get(account.address)
    judged = {path[0] for path in own.observed} | {p[0] for p in own.declared} if own else set()
    for path in sorted(account.before.keys() | account.now.keys()):
        if len(path) < _THROUGH and path[0] in judged:
            continue  # the account has an entry of its own, which says it
        if own is not None and _is_declared(own, path) and path not in account.before:
            continue
        before, after = (
            without_server_made(account.spec, account.address, path, leaves.get(path))
            for leaves in (account.before, account.now)
        )
        if not same(before, after):
            yield FieldChange(path, before, after, ChangeOrigin.DRIFT)


_THROUGH = 3
"""So long are the paths of what an account is granted through something that is named in them."""


def _is_declared(own: ResourceState, path: tuple[str, ...]) -> bool:
    """Whether the files themselves name that through which an account is granted something."""
    named = own.managed.get(path[:1])
    return isinstance(named, list) and path[1] in named


def unseen(live: Snapshot) -> Iterator[Diagnostic]:
    """That there are accounts of managed objects which kcplan may not look at: it is said once."""
    if not live.unseen:
        return
    whose = ", ".join(account.segments[-2] for account in sorted(live.unseen))
    yield note(
        "accounts-not-seen",
        "what the service accounts of managed clients are granted was not looked at",
        "The account that kcplan uses may not see users, so a role that somebody gives to these "
        f"accounts passes unseen, one that administers the realm as well: {whose}. Give it the "
        "role view-users.",
    )
