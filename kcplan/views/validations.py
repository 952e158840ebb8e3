"""What `kcplan validate` found in the files."""

from collections.abc import Iterator
from functools import partial

from kcplan.offline import Validation
from kcplan.views.pieces import Err, Out, Piece, View, document


def view(output: str, *, color: bool) -> View[Validation]:
    """The view for a format: text or json."""
    return json if output == "json" else partial(text, color=color)


def text(found: Validation, *, color: bool) -> Iterator[Piece]:
    """The findings, and whether the files can be applied."""
    from kcplan.render.diagnostics import render_diagnostics
    from kcplan.render.text import render_risks

    if found.diagnostics:
        yield Err(render_diagnostics(found.diagnostics, color=color) + "\n")
    if found.risks:
        yield Out(render_risks(found.risks, color=color))
    if found.valid:
        yield Out("The configuration is valid.\n")


def json(found: Validation) -> Iterator[Piece]:
    """The findings for programs."""
    from kcplan.render.json import validate_document

    yield document(validate_document(found.diagnostics, found.risks))
