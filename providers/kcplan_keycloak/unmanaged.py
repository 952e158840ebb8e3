"""What a realm has and no import writes: counted, so that it can say so.

It is no configuration: who uses the realm, who is logged in, and what the realm signs with.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from attrs import field

from kcplan.classes import frozen
from kcplan.errors import ServerError
from kcplan.snapshot import MANY, Snapshot
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.resources.group import GROUP_TYPE
from kcplan_keycloak.resources.organization import SPEC as ORGANIZATION


@frozen
class _Kind:
    """A kind of objects.

    Attributes:
        section: What an export calls them.
        word: A word for one of them.
        at: Where they are, below the realm.
        count: How many an answer stands for.
        query: What it is asked with.
    """

    section: str
    word: str
    at: tuple[str, ...]
    count: Callable[[Any], int]
    query: Mapping[str, Any] = field(factory=dict)


def _sessions(stats: Any) -> int:
    return sum(int(item[state]) for item in stats for state in ("active", "offline"))


_USER: Final = "user"
_USERS: Final = _Kind("users", _USER, ("users", "count"), int)
_ON_PURPOSE: Final = (
    _USERS,
    _Kind("sessions", "client session", ("client-session-stats",), _sessions),
    _Kind("keys", "private key", ("keys",), lambda answer: len(answer["keys"])),
)
_MEMBER: Final = "group member"
_ORGANIZATIONS: Final = "organizations"
_GROUPS: Final = _Kind(
    "groups", GROUP_TYPE.spec.name, ("groups", "count"), lambda answer: int(answer["count"])
)


def withheld(api: AdminApi, live: Snapshot, *, data: bool = False) -> Mapping[str, int]:
    """How much there is in the realm that was read, and is left out on purpose, by a word.

    What the account may not see, and what the server does not have, is not counted. With `data`
    users, and what groups they are in, were read and are not left out.
    """
    organizations = list(map(_members_of_organization, _ids(live, ORGANIZATION.name)))
    if data:
        others = [kind for kind in _ON_PURPOSE if kind.word != _USER]
        return _counts(api, live, [*others, *organizations])
    found = _counts(api, live, _ON_PURPOSE)
    groups = list(map(_members, _ids(live, _GROUPS.word)))
    # Nobody is in a group where there is nobody, or nobody may be seen.
    members = _counts(api, live, [*groups, *organizations]) if _USER in found else {}
    return {**found, **members}


def users(api: AdminApi, realm: str) -> int:
    """How many users there are; 0 where the account may not see them."""
    return _count(api, realm, _USERS)


def unseen(api: AdminApi, live: Snapshot) -> Mapping[str, int]:
    """How much there is that the account may not see, by a word: Keycloak counts it anyway."""
    missing = _counts(api, live, [_GROUPS]).get(_GROUPS.word, 0) - len(_ids(live, _GROUPS.word))
    return {_GROUPS.word: missing} if missing > 0 else {}


def _ids(live: Snapshot, word: str) -> list[str]:
    """The ids of the objects of a type that were read."""
    return [str(item.id) for item in live.objects.values() if item.type == word]


def _counts(api: AdminApi, live: Snapshot, kinds: Sequence[_Kind]) -> Mapping[str, int]:
    (realm,) = {address.realm for address in live.objects}
    found: dict[str, int] = {}
    counts = api.map(lambda kind: _count(api, realm, kind), kinds)
    for kind, count in zip(kinds, counts, strict=True):
        found[kind.word] = found.get(kind.word, 0) + count
    return {word: count for word, count in found.items() if count}


def _members(group: str) -> _Kind:
    """Who is in a group; of more than so many, so many are counted."""
    at = ("groups", group, "members")
    return _Kind("users", _MEMBER, at, len, {"max": MANY, "briefRepresentation": "true"})


def _members_of_organization(organization: str) -> _Kind:
    """Who is in an organization."""
    at = (_ORGANIZATIONS, organization, "members", "count")
    return _Kind(_ORGANIZATIONS, "organization member", at, int)


def _count(api: AdminApi, realm: str, kind: _Kind) -> int:
    try:
        answer = api.get(path("realms", realm, *kind.at), **kind.query)
    except ServerError:
        return 0
    return kind.count(answer) if answer is not None else 0
