"""`kcplan destroy`: remove what kcplan created, and release what it adopted."""

from typing import Any

import click

from kcplan.cli.command import Command
from kcplan.cli.options import (
    connection_options,
    format_option,
    no_color_option,
    other_server_option,
    paths_argument,
    state_options,
    target_option,
)


@click.command(
    cls=Command,
    examples=[
        ("kcplan destroy", "all that kcplan created, after a question"),
        ("kcplan destroy --target 'shop/clients/*'", "the clients only"),
    ],
)
@paths_argument
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@click.option("--no-rollback", is_flag=True, help="Keep what was done when a step fails.")
@click.option("--delete-adopted", is_flag=True, help="Also delete what kcplan only adopted.")
@click.option(
    "--delete-unmanaged",
    is_flag=True,
    help="Delete a realm or a group even if kcplan does not manage everything in it.",
)
@format_option("text", "json")
@target_option
@no_color_option
@other_server_option
@state_options
@connection_options
def destroy(paths: tuple[str, ...], output: str, **values: Any) -> int:
    """Delete what kcplan created. What it adopted stays, without what kcplan added to it.

    With PATHs, only in the realms that these files name; without, everything in the state.
    """
    from kcplan.cli import applying, planning, protection
    from kcplan.cli.session import Session
    from kcplan.planner import Options

    session = Session(values)
    view = applying.view_of(values, output, "Destroy")
    protection.require_saved_plan(session, "destroy", paths, destroy=True)
    options = Options(
        destroy=True,
        delete_adopted=values["delete_adopted"],
        delete_unmanaged=values["delete_unmanaged"],
        targets=values["targets"],
    )
    with session.lock("destroy"), session.api() as api:
        planned = planning.plan_files(session, api, paths, options)
        auto_approve = values["auto_approve"]
        if not applying.is_approved(planned, view, "this destruction", auto_approve=auto_approve):
            return 1
        return applying.finish(session, api, planned, view, "destroy")
