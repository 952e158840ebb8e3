"""`kcplan recover`: finish what a killed apply left."""

from typing import Any

import click

from kcplan.cli.options import (
    connection_options,
    format_option,
    other_server_option,
    state_options,
)


@click.command()
@click.option("--forward", is_flag=True, help="Finish the interrupted plan instead.")
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@format_option("text", "json")
@other_server_option
@state_options
@connection_options
def recover(output: str, **values: Any) -> int:
    """Roll back what a killed apply did, or finish it with --forward.

    It may itself be killed and run again. Steps whose end is not known are looked up in Keycloak.
    """
    from kcplan.cli import approval, recovering
    from kcplan.cli.session import Session

    session = Session(values)
    with session.lock("recover"), session.api() as api:
        found = recovering.load(session)
        if found is None:
            return 0
        found = recovering.on_server(session, found, api.connection.url)
        click.echo(recovering.describe(found), err=True)
        forward = values["forward"]
        what = "the rest of that plan" if forward else "this rollback"
        approval.ask(what, auto_approve=values["auto_approve"])
        return recovering.finish(session, api, found, forward=forward, json=output == "json")
