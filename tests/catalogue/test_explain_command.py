import json

from click.testing import CliRunner
from inline_snapshot import snapshot

from kcplan import catalogue
from kcplan.cli.explain import explain
from kcplan_keycloak import risks


def test_a_code_is_explained() -> None:
    result = CliRunner().invoke(explain, ["token-exchange-inert-attribute"])
    assert (result.exit_code, result.stdout) == snapshot(
        (
            0,
            """\
token-exchange-inert-attribute (warning)

An attribute that Keycloak never reads

A client has the attribute `oauth2.token.exchange.grant.enabled`, which many guides call
required, and not the one that counts.

Why it matters: Keycloak stores the attribute and never reads it. The deployment
succeeds, and every exchange fails with 400 "Standard token exchange is not enabled for
the requested client".

How to fix it: Set `standard.token.exchange.enabled` to `"true"` on the client that
performs the exchange (the requester), and remove the inert attribute. Clients that are
only subject or audience need neither.

    attributes = { "standard.token.exchange.enabled" = "true" }
""",
        )
    )


def test_an_explanation_as_json() -> None:
    result = CliRunner().invoke(explain, ["weak-secret", "--format", "json"])
    document = json.loads(result.stdout)
    assert list(document) == ["code", "title", "severity", "meaning", "why", "fix", "example"]
    assert document["code"] == "weak-secret"


def test_a_risk_is_explained() -> None:
    result = CliRunner().invoke(explain, ["redirect-anywhere"])
    assert (result.exit_code, result.stdout) == snapshot(
        (
            0,
            """\
redirect-anywhere (danger)

Redirects to any site

A redirect URI is added that has a wildcard in the scheme or the host: `*`, `https://*`,
`https://shop.example*` (which fits `https://shop.example.evil.example`, too).

Why it matters: Keycloak sends codes and tokens to the redirect URI. With a link that
somebody is made to click, they go to an attacker's site.

How to fix it: Write whole addresses. A wildcard may stand at the end of a path.
""",
        )
    )


def test_an_unknown_code_is_an_error_with_a_suggestion() -> None:
    result = CliRunner().invoke(explain, ["token-exchange-public"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr == snapshot("""\
Error: there is no diagnostic or risk with the code 'token-exchange-public'

Did you mean `token-exchange-public-client`? `kcplan explain` lists all codes.
""")


def test_without_a_code_all_are_listed() -> None:
    text = CliRunner().invoke(explain, []).stdout
    codes = [*catalogue.explanations(), *risks.explanations()]
    assert [line.split()[0] for line in text.splitlines()] == codes
    listed = json.loads(CliRunner().invoke(explain, ["--format", "json"]).stdout)
    assert [item["code"] for item in listed] == codes
