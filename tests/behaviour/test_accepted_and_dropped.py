"""What Keycloak would accept and drop, or refuse half way, is an error of the plan."""

import json
from typing import Any

import httpx
import pytest
from inline_snapshot import snapshot

from support.sabotage import sent_through
from support.world import Changes, Json, World

MISSING = "server-feature-missing"
SHARED = "duplicate-emails-allowed"
SENDER = "mail-without-sender"
READ_ONLY = "read-only-field"
MAIL = {"host": "mail.example", "from": "shop@mail.example"}


def errors(plan: Changes) -> list[str]:
    return [i["code"] for i in plan.document["diagnostics"] if i["severity"] == "error"]


def refused(world: World, code: str) -> Json:
    """The only error of the plan, which has this code."""
    plan = world.plan(exit_code=1)
    assert errors(plan) == [code]
    found: Json = next(i for i in plan.document["diagnostics"] if i["code"] == code)
    return found


def said(world: World) -> str:
    """What a person reads."""
    result = world.kcplan("plan", "realm.json", "--no-color", exit_code=1)
    return result.stderr.replace(world.realm, "REALM")


def validated(world: World, exit_code: int) -> list[str]:
    found = world.kcplan("validate", world.file, "--format", "json", exit_code=exit_code)
    return [item["code"] for item in json.loads(found.stdout)["diagnostics"]]


# -- features ---------------------------------------------------------------------------------

OFF = {"scimApiEnabled": "scim-api", "verifiableCredentialsEnabled": "oid4vc-vci"}
"""Switches whose features are off by default."""


@pytest.mark.parametrize("name", OFF)
def test_a_switch_without_its_feature_is_found_when_planning(world: World, name: str) -> None:
    world.declare(enabled=True)
    world.apply()
    world.declare(enabled=True, **{name: True})
    found = refused(world, MISSING)
    assert (found["address"], found["path"]) == (world.realm, [name])
    assert f"--features={OFF[name]}" in found["detail"]
    assert validated(world, 0) == [MISSING]
    world.declare(enabled=True, **{name: False})
    assert errors(world.plan()) == []
    assert validated(world, 0) == []


@pytest.mark.parametrize("name", OFF)
def test_keycloak_drops_a_switch_without_its_feature(world: World, name: str) -> None:
    world.admin.post("", json={"realm": world.realm, name: True})
    world.admin.put(world.path(), json={"realm": world.realm, name: True})
    assert not world.admin.json(world.path()).get(name)


class Without(httpx.HTTPTransport):
    """The real server, which says of features that they are off."""

    def __init__(self, *features: str) -> None:
        super().__init__()
        self._features = features

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = super().handle_request(request)
        if not request.url.path.endswith("/serverinfo"):
            return response
        document = json.loads(httpx.Response(200, content=b"".join(response.stream)).read())
        for item in document["features"]:
            item["enabled"] = item["enabled"] and item["name"] not in self._features
        return httpx.Response(200, json=document)


@pytest.mark.parametrize(
    ("feature", "declared", "option"),
    [
        ("ORGANIZATION", {"organizationsEnabled": True}, "organization"),
        (
            "ADMIN_FINE_GRAINED_AUTHZ_V2",
            {"adminPermissionsEnabled": True},
            "admin-fine-grained-authz:v2",
        ),
        (
            "AUTHORIZATION",
            {
                "clients": [
                    {
                        "clientId": "a",
                        "serviceAccountsEnabled": True,
                        "authorizationServicesEnabled": True,
                    }
                ]
            },
            "authorization",
        ),
    ],
)
def test_features_that_somebody_switched_off(
    world: World, feature: str, declared: Json, option: str
) -> None:
    world.declare(**declared)
    assert errors(world.plan()) == []
    with sent_through(Without(feature)):
        found = refused(world, MISSING)
    assert f"--features={option}" in found["detail"]


def test_the_message_says_which_feature_it_takes(world: World) -> None:
    world.declare(scimApiEnabled=True)
    assert said(world) == snapshot("""\
Error: scimApiEnabled of REALM needs the feature `scim-api`, which is off [server-feature-missing]
  on realm.json:3:3, in REALM, scimApiEnabled

Keycloak accepts the field and drops it. Start the server with `--features=scim-api`, or
remove the field.

""")


# -- addresses that users share ---------------------------------------------------------------


@pytest.mark.parametrize("name", ["loginWithEmailAllowed", "registrationEmailAsUsername"])
def test_users_who_share_an_address_cannot_log_in_with_it(world: World, name: str) -> None:
    world.admin.post("", json={"realm": world.realm, "duplicateEmailsAllowed": True})
    world.declare(**{name: True})
    found = refused(world, SHARED)
    assert found["path"] == [name]
    assert validated(world, 0) == []
    world.declare(**{name: True}, duplicateEmailsAllowed=True)
    refused(world, SHARED)
    assert validated(world, 1) == [SHARED]
    world.declare(**{name: True}, duplicateEmailsAllowed=False)
    world.apply()
    world.is_settled()


@pytest.mark.parametrize("name", ["loginWithEmailAllowed", "registrationEmailAsUsername"])
def test_in_a_new_realm_nobody_shares_an_address(world: World, name: str) -> None:
    world.declare(**{name: True})
    assert validated(world, 0) == []
    world.apply()
    world.is_settled()


def test_the_message_says_which_switch_to_turn_off(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "duplicateEmailsAllowed": True})
    world.declare(loginWithEmailAllowed=True)
    assert said(world) == snapshot("""\
Error: REALM has `loginWithEmailAllowed` and `duplicateEmailsAllowed`, and can only have one of them [duplicate-emails-allowed]
  on realm.json:3:3, in REALM, loginWithEmailAllowed

Keycloak switches `loginWithEmailAllowed` off again as long as two users may have the
same address. Declare `duplicateEmailsAllowed` as false, or remove
`loginWithEmailAllowed`.

""")


# -- a mail server ----------------------------------------------------------------------------


@pytest.mark.parametrize("sender", [{}, {"from": ""}, {"from": None}])
def test_a_mail_server_without_a_sender_is_found_when_planning(world: World, sender: Json) -> None:
    world.declare(smtpServer={"host": "mail.example", **sender})
    assert validated(world, 1) == [SENDER]
    assert refused(world, SENDER)["path"] == ["smtpServer", "host"]


def test_a_sender_that_is_there_is_enough(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "smtpServer": MAIL})
    world.declare(smtpServer={"host": "post.example"})
    world.apply()
    world.is_settled()
    assert world.admin.json(world.path())["smtpServer"] == {**MAIL, "host": "post.example"}


def test_a_sender_that_the_plan_takes_away_is_missed(world: World) -> None:
    world.declare(smtpServer=MAIL)
    world.apply()
    world.declare(smtpServer={"host": "mail.example"})
    refused(world, SENDER)
    for rest in ({}, {"from": "a@mail.example"}):
        world.declare(smtpServer=rest)
        assert errors(world.plan()) == []


@pytest.mark.parametrize("method", ["post", "put"])
def test_keycloak_refuses_a_mail_server_without_a_sender(world: World, method: str) -> None:
    body = {"realm": world.realm, "smtpServer": {"host": "mail.example"}}
    if method == "put":
        world.admin.post("", json={"realm": world.realm})
    at = world.path() if method == "put" else ""
    answer = getattr(world.admin, method)(at, json=body, check=False)
    assert answer.status_code == 400


def test_the_message_says_that_a_sender_is_missing(world: World) -> None:
    world.declare(smtpServer={"host": "mail.example"})
    assert said(world) == snapshot("""\
Error: the mail server of REALM has no sender [mail-without-sender]
  on realm.json:4:5, in REALM, smtpServer.host

Keycloak refuses a mail server without one. Add `from` to `smtpServer`, with the address
that mails come from.

""")


# -- organizations ----------------------------------------------------------------------------


def provider(**fields: Any) -> Json:
    config = {"authorizationUrl": "https://a.example/a", "tokenUrl": "https://a.example/t"}
    return {
        "identityProviders": [
            {"alias": "acme", "providerId": "oidc", "config": {"clientId": "a", **config}, **fields}
        ]
    }


@pytest.fixture
def organization(world: World) -> str:
    """The id of an organization, in a realm with a provider of it."""
    world.admin.post("", json={"realm": world.realm, "organizationsEnabled": True})
    body = {"name": "Acme", "alias": "acme", "domains": [{"name": "acme.example"}]}
    found: str = world.admin.create(world.path("organizations"), body)
    return found


def test_a_provider_is_not_linked_to_an_organization_by_itself(
    world: World, organization: str
) -> None:
    for value in (organization, "no-such-organization"):
        world.declare(**provider(organizationId=value))
        found = refused(world, READ_ONLY)
        assert found["path"] == ["organizationId"]
        at = world.path("identity-provider", "instances")
        body = provider(organizationId=value)["identityProviders"][0]
        world.admin.post(at, json=body)
        assert "organizationId" not in world.admin.json(f"{at}/acme")
        world.admin.delete(f"{at}/acme")


def test_a_provider_that_is_linked_may_say_so_and_stays_linked(
    world: World, organization: str
) -> None:
    world.declare(**provider())
    world.apply()
    linked = world.path("organizations", organization, "identity-providers")
    world.admin.post(linked, content='"acme"', headers={"Content-Type": "application/json"})
    world.declare(**provider(organizationId=organization, displayName="Acme"))
    assert errors(world.plan()) == []
    world.apply()
    world.is_settled()
    at = world.path("identity-provider", "instances", "acme")
    assert world.admin.json(at)["organizationId"] == organization
    # A new provider of the same name has no link.
    other = provider(organizationId=organization)
    other["identityProviders"][0]["providerId"] = "keycloak-oidc"
    world.declare(**other)
    refused(world, READ_ONLY)
