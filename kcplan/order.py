"""Orders: the names of what is listed, where the order counts and others may have entries, too.

Two orders agree where the names that both have follow each other in the same way. Files declare the
order of what they name; where somebody else's entries stand among those, they stay. Pure.
"""

from collections.abc import Iterable, Sequence

Names = Sequence[str]


def agree(one: Names, other: Names) -> bool:
    """Whether what both have is in the same order in both."""
    return _among(one, other) == _among(other, one)


def _among(names: Names, others: Names) -> list[str]:
    known = frozenset(others)
    return [name for name in names if name in known]


def parted(one: Names, other: Names) -> tuple[str, str] | None:
    """Two names of which the first comes earlier in one order and later in the other."""
    pairs = zip(_among(one, other), _among(other, one), strict=False)
    return next((pair for pair in pairs if pair[0] != pair[1]), None)


def is_reached(wanted: Names, there: Names) -> bool:
    """Whether what is wanted is in this order, once what is missing was added at the end."""
    return [*_among(there, wanted), *sorted(frozenset(wanted) - frozenset(there))] == list(wanted)


def arranged(there: Names, wanted: Names) -> list[str]:
    """All that is there, with the wanted names in their order, and others where they are.

    What others have keeps its place behind the name that it follows.
    """
    chosen = frozenset(wanted)
    leading, following = _grouped(there, chosen)
    return [*leading, *(i for name in _among(wanted, there) for i in (name, *following[name]))]


def _grouped(there: Names, chosen: frozenset[str]) -> tuple[list[str], dict[str, list[str]]]:
    """What comes before all chosen names, and what follows each of them."""
    leading: list[str] = []
    following: dict[str, list[str]] = {}
    last = leading
    for name in there:
        if name in chosen:
            last = following.setdefault(name, [])
        else:
            last.append(name)
    return leading, following


def joined(orders: Iterable[Names]) -> list[str] | None:
    """One order that agrees with all of these; None where they contradict each other.

    What does not follow from them stands as it comes first in them.
    """
    orders = tuple(orders)
    left = list(dict.fromkeys(name for order in orders for name in order))
    found: list[str] = []
    while left:
        free = next((name for name in left if _is_free(name, left, orders)), None)
        if free is None:
            return None
        found.append(free)
        left.remove(free)
    return found


def _is_free(name: str, left: Names, orders: Iterable[Names]) -> bool:
    """Whether nothing that is left comes before a name."""
    waiting = frozenset(left)
    before = (order[: order.index(name)] for order in orders if name in order)
    return all(waiting.isdisjoint(names) for names in before)
