"""`kcplan apply`: make Keycloak as the files say, or execute a saved plan exactly."""

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
    write_secrets_option,
)


@click.command(
    cls=Command,
    examples=[
        ("kcplan apply", "what the files say, after a question"),
        ("kcplan apply shop.plan", "a plan that `kcplan plan --out shop.plan` saved"),
    ],
)
@paths_argument
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@click.option("--no-rollback", is_flag=True, help="Keep what was done when a step fails.")
@click.option("--allow-mass-delete", is_flag=True, help="Allow a plan that deletes many resources.")
@click.option(
    "--delete-unmanaged",
    is_flag=True,
    help="Delete an object even if it contains others that kcplan does not manage.",
)
@format_option("text", "json")
@write_secrets_option
@target_option
@no_color_option
@other_server_option
@state_options
@connection_options
def apply(paths: tuple[str, ...], output: str, **values: Any) -> int:
    """Make Keycloak match the files. Shows the plan and asks first.

    With a plan that `kcplan plan --out` saved, executes exactly that plan. When a step fails,
    everything that was done is rolled back.
    """
    from kcplan.cli import applying, planning, protection
    from kcplan.cli.session import Session
    from kcplan.planner import Options

    session = Session(values)
    view = applying.view_of(values, output, "Apply")
    plan_file = planning.plan_file_of(paths)
    if plan_file is None:
        protection.require_saved_plan(session, "apply", paths)
    with session.lock("apply"), session.api(log_in=plan_file is None) as api:
        if plan_file is not None:
            planned = planning.load_plan(session, api, plan_file)
            return applying.finish(session, api, planned, view, "apply")
        options = Options(
            delete_unmanaged=values["delete_unmanaged"],
            allow_mass_delete=values["allow_mass_delete"],
            targets=values["targets"],
            write_secrets=values["write_secrets"],
        )
        planned = planning.plan_files(session, api, paths, options)
        auto_approve = values["auto_approve"]
        if not applying.is_approved(planned, view, "these changes", auto_approve=auto_approve):
            return 1
        return applying.finish(session, api, planned, view, "apply")
