"""What permissions do to each other: whom they keep out together, and whom a change lets in.

Keycloak wants all permissions that count to let a caller in. So one more of them may take away what
another one permits, and one less may permit what nobody wrote.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from kcplan.classes import frozen
from kcplan_keycloak.admin_proof.conditions import (
    Condition,
    Literal,
    TooManyWaysError,
    every,
    subject_of,
    ways,
)
from kcplan_keycloak.admin_proof.deciding import Rules, Target
from kcplan_keycloak.admin_proof.declaration import Permission
from kcplan_keycloak.admin_proof.words import callers, object_words

ANYONE: Final = callers(())


@frozen
class Clash:
    """That a permission keeps somebody from what another one permits.

    Attributes:
        who: The callers, in words.
        what: The object, in words.
        scope: What they may not do.
        permits: The permission that would let them in, by name.
        refuses: The one that does not.
    """

    who: str
    what: str
    scope: str
    permits: str
    refuses: str


@frozen
class Opening:
    """That somebody gets in where a permission counts no longer.

    Attributes:
        who: The callers, in words.
        what: The object, in words.
        scope: What they may do.
        permits: The permissions that let them in, by name.
        refused: The one that kept them out, or let them in at some times only.
    """

    who: str
    what: str
    scope: str
    permits: tuple[str, ...]
    refused: str


def clashes(rules: Rules) -> Iterator[Clash]:
    """Who is kept out of what, though a permission is about them.

    A permission that is about nobody in particular, but about hours for instance, is meant to keep
    others out, or to be kept within limits: it permits nothing by itself.
    """
    for permission in rules.permissions:
        for way in _ways(permission.condition):
            who = callers(way)
            if who == ANYONE:
                continue
            caller = subject_of(way)
            for target, scope in _aims(permission):
                if rules.allowed(caller, target, scope) is False:
                    what = object_words(target.resource_type, target.name)
                    for other in rules.shutting_out(caller, target, scope):
                        yield Clash(who, what, scope, permission.name, other.name)


def openings(before: Rules, after: Rules) -> Iterator[Opening]:
    """Who gets in since a permission counts no longer that kept them out."""
    permissions = (*before.permissions, *after.permissions)
    for target, scope in dict.fromkeys(aim for p in permissions for aim in _aims(p)):
        had, has = before.counting(target, scope), after.counting(target, scope)
        names = tuple(item.name for item in has)
        if not has or all(item.name in names for item in had):
            continue
        for way in _ways(every(item.condition for item in has)):
            caller = subject_of(way)
            answers = (r.allowed(caller, target, scope) for r in (before, after))
            if tuple(answers) not in _MORE:
                continue
            what = object_words(target.resource_type, target.name)
            for other in before.limiting(caller, target, scope):
                if other.name not in names:
                    yield Opening(callers(way), what, scope, names, other.name)


_MORE: Final = ((False, True), (False, None), (None, True))
"""What was answered, and is: None is at some times only, or by a policy that nobody can read."""


def _aims(permission: Permission) -> Iterator[tuple[Target, str]]:
    """What a permission is for: each object, with each scope."""
    for name in permission.resources or (None,):
        for scope in permission.scopes:
            yield Target(permission.resource_type, name), scope


def _ways(condition: Condition) -> Iterable[frozenset[Literal]]:
    """The ways to meet it; none where there are too many to be told."""
    try:
        return ways(condition)
    except TooManyWaysError:
        return ()
