"""`kcplan recover`: finish what a killed apply left."""

from typing import TYPE_CHECKING, Any

import click

from kcplan.cli.command import Command
from kcplan.cli.options import (
    connection_options,
    format_option,
    other_server_option,
    state_options,
    variable_options,
)

if TYPE_CHECKING:
    from kcplan.cli.session import Session
    from kcplan.interrupted import Interrupted, Nothing
    from kcplan.state import State
    from kcplan_state.step_journal import StepJournal


@click.command(
    cls=Command,
    examples=[
        ("kcplan recover", "takes back what the interrupted apply did"),
        ("kcplan recover --forward", "finishes it instead"),
    ],
)
@click.option("--forward", is_flag=True, help="Finish the interrupted plan instead.")
@click.option("--auto-approve", is_flag=True, help="Do not ask.")
@click.option(
    "--wait",
    type=click.FloatRange(min=0),
    is_flag=False,
    flag_value=600.0,
    metavar="[SECONDS]",
    help="Seconds to wait for Keycloak to answer.  [without a number: 600]",
)
@format_option("text", "json")
@other_server_option
@variable_options
@state_options
@connection_options
def recover(output: str, **values: Any) -> int:
    """Roll back what a killed apply did, or finish it with --forward.

    If it is killed too, run it again. kcplan asks Keycloak about steps whose outcome is unknown.
    """
    from kcplan.cli import approval
    from kcplan.cli.live import telling
    from kcplan.cli.printing import emit
    from kcplan.cli.session import Session
    from kcplan.cli.waiting import wait
    from kcplan.interrupted import Nothing
    from kcplan.recovery import Recovery
    from kcplan.views import recoveries

    session = Session(values)
    view = recoveries.view(output)
    with session.lock("recover"), session.api() as api:
        found = _find(session, api.connection.url)
        if isinstance(found, Nothing):
            emit(view(found))
            return 0
        interrupted, state, journal = found
        emit(view(interrupted))
        forward = values["forward"]
        what = "the rest of that plan" if forward else "this rollback"
        approval.ask(what, auto_approve=values["auto_approve"])
        if values["wait"] is not None:
            wait(api, journal, values["wait"])
        site = session.site(api, state)
        secrets = session.declared_secrets() if forward else None
        with telling(view, live=output == "text" and not values["verbose"]) as tell:
            recovery = Recovery(site, interrupted, state, journal, tell)
            done = recovery.back() if secrets is None else recovery.forward(secrets)
        emit(view(done))
    return done.applied.exit_code


def _find(session: "Session", url: str) -> "Nothing | tuple[Interrupted, State, StepJournal]":
    """What was interrupted, the state that it began with, and its journal to go on with.

    Raises:
        StateError: The journal or the state cannot be read, or they do not fit.
    """
    from kcplan.interrupted import Nothing, had_ended, require_server
    from kcplan.known_types import require_known_in_journal, require_known_in_state
    from kcplan_state import journal, step_journal

    if not session.has_journal:
        return Nothing.NO_JOURNAL
    read, writer = journal.resume(session.state_path, session.journal_key)
    state = session.load_state(read.header.lineage)
    if had_ended(state, read.header.lineage, read.header.serial):
        writer.remove()
        return Nothing.ENDED
    interrupted = step_journal.interrupted(read)
    require_known_in_journal(interrupted, session.registry)
    require_known_in_state(state, session.registry)
    if not session.values["allow_other_server"]:
        require_server(interrupted, url)
    return interrupted.moved_to(url), state, step_journal.StepJournal(writer)
