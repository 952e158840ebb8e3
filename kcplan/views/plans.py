"""A plan, shown to be read: by `kcplan plan`, and by `kcplan show` where it was saved."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.plan import Plan
from kcplan.render.values import safe
from kcplan.resource import Resource
from kcplan.views.pieces import Err, Escapes, Out, Piece, View, document


@frozen
class Saved:
    """That a plan is in a file now."""

    file: Path


def view(
    output: str, *, color: bool, declared: Mapping[Address, Resource] | None = None
) -> View[Plan]:
    """The view for a format: text, markdown, html, json or github.

    Args:
        output: The format.
        color: Whether text is coloured.
        declared: What the files declare, for its places in them; nothing where nobody knows them.
    """
    match output:
        case "markdown":
            return markdown
        case "html":
            return html
        case "json":
            return json
        case "github":
            return partial(github, declared=declared or {})
    return partial(text, color=color)


def text(plan: Plan, *, color: bool) -> Iterator[Piece]:
    """The plan for the terminal, and what is to be said of the files."""
    from kcplan.render.text import render_plan

    yield Out(render_plan(plan, color=color))
    yield from diagnostics(plan, color=color)


def diagnostics(plan: Plan, *, color: bool) -> Iterator[Piece]:
    """What is to be said of the files."""
    from kcplan.render.diagnostics import render_diagnostics

    if plan.diagnostics:
        yield Err(render_diagnostics(plan.diagnostics, color=color) + "\n")


def markdown(plan: Plan) -> Iterator[Piece]:
    """The plan for a comment on a pull request."""
    from kcplan.render.markdown import markdown_plan

    yield Out(markdown_plan(plan) + "\n")


def html(plan: Plan) -> Iterator[Piece]:
    """The plan as a page."""
    from kcplan.render.html import html_plan

    yield Out(html_plan(plan) + "\n", Escapes.MARKUP)


def json(plan: Plan) -> Iterator[Piece]:
    """The plan for programs."""
    from kcplan.render.json import plan_document

    yield document(plan_document(plan))


def github(plan: Plan, *, declared: Mapping[Address, Resource]) -> Iterator[Piece]:
    """What is to be said of the plan as annotations of a pull request, and what it comes to."""
    from kcplan.offline import Validation
    from kcplan.render.totals import headline
    from kcplan.views import validations

    yield from validations.github(Validation(plan.diagnostics, plan.risks, resources=declared))
    where = f"Environment: {safe(plan.environment)}\n" if plan.environment else ""
    yield Out(f"{where}{headline(plan)}\n")


def saved(message: Saved) -> Iterator[Piece]:
    """How to execute a plan that was saved, whatever the format that it was shown in."""
    file = safe(str(message.file))
    yield Err(f"The plan is saved. To execute exactly this: kcplan apply {file}\n")
