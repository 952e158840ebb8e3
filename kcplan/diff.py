"""The three-way diff of one resource: what the files say, what was last applied, what is there.

Only declared fields are compared. Each change says whether the files or Keycloak moved, and what
kcplan brought (*owned* entries) goes away again when the files no longer name it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any, Final

from attrs import evolve, field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.mirrors import mirrored
from kcplan.order import agree, is_reached
from kcplan.path_patterns import path_matches
from kcplan.plan import ChangeOrigin, FieldChange
from kcplan.resource import (
    Resource,
    TypeSpec,
)
from kcplan.schema import Leaves, beginnings, lies_in, under
from kcplan.secret import MASK, Secret, is_sensitive, is_withheld, reveal, secret_text
from kcplan.shapes import ListOf, Order, entry_of, is_entry, shape_at
from kcplan.state import Digest, ResourceState

Matcher = Callable[[str, Digest], bool | None]
"""Whether a secret is the one of a digest; None where that cannot be told."""


@frozen
class Comparison:
    """What the diff of a resource found.

    Attributes:
        changes: The fields to be written.
        left: Fields that the files no longer mention and that keep their value.
        owned: The entries that kcplan owns once the changes are made.
    """

    changes: tuple[FieldChange, ...] = ()
    left: tuple[Path, ...] = ()
    owned: tuple[Path, ...] = ()


@frozen
class _Sides:
    """The three sides, and how to read them."""

    spec: TypeSpec
    address: Address
    desired: Leaves
    live: Leaves
    entry: ResourceState | None
    matches: Matcher
    because: Mapping[Path, str] = field(factory=dict)
    again: bool = False

    @cached_property
    def said(self) -> frozenset[Path]:
        """All that the files say something of, or of something in it."""
        return beginnings(self.desired)

    @cached_property
    def dropped(self) -> frozenset[Path]:
        """The fields that the files declared at the last apply and no longer do."""
        return self.entry.declared.difference(self.desired) if self.entry else frozenset()

    @cached_property
    def present(self) -> frozenset[Path]:
        """All that is there with a value, or has something in it that is."""
        return beginnings(path for path, value in self.live.items() if _present(value))


def compare(
    spec: TypeSpec,
    address: Address,
    desired: Resource | None,
    entry: ResourceState | None,
    live: Leaves,
    matches: Matcher,
    *,
    renamed: bool = False,
    again: bool = False,
) -> Comparison:
    """What must be written so that the object is as the files say.

    Without `desired` the resource leaves kcplan's hands: only what kcplan owns is taken back.
    With `renamed` it gets another name as well. With `again` the secrets that Keycloak does not
    give back are written whether or not they are others than before.
    """
    sides = _Sides(
        spec,
        address,
        desired.leaves if desired else {},
        live,
        entry,
        matches,
        desired.because if desired else {},
        again,
    )
    guarded = _guarded_values(sides)
    changes = [*_declared(sides), *_emptied(sides), *_taken_back(sides)]
    if desired is not None:
        taken = {change.path for change in changes}
        changes += (change for change in _guarded(sides, guarded) if change.path not in taken)
    changes += _displaced(sides, changes)
    taken = {change.path for change in changes}
    if changes and spec.made_anew(taken | ({spec.key} if renamed and spec.key else set())):
        changes += _along(sides, taken)
    return Comparison(
        tuple(sorted(changes, key=lambda change: change.path)),
        _left(sides, (change.path for change in changes), guarded),
        _owned(sides),
    )


def _declared(sides: _Sides) -> Iterator[FieldChange]:
    """Fields that the files declare and that are not so."""
    for path, value in sides.desired.items():
        # Equality first: nearly all fields are as they should be.
        if identical(value, sides.live.get(path)) or is_marker(value):
            continue
        if sides.spec.server_made(sides.address, path, value):
            continue
        if sides.live and is_unseen(sides.spec, sides.live, path):
            continue
        if is_order(sides.spec, path):
            there = sides.live.get(path) or []
            if not is_reached(value, there):
                before = [name for name in there if name in value]
                yield _change(sides, path, before or None, value)
            continue
        wanted = without_server_made(sides.spec, sides.address, path, value)
        there = without_server_made(sides.spec, sides.address, path, sides.live.get(path))
        if is_hidden(sides.spec, sides.live, path):
            if value is not None and (sides.again or not _written_before(sides, path, value)):
                yield _change(sides, path, sides.live.get(path), value)
        elif not same(wanted, there):
            yield _change(sides, path, there, wanted)


def is_order(spec: TypeSpec, path: Path) -> bool:
    """Whether a field is the order of a list's entries."""
    return len(path) == 1 and isinstance(spec.schema.at(path[0]), Order)


def _along(sides: _Sides, changed: set[Path]) -> Iterator[FieldChange]:
    """Secrets that an object which is made anew must be told again."""
    for path, value in sides.desired.items():
        there = sides.live.get(path)
        if path not in changed and value is not None and is_masked(there):
            yield evolve(_change(sides, path, there, value), because=ALONG)


ALONG: Final = "the new object in its place: Keycloak does not give its secrets back"
"""Why a secret is written although it stays the same."""


def is_unseen(spec: TypeSpec, live: Leaves, path: Path) -> bool:
    """Whether a field counted when the object was made, and Keycloak says nothing of it."""
    return live.get(path) is None and path_matches(path, spec.initial)


def is_hidden(spec: TypeSpec, live: Leaves, path: Path) -> bool:
    """Whether Keycloak does not give back the secret that a field has, or may have."""
    return path_matches(path, spec.write_only) or is_masked(live.get(path))


def is_masked(value: Any) -> bool:
    """Whether Keycloak has a secret there that it does not give back, whatever kcplan knows."""
    return is_sensitive(value) and reveal(value) in (MASK, [MASK])


def _emptied(sides: _Sides) -> Iterator[FieldChange]:
    """Entries that are there although the files say that the map or list has no others."""
    for marker, value in sides.desired.items():
        if not is_marker(value):
            continue
        for entry in _entries(sides.live, marker):
            if entry in sides.said:
                continue
            there = _entry_value(sides, entry)
            if sides.spec.lasts(entry, there):
                continue
            if there not in (None, [], {}) and not sides.spec.server_made(
                sides.address, entry, there
            ):
                yield _change(sides, entry, there, None)


def _taken_back(sides: _Sides) -> Iterator[FieldChange]:
    """What kcplan brought and the files no longer name."""
    if sides.entry is None or not sides.entry.owned:
        return
    dropped = _dropped(sides)
    for owned in sides.entry.owned:
        holder = owned[:-1]
        if _is_item(sides.spec, owned) or _repeats_declared(sides, owned):
            continue
        if owned not in sides.said:
            there = _entry_value(sides, owned)
            if there is not None and not is_marker(sides.desired.get(holder)):
                yield _change(sides, owned, there, None)
            continue
        for path in dropped.get(owned, ()):
            if is_entry(shape_at(sides.spec.schema, owned), path[len(owned) :]):
                yield _change(sides, path, sides.live[path], None)
    yield from _items_taken_back(sides)


def _dropped(sides: _Sides) -> Mapping[Path, list[Path]]:
    """Fields that are there and that the files no longer have, by each path that they lie in."""
    found: dict[Path, list[Path]] = {}
    for path in sides.dropped:
        if path in sides.live:
            for size in range(len(path) + 1):
                found.setdefault(path[:size], []).append(path)
    return found


def _repeats_declared(sides: _Sides, entry: Path) -> bool:
    """Whether an entry is there since the files declare the field that it repeats."""
    mirror = mirrored(sides.spec.mirrors, entry)
    return mirror is not None and mirror.path in sides.desired


def _items_taken_back(sides: _Sides) -> Iterator[FieldChange]:
    """Items (granted roles, scopes) of lists that the files no longer mention at all."""
    for path, items in _owned_items(sides.spec, sides.entry).items():
        mentioned = path in sides.desired or is_marker(sides.desired.get(path[:-1]))
        there = without_server_made(sides.spec, sides.address, path, sides.live.get(path))
        if mentioned or not isinstance(there, list):
            continue
        rest = [item for item in there if item not in items]
        if len(rest) < len(there):
            yield _change(sides, path, there, rest)


def _guarded(sides: _Sides, guarded: Leaves) -> Iterator[FieldChange]:
    """Guarded fields of what kcplan created that are not as they were then."""
    for path, value in guarded.items():
        there = sides.live.get(path)
        if not (same(value, there) or (is_off(value) and is_off(there))):
            dropped = sides.entry is not None and path in sides.entry.managed
            origin = _origin(sides, path, there, value) if dropped else ChangeOrigin.DRIFT
            yield evolve(_change(sides, path, there, value), origin=origin, because=GUARDED)


GUARDED: Final = "how kcplan created it"
"""Why a field changes that the files do not mention."""


def _guarded_values(sides: _Sides) -> dict[Path, Any]:
    """The values of guarded fields that the files do not mention, in what kcplan created."""
    if sides.entry is None or sides.entry.adopted:
        return {}
    values = {}
    for path, default in sides.spec.guarded.items():
        if path in sides.desired:
            continue
        if path in sides.entry.managed and default is not None:
            values[path] = default
        elif path in sides.entry.observed:
            values[path] = sides.entry.observed[path]
        elif sides.entry.observed and is_entry(sides.spec.schema, path):
            values[path] = None
    return values


def _displaced(sides: _Sides, changes: list[FieldChange]) -> list[FieldChange]:
    """What a list loses to the one that the files declare: only one of the two can have it.

    Where the loser changes anyway, that change is replaced.
    """
    found = []
    for pair in sides.spec.exclusive:
        for winner, loser in (pair, pair[::-1]):
            taken = sides.desired.get((winner,))
            if not isinstance(taken, list) or (loser,) in sides.desired:
                continue
            there = sides.live.get((loser,)) or []
            change = next((item for item in changes if item.path == (loser,)), None)
            left = there if change is None else change.after
            rest = [item for item in left if item not in taken]
            if len(rest) < len(left):
                found.append(_change(sides, (loser,), there, rest))
                changes[:] = [item for item in changes if item is not change]
    return found


def _left(sides: _Sides, changed: Iterable[Path], guarded: Leaves) -> tuple[Path, ...]:
    """Fields that leave kcplan's hands with the value that they have."""
    if not sides.dropped:
        return ()
    items = _owned_items(sides.spec, sides.entry)
    back = {path for path in guarded if sides.spec.guarded[path] is not None}
    written = frozenset(changed) | back
    return tuple(
        sorted(
            path
            for path in sides.dropped
            if path not in items
            and _present(sides.live.get(path))
            and not any(is_marker(sides.desired.get(path[:n])) for n in range(len(path)))
            and not lies_in(path, written)
        )
    )


def _owned(sides: _Sides) -> tuple[Path, ...]:
    """What kcplan owns afterwards: what it owned and still declares, and what it brings now."""
    before = set(sides.entry.owned) if sides.entry else set()
    owned: set[Path] = set()
    for path, value in sides.desired.items():
        shape = shape_at(sides.spec.schema, path)
        if isinstance(shape, ListOf) and shape.owned and isinstance(value, list):
            there = sides.live.get(path) or []
            owned |= {(*path, i) for i in value if i not in there or (*path, i) in before}
        elif is_entry(sides.spec.schema, path) and not is_marker(value) and value is not None:
            entry = entry_of(sides.spec.schema, path)
            if entry in before or entry not in sides.present:
                owned.add(entry)
    return tuple(sorted(owned))


def _present(value: Any) -> bool:
    return value not in (None, "", [], {})


def _entries(live: Leaves, marker: Path) -> list[Path]:
    """The entries that stand below the path of an empty map, in order."""
    depth = len(marker) + 1
    return sorted({path[:depth] for path, _ in under(live, marker) if len(path) >= depth})


def _entry_value(sides: _Sides, entry: Path) -> Any:
    """A live entry as one value: a scalar, a list, or a tree. None where it is not there."""
    return value_at(sides.spec, sides.address, sides.live, entry)


def value_at(spec: TypeSpec, address: Address, leaves: Leaves, entry: Path) -> Any:
    """What stands at a path as one value: a scalar, a list, or a tree. None for nothing."""
    if entry in leaves:
        return without_server_made(spec, address, entry, leaves[entry])
    tree: dict[str, Any] = {}
    for path, value in under(leaves, entry):
        node = tree
        for part in path[len(entry) : -1]:
            node = node.setdefault(part, {})
        node[path[-1]] = value
    return tree or None


def _is_item(spec: TypeSpec, owned: Path) -> bool:
    shape = shape_at(spec.schema, owned[:-1])
    return isinstance(shape, ListOf) and shape.owned


def _owned_items(spec: TypeSpec, entry: ResourceState | None) -> dict[Path, set[str]]:
    """The owned items of each list."""
    items: dict[Path, set[str]] = {}
    for owned in entry.owned if entry else ():
        if _is_item(spec, owned):
            items.setdefault(owned[:-1], set()).add(owned[-1])
    return items


def is_off(value: Any) -> bool:
    """Whether the value is that of a switch that is off: one that is not there is off as well."""
    return value is None or value is False or value in ("", "false")


def is_marker(value: Any) -> bool:
    """Whether the value says "no (other) entries"."""
    return not value and isinstance(value, Mapping)


def without_server_made(spec: TypeSpec, address: Address, path: Path, value: Any) -> Any:
    """A list without the items that Keycloak keeps in it by itself; other values as they are."""
    if isinstance(value, list):
        return [item for item in value if not spec.server_made(address, path, _bare(item))]
    return value


def _bare(item: Any) -> Any:
    return item.value if isinstance(item, Secret) else item


def identical(one: Any, other: Any) -> bool:
    """Whether two leaf values are of one type and equal: then they surely mean the same."""
    return type(one) is type(other) and bool(one == other)


def same(one: Any, other: Any) -> bool:
    """Whether two leaf values mean the same. An empty list is the same as none at all.

    An empty text that means none is not among leaves, but for one that was secret in the files.
    What is withheld is not known, so it is never the same.
    """
    if identical(one, other):
        return True
    if is_withheld(one) or is_withheld(other):
        return False
    if is_sensitive(one) or is_sensitive(other):
        one, other = (None if item == "" else item for item in (reveal(one), reveal(other)))
    if type(one) is not type(other) and isinstance(one, bool) != isinstance(other, bool):
        return False
    return bool(_none_if_empty(one) == _none_if_empty(other))


def alike(spec: TypeSpec, path: Path, one: Any, other: Any) -> bool:
    """Whether two values of a field mean the same; for orders, whether they agree."""
    if is_order(spec, path):
        return agree(one or [], other or [])
    return same(one, other)


def _none_if_empty(value: Any) -> Any:
    return None if value == [] else value


def _written_before(sides: _Sides, path: Path, value: Any) -> bool:
    """Whether a write-only secret is the one that was written last, as far as can be told."""
    digest = sides.entry.secrets.get(path) if sides.entry else None
    if sides.entry is None or sides.live.get(path) is None:
        return False
    if digest is None:
        return not is_sensitive(value) and identical(value, sides.entry.managed.get(path))
    return bool(sides.matches(secret_text(value), digest))


def _change(sides: _Sides, path: Path, before: Any, after: Any) -> FieldChange:
    return FieldChange(
        path=path,
        before=before,
        after=after,
        origin=_origin(sides, path, before, after),
        sensitive=path_matches(path, sides.spec.sensitive)
        or is_sensitive(before)
        or is_sensitive(after),
        because=_because(sides.because, path),
        forces_replacement=before is not None and path_matches(path, sides.spec.immutable),
    )


def _because(because: Mapping[Path, str], path: Path) -> str:
    return next((because[path[:n]] for n in range(len(path), 0, -1) if path[:n] in because), "")


def _origin(sides: _Sides, path: Path, before: Any, after: Any) -> ChangeOrigin:
    """Who moved since the last apply: the files, Keycloak, or both."""
    if sides.entry is None:
        return ChangeOrigin.CONFIG
    digest = sides.entry.secrets.get(path)
    if digest is not None:
        hidden = is_hidden(sides.spec, sides.live, path)
        config = not _is_secret_of(sides, after, digest)
        drift = not hidden and not _is_secret_of(sides, before, digest)
    else:
        known, baseline = _baseline(sides, path)
        if not known:
            return ChangeOrigin.CONFIG
        config = not alike(sides.spec, path, baseline, after)
        drift = not alike(sides.spec, path, baseline, before)
    if config and drift:
        return ChangeOrigin.BOTH
    return ChangeOrigin.DRIFT if drift else ChangeOrigin.CONFIG


def _is_secret_of(sides: _Sides, value: Any, digest: Digest) -> bool:
    return value is not None and sides.matches(secret_text(value), digest) is not False


def _baseline(sides: _Sides, path: Path) -> tuple[bool, Any]:
    """What was last applied at a path, and whether anything was said about it."""
    managed = sides.entry.managed if sides.entry else {}
    if path in managed:
        return True, without_server_made(sides.spec, sides.address, path, managed[path])
    declared_below = any(under(managed, path))
    declared_empty = any(is_marker(managed.get(path[:n])) for n in range(len(path)))
    return declared_empty and not declared_below, None
