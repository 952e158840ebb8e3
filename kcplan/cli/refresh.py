"""`kcplan refresh`: what changed in Keycloak since the last apply."""

from typing import TYPE_CHECKING, Any

import click

from kcplan.cli.command import Command
from kcplan.cli.options import (
    connection_options,
    fail_on_option,
    format_option,
    no_color_option,
    other_server_option,
    state_options,
    target_option,
    use_color,
)

if TYPE_CHECKING:
    from kcplan.cli.session import Session
    from kcplan.diagnostics import Diagnostic
    from kcplan.snapshot import Snapshot
    from kcplan.state import State
    from kcplan_keycloak.api import AdminApi

    Reading = tuple[Snapshot, tuple[Diagnostic, ...]]

DRIFT = 2
"""The exit code for "something drifted", with --detailed-exitcode."""


@click.command(
    cls=Command,
    examples=[
        ("kcplan refresh", "what changed since the last apply"),
        ("kcplan refresh --quick --detailed-exitcode", "on a schedule: exit code 2 is drift"),
    ],
)
@format_option("text", "markdown", "json", "html")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 where something changed.")
@click.option("--only-managed", is_flag=True, help="Only count fields that the files declare.")
@fail_on_option
@click.option("--accept", is_flag=True, help="Take the live values as the new baseline.")
@click.option("--unmanaged", is_flag=True, help="Also list what is new in the realms.")
@click.option("--quick", is_flag=True, help="Only read what admin events say was changed.")
@target_option
@no_color_option
@other_server_option
@state_options
@connection_options
def refresh(output: str, **values: Any) -> int:
    """Show what changed in Keycloak since the last apply, by resource and field.

    Without --accept the baseline stays as it is, so the next run reports the same.
    """
    from contextlib import nullcontext

    from attrs import evolve

    from kcplan.accept import accepted
    from kcplan.cli.printing import emit
    from kcplan.cli.session import Session
    from kcplan.drift import detect_drift
    from kcplan.lifecycle import Rules
    from kcplan.risk import any_reaches
    from kcplan.risk_rules import weighed
    from kcplan.views import refreshes
    from kcplan_keycloak.authorship import with_authors
    from kcplan_keycloak.risks import rules as risk_rules

    session = Session(values)
    _refuse_part(values)
    lock = session.lock("refresh --accept") if values["accept"] else nullcontext()
    with lock, session.api() as api:
        state = session.state()
        session.check_server(state, api.connection.url)
        live, notes = (_look if values["quick"] else _read)(session, api, state)
        digester = session.digester(state)
        rules = Rules(session.settings.lifecycle)
        found = detect_drift(state, live, session.registry, digester, rules, risk_rules)
        found = evolve(
            found,
            risks=weighed(found.risks, session.settings.lint),
            diagnostics=(*found.diagnostics, *notes),
            environment=session.settings.environment,
        )
        found = with_authors(api, state, live, found)
        emit(refreshes.view(output, color=use_color(no_color=values["no_color"]))(found))
        if values["accept"] and not found.is_empty:
            session.state_file.save(accepted(state, live, session.registry, digester))
            emit(refreshes.accepted())
    if any_reaches(found.risks, values["fail_on"]):
        return 1
    if values["only_managed"]:
        counts = tuple(item for item in found.changed if item.address in state.resources)
    else:
        counts = found.changed + found.outside
    return DRIFT if values["detailed_exitcode"] and counts else 0


def _refuse_part(values: dict[str, Any]) -> None:
    """Raise UsageError for a quick look at a part of what is managed, or at what is not."""
    from kcplan.errors import UsageError

    for option, given in (("target", "targets"), ("unmanaged", "unmanaged")):
        if values["quick"] and values[given]:
            raise UsageError(
                f"--quick and --{option} do not go together",
                "A quick look reads what admin events say was changed of all that is managed. "
                f"Leave out one of them; --{option} without --quick reads little, too.",
            )


def _read(session: "Session", api: "AdminApi", state: "State") -> "Reading":
    """Read all that is managed, or the targets."""
    from kcplan.reading import for_refresh
    from kcplan_keycloak.reader import KeycloakReader

    targets, unmanaged = session.values["targets"], session.values["unmanaged"]
    request = for_refresh(state, session.registry, targets, unmanaged=unmanaged)
    return KeycloakReader(api).read(request), ()


def _look(session: "Session", api: "AdminApi", state: "State") -> "Reading":
    """Read what admin events are about since the last look, and remember what was seen."""
    from kcplan.quick import looked, told
    from kcplan_keycloak.quick_look import read_quickly

    before, hours = session.last_look(state), session.settings.refresh.full_every
    quick = read_quickly(api, state, session.registry, before, hours)
    look = looked(state, quick, before, session.registry, session.digester(state))
    session.keep_look(look)
    return quick.live, told(state, quick, look)
