"""The baseline: what drift is measured against. It moves field by field. Pure.

An apply moves it for the fields that it wrote, for those that the files declare, and for what
Keycloak changes along with them. What somebody else changed on the same object stays reported
until it is accepted.
"""

from collections.abc import Collection, Iterable, Iterator

from attrs import evolve

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.diff import identical
from kcplan.path_patterns import path_matches
from kcplan.resource import TypeSpec
from kcplan.schema import Leaves, lies_in
from kcplan.shapes import Named, shape_at
from kcplan.snapshot import Snapshot
from kcplan.state import ResourceState


def after_apply(
    spec: TypeSpec,
    before: ResourceState | None,
    declared: Collection[Path],
    written: Collection[Path],
    seen: Leaves,
) -> Leaves:
    """The baseline of an object after an apply.

    Args:
        spec: Its type.
        before: What the state knew of it; None where this is its first time, so that all that is
            there is taken.
        declared: The fields that the files declare now.
        written: The fields that the apply wrote.
        seen: The object as it was read back.
    """
    if before is None or not before.observed:
        return seen
    come_or_gone = _entries_that_came_or_went(spec, before.observed, written, seen)
    fields = frozenset(declared).union(written, come_or_gone)
    above = _prefixes(path[:-1] for path in fields)
    along = tuple(answers(spec, written))

    def moves(path: Path) -> bool:
        return path in above or lies_in(path, fields) or path_matches(path, along)

    kept = {path: value for path, value in before.observed.items() if not moves(path)}
    return kept | {path: value for path, value in seen.items() if moves(path)}


def _entries_that_came_or_went(
    spec: TypeSpec, before: Leaves, written: Collection[Path], seen: Leaves
) -> Iterator[Path]:
    """The entries of named lists that an apply made or removed, with all that is in them."""
    then, now = _prefixes(before), _prefixes(seen)
    for path in written:
        for size in range(2, len(path) + 1):
            is_entry = isinstance(shape_at(spec.schema, path[: size - 1]), Named)
            if is_entry and not (path[:size] in then and path[:size] in now):
                yield path[:size]


def _prefixes(paths: Iterable[Path]) -> frozenset[Path]:
    return frozenset(path[:size] for path in paths for size in range(1, len(path) + 1))


def answers(spec: TypeSpec, written: Collection[Path]) -> Iterator[Path]:
    """What Keycloak changes by itself when these fields are written."""
    for pattern, others in spec.answers:
        if any(path_matches(path, (pattern,)) for path in written):
            yield from others


def with_enforced(
    spec: TypeSpec, entry: ResourceState, live: Snapshot, reported: Collection[Path]
) -> ResourceState:
    """An object that was written, with what the realm had Keycloak set along with that.

    What was reported before the write is not taken, though it has that value.
    """
    current = live.objects.get(entry.address)
    realm = live.objects.get(Address.of(entry.address.realm))
    if current is None or realm is None or not entry.observed:
        return entry
    made = {
        path: value
        for path, value in spec.enforced(realm.leaves).items()
        if identical(current.leaves.get(path), value)
        and path not in entry.declared
        and path not in reported
    }
    return evolve(entry, observed={**entry.observed, **made}) if made else entry
