"""The difference of two lists, item by item, for display.

Lists of plain values are compared by counting. Only for what differs between lists of tables is
deepdiff asked which table became which; it is imported then and nowhere else.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from kcplan.classes import frozen

_NAMES = ("name", "alias", "clientId", "id", "_id", "providerId")
_PAIRING_LIMIT = 40


@frozen
class ListDiff:
    """What differs between two lists.

    Attributes:
        removed: Items that only the first list has.
        added: Items that only the second list has.
        changed: Tables that are in both, each as before and after.
        unchanged: How many items are the same.
        reordered: Whether the items that stay are in another order.
    """

    removed: tuple[Any, ...] = ()
    added: tuple[Any, ...] = ()
    changed: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...] = ()
    unchanged: int = 0
    reordered: bool = False


def canonical(value: Any) -> str:
    """A text that is the same for two JSON values exactly when they are (`true` is not 1)."""
    return json.dumps(value, sort_keys=True, default=repr)


def diff_lists(before: Sequence[Any], after: Sequence[Any]) -> ListDiff:
    """The difference of two lists of JSON values."""
    keys_before = [canonical(item) for item in before]
    keys_after = [canonical(item) for item in after]
    shared = Counter(keys_before) & Counter(keys_after)
    removed, kept_before = _split(before, keys_before, shared)
    added, kept_after = _split(after, keys_after, shared)
    pairs = _paired(removed, added)
    return ListDiff(
        removed=tuple(item for i, item in enumerate(removed) if i not in pairs),
        added=tuple(item for i, item in enumerate(added) if i not in pairs.values()),
        changed=tuple((removed[i], added[j]) for i, j in pairs.items()),
        unchanged=shared.total(),
        reordered=kept_before != kept_after,
    )


def _split(
    items: Sequence[Any], keys: Iterable[str], shared: Counter[str]
) -> tuple[list[Any], list[str]]:
    """The items that the other list does not have, and the keys of those that it has."""
    left = Counter(shared)
    own, kept = [], []
    for item, key in zip(items, keys, strict=True):
        if left[key] > 0:
            left[key] -= 1
            kept.append(key)
        else:
            own.append(item)
    return own, kept


def _paired(removed: Sequence[Any], added: Sequence[Any]) -> dict[int, int]:
    """Which removed table became which added one, by position."""
    if not _are_tables(removed) or not _are_tables(added):
        return {}
    if max(len(removed), len(added)) > _PAIRING_LIMIT:
        return {}
    from deepdiff import DeepDiff

    found = DeepDiff(
        removed,
        added,
        ignore_order=True,
        report_repetition=True,
        iterable_compare_func=_is_the_same_thing,
        cutoff_intersection_for_pairs=1,
        view="tree",
    )
    positions = {id(item): i for i, item in enumerate(removed)}
    others = {id(item): i for i, item in enumerate(added)}
    pairs: dict[int, int] = {}
    for level in (level for levels in found.values() for level in levels):
        item = (
            level.all_up.down
        )  # the tables that deepdiff paired; paths are wrong for repeated ones
        one, other = positions.get(id(item.t1)), others.get(id(item.t2))
        if item is level or one is None or other is None:
            continue
        if one not in pairs and other not in pairs.values():
            pairs[one] = other
    return pairs


def _are_tables(items: Sequence[Any]) -> bool:
    return bool(items) and all(isinstance(item, Mapping) for item in items)


def _is_the_same_thing(one: Any, other: Any, _level: object = None) -> bool:
    """Whether two tables have the same name. Without a name deepdiff judges by likeness."""
    from deepdiff.helper import CannotCompare

    if isinstance(one, Mapping) and isinstance(other, Mapping):
        for name in _NAMES:
            if name in one and name in other:
                return bool(one[name] == other[name])
    raise CannotCompare
