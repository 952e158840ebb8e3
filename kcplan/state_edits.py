"""Changes of the state by hand: forgetting resources, and giving them other addresses."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.errors import UsageError
from kcplan.moves import Moves
from kcplan.resource import Registry
from kcplan.state import State


@frozen
class Forgotten:
    """What a state does not know any more, in the order of the addresses."""

    addresses: Sequence[Address]


@frozen
class Moved:
    """That a resource, with all below it, has another address; both as the user wrote them."""

    old: str
    new: str


def forget(state: State, names: Iterable[str]) -> tuple[State, Forgotten]:
    """The state without these resources and all below them.

    Raises:
        UsageError: One of them is not in the state.
    """
    roots = [find(name, state) for name in names]
    chosen = [a for a in state.resources if any(a.within(root) for root in roots)]
    return state.without(chosen), Forgotten(tuple(sorted(chosen)))


def move(state: State, old: str, new: str, registry: Registry) -> tuple[State, Moved]:
    """The state with a resource, and all below it, under another address.

    Raises:
        UsageError: The resource is not in the state, or the new address is.
    """
    source, target = find(old, state), _parsed(new)
    if target in state.resources:
        raise UsageError(f"{new} is in the state already", "Forget it first: kcplan state rm.")
    return Moves({source: target}).state(state, registry), Moved(old, new)


def find(text: str, state: State) -> Address:
    """The address that a text names. Raises UsageError where the state does not know it."""
    address = _parsed(text)
    if address in state.resources:
        return address
    close = get_close_matches(text, [str(a) for a in state.resources], n=1)
    hint = f"Did you mean `{close[0]}`? " if close else ""
    raise UsageError(f"{text} is not in the state", f"{hint}`kcplan state list` shows all.")


def _parsed(text: str) -> Address:
    try:
        return Address.parse(text)
    except ValueError as problem:
        raise UsageError(str(problem)) from None
