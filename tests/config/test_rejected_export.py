"""An export that kcplan cannot take as it is: what is wrong with it fits on one screen."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from support.harness import Run
from support.old_export import old_export

MANY = 120
"""How many clients there are."""


def client(number: int) -> dict[str, Any]:
    public = number % 6 == 0
    mappers = [
        {
            "id": f"{number:08x}-0000-4000-8000-{index:012x}",
            "name": f"mapper {index}",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-usermodel-attribute-mapper",
            "consentRequired": False,
            "config": {"user.attribute": f"attribute{index}", "claim.name": f"claim{index}"},
        }
        for index in range(6)
    ]
    return {
        "id": f"{number:08x}-0000-4000-8000-000000000000",
        "clientId": f"service-{number}",
        "enabled": True,
        "protocol": "OPENID-CONNECT" if number % 20 == 0 else "openid-connect",
        "clientTemplate": "base",
        "publicClient": public,
        "secret": "**********",
        "redirectUris": [f"https://service-{number}.example/*"],
        "attributes": {"saml.signing.private.key": "**********"} if number % 10 == 0 else {},
        "protocolMappers": mappers,
    }


def an_export() -> dict[str, Any]:
    """A realm as a partial export of some years ago has it."""
    identity = "00000000-0000-4000-8000-"
    unsupported = {
        "userFederationMappers": [
            {"id": f"{identity}{i:012x}", "name": f"w{i}"} for i in range(40)
        ],
        "authenticationFlows": [
            {"alias": f"flow {i}", "providerId": "basic-flow"} for i in range(20)
        ],
        "authenticatorConfig": [{"alias": "review", "config": {"update": "missing"}}],
        "components": {"org.keycloak.keys.KeyProvider": [{"name": "rsa", "providerId": "rsa"}]},
        "identityProviderMappers": [{"name": "m", "identityProviderAlias": "company"}],
        "localizationTexts": {"en": {"hello": "Hello"}},
        "federatedUsers": [{"id": "1"}],
        "privateKey": "MIIE",
        "publicKey": "MIIB",
        "certificate": "MIIC",
        "applications": [{"name": "old"}],
    }
    mails = {"host": "mail.example", "from": "a@b.example", "auth": "true", "user": "u"}
    return {
        "id": "shop",
        "realm": "shop",
        "displayName": "Shop",
        "enabled": True,
        "users": [],
        "userFederationProviders": [],
        "smtpServer": {**mails, "password": "**********"},
        "attributes": {"displayName": "Shop", "bruteForceProtected": "false"},
        "bruteForceProtected": False,
        "identityProviders": [
            {
                "alias": f"company-{i}",
                "providerId": "oidc",
                "config": {"clientSecret": "**********"},
            }
            for i in range(10)
        ],
        "clients": [client(number) for number in range(MANY)],
        **unsupported,
        "keycloakVersion": "15.0.2",
    }


@pytest.fixture
def export(tmp_path: Path) -> Path:
    path = tmp_path / "export.json"
    path.write_text(json.dumps(an_export(), indent=2))
    assert 300_000 < path.stat().st_size < 400_000
    return path


def test_a_rejected_export_fits_on_a_screen(export: Path, run_offline: Run) -> None:
    result = run_offline("validate", export.name)
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) <= 20
    assert result.stderr == snapshot("""\
Error: 5 sections that kcplan can't manage [unsupported-section]
  export.json: `userFederationMappers` (line 9838), `privateKey` (line 10114),
    `publicKey` (line 10115), `certificate` (line 10116), `applications` (line 10117)
`applications`: It belongs to an old Keycloak. Write `clients` instead.
Others: Remove it, or use `--ignore-unsupported SECTION`. What exists in Keycloak stays
untouched.

Warning: 143 values are masked (`**********`), and left out [masked-value]
  export.json: smtpServer.password (line 13), config.clientSecret (lines 25, 32, 39, 46,
    53, 60, 67, 74, 81, 88), secret (120 lines), attributes."saml.signing.private.key"
    (12 lines)
Keycloak shows these asterisks instead of a secret, and would store them as they are.
Remove the field, or give the value with a placeholder such as `${env:NAME}`.

Note: 5 notes follow once the errors are fixed [ignored-field, empty-section, obsolete-field, repeated-field, left-out-of-flows]

""")


def test_programs_get_each_finding_with_its_place(export: Path, run_offline: Run) -> None:
    result = run_offline("validate", export.name, "--format", "json")
    found = json.loads(result.stdout)["diagnostics"]
    secrets = [item["source"]["path"] for item in found if item["code"] == "masked-value"]
    assert ["clients", 7, "secret"] in secrets
    masked = re.findall(r'"\*{10}"', export.read_text())
    assert len(secrets) == len(masked)


def test_an_export_of_many_years_fits_on_a_screen_too(tmp_path: Path, run_offline: Run) -> None:
    """Sections, fields, types, names, placeholders, copies: each kind of error is named."""
    path = tmp_path / "export.json"
    path.write_text(json.dumps(old_export(), indent=2))
    assert 300_000 < path.stat().st_size < 400_000
    result = run_offline("validate", path.name)
    assert (result.exit_code, result.stdout) == (1, "")
    assert len(result.stderr.splitlines()) <= 20
    assert result.stderr == snapshot("""\
Error: 6 sections that kcplan can't manage [unsupported-section]
  export.json: `privateKey` (line 10), `publicKey` (line 11), `certificate` (line 12),
    `codeSecret` (line 13), `applications` (line 10746), `oauthClients` (line 10751)
Error: 6 findings (export.json: lines 28, 29, 3080, 4258, 5458, 5654) [wrong-type]
Error: `$(env:…)` is a placeholder of keycloak-config-cli, and not replaced (export.json: lines 34, 5010) [unknown-placeholder]
Error: 3 unknown fields [unknown-field]
  export.json: `redirectUri` (did you mean `redirectUris`?) (line 3719), `tokenLifespan`
    (line 4337), `x-team` (line 10756)
Error: the variable DESCRIPTION_OF_31 is not set (export.json:4526:7) [undefined-variable]
Error: an entry of protocolMappers has no `name` (export.json:6034:9) [missing-name]
Error: `clientId` is empty (export.json:6588:7) [missing-name]
Error: shop/clients/service-58 is defined twice (export.json:7154:5) [duplicate-definition]
Note: 1 warning and 9 notes follow once the errors are fixed [masked-value, ignored-field, empty-section, obsolete-field, rewritten-value, repeated-field, secret-on-public-client, left-out-of-flows]
`kcplan explain CODE` says what to do; `kcplan validate --format json` lists every finding.

""")
    found = json.loads(run_offline("validate", path.name, "--format", "json").stdout)
    errors = [item for item in found["diagnostics"] if item["severity"] == "error"]
    assert len(errors) == snapshot(21)
    assert all(item["detail"] or item["code"] == "wrong-type" for item in errors)
