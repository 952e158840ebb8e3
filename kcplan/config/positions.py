"""Where each value of a document stands in its file.

A reader gives the values. The places are a tree of `Mark`s beside them, built only when somebody
asks for the first place: a good file of a megabyte is read without it.
"""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from functools import cached_property

from attrs import field

from kcplan.classes import frozen

Key = str | int
"""A step into a document: the key of a table, or the position in a list."""

Place = tuple[Key, ...]
"""The way from the top of a document to one of its values."""


class Mark:
    """The offset of a value in the text, and the marks of what stands in it.

    The mark of a table's entry is at its key, the mark of a list's item at its beginning.
    """

    __slots__ = ("children", "offset")

    def __init__(self, offset: int, children: "dict[Key, Mark] | None" = None) -> None:
        self.offset = offset
        self.children = children

    def append(self, child: "Mark") -> None:
        """Add the next item of a list."""
        self.set(len(self.children or ()), child)

    def get(self, key: Key) -> "Mark | None":
        """What stands at a key."""
        return self.children.get(key) if self.children else None

    def set(self, key: Key, child: "Mark") -> None:
        """Set what stands at a key."""
        if self.children is None:
            self.children = {}
        self.children[key] = child

    def last(self) -> "Mark | None":
        """The last item of a list; None where this is a table or has no items."""
        if not self.children or 0 not in self.children:
            return None
        return self.children[len(self.children) - 1]


@frozen(eq=False)
class Positions:
    """Finds lines and columns.

    Attributes:
        text: The text of the file.
        build: Gives the tree of marks; called once, at the first question.
    """

    text: str = field(repr=False)
    build: Callable[[], Mark]

    @cached_property
    def _tree(self) -> Mark:
        return self.build()

    @cached_property
    def _line_starts(self) -> Sequence[int]:
        return line_starts(self.text)

    def locate(self, place: Place) -> tuple[int, int]:
        """Line and column, from 1, of a value, or of the nearest thing around it."""
        mark = self._tree
        for key in place:
            child = mark.get(key)
            if child is None:
                break
            mark = child
        return self.line_and_column(mark.offset)

    def line_and_column(self, offset: int) -> tuple[int, int]:
        """Line and column, from 1, of an offset into the text."""
        line = bisect_right(self._line_starts, offset)
        return line, offset - self._line_starts[line - 1] + 1


def line_starts(text: str) -> list[int]:
    """The offset of the first character of each line."""
    starts = [0]
    found = text.find("\n")
    while found >= 0:
        starts.append(found + 1)
        found = text.find("\n", found + 1)
    return starts
