"""A plan for a Keycloak: what the planner compares is read, with the token exchange compiled in.

begin (reads ahead) ─▶ the files are parsed ─▶ make_plan (reads the rest, and plans)
"""

from collections.abc import Mapping
from typing import Final

from attrs import evolve

from kcplan import planner
from kcplan.address import Address
from kcplan.config.model import Config
from kcplan.digests import Digester
from kcplan.graph import build_graph
from kcplan.own_login import Identity
from kcplan.plan import Plan
from kcplan.planner import Inputs, Options
from kcplan.reading import for_plan, for_state, realms_of
from kcplan.resource import Registry
from kcplan.state import ResourceState, State
from kcplan_keycloak.accounts import account_of, is_on
from kcplan_keycloak.admin_losses import with_losses
from kcplan_keycloak.admin_permissions import with_schema
from kcplan_keycloak.administrators import administrators_ahead
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.flow_check import with_flow_findings
from kcplan_keycloak.hidden_switches import with_hidden_switches
from kcplan_keycloak.holders import with_holders
from kcplan_keycloak.profile_check import with_profile_problems
from kcplan_keycloak.reader import KeycloakReader
from kcplan_keycloak.resources.role import SPEC as ROLE
from kcplan_keycloak.risks import rules as risk_rules
from kcplan_keycloak.token_exchange.relevance import is_used

_BELOW_AN_OBJECT: Final = 4
"""So many slashes has what lies in an object of a realm: `realms/REALM/clients/ID/roles`."""


def begin(api: AdminApi, state: State, registry: Registry, options: Options) -> KeycloakReader:
    """A reader that has begun, since Keycloak can answer while the files are parsed.

    It asks for what the state knows; for nothing where the plan is about targets, or where the
    files may leave realms of the state alone.
    """
    reader = KeycloakReader(api)
    if not options.targets and len({address.realm for address in state.resources}) == 1:
        reader.read_ahead(for_state(state, registry))
    return reader


def _begin_to_read(
    reader: KeycloakReader, config: Config, state: State, registry: Registry
) -> None:
    """Ask for what a plan reads of the realms of the files, before anybody waits for an answer."""
    chosen = realms_of(config, state)
    entries = {a: e for a, e in state.resources.items() if a.realm in chosen}
    reader.read_ahead(for_state(evolve(state, resources=entries), registry))
    leaves = {a: entry.observed for a, entry in entries.items()}
    leaves |= {a: {**leaves.get(a, {}), **r.leaves} for a, r in config.resources.items()}
    # An account that no file declares may administer its realm.
    realms = {a.realm for a in leaves if is_on(leaves[a]) and account_of(a) not in leaves}
    for realm in sorted(name for name in realms if Address.of(name) in entries):
        reader.api.read_ahead(administrators_ahead(realm, _roles(realm, config, entries)))


def _roles(realm: str, config: Config, entries: Mapping[Address, ResourceState]) -> int:
    """How many roles of a realm are managed."""
    types = {a: item.type for items in (entries, config.resources) for a, item in items.items()}
    return sum(1 for a, kind in types.items() if a.realm == realm and kind == ROLE.name)


def _is_of_each(at: str) -> bool:
    """Whether a path is that of the roles which a plan reads of each client and each account."""
    return at.endswith(("/roles", "/role-mappings")) and at.count("/") == _BELOW_AN_OBJECT


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
        if not options.targets:
            _begin_to_read(reader, config, state, registry)
        if not options.destroy and is_used(config):
            from kcplan_keycloak.token_exchange.preparing import live as live_server
            from kcplan_keycloak.token_exchange.preparing import prepare
            from kcplan_keycloak.token_exchange.targeting import concerns

            is_asked = concerns(config, state, registry, options.targets)
            server = live_server(api) if is_asked else None
            config = prepare(config, state, server, lint=lint).config
        graph = build_graph(config.resources, registry)
        live = reader.read(for_plan(config, graph, state, registry, options.targets))
        # All of these are in the snapshot now, and there are as many as clients and accounts.
        api.keep_only(lambda at: not _is_of_each(at))
        live = with_schema(api, config, reader.names, live)
        options = evolve(options, identity=account, lint=lint)
        plan = planner.make_plan(
            Inputs(config, state, live, registry, digester, options, graph, risk_rules)
        )
        plan = with_holders(api, reader.names, live, plan)
        plan = with_losses(api, reader.names, live, plan)
        plan = with_profile_problems(api, config, live, plan)
        plan = with_flow_findings(api, config, live, plan, state.resources, registry, risk_rules)
        plan = with_hidden_switches(api, config, live, plan)
    if not plan.drift and not plan.outside:
        return plan
    from kcplan_keycloak.authorship import name_authors

    drift, outside = name_authors(api, state, live, (plan.drift, plan.outside)).groups
    return evolve(plan, drift=drift, outside=outside)
