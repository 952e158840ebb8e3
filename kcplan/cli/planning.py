"""Making a plan: what `plan`, `apply` and `destroy` have in common."""

from collections.abc import Sequence
from pathlib import Path

from attrs import evolve, frozen

from kcplan.cli.session import Session
from kcplan.config.model import Config
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
    """A plan, and the state that it was made from."""

    plan: Plan
    state: State


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
    return Planned(plan, state)


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


def plan_file_of(paths: Sequence[str]) -> Path | None:
    """The saved plan that the arguments name; None where they name configuration.

    A saved plan is one JSON file with an execution part; a realm file has a `realm`.
    """
    if len(paths) != 1 or not Path(paths[0]).is_file():
        return None
    path = Path(paths[0])
    try:
        head = path.read_bytes()[:4096]
    except OSError:
        return None
    looks = head.lstrip().startswith(b"{") and b'"format_version"' in head and b'"summary"' in head
    return path if looks or path.suffix == ".kcplan" else None


def load_plan(session: Session, api: AdminApi, file: Path) -> Planned:
    """The plan in a file, checked against state, server and secrets, ready to be executed.

    Raises:
        PlanFileError: It does not fit what is there now.
        KcplanError: Something could not be read.
    """
    from kcplan import planfile, saved_plan

    plan = planfile.read(file)
    session.refuse_journal()
    state = session.load_state(plan.lineage)
    saved_plan.require_fit(plan, state, api.connection.url)
    plan = saved_plan.completed(
        plan,
        state,
        KeycloakReader(api),
        session.registry,
        session.digester(state),
        session.declared_secrets(),
    )
    return Planned(plan, state)
