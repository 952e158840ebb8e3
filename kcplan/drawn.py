"""What lies in a resource, drawn as a tree. Values, and nothing else."""

from kcplan.classes import frozen
from kcplan.diagnostics import Path


@frozen
class DrawnLine:
    """A line of a drawing.

    Attributes:
        depth: How deep it lies in the others; 0 is the top.
        sign: `+`, `-`, `~`, or a blank.
        text: What it is called.
        value: What is said of it.
        moved: Whether it has another place among its neighbours.
    """

    depth: int
    sign: str
    text: str
    value: str = ""
    moved: bool = False


@frozen
class Drawing:
    """What lies in a resource, as a tree.

    Attributes:
        title: What it is.
        lines: The tree.
        hides: The fields that it shows, so that nothing else needs to.
    """

    title: str
    lines: tuple[DrawnLine, ...]
    hides: tuple[Path, ...]
