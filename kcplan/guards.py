"""Guards: plans that are refused although they could be executed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, error
from kcplan.lifecycle import Rules
from kcplan.plan import Action, ResourceChange
from kcplan.resource import Registry
from kcplan.snapshot import Snapshot
from kcplan.state import State

MASS_DELETE_COUNT = 10
MASS_DELETE_SHARE = 0.3
"""A plan that deletes more than this many resources, and more than this share of what is managed,
is more often an accident (a forgotten file, a wrong path) than a wish."""

_NAMED = 5
"""So many of the objects in a way are told by name."""


@frozen
class Allowed:
    """What the user has allowed explicitly."""

    mass_delete: bool = False
    realm_deletion: bool = False
    unmanaged: bool = False


def check(
    changes: Sequence[ResourceChange],
    rules: Rules,
    registry: Registry,
    state: State,
    allowed: Allowed,
    live: Snapshot,
) -> Iterator[Diagnostic]:
    """The errors that stop a plan which deletes what it must not."""
    deleted = {change.address for change in changes if change.action is Action.DELETE}
    protected = _protected_within(state, rules)
    for change in changes:
        if change.action.takes_away or (change.notes and change.action is not Action.CREATE):
            yield from _protected(change, rules, protected)
        if not change.action.takes_away or not _is_kept(change, registry, live):
            continue
        if deleted.isdisjoint(change.address.ancestors()):
            yield error(
                "built-in-object",
                f"{change.address} is one of Keycloak's own objects and is never deleted",
                "Keycloak makes it in every realm. Release it instead "
                f"(`kcplan state rm '{change.address}'`).",
                address=change.address,
            )
    if not allowed.mass_delete and not allowed.realm_deletion:
        yield from _mass_delete(changes, state)
    if not allowed.unmanaged:
        yield from _inhabited(deleted, state, live)


def _is_kept(change: ResourceChange, registry: Registry, live: Snapshot) -> bool:
    holder = next((a for a in change.address.ancestors() if a in live.objects), None)
    parent = live.objects[holder].leaves if holder is not None else None
    return registry[change.type].permanent(change.address, parent)


def _protected_within(state: State, rules: Rules) -> dict[Address, Address]:
    """For each address in which a protected resource lies, such a resource."""
    found: dict[Address, Address] = {}
    for address in state.resources:
        if _keeper(address, rules) is not None:
            for ancestor in address.ancestors():
                found.setdefault(ancestor, address)
    return found


def _protected(
    change: ResourceChange, rules: Rules, within: Mapping[Address, Address]
) -> Iterator[Diagnostic]:
    address, what = change.address, "changed so that a part of it is lost"
    if change.action.takes_away:
        what = "replaced" if change.action is Action.REPLACE else "deleted"
        if _keeper(address, rules) is None:
            address = within.get(address, address)
    keeper = _keeper(address, rules)
    if keeper is not None:
        yield error(
            "prevent-destroy",
            f"{change.address} would be {what}, and {_whose(address, change.address)} protected",
            f"A [[lifecycle]] rule of kcplan.toml says prevent_destroy for {keeper}. Declare the "
            "resource again, or change the rule first.",
            address=change.address,
        )


def _whose(address: Address, changed: Address) -> str:
    return "it is" if address == changed else f"{address} in it is"


def _keeper(address: Address, rules: Rules) -> Address | None:
    """The address for which a rule protects the resource: itself, or something it lies in."""
    if not rules.rules:
        return None
    for ancestor in (address, *address.ancestors()):
        said = rules.prevent_destroy(ancestor)
        if said is not None:
            return ancestor if said else None
    return None


def _inhabited(deleted: Iterable[Address], state: State, live: Snapshot) -> Iterator[Diagnostic]:
    """What goes, and has something in it that kcplan does not manage."""
    for address in sorted(live.inhabitants.keys() & set(deleted)):
        found = live.inhabitants[address]
        foreign = {
            word: [str(item) for item in inner if item not in state.resources]
            for word, inner in found.named.items()
        }
        counted = {w: n - _managed(w, address, state, live) for w, n in found.counts.items()}
        counts = {**counted, **{word: len(names) for word, names in foreign.items()}}
        parts = [f"{n} {word}{'' if n == 1 else 's'}" for word, n in counts.items() if n > 0]
        if parts:
            named = [f"The {word}s are {_some(names)}." for word, names in foreign.items() if names]
            lost = (
                "They could not be restored."
                if address.is_realm
                else "They would go along with it."
            )
            yield error(
                "unmanaged-in-realm" if address.is_realm else "unmanaged-within",
                f"{address} would be deleted with what kcplan does not manage: {', '.join(parts)}",
                " ".join([lost, *named, "To delete them too, use --delete-unmanaged."]),
                address=address,
            )


def _managed(word: str, holder: Address, state: State, live: Snapshot) -> int:
    """How many objects of a type in another object are kcplan's own, and are there."""
    own = (entry.address for entry in state.resources.values() if entry.type == word)
    return sum(address.within(holder) and address in live.objects for address in own)


def _some(names: Sequence[str]) -> str:
    """The first few of many names."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _mass_delete(changes: Sequence[ResourceChange], state: State) -> Iterator[Diagnostic]:
    deleted = sum(change.action is Action.DELETE for change in changes)
    managed = len(state.resources)
    if deleted > MASS_DELETE_COUNT and deleted > MASS_DELETE_SHARE * managed:
        yield error(
            "mass-delete",
            f"the plan deletes {deleted} of {managed} managed resources",
            "Usually a file was forgotten, or a path is wrong. If the plan is right, use "
            "--allow-mass-delete.",
        )
