"""What `kcplan refresh` found in Keycloak."""

from collections.abc import Iterator
from functools import partial

from kcplan.drift import Drift
from kcplan.views.pieces import Err, Escapes, Out, Piece, View, document


def view(output: str, *, color: bool) -> View[Drift]:
    """The view for a format: text, markdown, html or json."""
    match output:
        case "markdown":
            return markdown
        case "html":
            return html
        case "json":
            return json
    return partial(text, color=color)


def text(found: Drift, *, color: bool) -> Iterator[Piece]:
    """The drift for the terminal."""
    from kcplan.render.text import render_drift

    yield Out(render_drift(found, color=color))
    yield from notes(found, color=color)


def markdown(found: Drift) -> Iterator[Piece]:
    """The drift for a ticket."""
    from kcplan.render.markdown import markdown_drift

    yield Out(markdown_drift(found) + "\n")
    yield from notes(found, color=False)


def notes(found: Drift, *, color: bool) -> Iterator[Piece]:
    """What is to be said of how much could be seen."""
    from kcplan.render.diagnostics import render_diagnostics

    if found.diagnostics:
        yield Err(render_diagnostics(found.diagnostics, color=color) + "\n")


def html(found: Drift) -> Iterator[Piece]:
    """The drift as a page."""
    from kcplan.render.html import html_drift

    yield Out(html_drift(found) + "\n", Escapes.MARKUP)
    yield from notes(found, color=False)


def json(found: Drift) -> Iterator[Piece]:
    """The drift for programs."""
    from kcplan.render.json import refresh_document

    yield document(refresh_document(found))


def accepted() -> Iterator[Piece]:
    """That the drift is accepted, whatever the format that it was shown in."""
    yield Err("The live values are the new baseline.\n")
