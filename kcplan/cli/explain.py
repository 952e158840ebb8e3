"""`kcplan explain`: what a diagnostic or a risk means, why it matters, and how to fix it."""

from collections.abc import Mapping

import click

from kcplan import catalogue
from kcplan.cli import completing
from kcplan.cli.command import Command
from kcplan.cli.printing import emit
from kcplan.errors import UsageError
from kcplan.explanation import Explanation
from kcplan.render.diagnostics import render_error
from kcplan.views import explanations
from kcplan.views.pieces import Err


@click.command(
    cls=Command,
    examples=[
        ("kcplan explain unknown-reference", "one diagnostic or risk"),
        ("kcplan explain", "all of them"),
    ],
)
@click.argument("code", required=False, shell_complete=completing.codes)
@click.option(
    "--format",
    "output",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="How the explanation is printed.",
)
def explain(code: str | None, output: str) -> None:
    """Explain the CODE of a diagnostic or a risk; without one, list all of them."""
    known = every_explanation()
    if code is None:
        emit(explanations.list_view(output)(tuple(known.values())))
        return
    found = known.get(code)
    if found is None:
        emit([Err(render_error(_unknown(code, known)))])
        raise click.exceptions.Exit(1)
    emit(explanations.view(output)(found))


def every_explanation() -> Mapping[str, Explanation]:
    """What each code means, of diagnostics and of risks."""
    from kcplan_keycloak import risks

    return {**catalogue.explanations(), **risks.explanations()}


def _unknown(code: str, known: Mapping[str, Explanation]) -> UsageError:
    suggestion = catalogue.suggest(code, known)
    hint = f"Did you mean `{suggestion}`? " if suggestion else ""
    return UsageError(
        f"there is no diagnostic or risk with the code {code!r}",
        f"{hint}`kcplan explain` lists all codes.",
    )
