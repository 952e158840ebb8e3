"""kcplan.toml gives risks another level, or silences them, and has to say why."""

import json
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.config.model import Lint
from kcplan.risk import Level, Risk
from kcplan.risk_rules import weighed
from support.harness import Run
from support.world import World


def risk(client: str, code: str = "redirect-anywhere") -> Risk:
    return Risk(Level.DANGER, code, Address.of("shop", "clients", client), (), "anywhere")


def test_only_what_matches_is_silent() -> None:
    off = Lint("redirect-anywhere", "off", "because", "shop/clients/a*")
    found = weighed([risk("app"), risk("web"), risk("app", "client-deleted")], [off])
    assert found == (risk("web"), risk("app", "client-deleted"))


def test_the_first_match_counts_and_the_order_follows_the_new_level() -> None:
    lints = [
        Lint("redirect-anywhere", "caution", "because", "shop/clients/app"),
        Lint("redirect-anywhere", "off", "because", "shop/clients/app"),
    ]
    found = weighed([risk("app"), risk("web")], lints)
    assert [(item.address.name, str(item.level)) for item in found] == [
        ("web", "danger"),
        ("app", "caution"),
    ]


def settings(**lint: str) -> str:
    return "[[lint]]\n" + "".join(f'{key} = "{value}"\n' for key, value in lint.items())


def validate(folder: Path, run: Run, text: str) -> Any:
    document = {"realm": "shop", "clients": [{"clientId": "a", "redirectUris": ["*"]}]}
    (folder / "shop.json").write_text(json.dumps(document))
    (folder / "kcplan.toml").write_text(text)
    return run("validate", "shop.json", "--lint", "--fail-on", "danger")


def test_a_reason_is_needed(tmp_path: Path, run_offline: Run) -> None:
    silent = settings(code="redirect-anywhere", level="off")
    result = validate(tmp_path, run_offline, silent)
    assert (result.exit_code, result.stderr) == snapshot(
        (
            1,
            """\
Error: the key `reason` is missing in lint.0 [missing-name]
  on kcplan.toml:1:1

""",
        )
    )
    assert validate(tmp_path, run_offline, f'{silent}reason = " "').exit_code == 1
    assert validate(tmp_path, run_offline, f'{silent}reason = "a test"').exit_code == 0


@pytest.mark.parametrize("wrong", [{"level": "warning"}, {"match": "a//b"}, {"reason": " "}])
def test_what_is_wrong_is_said(wrong: dict[str, str], tmp_path: Path, run_offline: Run) -> None:
    right = {"code": "redirect-anywhere", "level": "off", "match": "**", "reason": "a test"}
    result = validate(tmp_path, run_offline, settings(**{**right, **wrong}))
    assert result.exit_code == 1
    assert f"lint.0.{next(iter(wrong))} must" in result.stderr


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (
            {"code": "redirect-anywere"},
            "lint.0.code is not the code of a risk; did you mean `redirect-anywhere`?",
        ),
        ({"code": "Redirect-Anywhere"}, "did you mean `redirect-anywhere`?"),
        ({"code": "zzz"}, "lint.0.code is not the code of a risk [unknown-risk]"),
        ({"code": "masked-value"}, "errors, warnings and notes cannot be silenced"),
        (
            {"level": "cuation"},
            'lint.0.level must be "off", "caution" or "danger"; did you mean "caution"?',
        ),
        ({"level": "Danger"}, 'did you mean "danger"?'),
        (
            {"match": "shop/client/a"},
            "lint.0.match matches no possible address; did you mean `shop/clients/a`?",
        ),
        ({"match": "shop/client/*/role/a"}, "`shop/clients/*/roles/a`"),
        ({"match": "clients/a"}, "did you mean `*/clients/a`?"),
        (
            {"match": "shop/zzzzz/a"},
            "lint.0.match matches no possible address [unknown-address]",
        ),
    ],
)
def test_a_rule_that_would_do_nothing_is_an_error(
    wrong: dict[str, str], said: str, tmp_path: Path, run_offline: Run
) -> None:
    right = {"code": "redirect-anywhere", "level": "off", "match": "shop/**", "reason": "a test"}
    assert validate(tmp_path, run_offline, settings(**right)).exit_code == 0
    result = validate(tmp_path, run_offline, settings(**{**right, **wrong}))
    assert result.exit_code == 1
    assert said in " ".join(result.stderr.split())
    assert f"on kcplan.toml:{list(right).index(next(iter(wrong))) + 2}:1" in result.stderr


@pytest.mark.parametrize(
    "match",
    [
        "**",
        "shop",
        "*/clients/*",
        "shop/**/roles/*",
        "**/service-account",
        "shop/clients/a%2Fb",
        "s*p/cl*s/a",
        "shop/clients/*/authorization/**",
        "**/**/**",
    ],
)
def test_every_address_can_be_meant(match: str, tmp_path: Path, run_offline: Run) -> None:
    rule = settings(code="redirect-anywhere", level="caution", match=match, reason="a test")
    assert "kcplan.toml" not in validate(tmp_path, run_offline, rule).stderr


def test_plan_and_refresh_are_silent_too(world: World) -> None:
    world.declare(enabled=True, clients=[{"clientId": "a", "redirectUris": ["https://a/"]}])
    world.apply()
    world.edit_client("a", redirectUris=["*"])
    assert [item["level"] for item in world.refresh().document["risks"]] == ["danger"]
    world.settings(settings(code="redirect-anywhere", level="off", reason="a test"))
    assert world.refresh("--fail-on", "caution").document["risks"] == []
    world.declare(enabled=True, clients=[{"clientId": "a", "redirectUris": ["http*"]}])
    assert world.plan("--fail-on", "caution").document["risks"] == []
