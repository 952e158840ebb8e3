"""GETs as values: what is read, and what its answer leads to. `ahead` has them sent."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from attrs import field

from kcplan.classes import frozen
from kcplan_keycloak.exchange import Answer, Call

PAGE_SIZE = 50

Exchange = tuple[Call, Answer]
"""A request as it was sent, and its answer."""


@frozen
class Get:
    """A GET: a path below `/admin` and a query.

    Sent ahead, it is followed by what `then` gives for the content of its answer: requests that
    whoever reads the answer will need as well.
    """

    path: str
    params: Mapping[str, Any] = field(factory=dict)
    then: "Then | None" = field(default=None, eq=False, repr=False)

    @property
    def key(self) -> tuple[str, frozenset[tuple[str, Any]]]:
        """What makes it the same as another one."""
        return self.path, frozenset(self.params.items())


Then = Callable[[Any], Iterable[Get]]


def first_pages(
    path: str,
    expected: int,
    page_size: int = PAGE_SIZE,
    then: Then | None = None,
    **params: Any,
) -> list[Get]:
    """The pages of a list that is expected to have so many items or a few more."""
    return [
        Get(path, {"first": number * page_size, "max": page_size, **params}, then)
        for number in range(expected // page_size + 1)
    ]
