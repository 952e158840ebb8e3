"""Sections that kcplan cannot manage: one error that lists them, unless the user leaves them out."""

import json
from pathlib import Path

from inline_snapshot import snapshot

from support.harness import Run

EXPORT = {
    "realm": "shop",
    "protocolMappers": [{"name": "o"}],
    "userFederationMappers": [{"name": "w"}],
    "federatedUsers": [],
    "clients": [{"clientId": "web", "publicClient": True}],
}


def written(folder: Path) -> Path:
    file = folder / "shop.json"
    file.write_text(json.dumps(EXPORT, indent=1))
    return file


def test_all_of_them_are_one_error(tmp_path: Path, run_offline: Run) -> None:
    written(tmp_path)
    result = run_offline("validate", "shop.json")
    assert result.stderr == snapshot("""\
Error: 2 sections that kcplan can't manage [unsupported-section]
  shop.json: `protocolMappers` (line 3), `userFederationMappers` (line 8)
Remove it, or use `--ignore-unsupported SECTION`. What exists in Keycloak stays
untouched.

Note: 1 note follows once the errors are fixed [empty-section]

""")


def test_what_the_user_leaves_out_is_a_note(tmp_path: Path, run_offline: Run) -> None:
    written(tmp_path)
    flags = (
        "--ignore-unsupported",
        "protocolMappers",
        "--ignore-unsupported",
        "userFederationMappers",
    )
    result = run_offline("validate", "shop.json", *flags)
    assert result.stderr == snapshot("""\
Note: sections that kcplan does not manage are empty, and left out: federatedUsers [empty-section]
  on shop.json

What is in Keycloak stays as it is. Nothing needs to be done.

Note: 2 sections are left out: kcplan can't manage them [unsupported-section]
  shop.json: `protocolMappers` (line 3), `userFederationMappers` (line 8)
`ignore_unsupported` names it. What exists in Keycloak stays untouched.

""")


def test_what_nobody_leaves_out_stays_an_error(tmp_path: Path, run_offline: Run) -> None:
    written(tmp_path)
    flags = ("--ignore-unsupported", "userFederationMappers", "--format", "json")
    found = json.loads(run_offline("validate", "shop.json", *flags).stdout)
    assert [
        (item["severity"], item["summary"])
        for item in found["diagnostics"]
        if item["code"] == "unsupported-section"
    ] == snapshot(
        [
            ("error", "kcplan can't manage `protocolMappers`"),
            ("note", "`userFederationMappers` is left out: kcplan can't manage it"),
        ]
    )


def test_kcplan_toml_says_it_for_each_command(tmp_path: Path, run_offline: Run) -> None:
    written(tmp_path)
    settings = '[config]\nfiles = ["shop.json"]\nignore_unsupported = ["protocolMappers", "userFederationMappers"]\n'
    (tmp_path / "kcplan.toml").write_text(settings)
    assert run_offline("validate").stdout == "The configuration is valid.\n"


def test_a_section_that_kcplan_manages_cannot_be_left_out(tmp_path: Path, run_offline: Run) -> None:
    written(tmp_path)
    result = run_offline("validate", "shop.json", "--ignore-unsupported", "clients")
    assert result.stderr == snapshot("""\
Error: the section `clients` cannot be left out

Only sections that kcplan can't manage can. Correct `--ignore-unsupported` or
`ignore_unsupported`: it takes applicationRoles, applicationScopeMappings, applications,
certificate, clientConsents, clientTemplates, codeSecret, defaultRole, defaultRoles,
directGrantsOnly, federatedIdentities, federatedUsers, federationLink,
issuedVerifiableCredentials, oauthClients, owner, policies, privateKey, protocolMappers,
publicKey, resourceType, resource_scopes, resources, scopes, socialLinks,
socialProviders, subComponents, userFederationMappers, userFederationProviders,
verifiableCredentials.
""")
