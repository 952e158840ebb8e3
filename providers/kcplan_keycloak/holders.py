"""Who loses what a plan takes away: how many users have it, said at the change.

What lies in something that goes is counted there, once. Nothing is asked where nothing goes.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

from attrs import evolve

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.errors import ServerError
from kcplan.moves import moves_of
from kcplan.plan import Plan, ResourceChange
from kcplan.snapshot import MANY, LiveObject, Snapshot
from kcplan_keycloak.api import AdminApi, Get
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import HeldByUsers, Holders
from kcplan_keycloak.resources import resource_types

MOST: Final = 500
"""The users of so many objects are counted, with so many requests; not those of what is left."""

_FAILED: Final = "failed"
_NOT_COUNTED: Final = "how many users have it was not counted"


@frozen
class _Counted:
    """Users: their ids where those are known, else their number; and whether there are more."""

    ids: frozenset[str] = frozenset()
    number: int = 0
    more: bool = False


def with_holders(api: AdminApi, names: Names, live: Snapshot, plan: Plan) -> Plan:
    """The plan with how many users lose what goes, as far as the account may see that.

    Where Keycloak cannot tell, as it may ask a user federation that is away, the plan says so.
    """
    going = _going(plan.changes)
    if not going:
        return plan
    moves = moves_of(plan.changes)
    there = {c.address: live.objects.get(moves.old(c.address)) for c in going}
    found = [(address, item) for address, item in there.items() if item is not None and _has(item)]
    asked = found[:MOST]
    holders = api.map(lambda pair: _holders(names, pair[1], live), asked)
    notes: dict[Address, tuple[str, ...]] = {a: (_NOT_COUNTED,) for a, _ in found[MOST:]}
    for (address, _), held, counted in zip(asked, holders, _counted(api, holders), strict=True):
        notes[address] = tuple(_said(held, counted))
    changes = (evolve(c, notes=(*c.notes, *notes.get(c.address, ()))) for c in plan.changes)
    return evolve(plan, changes=tuple(changes))


def _going(changes: Iterable[ResourceChange]) -> Sequence[ResourceChange]:
    """What goes, without what goes along with it."""
    going = {change.address: change for change in changes if change.action.takes_away}
    return [c for a, c in going.items() if going.keys().isdisjoint(a.ancestors())]


def _has(item: LiveObject) -> bool:
    return isinstance(resource_types()[item.type], HeldByUsers)


def _holders(names: Names, item: LiveObject, live: Snapshot) -> Holders:
    kind = resource_types()[item.type]
    try:
        return kind.users(names, item, live.objects) if isinstance(kind, HeldByUsers) else Holders()
    except ForbiddenError:
        return Holders()
    except ServerError:
        return Holders(complete=False)


def _counted(api: AdminApi, holders: Sequence[Holders]) -> Iterator[_Counted]:
    """The users of each, counted with no more requests than are worth it."""
    left = MOST
    for item in holders:
        gets = item.gets[:left]
        left -= len(gets)
        answers = api.map(lambda get: _answer(api, get), gets)
        lists = [answer for answer in answers if isinstance(answer, list)]
        yield _Counted(
            frozenset(str(user["id"]) for users in lists for user in users if item.counts(user)),
            sum(answer for answer in answers if isinstance(answer, int)),
            more=not item.complete
            or len(gets) < len(item.gets)
            or _FAILED in answers
            or any(len(users) >= MANY for users in lists),
        )


def _answer(api: AdminApi, get: Get) -> Any:
    try:
        return api.get(get.path, **get.params)
    except ForbiddenError:
        return None
    except ServerError:
        return _FAILED


def _said(holders: Holders, counted: _Counted) -> Iterator[str]:
    number = len(counted.ids) + counted.number
    if number == 0 and counted.more:
        yield _NOT_COUNTED
    elif number == 1 and not counted.more:
        yield holders.one
    elif number > 0:
        users = f"{number:,} user{'' if number == 1 else 's'}{' or more' if counted.more else ''}"
        yield holders.many.format(users)
