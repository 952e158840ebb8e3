"""What `kcplan refresh` found in Keycloak."""

from collections.abc import Iterator
from functools import partial

from kcplan.drift import Drift
from kcplan.views.pieces import Err, Out, Piece, View, document


def view(output: str, *, color: bool) -> View[Drift]:
    """The view for a format: text, markdown or json."""
    match output:
        case "markdown":
            return markdown
        case "json":
            return json
    return partial(text, color=color)


def text(found: Drift, *, color: bool) -> Iterator[Piece]:
    """The drift for the terminal."""
    from kcplan.render.text import render_drift

    yield Out(render_drift(found, color=color))


def markdown(found: Drift) -> Iterator[Piece]:
    """The drift for a ticket."""
    from kcplan.render.markdown import markdown_drift

    yield Out(markdown_drift(found) + "\n")


def json(found: Drift) -> Iterator[Piece]:
    """The drift for programs."""
    from kcplan.render.json import refresh_document

    yield document(refresh_document(found))


def accepted() -> Iterator[Piece]:
    """That the drift is accepted, whatever the format that it was shown in."""
    yield Err("The live values are the new baseline.\n")
