"""A diagram in the formats of `kcplan graph`."""

from collections.abc import Callable, Iterator
from functools import partial

from kcplan.render import diagram as plain
from kcplan.render import drawing
from kcplan.render.diagram import Diagram
from kcplan.views.pieces import Escapes, Out, Piece, View


def view(output: str) -> View[Diagram]:
    """The view for a format: mermaid, dot, svg or html."""
    formats = {
        "mermaid": plain.mermaid,
        "dot": plain.dot,
        "svg": drawing.svg,
        "html": drawing.html,
    }
    escapes = Escapes.MARKUP if output in {"svg", "html"} else Escapes.TEXT
    return partial(_drawn, draw=formats[output], escapes=escapes)


def _drawn(
    diagram: Diagram, *, draw: Callable[[Diagram], str], escapes: Escapes
) -> Iterator[Piece]:
    yield Out(draw(diagram), escapes)
