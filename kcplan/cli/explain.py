"""`kcplan explain`: what a diagnostic means, why it matters, and how to fix it."""

import click

from kcplan import catalogue
from kcplan.cli.printing import emit
from kcplan.errors import UsageError
from kcplan.render.diagnostics import render_error
from kcplan.views import explanations
from kcplan.views.pieces import Err


@click.command()
@click.argument("code", required=False)
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the explanation is printed.",
)
def explain(code: str | None, output: str) -> None:
    """Explain a diagnostic CODE; without one, list all of them."""
    if code is None:
        emit(explanations.list_view(output)(tuple(catalogue.explanations().values())))
        return
    found = catalogue.explain(code)
    if found is None:
        emit([Err(render_error(_unknown(code)))])
        raise click.exceptions.Exit(1)
    emit(explanations.view(output)(found))


def _unknown(code: str) -> UsageError:
    suggestion = catalogue.suggest(code)
    hint = f"Did you mean `{suggestion}`? " if suggestion else ""
    return UsageError(
        f"there is no diagnostic with the code {code!r}", f"{hint}`kcplan explain` lists all codes."
    )
