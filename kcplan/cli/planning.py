"""Making a plan: what `plan`, `apply` and `destroy` have in common."""

from collections.abc import Sequence

import click
from attrs import evolve, frozen

from kcplan.cli.session import Session
from kcplan.config.model import Config
from kcplan.diagnostics import Severity
from kcplan.lockout import Identity
from kcplan.plan import Plan
from kcplan.planner import Inputs, Options, make_plan
from kcplan.provider import Reader
from kcplan.reading import for_plan, for_state
from kcplan.state import State
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.reader import KeycloakReader
from kcplan_keycloak.token_exchange.relevance import is_used


@frozen
class Planned:
    """A plan, and what it was made from."""

    plan: Plan
    state: State
    config: Config


def plan_files(
    session: Session,
    api: AdminApi,
    paths: Sequence[str],
    options: Options,
    *,
    seal: bool = False,
    lint: bool = False,
) -> Planned:
    """The plan for these files; with `lint` also advice. Raises KcplanError."""
    state = session.state()
    session.check_server(state, api.connection.url)
    reader = _reading_ahead(session, api, state, options)
    config = _config_to_destroy(session, paths) if options.destroy else session.config(paths)
    digester = session.digester(state)
    connection = api.connection
    options = evolve(
        options,
        server_version=session.settings.keycloak.version,
        identity=Identity(connection.auth_realm, connection.client_id, connection.username),
    )
    if seal:
        options = evolve(options, seal=digester)
    with api.reading_once():
        if not options.destroy and is_used(config):
            from kcplan_keycloak.token_exchange.preparing import live as live_server
            from kcplan_keycloak.token_exchange.preparing import prepare

            config = prepare(config, state, live_server(api), lint=lint).config
        live = reader.read(for_plan(config, state, session.registry, options.targets))
    plan = make_plan(Inputs(config, state, live, session.registry, digester, options))
    return Planned(plan, state, config)


def _reading_ahead(session: Session, api: AdminApi, state: State, options: Options) -> Reader:
    """A reader that has begun, since Keycloak can answer while the files are parsed.

    It asks for what the state knows; for nothing where the plan is about targets, or where the
    files may leave realms of the state alone.
    """
    reader = KeycloakReader(api)
    if not options.targets and len({address.realm for address in state.resources}) == 1:
        reader.read_ahead(for_state(state, session.registry))
    return reader


def _config_to_destroy(session: Session, paths: Sequence[str]) -> Config:
    """What is to be destroyed: the realms of the files, or without files all that the state has."""
    if paths:
        return evolve(session.config(paths), resources={}, diagnostics=())
    state = session.state()
    return Config(
        realms=frozenset(address.realm for address in state.resources),
        lifecycle=session.settings.lifecycle,
    )


def show_diagnostics(plan: Plan, *, color: bool) -> None:
    """Print the plan's diagnostics on stderr."""
    from kcplan.render.diagnostics import render_diagnostics

    if plan.diagnostics:
        click.echo(render_diagnostics(plan.diagnostics, color=color), err=True)


def has_errors(plan: Plan) -> bool:
    """Whether the plan must not be executed."""
    return any(item.severity is Severity.ERROR for item in plan.diagnostics)


def render(plan: Plan, output: str, *, color: bool) -> str:
    """The plan in one of the formats."""
    import json

    match output:
        case "markdown":
            from kcplan.render.markdown import markdown_plan

            return markdown_plan(plan)
        case "html":
            from kcplan.render.html import html_plan

            return html_plan(plan)
        case "json":
            from kcplan.render.json import plan_document

            return json.dumps(plan_document(plan), indent=2, ensure_ascii=False)
    from kcplan.render.text import render_plan

    return render_plan(plan, color=color)
