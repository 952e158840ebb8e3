"""Names that the server does not have are found when planning: it takes most of them silently."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest
from inline_snapshot import snapshot

from support.authorization import viewer
from support.harness import Server
from support.world import Changes, Json, World

TYPO = "oidc-audience-maper"
SECRET = "a-secret-of-the-identity-provider"
GOOGLE: Json = {
    "alias": "google",
    "providerId": "google",
    "enabled": True,
    "config": {"clientId": "g", "clientSecret": SECRET},
}


def mapper(name: str, protocol: str = "openid-connect") -> Json:
    return {"name": "m", "protocol": protocol, "protocolMapper": name, "config": {}}


def client(**fields: Any) -> Json:
    return {"clients": [{"clientId": "a", **fields}]}


def scope(**fields: Any) -> Json:
    return {"clientScopes": [{"name": "s", "protocol": "openid-connect", **fields}]}


def policy(name: str) -> Json:
    settings = {"policies": [{"name": "p", "type": name}]}
    return client(
        serviceAccountsEnabled=True,
        authorizationServicesEnabled=True,
        authorizationSettings=settings,
    )


def steps(section: str, entry: str, steps: str, step: str, name: str) -> Json:
    return {section: {entry: [{"name": "x", steps: [{step: name, "configuration": {}}]}]}}


WRONG: dict[str, tuple[Json, str]] = {
    "listener": ({"eventsListeners": ["emal"]}, "event listener `emal`; did you mean `email`?"),
    "two listeners": (
        {"eventsListeners": ["emal", "jboss-logging", "zz"]},
        "event listeners `emal` (did you mean `email`?), `zz`",
    ),
    "event": (
        {"enabledEventTypes": ["LOGIN", "REGISTERR"]},
        "event type `REGISTERR`; did you mean `REGISTER`?",
    ),
    "login theme": ({"loginTheme": "keyclok"}, "login theme `keyclok`; did you mean `keycloak`?"),
    "account theme": ({"accountTheme": "zz"}, "account theme `zz`"),
    "admin theme": ({"adminTheme": "zz"}, "admin theme `zz`"),
    "email theme": (
        {"emailTheme": "keycloak.v2"},
        "email theme `keycloak.v2`; did you mean `keycloak`?",
    ),
    "password policy": (
        {"passwordPolicy": "length(8) and uperCase(1) and notUsername"},
        "password policy `uperCase`; did you mean `upperCase`?",
    ),
    "algorithm": (
        {"defaultSignatureAlgorithm": "RS257"},
        "signature algorithm `RS257`; did you mean `RS256`?",
    ),
    "executor": (
        steps("clientProfiles", "profiles", "executors", "executor", "pkce-enforcr"),
        "client policy executor `pkce-enforcr`; did you mean `pkce-enforcer`?",
    ),
    "condition": (
        steps("clientPolicies", "policies", "conditions", "condition", "any-clint"),
        "client policy condition `any-clint`; did you mean `any-client`?",
    ),
    "protocol": (client(protocol="openid"), "protocol `openid`; did you mean `openid-connect`?"),
    "authenticator": (
        client(clientAuthenticatorType="client-sekret"),
        "client authenticator `client-sekret`; did you mean `client-secret`?",
    ),
    "mapper": (
        client(protocolMappers=[mapper(TYPO)]),
        f"protocol mapper `{TYPO}` for openid-connect; did you mean `oidc-audience-mapper`?",
    ),
    "mapper of another protocol": (
        client(protocolMappers=[mapper("saml-role-list-mapper")]),
        "protocol mapper `saml-role-list-mapper` for openid-connect",
    ),
    "protocol of a mapper": (
        client(protocolMappers=[mapper("oidc-audience-mapper", "openid")]),
        "protocol `openid`; did you mean `openid-connect`?",
    ),
    "theme of a client": (client(attributes={"login_theme": "zz"}), "login theme `zz`"),
    "algorithm of a client": (
        client(attributes={"access.token.signed.response.alg": "es256"}),
        "signature algorithm `es256`; did you mean `ES256`?",
    ),
    "flow override": (
        client(authenticationFlowBindingOverrides={"browser_name": "browser"}),
        "flow override `browser_name`; did you mean `browser`?",
    ),
    "protocol of a scope": (
        {"clientScopes": [{"name": "s", "protocol": "openid"}]},
        "protocol `openid`; did you mean `openid-connect`?",
    ),
    "mapper of a scope": (
        scope(protocolMappers=[mapper(TYPO)]),
        f"protocol mapper `{TYPO}` for openid-connect; did you mean `oidc-audience-mapper`?",
    ),
    "identity provider": (
        {"identityProviders": [{"alias": "google", "providerId": "gogle"}]},
        "identity provider `gogle`; did you mean `google`?",
    ),
    "required action": (
        {"requiredActions": [{"alias": "VERIFY_EMIAL", "providerId": "VERIFY_EMIAL", "name": "x"}]},
        "required action `VERIFY_EMIAL`; did you mean `VERIFY_EMAIL`?",
    ),
    "policy": (policy("rolle"), "authorization policy type `rolle`; did you mean `role`?"),
}


def findings(plan: Changes, severity: str = "error") -> list[str]:
    return [
        item["summary"]
        for item in plan.document["diagnostics"]
        if (item["code"], item["severity"]) == ("unknown-to-server", severity)
    ]


@pytest.mark.parametrize("what", WRONG)
def test_a_name_that_the_server_does_not_have_is_an_error_of_the_plan(
    world: World, what: str
) -> None:
    document, name = WRONG[what]
    world.declare(enabled=True, **document)
    (finding,) = world.plan(exit_code=1).document["diagnostics"]
    assert (finding["code"], finding["severity"]) == ("unknown-to-server", "error")
    assert finding["summary"].partition(" has no ")[2] == name
    assert finding["source"]["line"] is not None
    world.apply(exit_code=1)
    assert world.admin.get(world.realm, check=False).status_code == 404


@pytest.mark.parametrize("what", ["listener", "mapper", "theme of a client", "authenticator"])
def test_so_it_is_in_an_update(world: World, what: str) -> None:
    document, name = WRONG[what]
    key = next(iter(document))
    start = [{"clientId": "a"}] if key == "clients" else ["jboss-logging"]
    world.declare(enabled=True, **{key: start})
    world.apply()
    before = world.export()
    world.declare(enabled=True, **document)
    (finding,) = findings(world.plan(exit_code=1))
    assert finding.partition(" has no ")[2] == name
    world.apply(exit_code=1)
    assert world.export() == before


def test_a_typo_in_the_kind_of_an_identity_provider_destroys_nothing(world: World) -> None:
    world.declare(enabled=True, identityProviders=[GOOGLE])
    world.apply()
    at = world.path("identity-provider", "instances", "google")
    user = world.admin.create(world.path("users"), {"username": "someone"})
    link = {"identityProvider": "google", "userId": "1", "userName": "someone"}
    links = world.path("users", user, "federated-identity")
    world.admin.post(f"{links}/google", json=link)
    before, state = world.admin.json(at), world.state_file.read_bytes()

    world.declare(enabled=True, identityProviders=[{**GOOGLE, "providerId": "gogle"}])
    plan = world.plan(exit_code=1)
    world.apply(exit_code=1)

    assert plan.actions == {"identity-providers/google": "replace"}
    assert [item.partition(" has no ")[2] for item in findings(plan)] == [
        "identity provider `gogle`; did you mean `google`?"
    ]
    assert world.admin.json(at) == before
    assert world.admin.json(links) == [link]
    assert world.state_file.read_bytes() == state


def test_what_keycloak_has_kept_so_far_is_a_warning(world: World) -> None:
    """Such as the mapper of an extension that is no longer installed."""
    kept: Json = {
        "enabled": True,
        "eventsListeners": ["gone"],
        "loginTheme": "gone",
        "clients": [
            {
                "clientId": "a",
                "protocolMappers": [mapper("gone-mapper")],
            }
        ],
    }
    world.admin.post("", json={"realm": world.realm, **kept})
    world.declare(**kept)
    world.apply()
    plan = world.plan()
    assert plan.actions == {}
    assert [item.partition(" has no ")[2] for item in findings(plan, "warning")] == snapshot(
        [
            "event listener `gone`",
            "login theme `gone`",
            "protocol mapper `gone-mapper` for openid-connect",
        ]
    )
    assert findings(plan) == []

    world.declare(**{**kept, "eventsListeners": ["gone", "away"]})
    (finding,) = findings(world.plan(exit_code=1))
    assert finding.partition(" has no ")[2] == "event listener `away`"


def test_what_is_imported_can_be_applied(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True, "emailTheme": "gone"})
    world.kcplan("import", world.realm, "--out", world.file)
    plan = world.plan("--detailed-exitcode")
    assert plan.actions == {}
    assert len(findings(plan, "warning")) == 1


def test_a_field_that_is_left_alone_is_not_looked_at(world: World) -> None:
    world.declare(enabled=True, loginTheme="keycloak")
    world.apply()
    world.settings('[[lifecycle]]\nmatch = "REALM"\nignore_changes = ["loginTheme"]\n')
    world.declare(enabled=True, loginTheme="zz")
    assert findings(world.plan()) == []


def test_empty_values_and_languages_of_the_realms_own_are_no_errors(world: World) -> None:
    world.declare(
        enabled=True,
        eventsListeners=[],
        enabledEventTypes=[],
        loginTheme="",
        passwordPolicy="",
        internationalizationEnabled=True,
        supportedLocales=["en", "", "zz"],
        defaultLocale="zz",
        clients=[{"clientId": "a", "authenticationFlowBindingOverrides": {"docker": ""}}],
    )
    plan = world.plan()
    assert findings(plan) == []
    assert [item.partition(" has no ")[2] for item in findings(plan, "warning")] == [
        "locale `zz`",
        "locale `zz`",
    ]
    world.apply()
    world.is_settled()


def test_an_account_that_may_only_view_is_told_the_same(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    view = viewer(world)
    world.declare(enabled=True, loginTheme="keyclok")
    (finding,) = findings(world.plan(exit_code=1, env=view))
    assert finding == "Keycloak has no login theme `keyclok`; did you mean `keycloak`?"


# -- what Keycloak does -----------------------------------------------------------------------

SILENT: dict[str, Json] = {
    "eventsListeners": {"eventsListeners": ["zz"]},
    "enabledEventTypes": {"enabledEventTypes": ["ZZ"]},
    "loginTheme": {"loginTheme": "zz"},
    "emailTheme": {"emailTheme": "zz"},
    "supportedLocales": {"supportedLocales": ["zz"]},
    "defaultSignatureAlgorithm": {"defaultSignatureAlgorithm": "ZZ256"},
}
SILENT_IN_CLIENTS: dict[str, Json] = {
    "authenticator": {"clientAuthenticatorType": "zz"},
    "mapper": {"protocolMappers": [mapper("zz")]},
    "mapper of another protocol": {"protocolMappers": [mapper("saml-role-list-mapper")]},
    "protocol of a mapper": {"protocolMappers": [mapper("oidc-audience-mapper", "zz")]},
    "attributes": {
        "attributes": {"login_theme": "zz", "access.token.signed.response.alg": "ZZ256"}
    },
}


def kept(found: object, wanted: object) -> bool:
    """Whether all that is wanted is there, whatever else is."""
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(kept(found.get(k), v) for k, v in wanted.items())
    if isinstance(wanted, list):
        return isinstance(found, list) and all(map(kept, found, wanted))
    return found == wanted


@pytest.mark.parametrize("fields", SILENT.values(), ids=SILENT)
def test_keycloak_takes_most_of_them_silently(world: World, fields: Json) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    world.admin.put(world.realm, json={"realm": world.realm, **fields})
    assert kept(world.admin.json(world.realm), fields)


@pytest.mark.parametrize("fields", SILENT_IN_CLIENTS.values(), ids=SILENT_IN_CLIENTS)
def test_keycloak_takes_most_of_them_silently_in_clients(world: World, fields: Json) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    world.admin.post(world.path("clients"), json={"clientId": "a", **fields})
    assert kept(world.client("a"), fields)


def test_keycloak_keeps_a_flow_override_that_it_never_uses(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    flows = world.admin.json(world.path("authentication", "flows"))
    overrides = {"zz": next(flow["id"] for flow in flows if flow["alias"] == "browser")}
    document = {"clientId": "a", "authenticationFlowBindingOverrides": overrides}
    world.admin.post(world.path("clients"), json=document)
    assert kept(world.client("a"), document)


REFUSED: dict[str, tuple[int, str, Json]] = {
    "client": (400, "clients", {"clientId": "b", "protocol": "zz"}),
    "scope": (400, "client-scopes", {"name": "s", "protocol": "zz"}),
    "identity provider": (
        400,
        "identity-provider/instances",
        {"alias": "i", "providerId": "zz"},
    ),
    "required action": (
        400,
        "authentication/register-required-action",
        {"providerId": "zz", "name": "zz"},
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_keycloak_refuses_some_of_them(world: World, what: str) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    status, path, body = REFUSED[what]
    answer = world.admin.post(f"{world.realm}/{path}", json=body, check=False)
    assert answer.status_code == status


def test_keycloak_refuses_some_of_them_in_realms_and_clients(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    world.admin.post(world.path("clients"), json={"clientId": "a"})
    password = {"realm": world.realm, "passwordPolicy": "zz(1)"}
    profile = {"profiles": [{"name": "p", "executors": [{"executor": "zz"}]}]}
    answers = (
        world.admin.put(world.realm, json=password, check=False),
        world.admin.put(world.path("client-policies", "profiles"), json=profile, check=False),
        world.admin.post(
            world.in_client("a", "protocol-mappers", "models"), json=mapper("zz"), check=False
        ),
    )
    assert [answer.status_code for answer in answers] == [400, 400, 404]


def test_keycloak_keeps_the_provider_of_a_required_action(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    at = world.path("authentication", "required-actions", "VERIFY_EMAIL")
    before = world.admin.json(at)
    world.admin.put(at, json={**before, "providerId": "zz"})
    assert world.admin.json(at) == before


@pytest.mark.parametrize(("default", "supported"), [("de", ["en"]), ("zz", ["en", "zz"])])
def test_the_login_page_has_any_language_that_the_realm_names(
    world: World, keycloak: Server, default: str, supported: list[str]
) -> None:
    world.admin.post(
        "",
        json={
            "realm": world.realm,
            "enabled": True,
            "internationalizationEnabled": True,
            "supportedLocales": supported,
            "defaultLocale": default,
        },
    )
    realm = f"{keycloak.url}/realms/{world.realm}"
    page = httpx.get(
        f"{realm}/protocol/openid-connect/auth",
        params={
            "client_id": "account-console",
            "redirect_uri": f"{realm}/account/",
            "response_type": "code",
            "scope": "openid",
            "code_challenge": "a" * 43,
            "code_challenge_method": "S256",
        },
    )
    assert f'lang="{default}"' in page.text


# -- offline ----------------------------------------------------------------------------------


def validated(world: World, **more: Any) -> list[Json]:
    found = world.kcplan("validate", world.file, "--format", "json", **more)
    diagnostics: list[Json] = json.loads(found.stdout)["diagnostics"]
    return [item for item in diagnostics if item["code"] == "unknown-to-server"]


def seen(world: World) -> Path:
    return world.folder / "kcplan.state.json.server"


def test_validate_says_what_the_server_did_not_have_at_the_last_plan(world: World) -> None:
    world.declare(enabled=True)
    world.plan()
    assert not seen(world).exists()
    world.apply()
    world.declare(enabled=True, eventsListeners=["emal"])

    (finding,) = validated(world)

    day = json.loads(seen(world).read_text())["seen"]
    url = json.loads(world.state_file.read_text())["server"]["url"]
    assert finding["severity"] == "warning"
    assert finding["summary"].partition(" has no ")[2] == WRONG["listener"][1]
    version = finding["summary"].partition(" has no ")[0]
    assert finding["detail"].startswith(
        f"As of {version} at {url}, seen {day}. `kcplan plan` asks it again. Correct the name."
    )


def test_what_the_server_had_is_asked_again_with_each_plan(world: World) -> None:
    world.declare(enabled=True)
    world.apply()
    document = json.loads(seen(world).read_text())
    assert seen(world).stat().st_mode & 0o777 == 0o600
    seen(world).write_text(json.dumps({**document, "names": {"event listener": {"": ["x"]}}}))
    world.plan()
    assert json.loads(seen(world).read_text()) == document
    written = seen(world).stat().st_mtime_ns
    world.plan()
    assert seen(world).stat().st_mtime_ns == written


@pytest.mark.parametrize("content", ["", "{", "[]", '{"format_version": 9}', '{"names": 1}'])
def test_what_was_seen_is_not_relied_on(world: World, content: str) -> None:
    world.declare(enabled=True)
    world.apply()
    seen(world).write_text(content)
    world.declare(enabled=True, eventsListeners=["emal"])
    assert validated(world) == []
    seen(world).unlink()
    seen(world).symlink_to("/nowhere")
    assert validated(world) == []
    world.declare(enabled=True)
    world.plan()
    assert seen(world).is_symlink()


def test_a_folder_that_takes_no_files_fails_no_plan(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.declare(enabled=True)
    world.apply()
    seen(world).unlink()

    def refused(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("kcplan_state.disk.replace_file", refused)
    assert world.plan().actions == {}
    assert not seen(world).exists()


def test_what_was_seen_has_no_secret_and_is_small(world: World) -> None:
    world.declare(enabled=True, identityProviders=[GOOGLE])
    world.apply()
    text = seen(world).read_text()
    assert SECRET not in text
    assert len(text) < 25_000
