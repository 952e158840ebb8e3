"""The risks of the examples, each in a Keycloak that has nothing of it yet."""

import re
from pathlib import Path

from attrs import evolve
from inline_snapshot import snapshot

from kcplan.config.load import load
from kcplan.planner import Inputs, make_plan
from kcplan.snapshot import Snapshot
from kcplan.state import State
from kcplan_keycloak.resources import registry
from kcplan_keycloak.risks import rules
from kcplan_keycloak.token_exchange.preparing import prepare
from support.planning import SERVER, PlainDigester

EXAMPLES = Path(__file__).parents[2] / "examples"
FILES = sorted(
    str(path.relative_to(EXAMPLES))
    for path in EXAMPLES.rglob("*")
    if path.suffix in {".json", ".toml"} and path.name not in {"kcplan.toml", "mistake.toml"}
)


def risks(name: str) -> list[str]:
    file = EXAMPLES / name
    variables = re.findall(r"\$\{(?:env:)?([A-Z_]+)", file.read_text())
    environment = {variable: f"{variable} that is long enough" for variable in variables}
    config = prepare(load([file], registry(), environment), State("")).config
    live = Snapshot(SERVER, asked=frozenset(config.resources))
    inputs = Inputs(config, State("lineage"), live, registry(), PlainDigester())
    made = make_plan(evolve(inputs, risk_rules=rules))
    return [f"{risk.level}: {risk.code} {risk.address}" for risk in made.risks]


def test_each_example() -> None:
    assert {name: risks(name) for name in FILES} == snapshot(
        {
            "admin-permissions/help-desk.toml": [
                "danger: admin-permission-strong admin-permissions/permissions/admin/clerks look after the orders",
                "danger: admin-permission-strong admin-permissions/permissions/admin/help desk resets passwords",
                "caution: admin-permission-view admin-permissions/permissions/admin/owners see the teams",
            ],
            "bootstrap/realm.toml": [
                "danger: admin-for-service-account shop/clients/kcplan-applier/service-account",
                "danger: admin-for-service-account shop/clients/kcplan-applier/service-account",
                "danger: admin-for-service-account shop/clients/kcplan-applier/service-account",
                "danger: admin-for-service-account shop/clients/kcplan-applier/service-account",
            ],
            "bootstrap/server.toml": [
                "danger: admin-for-service-account master/clients/kcplan-applier/service-account",
                "danger: admin-for-service-account master/clients/kcplan-applier/service-account",
                "danger: admin-for-service-account master/clients/kcplan-applier/service-account",
                "danger: admin-for-service-account master/clients/kcplan-applier/service-account",
                "danger: admin-for-service-account master/clients/kcplan-applier/service-account",
            ],
            "demo/realms/shop.toml": ["caution: token-exchange-opened shop/clients/orders"],
            "demo/reports.toml": [
                "danger: admin-for-service-account shop/clients/reports/service-account"
            ],
            "seed/admin-impersonation.json": [],
            "seed/basic-client.json": [
                "caution: token-exchange-opened realmWithClients/clients/moped-client"
            ],
            "seed/delegation.json": [
                "caution: secret-in-file webapp/clients/backend-api",
                "caution: weak-secret webapp/clients/backend-api",
            ],
            "seed/exchange-permission.json": [],
            "seed/external-token.json": [],
            "seed/impersonation.json": [
                "danger: admin-for-service-account master/clients/admin-service/service-account",
                "caution: secret-in-file master/clients/admin-service",
            ],
            "seed/microservices.json": [
                "caution: token-exchange-opened microservices/clients/api-gateway",
                "caution: token-exchange-opened microservices/clients/order-service",
                "caution: token-exchange-opened microservices/clients/payment-service",
                "caution: token-exchange-opened microservices/clients/user-service",
            ],
            "seed/service-to-service.json": [
                "caution: secret-in-file microservices/clients/user-service",
                "caution: weak-secret microservices/clients/user-service",
                "caution: secret-in-file microservices/clients/order-service",
            ],
            "token-exchange/chain.toml": [
                "caution: token-exchange-opened chain/clients/a",
                "caution: token-exchange-opened chain/clients/b",
            ],
            "token-exchange/delegation.toml": [
                "caution: token-exchange-opened webapp/clients/backend-api"
            ],
            "token-exchange/gateway.toml": [
                "caution: token-exchange-opened microservices/clients/api-gateway"
            ],
            "token-exchange/legacy-impersonation.toml": [
                "danger: impersonation-granted corporate/permissions/impersonation/admin-portal"
            ],
            "token-exchange/service-to-service.toml": [
                "caution: token-exchange-opened microservices/clients/user-service"
            ],
            "toml/admin-impersonation.toml": [],
            "toml/exchange-permission.toml": [],
            "toml/service-to-service.toml": [
                "caution: token-exchange-opened microservices/clients/user-service"
            ],
        }
    )
