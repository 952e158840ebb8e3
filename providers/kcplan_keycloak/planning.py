"""A plan for a Keycloak: what the planner compares is read, with the token exchange compiled in.

begin (reads ahead) ─▶ the files are parsed ─▶ make_plan (reads the rest, and plans)
"""

from attrs import evolve

from kcplan import planner
from kcplan.config.model import Config
from kcplan.digests import Digester
from kcplan.graph import build_graph
from kcplan.own_login import Identity
from kcplan.plan import Plan
from kcplan.planner import Inputs, Options
from kcplan.reading import for_plan, for_state
from kcplan.resource import Registry
from kcplan.state import State
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.holders import with_holders
from kcplan_keycloak.profile_check import with_profile_problems
from kcplan_keycloak.reader import KeycloakReader
from kcplan_keycloak.risks import rules as risk_rules
from kcplan_keycloak.token_exchange.relevance import is_used


def begin(api: AdminApi, state: State, registry: Registry, options: Options) -> KeycloakReader:
    """A reader that has begun, since Keycloak can answer while the files are parsed.

    It asks for what the state knows; for nothing where the plan is about targets, or where the
    files may leave realms of the state alone.
    """
    reader = KeycloakReader(api)
    if not options.targets and len({address.realm for address in state.resources}) == 1:
        reader.read_ahead(for_state(state, registry))
    return reader


def make_plan(
    reader: KeycloakReader,
    config: Config,
    state: State,
    registry: Registry,
    digester: Digester,
    options: Options,
    *,
    lint: bool = False,
) -> Plan:
    """The plan for these files; with `lint` also advice. Raises KcplanError.

    Args:
        reader: The reader that has begun.
        config: What the files say.
        state: What kcplan applied before.
        registry: The resource types.
        digester: Digests under the state's key.
        options: What the command was told; who plans is added to it.
        lint: Whether to give advice on token exchange as well.
    """
    api = reader.api
    login = api.connection
    account = Identity(
        login.auth_realm,
        login.client_id,
        login.username,
        url=login.url,
        secret=login.client_secret is not None,
        certificate=login.client_cert is not None,
    )
    with api.reading_once():
        if not options.destroy and is_used(config):
            from kcplan_keycloak.token_exchange.preparing import live as live_server
            from kcplan_keycloak.token_exchange.preparing import prepare

            config = prepare(config, state, live_server(api), lint=lint).config
        graph = build_graph(config.resources, registry)
        live = reader.read(for_plan(config, graph, state, registry, options.targets))
        options = evolve(options, identity=account, lint=lint)
        plan = planner.make_plan(
            Inputs(config, state, live, registry, digester, options, graph, risk_rules)
        )
        plan = with_holders(api, reader.names, live, plan)
        plan = with_profile_problems(api, config, live, plan)
    if not plan.drift and not plan.outside:
        return plan
    from kcplan_keycloak.authorship import name_authors

    drift, outside = name_authors(api, state, live, (plan.drift, plan.outside)).groups
    return evolve(plan, drift=drift, outside=outside)
