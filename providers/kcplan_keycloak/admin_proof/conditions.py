"""What a policy asks for, as a condition that can be evaluated, taken apart and put into words.

A condition is a leaf (`Trait`, `Hours`, `Unknown`), or a number of parts of which some must hold:
all, one, or most of them. Everything that Keycloak's policies say fits into that.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from enum import StrEnum
from itertools import combinations, product
from typing import Final

from attrs import field

from kcplan.classes import frozen

_LIMIT: Final = 200
"""How many ways to meet a condition are looked at; no policy that somebody wrote has as many."""


class Kind(StrEnum):
    """What a policy looks at in who calls."""

    USER = "user"
    GROUP = "group"
    ROLE = "role"
    CLIENT = "client"


@frozen
class Subject:
    """Who calls the Admin API.

    Attributes:
        user: The name of a user whom the files declare; None for any other.
        client: The client that obtained the token; None for one that no policy names.
        roles: The roles that the user holds.
        groups: The paths of the user's groups.
    """

    user: str | None = None
    client: str | None = None
    roles: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()


@frozen
class Trait:
    """That the caller is a user or client, holds a role, or is in a group.

    Attributes:
        kind: What is looked at.
        name: The username, clientId, role, or path of the group.
        below: Whether the groups within the group count as well.
    """

    kind: Kind
    name: str
    below: bool = False

    def met(self, subject: Subject, now: datetime | None) -> bool | None:  # noqa: ARG002
        """Whether a subject has it."""
        match self.kind:
            case Kind.USER:
                return subject.user == self.name
            case Kind.CLIENT:
                return subject.client == self.name
            case Kind.ROLE:
                return self.name in subject.roles
        inner = f"{self.name.rstrip('/')}/"
        return any(
            group == self.name or (self.below and group.startswith(inner))
            for group in subject.groups
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.name}{' or below' if self.below else ''}"


@frozen
class Hours:
    """That it is a certain time, as a time policy's `config` says it.

    Keycloak compares each field by itself in the server's own time zone. It takes no range that
    goes over midnight or the end of the year: one from 22 to 6 never holds.
    """

    config: Mapping[str, str] = field(hash=False)

    def __hash__(self) -> int:
        return hash(tuple(sorted(self.config.items())))

    def met(self, subject: Subject, now: datetime | None) -> bool | None:  # noqa: ARG002
        """Whether it is that time; None where nobody says what time it is, or what is meant."""
        if now is None:
            return None
        try:
            return self._dates(now) and all(self._range(name, now) for name in _FIELDS)
        except (ValueError, TypeError):  # the latter where a date says its time zone
            return None

    def _dates(self, now: datetime) -> bool:
        here = now.replace(tzinfo=None)
        begin, end = self.config.get("notBefore"), self.config.get("notOnOrAfter")
        return (not begin or here >= datetime.fromisoformat(begin)) and (
            not end or here <= datetime.fromisoformat(end)
        )

    def _range(self, name: str, now: datetime) -> bool:
        first = self.config.get(name)
        if not first:
            return True
        value: int = getattr(now, _FIELDS[name])
        return int(first) <= value <= int(self.config.get(f"{name}End") or first)

    def __str__(self) -> str:
        return ", ".join(_times(self.config)) or "at any time"


_FIELDS: Final = {
    "year": "year",
    "month": "month",
    "dayMonth": "day",
    "hour": "hour",
    "minute": "minute",
}

_WORDS: Final = {
    "year": ("in {0}", "in the years {0} to {1}"),
    "month": ("in month {0}", "in the months {0} to {1}"),
    "dayMonth": ("on day {0} of the month", "on the days {0} to {1} of the month"),
    "hour": ("from {0}:00 to {0}:59", "from {0}:00 to {1}:59"),
    "minute": ("at minute {0} of the hour", "at the minutes {0} to {1} of the hour"),
}


def _times(config: Mapping[str, str]) -> Iterator[str]:
    if begin := config.get("notBefore"):
        yield f"since {begin}"
    if end := config.get("notOnOrAfter"):
        yield f"until {end}"
    for name, (one, several) in _WORDS.items():
        if first := config.get(name):
            last = config.get(f"{name}End") or first
            yield (one if last == first else several).format(first, last)


@frozen
class Unknown:
    """What kcplan cannot evaluate: a policy that it does not know, or that no file declares."""

    policy: str

    def met(self, subject: Subject, now: datetime | None) -> bool | None:  # noqa: ARG002
        """Nobody knows."""
        return None

    def __str__(self) -> str:
        return f"if the policy {self.policy} allows it"


Leaf = Trait | Hours | Unknown


@frozen
class Literal:
    """A leaf that must hold, or must not."""

    leaf: Leaf
    holds: bool = True

    def met(self, subject: Subject, now: datetime | None) -> bool | None:
        """Whether it is so for a subject; None where that is not known."""
        found = self.leaf.met(subject, now)
        return found if found is None else found is self.holds


@frozen
class AtLeast:
    """That at least so many of the parts hold."""

    count: int
    parts: "tuple[Condition, ...]"

    def met(self, subject: Subject, now: datetime | None) -> bool | None:
        """Whether it is so for a subject; None where that is not known."""
        found = [part.met(subject, now) for part in self.parts]
        if found.count(True) >= self.count:
            return True
        return False if len(found) - found.count(False) < self.count else None


Condition = Literal | AtLeast


def every(parts: Iterable[Condition]) -> Condition:
    """That all parts hold; nobody meets a condition without parts, as in Keycloak."""
    known = tuple(parts)
    return AtLeast(max(1, len(known)), known)


def some(parts: Iterable[Condition]) -> Condition:
    """That one of the parts holds."""
    return AtLeast(1, tuple(parts))


def most(parts: Iterable[Condition]) -> Condition:
    """That more parts hold than not."""
    known = tuple(parts)
    return AtLeast(len(known) // 2 + 1, known)


def negated(condition: Condition) -> Condition:
    """That the condition does not hold."""
    if isinstance(condition, Literal):
        return Literal(condition.leaf, not condition.holds)
    parts = tuple(negated(part) for part in condition.parts)
    return AtLeast(len(parts) - condition.count + 1, parts)


class TooManyWaysError(Exception):
    """A condition can be met in more ways than anybody could read, or try."""


def ways(condition: Condition) -> list[frozenset[Literal]]:
    """Every way to meet a condition: what must hold together. The smallest ones only.

    Raises:
        TooManyWaysError: There are too many.
    """
    found = [way for way in dict.fromkeys(_ways(condition)) if _possible(way)]
    return [way for way in found if not any(other < way for other in found)]


def _ways(condition: Condition) -> list[frozenset[Literal]]:
    if isinstance(condition, Literal):
        return [frozenset({condition})]
    if condition.count <= 0:
        return [frozenset()]
    # Parts that nobody can meet would make combinations without a way, which nothing counts.
    parts = [known for part in condition.parts if (known := _ways(part))]
    found: list[frozenset[Literal]] = []
    for chosen in combinations(parts, condition.count):
        for combined in product(*chosen):
            found.append(frozenset().union(*combined))
            if len(found) > _LIMIT:
                raise TooManyWaysError
    return found


def _possible(way: frozenset[Literal]) -> bool:
    """Whether somebody can meet all of it: nobody is two users, nor calls by two clients."""
    if any(Literal(item.leaf, not item.holds) in way for item in way):
        return False
    held = [item.leaf for item in way if item.holds and isinstance(item.leaf, Trait)]
    return all(sum(leaf.kind is kind for leaf in held) <= 1 for kind in (Kind.USER, Kind.CLIENT))


def traits(condition: Condition) -> Iterator[Trait]:
    """Everything that a condition asks for of a caller, or that a caller must not have."""
    if isinstance(condition, AtLeast):
        for part in condition.parts:
            yield from traits(part)
    elif isinstance(condition.leaf, Trait):
        yield condition.leaf


def subject_of(way: Iterable[Literal]) -> Subject:
    """Somebody who has what a way asks for, and nothing else."""
    held = [item.leaf for item in way if item.holds and isinstance(item.leaf, Trait)]
    names = {kind: [leaf.name for leaf in held if leaf.kind is kind] for kind in Kind}
    return Subject(
        user=next(iter(names[Kind.USER]), None),
        client=next(iter(names[Kind.CLIENT]), None),
        roles=frozenset(names[Kind.ROLE]),
        groups=frozenset(names[Kind.GROUP]),
    )
