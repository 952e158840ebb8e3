"""A diagram in the formats of `kcplan graph`."""

from collections.abc import Iterator
from functools import partial

from kcplan.classes import frozen
from kcplan.render import diagram as plain
from kcplan.render import drawing
from kcplan.render.diagram import Diagram
from kcplan.views.pieces import Err, Escapes, Out, Piece, View


@frozen
class Drawn:
    """A diagram, and its picture.

    Attributes:
        diagram: What is shown.
        picture: Its SVG; empty where the format needs none, or nothing can draw it.
    """

    diagram: Diagram
    picture: str = ""


def view(output: str) -> View[Drawn]:
    """The view for a format: mermaid, dot, svg or html."""
    return partial(_shown, output=output)


def _shown(drawn: Drawn, *, output: str) -> Iterator[Piece]:
    match output:
        case "svg":
            yield Out(drawn.picture, Escapes.MARKUP)
        case "html":
            if not drawn.picture:
                yield Err(
                    f"The page has no picture: {len(drawn.diagram.nodes)} boxes are for Graphviz "
                    "to lay out, and there is no `dot` on the PATH.\n"
                )
            yield Out(drawing.html(drawn.diagram, drawn.picture), Escapes.MARKUP)
        case "dot":
            yield Out(plain.dot(drawn.diagram))
        case _:
            yield Out(plain.mermaid(drawn.diagram))
