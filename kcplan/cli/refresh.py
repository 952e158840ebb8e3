"""`kcplan refresh`: what changed in Keycloak since the last apply."""

from typing import TYPE_CHECKING, Any

import click

from kcplan.cli.options import (
    connection_options,
    format_option,
    no_color_option,
    other_server_option,
    state_options,
    target_option,
    use_color,
)

if TYPE_CHECKING:
    from kcplan.plan import ResourceChange

DRIFT = 2
"""The exit code for "something drifted", with --detailed-exitcode."""


@click.command()
@format_option("text", "markdown", "json")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 where there is drift.")
@click.option("--accept", is_flag=True, help="Take the live values as the new baseline.")
@click.option("--unmanaged", is_flag=True, help="Also list new clients and roles of the realms.")
@target_option
@no_color_option
@other_server_option
@state_options
@connection_options
def refresh(output: str, **values: Any) -> int:
    """Show what changed in Keycloak since the last apply, by resource and field.

    The baseline stays as it is, so that the next run still reports it, unless --accept is given.
    """
    from contextlib import nullcontext

    from kcplan.accept import accepted
    from kcplan.cli.session import Session
    from kcplan.drift import find_drift, find_unmanaged
    from kcplan.lifecycle import Rules
    from kcplan.reading import for_refresh
    from kcplan_keycloak.reader import KeycloakReader

    session = Session(values)
    lock = session.lock("refresh --accept") if values["accept"] else nullcontext()
    with lock, session.api() as api:
        state = session.state()
        session.check_server(state, api.connection.url)
        request = for_refresh(
            state, session.registry, values["targets"], unmanaged=values["unmanaged"]
        )
        live = KeycloakReader(api).read(request)
        rules = Rules(session.settings.lifecycle)
        drift = find_drift(state, live, session.registry, session.digester(state), rules)
        unmanaged = find_unmanaged(state, live, session.registry, rules)
        color = use_color(no_color=values["no_color"])
        click.echo(_rendered(drift, unmanaged, output, color=color), nl=output != "text")
        if values["accept"] and (drift or unmanaged):
            digester = session.digester(state)
            session.state_file.save(accepted(state, live, session.registry, digester))
            click.echo("The live values are the new baseline.", err=True)
    return DRIFT if values["detailed_exitcode"] and drift else 0


def _rendered(
    drift: "tuple[ResourceChange, ...]",
    unmanaged: "tuple[ResourceChange, ...]",
    output: str,
    *,
    color: bool,
) -> str:
    if output == "json":
        import json

        from kcplan.render.json import refresh_document

        return json.dumps(refresh_document(drift, unmanaged), indent=2, ensure_ascii=False)
    if output == "markdown":
        from kcplan.render.markdown import markdown_drift

        return markdown_drift(drift, unmanaged)
    from kcplan.render.text import render_drift

    return render_drift(drift, unmanaged, color=color)
