"""What a realm has that no resource type manages: counted, so that an import can say so."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import field, frozen

from kcplan.errors import ServerError
from kcplan.snapshot import MANY, Snapshot
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.resources import resource_types


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


def _made_by_hand(flows: Any) -> int:
    return sum(not flow.get("builtIn") for flow in flows)


_KINDS: Final = (
    _Kind("users", "user", ("users", "count"), int),
    _Kind("groups", "group", ("groups", "count"), lambda answer: int(answer.get("count", 0))),
    _Kind("authenticationFlows", "authentication flow", ("authentication", "flows"), _made_by_hand),
    _Kind("components", "component", ("components",), len),
    _Kind("localizationTexts", "language", ("localization",), len),
    _Kind("organizations", "organization", ("organizations",), len, {"max": MANY}),
)
_USERS: Final = "users"


def unmanaged(api: AdminApi, live: Snapshot) -> Mapping[str, int]:
    """How much there is in the realms that were read, by a word for one of it.

    What the account may not see, and what the server does not have, is not counted.
    """
    (realm,) = {address.realm for address in live.objects}
    spec = next(kind.spec for kind in resource_types().values() if kind.spec.where == "")
    kinds = [kind for kind in _KINDS if kind.section in {_USERS, *spec.unsupported}]
    counts = api.map(lambda kind: _count(api, realm, kind), kinds)
    return {kind.word: count for kind, count in zip(kinds, counts, strict=True) if count}


def _count(api: AdminApi, realm: str, kind: _Kind) -> int:
    try:
        answer = api.get(path("realms", realm, *kind.at), **kind.query)
    except ServerError:
        return 0
    return kind.count(answer) if answer is not None else 0
