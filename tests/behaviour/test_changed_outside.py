"""What somebody changed that no file mentions: it stays reported until it is accepted."""

from typing import Any

import pytest

from support.sabotage import WAYS, Saboteur, sent_through
from support.world import World

WILD = {"redirectUris": ["*"], "consentRequired": True}
SEEN = {"clients/web": ["consentRequired", "redirectUris"], ".": ["sslRequired"]}
MAPPER = {
    "name": "to-orders",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-audience-mapper",
    "config": {"included.custom.audience": "orders"},
}


def declare(world: World, description: str = "Web", **client: Any) -> None:
    world.declare(
        displayName=description,
        clients=[{"clientId": "web", "description": description, **client}, {"clientId": "other"}],
    )


def tamper(world: World) -> None:
    world.edit_client("web", **WILD)
    world.admin.put(world.path(), json={"realm": world.realm, "sslRequired": "none"})


def is_reported(world: World, seen: dict[str, list[str]] = SEEN) -> None:
    """`refresh` names exactly these fields, and `plan` says that they are left as they are."""
    refresh = world.refresh("--detailed-exitcode", exit_code=2 if seen else 0)
    assert (refresh.drift, refresh.outside) == ({}, seen)
    assert world.refresh("--detailed-exitcode", "--only-managed").outside == seen
    plan = world.plan("--detailed-exitcode")
    assert (plan.actions, plan.outside) == ({}, seen)


def test_it_stays_reported_through_other_applies(world: World) -> None:
    declare(world)
    world.apply()
    tamper(world)
    for number in range(3):
        declare(world, f"Web {number}")
        world.apply()
        is_reported(world)
    client = world.client("web")
    assert client is not None
    assert client["redirectUris"] == ["*"]


def test_it_is_as_accepted_after_that(world: World) -> None:
    declare(world)
    world.apply()
    tamper(world)
    world.kcplan("refresh", "--accept")
    is_reported(world, {})
    world.edit_client("web", redirectUris=["https://web.example/*"])
    # Keycloak takes the origin of a redirect URI for one of the web, where none is given.
    is_reported(world, {"clients/web": ["redirectUris", "webOrigins"]})


def test_what_is_declared_at_last_is_a_change_like_any_other(world: World) -> None:
    declare(world)
    world.apply()
    tamper(world)
    declare(world, redirectUris=[], consentRequired=False)
    plan = world.plan()
    assert set(plan.fields("clients/web")) == {"redirectUris", "consentRequired"}
    assert plan.outside == {".": ["sslRequired"]}
    world.apply()
    is_reported(world, {".": ["sslRequired"]})


def test_it_stays_reported_of_what_kcplan_adopted(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    world.admin.post(world.path("clients"), json={"clientId": "web"})
    declare(world)
    world.apply()
    tamper(world)
    declare(world, "Another")
    world.apply()
    is_reported(world)


def test_it_is_reported_of_what_kcplan_adopted_without_a_change(inhabited: World) -> None:
    world = inhabited
    world.admin.put(world.path(), json={"realm": world.realm, "displayName": "Web"})
    for client in ("web", "other"):
        body = {"clientId": client, "description": "Web"}
        world.admin.post(world.path("clients"), json=body)
    declare(world)
    assert set(world.plan().actions.values()) == {"adopt"}
    world.apply()
    is_reported(world, {})
    tamper(world)
    is_reported(world)


def test_a_failed_apply_accepts_nothing(world: World) -> None:
    declare(world)
    world.apply()
    tamper(world)
    declare(world, "Another")
    with sent_through(Saboteur({1: WAYS["status 500"]})):
        assert "as it was before" in world.apply("--parallelism", 1, exit_code=3).stderr
    declare(world)
    is_reported(world)


def test_it_is_reported_under_the_new_name(world: World) -> None:
    declare(world)
    world.apply()
    world.edit_client("other", **WILD)
    world.settings('[[moved]]\nfrom = "REALM/clients/other"\nto = "REALM/clients/another"\n')
    world.declare(
        displayName="Web",
        clients=[{"clientId": "web", "description": "Web"}, {"clientId": "another"}],
    )
    world.apply()
    is_reported(world, {"clients/another": ["consentRequired", "redirectUris"]})


def test_a_client_that_was_made_again_by_hand_keeps_its_baseline(world: World) -> None:
    declare(world)
    world.apply()
    world.admin.delete(world.in_client("web"))
    world.admin.post(world.path("clients"), json={"clientId": "web", "description": "Web", **WILD})
    assert world.refresh("--detailed-exitcode", exit_code=2).drift == {"clients/web": "replace"}
    declare(world, "Web 2")
    world.apply()
    seen = world.refresh("--detailed-exitcode", exit_code=2).outside["clients/web"]
    assert {"consentRequired", "redirectUris"} <= set(seen)


def test_an_entry_beside_a_declared_one_stays_reported(world: World) -> None:
    declare(world, protocolMappers=[MAPPER], attributes={"team": "a"})
    world.apply()
    client = world.client("web") or {}
    mapper = {**client["protocolMappers"][0], "consentRequired": True}
    world.edit_client(
        "web",
        protocolMappers=client["protocolMappers"],
        attributes={**client["attributes"], "post.logout.redirect.uris": "*"},
    )
    world.admin.put(world.in_client("web", "protocol-mappers", "models", mapper["id"]), json=mapper)
    declare(world, "Another", protocolMappers=[MAPPER], attributes={"team": "b"})
    world.apply()
    assert world.refresh().outside == {"clients/web": ["attributes.post.logout.redirect.uris"]}


def test_a_mapper_that_is_gone_is_named_once(world: World) -> None:
    declare(world, protocolMappers=[MAPPER])
    world.apply()
    client = world.client("web") or {}
    mapper = client["protocolMappers"][0]["id"]
    world.admin.delete(world.in_client("web", "protocol-mappers", "models", mapper))
    refresh = world.refresh("--detailed-exitcode", exit_code=2)
    assert refresh.drift == {"clients/web": "update"}
    assert (refresh.outside, refresh.document["unmanaged"]) == ({}, [])
    text = world.kcplan("refresh").stdout
    assert ("Not managed" in text, mapper in text, text.count("to-orders")) == (False, False, 1)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"duplicateEmailsAllowed": False}, {"duplicateEmailsAllowed": True}),
        ({"adminPermissionsEnabled": False}, {"adminPermissionsEnabled": True}),
        ({"clientSessionIdleTimeout": 60}, {"clientSessionIdleTimeout": 120}),
        (
            {"attributes": {"clientSessionIdleTimeout": "60"}},
            {"attributes": {"clientSessionIdleTimeout": "90"}},
        ),
    ],
    ids=str,
)
def test_what_keycloak_changes_along_is_nobodys_doing(
    world: World, before: dict[str, Any], after: dict[str, Any]
) -> None:
    world.declare(**before)
    world.apply()
    world.declare(**after)
    world.apply()
    is_reported(world, {})


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ({"protocol": "openid-connect"}, {"protocol": "saml"}),
        ({"redirectUris": []}, {"redirectUris": ["https://web.example/*"]}),
        ({"publicClient": True}, {"publicClient": False, "serviceAccountsEnabled": True}),
    ],
    ids=str,
)
def test_what_keycloak_changes_along_in_a_client(
    world: World, before: dict[str, Any], after: dict[str, Any]
) -> None:
    declare(world, **before)
    world.apply()
    declare(world, **after)
    world.apply()
    is_reported(world, {})


def test_refresh_names_the_realm_for_a_ticket_and_for_a_page(world: World) -> None:
    declare(world)
    world.apply()
    world.edit_client("web", **WILD)
    markdown = world.kcplan("refresh", "--format", "markdown").stdout
    assert markdown.startswith(f"<!-- kcplan-refresh {world.realm} -->\n")
    assert f"realm `{world.realm}`" in markdown
    page = world.kcplan("refresh", "--format", "html").stdout
    assert f"<h1>Drift for {world.realm}</h1>" in page
    assert "Changed outside of the files, left as it is" in page


def test_the_text_says_what_is_left_as_it_is(world: World) -> None:
    declare(world)
    world.apply()
    world.edit_client("web", **WILD)
    text = world.kcplan("plan", world.file).stdout
    assert "Changed outside of the files, left as it is" in text
    assert "matches the configuration" not in text
    refresh = world.kcplan("refresh").stdout
    assert refresh.endswith("No managed field changed, but 2 fields that no file mentions did.\n")


@pytest.mark.parametrize("name", ["loginWithEmailAllowed", "registrationEmailAsUsername"])
def test_what_keycloak_switches_off_along_comes_back(world: World, name: str) -> None:
    """With duplicate addresses nobody can log in by address: an undone apply must not leave that."""
    world.admin.post("", json={"realm": world.realm, name: True})
    world.declare()
    world.apply()
    before = world.export()
    change = {"duplicateEmailsAllowed": True}
    world.declare(**change, clients=[{"clientId": "bad", "redirectUris": ["javascript:alert(1)"]}])
    assert world.try_apply().exit_code == 3
    assert world.export() == before
    world.declare(**change)
    world.apply()
    is_reported(world, {})


@pytest.mark.parametrize(
    "declared",
    [
        {
            "smtpServer": {
                "host": "mail.example",
                "from": "shop@mail.example",
                "auth": "true",
                "user": "shop",
                "password": "${MAIL_PASSWORD}",
            }
        },
        {
            "identityProviders": [
                {
                    "alias": "google",
                    "providerId": "google",
                    "config": {"clientId": "shop", "clientSecret": "${MAIL_PASSWORD}"},
                }
            ]
        },
    ],
    ids=["smtpServer", "identityProviders"],
)
def test_accepting_leaves_a_secret_that_keycloak_never_shows_as_it_was(
    world: World, declared: dict[str, Any]
) -> None:
    world.variables["MAIL_PASSWORD"] = "a-long-secret-of-a-server"
    world.declare(**declared)
    world.apply()
    world.admin.put(world.path(), json={"realm": world.realm, "sslRequired": "none"})
    world.kcplan("refresh", "--accept")
    is_reported(world, {})
