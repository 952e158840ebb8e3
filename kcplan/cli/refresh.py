"""`kcplan refresh`: what changed in Keycloak since the last apply."""

from typing import Any

import click

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

DRIFT = 2
"""The exit code for "something drifted", with --detailed-exitcode."""


@click.command()
@format_option("text", "markdown", "json", "html")
@click.option("--detailed-exitcode", is_flag=True, help="Exit with 2 where something changed.")
@click.option("--only-managed", is_flag=True, help="Only count fields that the files declare.")
@fail_on_option
@click.option("--accept", is_flag=True, help="Take the live values as the new baseline.")
@click.option("--unmanaged", is_flag=True, help="Also list what is new in the realms.")
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
    from kcplan.reading import for_refresh
    from kcplan.risk import any_reaches
    from kcplan.risk_rules import weighed
    from kcplan.views import refreshes
    from kcplan_keycloak.authorship import with_authors
    from kcplan_keycloak.reader import KeycloakReader
    from kcplan_keycloak.risks import rules as risk_rules

    session = Session(values)
    lock = session.lock("refresh --accept") if values["accept"] else nullcontext()
    with lock, session.api() as api:
        state = session.state()
        session.check_server(state, api.connection.url)
        request = for_refresh(
            state, session.registry, values["targets"], unmanaged=values["unmanaged"]
        )
        live = KeycloakReader(api).read(request)
        digester = session.digester(state)
        rules = Rules(session.settings.lifecycle)
        found = detect_drift(state, live, session.registry, digester, rules, risk_rules)
        found = evolve(found, risks=weighed(found.risks, session.settings.lint))
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
