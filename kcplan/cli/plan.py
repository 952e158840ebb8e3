"""`kcplan plan`: what apply would change."""

from pathlib import Path
from typing import Any

import click

from kcplan.cli.command import Command
from kcplan.cli.options import (
    connection_options,
    fail_on_option,
    format_option,
    lint_option,
    no_color_option,
    other_server_option,
    paths_argument,
    state_options,
    target_option,
    use_color,
    write_secrets_option,
)

CHANGES = 2
"""The exit code for "there is something to do", with --detailed-exitcode."""


@click.command(
    cls=Command,
    examples=[
        ("kcplan plan", "of the files in kcplan.toml"),
        ("kcplan plan realms/ --out shop.plan", "saved, for `kcplan apply shop.plan`"),
    ],
)
@paths_argument
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), help="Save the plan in this file."
)
@format_option("text", "markdown", "json", "html", "github")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 where there are changes.")
@fail_on_option
@click.option("--destroy", is_flag=True, help="Plan what `kcplan destroy` would do.")
@click.option("--delete-adopted", is_flag=True, help="With --destroy, as for `kcplan destroy`.")
@click.option("--delete-unmanaged", is_flag=True, help="As for `kcplan apply` and `destroy`.")
@click.option("--allow-mass-delete", is_flag=True, help="Allow a plan that deletes many resources.")
@write_secrets_option
@target_option
@lint_option
@no_color_option
@other_server_option
@state_options
@connection_options
def plan(paths: tuple[str, ...], out: Path | None, output: str, **values: Any) -> int:
    """Show what apply would change in Keycloak, and change nothing.

    PATH is a file, folder or glob; without one, `files` of kcplan.toml are taken.
    """
    from kcplan.cli.session import Session

    if out is not None:
        from kcplan import planfile

        planfile.check_name(out)
    session = Session(values)
    color = use_color(no_color=values["no_color"])
    with session.api(log_in=True) as api:
        from kcplan.cli import planning
        from kcplan.cli.printing import emit
        from kcplan.errors import ConfigError
        from kcplan.planner import Options
        from kcplan.risk import any_reaches
        from kcplan.views import plans, validations

        options = Options(
            destroy=values["destroy"],
            delete_adopted=values["delete_adopted"],
            delete_unmanaged=values["delete_unmanaged"],
            allow_mass_delete=values["allow_mass_delete"],
            targets=values["targets"],
            write_secrets=values["write_secrets"],
        )
        try:
            planned = planning.plan_files(
                session, api, paths, options, seal=out is not None, lint=values["lint"]
            )
        except ConfigError as problem:
            if output != "github":
                raise
            emit(validations.github_errors(problem))
            return 1
    made = planned.plan
    view = plans.view(output, color=color, declared=planned.declared)
    emit(view(made))
    if made.has_errors:
        return 1
    if out is not None:
        planfile.write(out, made, session.plan_key(made.lineage))
        emit(plans.saved(plans.Saved(out)))
    if any_reaches(made.risks, values["fail_on"]):
        return 1
    return CHANGES if values["detailed_exitcode"] and not made.is_empty else 0
