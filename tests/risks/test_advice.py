"""With `--lint` the configuration is judged as it is, whether anything changes or not."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.config.load import load
from kcplan.risk import Risk
from kcplan.risk_rules import lint
from kcplan_keycloak.resources import registry
from kcplan_keycloak.risks import rules
from support.harness import Run
from support.world import World

Json = dict[str, Any]
WEB = ["https://shop.example/"]


def client(**fields: Any) -> Json:
    return {"clients": [{"clientId": "web", **fields}]}


def provider(kind: str, **config: str) -> Json:
    return {"identityProviders": [{"alias": "a", "providerId": kind, "config": config}]}


PKCE = {"pkce.code.challenge.method": "S256"}

ADVISED: Mapping[str, tuple[Json, Json]] = {
    "pkce-not-required": (client(redirectUris=WEB), client(redirectUris=WEB, attributes=PKCE)),
    "full-scope-allowed": (client(), client(fullScopeAllowed=False)),
    "standard-flow-without-redirect": (client(), client(standardFlowEnabled=False)),
    "service-account-beside-logins": (
        client(serviceAccountsEnabled=True, redirectUris=WEB),
        client(serviceAccountsEnabled=True, standardFlowEnabled=False),
    ),
    "redirect-wildcard": (
        client(redirectUris=["https://shop.example/*"]),
        client(redirectUris=["https://shop.example/callback"]),
    ),
    "redirect-relative": (
        client(redirectUris=["/app"]),
        client(redirectUris=["/app"], rootUrl="https://shop.example"),
    ),
    "no-brute-force-protection": ({"enabled": True}, {"bruteForceProtected": True}),
    "no-password-policy": ({"enabled": True}, {"passwordPolicy": "length(12)"}),
    "no-events": ({"enabled": True}, {"adminEventsEnabled": True}),
    "refresh-tokens-not-rotated": ({"enabled": True}, {"revokeRefreshToken": True}),
    "offline-tokens-unlimited": ({"enabled": True}, {"offlineSessionMaxLifespanEnabled": True}),
    "provider-signature-not-demanded": (
        provider("oidc"),
        provider("oidc", validateSignature="true"),
    ),
    "provider-pkce-not-used": (provider("oidc"), provider("oidc", pkceEnabled="true")),
}


def advice(folder: Path, document: Json) -> tuple[Risk, ...]:
    file = folder / "realm.json"
    file.write_text(json.dumps({"realm": "r", **document}))
    return lint(rules(), load([file], registry(), {}).resources.values(), registry())


@pytest.mark.parametrize("code", ADVISED)
def test_what_could_be_better_is_said(code: str, tmp_path: Path) -> None:
    worse, better = ADVISED[code]
    assert code in {risk.code for risk in advice(tmp_path, worse)}
    assert code not in {risk.code for risk in advice(tmp_path, better)}


def test_every_rule_of_advice_is_tried() -> None:
    assert {rule.code for rule in rules() if rule.lint} == set(ADVISED)


def test_what_is_dangerous_is_said_although_nothing_changes(tmp_path: Path) -> None:
    found = advice(tmp_path, {"sslRequired": "none", **client(redirectUris=["*"])})
    dangers = [risk.code for risk in found if risk.level == "danger"]
    assert dangers == ["tls-not-required", "redirect-anywhere"]


def test_a_file_that_only_adds_to_a_realm_is_not_asked_for_all_of_it(tmp_path: Path) -> None:
    assert {risk.address.name for risk in advice(tmp_path, client())} == {"web"}


def test_a_client_of_keycloaks_own_gets_no_advice(tmp_path: Path) -> None:
    own = {"clients": [{"clientId": "account", "redirectUris": ["/realms/r/account/*"]}]}
    assert [risk for risk in advice(tmp_path, own) if risk.address.name == "account"] == []


def test_validate(tmp_path: Path, run_offline: Run) -> None:
    document = {"realm": "shop", "enabled": True, **client(redirectUris=["*"], attributes=PKCE)}
    document["clients"][0]["fullScopeAllowed"] = False
    (tmp_path / "shop.json").write_text(json.dumps(document))
    assert "Needs attention" not in run_offline("validate", "shop.json").stdout
    found = run_offline("validate", "shop.json", "--lint")
    assert (found.exit_code, found.stdout) == snapshot(
        (
            0,
            """\
Needs attention

  Danger: codes and tokens may be sent to any site: * [redirect-anywhere]
    shop/clients/web: redirectUris
  Caution: nothing stops who guesses passwords [no-brute-force-protection]
    shop: bruteForceProtected
  Caution: changes by administrators leave no record [no-events]
    shop: adminEventsEnabled
  Caution: any password is taken [no-password-policy]
    shop: passwordPolicy
  Caution: offline tokens never end [offline-tokens-unlimited]
    shop: offlineSessionMaxLifespanEnabled
  Caution: a stolen refresh token works unnoticed [refresh-tokens-not-rotated]
    shop: revokeRefreshToken

`kcplan explain CODE` says why, and what to do about it.

The configuration is valid.
""",
        )
    )
    assert run_offline("validate", "shop.json", "--lint", "--fail-on", "danger").exit_code == 1
    as_json = run_offline("validate", "shop.json", "--lint", "--format", "json")
    assert {risk["code"] for risk in json.loads(as_json.stdout)["risks"]} >= {"redirect-anywhere"}


def test_plan(world: World) -> None:
    world.declare(**client(redirectUris=["*"], attributes=PKCE, fullScopeAllowed=False))
    world.apply()
    assert world.plan("--fail-on", "caution").document["risks"] == []
    made = world.plan("--lint", "--fail-on", "danger", exit_code=1)
    assert made.actions == {}
    assert "redirect-anywhere" in {risk["code"] for risk in made.document["risks"]}
