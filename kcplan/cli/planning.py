"""Making a plan: what `plan`, `apply` and `destroy` have in common."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from attrs import evolve, field

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.cli.session import Session
from kcplan.config.model import Config
from kcplan.config.settings import KEYCLOAK_CONFIG_CLI, Settings
from kcplan.diagnostics import note
from kcplan.plan import Plan
from kcplan.planner import Options
from kcplan.resource import Resource
from kcplan.state import State
from kcplan_keycloak import planning
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.reader import KeycloakReader


@frozen
class Planned:
    """A plan, the state that it was made from, and what the files declare."""

    plan: Plan
    state: State
    declared: Mapping[Address, Resource] = field(factory=dict)


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
    digester = session.digester(state)
    options = evolve(
        options,
        server_version=session.settings.keycloak.version,
        seal=digester if seal else None,
    )
    reader = planning.begin(api, state, session.registry, options)
    if options.destroy:
        config = _config_to_destroy(session, paths)
    else:
        config = _with_own_rule(session.config(paths), session.settings, state)
    plan = planning.make_plan(reader, config, state, session.registry, digester, options, lint=lint)
    session.keep_offered(api)
    plan = evolve(plan, environment=session.settings.environment)
    return Planned(plan, state, config.resources)


def _with_own_rule(config: Config, settings: Settings, state: State) -> Config:
    """The configuration with a note, in a first plan, on what files of another tool do not mean."""
    if settings.config.substitution != KEYCLOAK_CONFIG_CLI or state.resources:
        return config
    rule = note(
        "absent-stays",
        "what the files do not name stays in Keycloak",
        "keycloak-config-cli deletes it where it manages a section in full. kcplan deletes only "
        "what it created; `kcplan refresh --unmanaged` lists the rest. Plans after the first apply "
        "do not say this again.",
    )
    return evolve(config, diagnostics=(*config.diagnostics, rule))


def _config_to_destroy(session: Session, paths: Sequence[str]) -> Config:
    """What is to be destroyed: the realms of the files, or without files all that the state has."""
    if paths:
        return evolve(session.config(paths), resources={}, diagnostics=())
    state = session.state()
    return Config(
        realms=frozenset(address.realm for address in state.resources),
        lifecycle=session.settings.lifecycle,
        lint=session.settings.lint,
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
    from kcplan.known_types import require_known_in_plan, require_known_in_state

    plan = planfile.read(file, session.plan_key)
    saved_plan.require_environment(plan, session.settings.environment)
    require_known_in_plan(plan, session.registry)
    session.refuse_journal()
    state = session.load_state(plan.lineage)
    require_known_in_state(state, session.registry)
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
