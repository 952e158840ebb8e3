"""Secrets in the files are risks wherever files are read, whether anything changes or not."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kcplan.config.load import load
from kcplan.risk import Risk
from kcplan.risk_rules import of_secrets
from kcplan_keycloak.resources import registry
from kcplan_keycloak.risks import rules
from support.harness import Run
from support.world import World

Json = dict[str, Any]
LONG = "one-long-enough-4711-0815"
ENVIRONMENT = {"LONG": LONG, "SHORT": "hunter2"}


def client(secret: str) -> Json:
    return {"clients": [{"clientId": "web", "secret": secret}]}


def mail(password: str) -> Json:
    return {"smtpServer": {"host": "mail", "from": "a@example.org", "password": password}}


def provider(secret: str) -> Json:
    config = {"clientSecret": secret}
    return {"identityProviders": [{"alias": "company", "providerId": "oidc", "config": config}]}


def signing(key: str) -> Json:
    attributes = {"saml.signing.private.key": key}
    return {"clients": [{"clientId": "web", "protocol": "saml", "attributes": attributes}]}


RISKY: Mapping[str, list[Json]] = {
    "secret-in-file": [
        client(LONG),
        signing(LONG),
        client(f"${{env:MISSING:-{LONG}}}"),
        mail(LONG),
        provider(LONG),
    ],
    "weak-secret": [client("hunter2"), client("${env:SHORT}"), mail("hunter2"), provider("a")],
}
HARMLESS: Mapping[str, list[Json]] = {
    "secret-in-file": [
        client("${env:LONG}"),
        client("a-${env:LONG}"),
        client("**********"),
        mail("${vault.mail}"),
        {"displayName": LONG},
    ],
    "weak-secret": [client(LONG), client("${env:LONG}"), mail("${vault.m}"), {"displayName": "a"}],
}


def risks(folder: Path, document: Json) -> tuple[Risk, ...]:
    file = folder / "realm.json"
    file.write_text(json.dumps({"realm": "r", **document}))
    config = load([file], registry(), ENVIRONMENT)
    assert not {item.code for item in config.diagnostics} & set(RISKY)
    return of_secrets(rules, config.resources.values(), registry())


def cases(table: Mapping[str, list[Json]]) -> list[Any]:
    return [(code, document) for code, found in table.items() for document in found]


@pytest.mark.parametrize(("code", "document"), cases(RISKY))
def test_a_secret_that_others_may_know_is_found(code: str, document: Json, tmp_path: Path) -> None:
    assert code in {risk.code for risk in risks(tmp_path, document)}


@pytest.mark.parametrize(("code", "document"), cases(HARMLESS))
def test_other_secrets_are_none(code: str, document: Json, tmp_path: Path) -> None:
    assert code not in {risk.code for risk in risks(tmp_path, document)}


def test_every_rule_of_secrets_is_tried() -> None:
    codes = {rule.code for rule in rules() if rule.secrets}
    assert codes == set(RISKY) == set(HARMLESS)
    assert all(RISKY.values())
    assert all(HARMLESS.values())


def test_validate_names_them_without_lint(tmp_path: Path, run_offline: Run) -> None:
    (tmp_path / "r.json").write_text(json.dumps({"realm": "r", **client("hunter2")}))
    result = run_offline("validate", "r.json", "--format", "json")
    document = json.loads(result.stdout)
    assert (result.exit_code, document["diagnostics"]) == (0, [])
    assert [(risk["code"], risk["address"], risk["path"]) for risk in document["risks"]] == [
        ("secret-in-file", "r/clients/web", ["secret"]),
        ("weak-secret", "r/clients/web", ["secret"]),
    ]
    assert "hunter" not in result.stdout
    assert run_offline("validate", "r.json", "--fail-on", "caution").exit_code == 1


def test_a_plan_names_them_changed_or_not_until_they_are_silenced(world: World) -> None:
    world.declare(enabled=True, **client(LONG))
    for _ in range(2):
        made = world.plan("--fail-on", "caution", exit_code=1)
        assert [risk["code"] for risk in made.document["risks"]] == ["secret-in-file"]
        assert made.codes == []
        world.apply()
    world.settings('[[lint]]\ncode = "secret-in-file"\nlevel = "off"\nreason = "for testing"\n')
    assert world.plan("--fail-on", "caution").document["risks"] == []
