"""Places of values in the files, looked up when somebody asks."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from attrs import field

from kcplan.classes import frozen
from kcplan.config.positions import Place
from kcplan.diagnostics import Source

K = TypeVar("K")


@frozen(eq=False)
class Located(Mapping[K, Source]):
    """Sources by key. To know a line takes reading the text once more, and few are ever shown.

    Attributes:
        places: Where each stands.
        find: Gives the source of such a place; None where it is not known.
    """

    places: Mapping[K, Place]
    find: Callable[[Place], Source | None] = field(repr=False)

    def __getitem__(self, key: K) -> Source:
        source = self.find(self.places[key])
        if source is None:
            raise KeyError(key)
        return source

    def __contains__(self, key: object) -> bool:
        return key in self.places

    def __iter__(self) -> Iterator[K]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)
