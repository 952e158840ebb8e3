"""`kcplan validate`: check the files without a server."""

from typing import Any

import click

from kcplan.cli.options import (
    format_option,
    lint_option,
    no_color_option,
    paths_argument,
    use_color,
)


@click.command()
@paths_argument
@format_option("text", "json")
@lint_option
@no_color_option
def validate(paths: tuple[str, ...], output: str, **values: Any) -> int:
    """Check the files: syntax, fields and types, references, token exchange rules.

    It needs no server, so what the files do not declare may exist in Keycloak: that is a warning
    here, and settled by `kcplan plan`.
    """
    from kcplan.cli.session import Session, echo_json
    from kcplan.diagnostics import has_errors
    from kcplan.errors import ConfigError
    from kcplan.offline import offline_diagnostics
    from kcplan.state import State
    from kcplan_keycloak.token_exchange.preparing import prepare

    session = Session(values)
    try:
        config = prepare(session.config(paths), State(""), lint=values["lint"]).config
        found = offline_diagnostics(config, session.registry)
    except ConfigError as problem:
        found = problem.diagnostics
    if output == "json":
        from kcplan.render.json import validate_document

        echo_json(validate_document(found))
    else:
        from kcplan.render.diagnostics import render_diagnostics

        color = use_color(no_color=values["no_color"])
        if found:
            click.echo(render_diagnostics(found, color=color), err=True)
        if not has_errors(found):
            click.echo("The configuration is valid.")
    return 1 if has_errors(found) else 0
