"""`kcplan show`: a saved plan, or the state."""

from pathlib import Path
from typing import Any

import click

from kcplan.cli.options import format_option, no_color_option, state_options, use_color


@click.command()
@click.argument("plan_file", required=False, metavar="[PLANFILE]", type=click.Path(path_type=Path))
@format_option("text", "markdown", "json", "html")
@no_color_option
@state_options
def show(plan_file: Path | None, output: str, **values: Any) -> int:
    """Show a saved plan; without one, the state (as text or json)."""
    from kcplan.cli.session import Session, echo_json
    from kcplan.errors import UsageError

    color = use_color(no_color=values["no_color"])
    if plan_file is not None:
        from kcplan import planfile
        from kcplan.cli import planning

        plan = planfile.read(plan_file)
        click.echo(planning.render(plan, output, color=color), nl=output != "text")
        if output == "text":
            planning.show_diagnostics(plan, color=color)
        return 0
    state = Session(values).load_state()
    if output == "json":
        from kcplan.render.json import state_document

        echo_json(state_document(state))
    elif output == "text":
        from kcplan.render.text import render_state

        click.echo(render_state(state, color=color), nl=False)
    else:
        raise UsageError(f"the state is shown as text or json, not as {output}")
    return 0
