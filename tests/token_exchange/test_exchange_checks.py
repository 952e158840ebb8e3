"""What is said of token exchange before the deployment, over the files alone."""

import json
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from inline_snapshot import snapshot

from support.exchanging import SECRET, allow, audience_mapper, permit, service
from support.harness import Run

SEED = Path(__file__).parents[2] / "examples" / "seed"
ON = {"standard.token.exchange.enabled": "true"}
FRONTEND = {"clientId": "frontend", "publicClient": True}
EVENTS = {"enabled": True, "eventsEnabled": True}


@frozen
class Files:
    """A realm file, and what `kcplan validate` says of it."""

    folder: Path
    run: Run

    def found(self, *flags: str, **sections: Any) -> dict[str, str]:
        """The severities of the findings by code."""
        return {item["code"]: item["severity"] for item in self.diagnostics(*flags, **sections)}

    def diagnostics(self, *flags: str, **sections: Any) -> list[dict[str, Any]]:
        path = self.folder / "realm.json"
        path.write_text(json.dumps({"realm": "shop", **sections}, indent=2))
        result = self.run("validate", path, "--format", "json", *flags, env={"SECRET": SECRET})
        found: list[dict[str, Any]] = json.loads(result.stdout)["diagnostics"]
        return found

    def text(self, *flags: str, **sections: Any) -> str:
        path = self.folder / "realm.json"
        path.write_text(json.dumps({"realm": "shop", **sections}, indent=2))
        stderr: str = self.run("validate", path.name, *flags, env={"SECRET": SECRET}).stderr
        return stderr


@pytest.fixture
def files(tmp_path: Path, run_offline: Run) -> Files:
    return Files(tmp_path, run_offline)


def test_a_good_configuration_gets_nothing_not_even_advice(files: Files) -> None:
    short = {"attributes": {"access.token.lifespan": "60"}}
    assert (
        files.found(
            "--lint",
            **EVENTS,
            clients=[service("a", **short), {**service("b"), "clientId": "b"}],
            permissions=permit(allow("a", ["a"], [], description="a renews its tokens")),
        )
        == {}
    )


def test_declared_exchanges_get_nothing(files: Files) -> None:
    assert (
        files.found(
            clients=[FRONTEND, service("a"), service("b")],
            permissions=permit(allow("a", ["frontend"], ["b"])),
        )
        == {}
    )


def test_exchanges_made_by_hand_get_nothing(files: Files) -> None:
    to_a, to_b = audience_mapper("aud", "a"), audience_mapper("aud", "b")
    clients = [
        {**FRONTEND, "protocolMappers": [to_a]},
        service("a", attributes=ON, protocolMappers=[to_b]),
        service("b"),
    ]
    assert files.found(clients=clients) == {}


def test_the_attribute_of_the_guide_does_nothing(files: Files) -> None:
    inert = service("a", attributes={"oauth2.token.exchange.grant.enabled": "true"})
    assert files.text(clients=[inert]) == snapshot("""\
Warning: `oauth2.token.exchange.grant.enabled` has no effect [token-exchange-inert-attribute]
  on realm.json:10:9, in shop/clients/a, attributes."oauth2.token.exchange.grant.enabled"

Keycloak stores it and never reads it, so every exchange by this client would be
answered with 400 "Standard token exchange is not enabled for the requested client". Not
every client of an exchange needs a switch, only the one that performs it (no service
account either). If this one does, write `attributes = {
"standard.token.exchange.enabled" = "true" }`, or better declare it under
`permissions.tokenExchange`.

""")


def test_a_public_client_cannot_exchange(files: Files) -> None:
    clients = [{**FRONTEND, "attributes": ON}]
    assert files.found(clients=clients) == {"token-exchange-public-client": "error"}
    entry = allow("frontend", ["a"], ["b"])
    found = files.found(clients=[FRONTEND, service("a"), service("b")], permissions=permit(entry))
    assert found == {"token-exchange-public-client": "error"}


@pytest.mark.parametrize(("value", "expected"), [("YES", 1), ("true", 1), ("NO", 0), ("", 0)])
def test_a_refresh_value_that_means_no(files: Files, value: str, expected: int) -> None:
    name = "standard.token.exchange.enableRefreshRequestedTokenType"
    mappers = [audience_mapper("to a", "a"), audience_mapper("to b", "b")]
    clients = [
        service("a", attributes={**ON, name: value}, protocolMappers=mappers[1:]),
        service("b", protocolMappers=mappers[:1]),
    ]
    assert list(files.found(clients=clients)) == ["token-exchange-refresh-value"] * expected


def test_a_refresh_token_needs_a_session(files: Files) -> None:
    entry = allow("a", ["b"], ["c"], refreshToken=True)
    clients = [service("a"), service("b"), service("c")]
    found = files.diagnostics(clients=clients, permissions=permit(entry))
    assert [item["code"] for item in found] == ["token-exchange-refresh-value"]
    assert "Refresh token not valid as requested_token_type" in found[0]["detail"]
    clients[1]["standardFlowEnabled"] = True
    assert files.found(clients=clients, permissions=permit(entry)) == {}


def test_a_switch_without_mappers_exchanges_nothing(files: Files) -> None:
    assert files.text(clients=[service("a", attributes=ON), service("b")]) == snapshot("""\
Warning: no other client's tokens have a in `aud`, so it can exchange only its own [token-exchange-subject-audience]
  on realm.json:10:9, in shop/clients/a, attributes."standard.token.exchange.enabled"

Keycloak would answer 403 access_denied "Client is not within the token audience".
Whoever obtains the token needs an audience mapper for it. Declare the exchange, and
kcplan adds the mapper:
[[permissions.tokenExchange]]
requester = "a"
subjects = ["CLIENT"]
audiences = ["CLIENT"]

Warning: no audience is available to a [token-exchange-audience-unavailable]
  on realm.json:10:9, in shop/clients/a, attributes."standard.token.exchange.enabled"

Whatever it asks for, Keycloak would answer 400 "Requested audience not available". It
needs an audience mapper for each service that the new token is to be for; `audiences`
of an entry under `permissions.tokenExchange` makes them.

""")


def test_a_role_of_the_requester_may_make_it_an_audience(files: Files) -> None:
    to_b = audience_mapper("aud", "b")
    clients = [service("a", attributes=ON, protocolMappers=[to_b]), service("b")]
    roles = {"client": {"a": [{"name": "use"}]}}
    assert files.found(clients=clients, roles=roles) == {}


def test_consent_cannot_be_given_in_an_exchange(files: Files) -> None:
    clients = [FRONTEND, service("a", consentRequired=True), service("b")]
    entry = allow("a", ["frontend"], ["b"])
    assert files.found(clients=clients, permissions=permit(entry)) == {
        "token-exchange-consent": "error"
    }


def test_disabled_clients_take_part_in_nothing(files: Files) -> None:
    entry = permit(allow("a", ["b"], ["c"]))

    def with_disabled(name: str) -> dict[str, str]:
        clients = [service(client, enabled=client != name) for client in "abc"]
        return files.found(clients=clients, permissions=entry)

    assert with_disabled("a") == {"token-exchange-disabled-client": "error"}
    assert with_disabled("b") == {"token-exchange-disabled-client": "error"}
    assert with_disabled("c") == {"token-exchange-audience-unavailable": "error"}


def test_a_subject_needs_a_way_to_obtain_tokens(files: Files) -> None:
    """The guide's "service account not created": where one is needed, it is said."""
    clients = [service("a"), service("b", serviceAccountsEnabled=False), service("c")]
    found = files.found(clients=clients, permissions=permit(allow("a", ["b"], ["c"])))
    assert found == {"token-exchange-no-token": "warning"}
    # The requester needs no account, whatever the guide says.
    clients = [service("a", serviceAccountsEnabled=False), FRONTEND, service("c")]
    assert files.found(clients=clients, permissions=permit(allow("a", ["frontend"], ["c"]))) == {}


def test_a_disabled_realm_gives_no_tokens(files: Files) -> None:
    entry = permit(allow("a", ["a"], []))
    found = files.found(enabled=False, clients=[service("a")], permissions=entry)
    assert found == {"token-exchange-disabled-realm": "warning"}


def test_unknown_scopes_are_told(files: Files) -> None:
    entry = permit(allow("a", ["a"], [], scopes=["nonsense"]))
    assert files.found(clients=[service("a")], permissions=entry) == {
        "token-exchange-unknown-scope": "warning"
    }


def test_what_the_files_do_not_declare_may_exist(files: Files) -> None:
    entry = permit(allow("a", ["elsewhere"], ["far-away"]))
    found = files.diagnostics(clients=[service("a")], permissions=entry)
    assert {(item["code"], item["severity"]) for item in found} == {
        ("unknown-reference", "warning")
    }
    assert len(found) == 2


def test_a_mapper_of_the_files_that_writes_nothing_is_left_alone(files: Files) -> None:
    """Also one of the name that kcplan would choose."""
    wrong = audience_mapper("kcplan: token exchange to b", "b", access_token_claim="false")
    clients = [service("a", protocolMappers=[wrong]), service("b")]
    assert files.found(clients=clients, permissions=permit(allow("a", ["a"], ["b"]))) == {}


def test_a_contradicting_attribute_is_an_error(files: Files) -> None:
    off = {"standard.token.exchange.enabled": "false"}
    found = files.diagnostics(
        clients=[service("a", attributes=off)], permissions=permit(allow("a", ["a"], []))
    )
    assert [item["code"] for item in found] == ["duplicate-definition"]


def test_impersonation_is_not_part_of_standard_mode(files: Files) -> None:
    for more in ({"impersonate": True}, {"users": True}, {"subjectIssuer": "google"}):
        entry = permit({"requester": "a", **more})
        found = files.found(clients=[service("a")], permissions=entry)
        assert found == {"token-exchange-impersonation-unsupported": "error"}


def test_malformed_permissions_are_refused_with_their_places(files: Files) -> None:
    assert files.text(
        clients=[service("a"), service("b")],
        permissions={
            "tokenExchnge": [],
            "tokenExchange": [
                "a",
                {"subjects": ["a"]},
                {"requester": "a", "audiences": "b"},
                {"requester": "a", "audience": ["b"]},
                {"requester": "a", "mode": "modern"},
                {"requester": "b", "audiences": ["a"]},
                {"requester": "b", "audiences": ["b"]},
            ],
        },
    ) == snapshot("""\
Error: unknown field `permissions.tokenExchnge` [unknown-field]
  on realm.json:18:5

Allowed here: `tokenExchange`, a list of who may exchange tokens; `admin`, a list of who
may administer what; and `adminPolicies`, the policies of those.

Error: 2 findings [wrong-type]
  realm.json:20:7: permissions.tokenExchange[0] must be a table, not the string 'a'
  realm.json:28:9: audiences must be a list, not the string 'b'

Error: an entry of permissions.tokenExchange has no `requester` [missing-name]
  on realm.json:21:7

Name the client that exchanges the tokens.

Error: unknown field `audience`; did you mean `audiences`? [unknown-field]
  on realm.json:32:9

Allowed here: `requester`, `mode`, `subjects`, `audiences`, `refreshToken`, `scopes`,
`description`, `impersonate`, `subjectIssuer`, `users`.

Error: mode must be `standard` or `legacy`, not the string 'modern' [wrong-type]
  on realm.json:38:9

`standard` is Keycloak's supported token exchange, and the default.

Error: b has two permissions in standard mode [duplicate-definition]
  on realm.json:46:7

The other one stands at realm.json:40:7. Keycloak cannot tell whose token may go to
which audience, so there is one entry for each requester, and all of its subjects and
audiences go together. Merge the two.

""")


def test_a_list_that_is_none_is_refused(files: Files) -> None:
    found = files.found(clients=[service("a")], permissions={"tokenExchange": {"requester": "a"}})
    assert found == {"wrong-type": "error"}


def test_advice_is_given_on_request(files: Files) -> None:
    sections: dict[str, Any] = {
        "clients": [service("a", implicitFlowEnabled=True), service("b")],
        "permissions": permit(allow("a", ["b"], [])),
    }
    assert files.found(**sections) == {}
    found = files.diagnostics("--lint", **sections)
    assert [item["summary"] for item in found] == snapshot(
        [
            "the realm shop does not log events",
            "exchanged tokens of a live as long as all others",
            "implicitFlowEnabled is on for a, which exchanges tokens",
            "all tokens of b will also be for a",
            "permissions.tokenExchange[0] has no description",
        ]
    )
    assert {item["severity"] for item in found} == {"note"}


SEEDS = {
    "basic-client": ["token-exchange-subject-audience", "token-exchange-audience-unavailable"],
    "service-to-service": ["token-exchange-inert-attribute"] * 2,
    "impersonation": ["token-exchange-inert-attribute"],
    "delegation": ["token-exchange-inert-attribute"],
    "microservices": [
        "token-exchange-subject-audience",
        "token-exchange-audience-unavailable",
    ]
    * 4,
    "admin-impersonation": ["token-exchange-inert-attribute"],
    "external-token": ["token-exchange-inert-attribute"],
    "exchange-permission": ["token-exchange-inert-authorization"],
}


@pytest.mark.parametrize("name", SEEDS)
def test_the_guides_examples_are_seen_through(run_offline: Run, name: str) -> None:
    variables = dict.fromkeys(
        ("ADMIN_PORTAL_SECRET", "EXTERNAL_INTEGRATION_SECRET", "EXTERNAL_IDP_SECRET"), SECRET
    )
    result = run_offline("validate", SEED / f"{name}.json", "--format", "json", env=variables)
    found = [item["code"] for item in json.loads(result.stdout)["diagnostics"]]
    assert [code for code in found if code.startswith("token-exchange")] == SEEDS[name]
