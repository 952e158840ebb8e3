"""`kcplan show`: a saved plan, or the state."""

from pathlib import Path
from typing import Any

import click

from kcplan.cli.command import Command
from kcplan.cli.options import format_option, no_color_option, state_options, use_color


@click.command(
    cls=Command,
    examples=[
        ("kcplan show shop.plan", "a plan that was saved"),
        ("kcplan show", "the state"),
    ],
)
@click.argument("plan_file", required=False, metavar="[PLANFILE]", type=click.Path(path_type=Path))
@format_option("text", "markdown", "json", "html")
@no_color_option
@state_options
def show(plan_file: Path | None, output: str, **values: Any) -> int:
    """Show a saved plan; without one, the state (as text or json)."""
    from kcplan.cli.printing import emit
    from kcplan.cli.session import Session
    from kcplan.views import plans, states

    session = Session(values)
    color = use_color(no_color=values["no_color"])
    if plan_file is not None:
        from kcplan import planfile

        # Who has no key may look at a signed plan; apply is where it is refused.
        keys = session.plan_key if session.state_key is not None else None
        emit(plans.view(output, color=color)(planfile.read(plan_file, keys)))
        return 0
    emit(states.whole_view(output, color=color)(session.load_state()))
    return 0
