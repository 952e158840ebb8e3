"""Attributes that Keycloak gives to new clients, whatever the files say of them."""

import pytest

from kcplan.address import Address
from kcplan_keycloak.client_attributes import LASTING, unkept
from support.importing import comes_back
from support.world import Json, World

SESSION = "backchannel.logout.session.required"
OFFLINE = "backchannel.logout.revoke.offline.tokens"
IDENTIFIER = "saml.artifact.binding.identifier"

OIDC: Json = {"clientId": "app", "protocol": "openid-connect", "publicClient": True}
SAML: Json = {"clientId": "app", "protocol": "saml"}


def attributes(world: World) -> Json:
    """The attributes of the client, without those that nobody can write."""
    found = (world.client("app") or {})["attributes"]
    own = ("realm_client", "client.secret.creation.time")
    return {name: value for name, value in found.items() if name not in own}


# -- no entries -------------------------------------------------------------------------------


@pytest.mark.parametrize("client", [OIDC, SAML, {"clientId": "app"}])
def test_no_attributes_means_none_but_those_that_a_new_client_has(
    world: World, client: Json
) -> None:
    world.declare(clients=[{**client, "attributes": {}}])
    world.apply()
    before = attributes(world)
    world.is_settled()
    assert attributes(world) == before
    assert {("attributes", name) for name in before} <= LASTING.keys()


@pytest.mark.parametrize(
    "client", [OIDC, {**SAML, "attributes": {"saml.client.signature": "false"}}]
)
def test_a_client_that_is_adopted_keeps_what_it_had_when_it_was_new(
    world: World, client: Json
) -> None:
    world.declare()
    world.apply()
    world.admin.post(world.path("clients"), json=client)
    before = attributes(world)
    world.declare(clients=[{**client, "attributes": {}}])
    changes = {path for path in world.plan().fields("clients/app") if "attributes" in path}
    # What somebody gave to it is an entry; so is a value that no new client has.
    given = {f"attributes.{name}" for name in client.get("attributes", ())}
    assert changes == given
    world.apply()
    assert attributes(world) == {k: v for k, v in before.items() if f"attributes.{k}" not in given}
    world.is_settled()


def test_an_attribute_with_another_value_than_a_new_client_has_is_an_entry(world: World) -> None:
    world.declare(clients=[{**OIDC, "attributes": {}}])
    world.apply()
    world.edit_client("app", attributes={SESSION: "false", "note": "x"})
    assert set(world.plan().fields("clients/app")) == {f"attributes.{SESSION}", "attributes.note"}
    assert set(world.refresh().fields("clients/app", of="drift")) == {
        f"attributes.{SESSION}",
        "attributes.note",
    }
    world.apply()
    assert attributes(world) == {OFFLINE: "false"}
    world.is_settled()


# -- what a creation does not keep ------------------------------------------------------------


@pytest.mark.parametrize(
    ("client", "wanted"),
    [
        (OIDC, {SESSION: "false"}),
        (OIDC, {SESSION: "false", OFFLINE: "true", "note": "x"}),
        (OIDC, {OFFLINE: ""}),
        (OIDC, {SESSION: "true"}),
        (OIDC, {SESSION: "false", "backchannel.logout.url": "https://app.example/"}),
        (OIDC, {"backchannel.logout.url": "https://app.example/"}),
        ({"clientId": "app"}, {SESSION: "false"}),
        ({**SAML, "attributes": {"saml.client.signature": "false"}}, {IDENTIFIER: "mine"}),
        ({**SAML, "attributes": {"saml.client.signature": "false"}}, {"saml.authnstatement": ""}),
        (
            {
                "clientId": "app",
                "protocol": "openid-connect",
                "serviceAccountsEnabled": True,
                "authorizationServicesEnabled": True,
                "authorizationSettings": {"scopes": [{"name": "view"}]},
            },
            {SESSION: "false"},
        ),
    ],
)
def test_what_a_creation_does_not_keep_is_updated_right_after(
    world: World, client: Json, wanted: Json
) -> None:
    world.declare(clients=[{**client, "attributes": {**client.get("attributes", {}), **wanted}}])
    world.apply()
    there = attributes(world)
    assert {name: there.get(name, "") for name in wanted} == wanted
    assert (world.client("app") or {}).get("authorizationServicesEnabled", False) == (
        "authorizationServicesEnabled" in client
    )
    world.is_settled()


_MANY: Json = {
    SESSION: "false",
    OFFLINE: "true",
    IDENTIFIER: "mine",
    "access.token.lifespan": "90",
    "acr.loa.map": '{"a":1}',
    "client.use.lightweight.access.token.enabled": "true",
    "display.on.consent.screen": "true",
    "dpop.bound.access.tokens": "true",
    "frontchannel.logout.session.required": "false",
    "id.token.signed.response.alg": "RS512",
    "login_theme": "keycloak",
    "oauth2.device.authorization.grant.enabled": "true",
    "oidc.ciba.grant.enabled": "true",
    "pkce.code.challenge.method": "S256",
    "post.logout.redirect.uris": "+",
    "require.pushed.authorization.requests": "true",
    "saml.allow.ecp.flow": "true",
    "saml.assertion.signature": "true",
    "saml.authnstatement": "false",
    "saml.client.signature": "false",
    "saml.encrypt": "true",
    "saml.force.post.binding": "false",
    "saml.server.signature": "false",
    "saml.signature.algorithm": "RSA_SHA512",
    "saml.signing.certificate": "MII",
    "saml_force_name_id_format": "true",
    "saml_name_id_format": "email",
    "standard.token.exchange.enabled": "true",
    "tls.client.certificate.bound.access.tokens": "true",
    "use.refresh.tokens": "false",
}
"""Attributes with values that no new client has."""


@pytest.mark.parametrize(
    ("protocol", "lost"),
    [("openid-connect", {SESSION, OFFLINE}), ("saml", {IDENTIFIER})],
)
def test_all_other_attributes_are_kept_by_a_creation(
    world: World, protocol: str, lost: set[str]
) -> None:
    world.admin.post("", json={"realm": world.realm})
    client: Json = {"clientId": "app", "protocol": protocol, "attributes": _MANY}
    world.admin.post(world.path("clients"), json=client)
    made = attributes(world)
    assert {name for name, value in _MANY.items() if made.get(name) != value} == lost
    world.edit_client("app", attributes=_MANY)
    assert attributes(world) == made | _MANY


def test_it_is_updated_later_as_well_and_taken_back(world: World) -> None:
    world.declare(clients=[{**OIDC, "attributes": {SESSION: "false"}}])
    world.apply()
    before = world.export()
    bad = {"clientId": "bad", "redirectUris": ["javascript:alert(1)"]}
    world.declare(clients=[{**OIDC, "attributes": {SESSION: "true", OFFLINE: "true"}}, bad])
    assert world.try_apply().exit_code == 3
    assert world.export() == before
    world.declare(clients=[{**OIDC, "attributes": {SESSION: "true", OFFLINE: "true"}}])
    world.apply()
    assert attributes(world) == {SESSION: "true", OFFLINE: "true"}
    world.is_settled()


def test_a_new_client_that_is_updated_goes_when_the_apply_fails_later(world: World) -> None:
    world.declare()
    world.apply()
    before = world.export()
    bad = {"clientId": "bad", "redirectUris": ["javascript:alert(1)"]}
    world.declare(clients=[{**OIDC, "attributes": {SESSION: "false"}}, bad])
    assert world.try_apply().exit_code == 3
    assert world.export() == before


def test_an_imported_client_can_be_made_elsewhere(world: World) -> None:
    world.declare(clients=[{**OIDC, "attributes": {SESSION: "false"}}])
    world.apply()
    comes_back(world)
    there = attributes(world)
    world.admin.delete(world.realm)
    (world.folder / "kcplan.state.json").unlink()
    world.apply()
    assert attributes(world) == there
    world.is_settled()


@pytest.mark.parametrize(
    ("protocol", "more", "lost"),
    [
        (None, {}, {}),
        ("openid-connect", {}, {OFFLINE: "true"}),
        ("openid-connect", {"backchannel.logout.url": "https://app.example/"}, {}),
        ("saml", {}, {"saml_name_id_format": None}),
        ("saml", {IDENTIFIER: "mine"}, {"saml_name_id_format": None, IDENTIFIER: "mine"}),
    ],
)
def test_what_is_not_kept_is_told_from_the_fields_alone(
    protocol: str | None, more: Json, lost: Json
) -> None:
    fields = {
        SESSION: "true",
        OFFLINE: "true",
        IDENTIFIER: "norfWO9bh4FEkKT+DPqs2Plu/8I=",
        "saml.authnstatement": "false",
        "saml_name_id_format": None,
        "note": None,
        **more,
    }
    leaves = {("attributes", name): value for name, value in fields.items()}
    found = unkept(Address.of("r", "clients", "c11"), {("protocol",): protocol, **leaves})
    assert found == {("attributes", name): value for name, value in lost.items()}
