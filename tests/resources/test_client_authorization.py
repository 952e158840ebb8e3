"""What a client with authorization services must be, and what Keycloak is told for it unasked."""

import json

import pytest
from inline_snapshot import snapshot

from support.importing import comes_back
from support.world import Json, World

SECRET = "0123456789abcdef0123456789abcdef"
CODE = "authorization-needs-service-account"
SERVICE: Json = {
    "clientId": "app",
    "serviceAccountsEnabled": True,
    "authorizationServicesEnabled": True,
}


def validated(world: World, exit_code: int) -> list[tuple[str, str]]:
    """The errors of `validate`."""
    text = world.kcplan("validate", world.file, "--format", "json", exit_code=exit_code).stdout
    found = json.loads(text)["diagnostics"]
    return [(item["code"], item["summary"]) for item in found if item["severity"] == "error"]


# -- what it needs ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "what"),
    [
        ({"publicClient": False}, "no service account"),
        ({"serviceAccountsEnabled": False}, "no service account"),
        ({"publicClient": True}, "no service account"),
        ({"protocol": "saml"}, "no service account"),
        ({"serviceAccountsEnabled": True, "bearerOnly": True}, "is bearer-only"),
    ],
)
def test_a_new_client_without_a_service_account_is_an_error_from_the_files_on(
    world: World, fields: Json, what: str
) -> None:
    world.declare(clients=[{"clientId": "app", "authorizationServicesEnabled": True, **fields}])
    error = (CODE, f"client app has authorization services and {what}")
    assert validated(world, 1) == [error]
    found = world.plan(exit_code=1).document["diagnostics"]
    assert [(item["code"], item["summary"]) for item in found] == [error]
    assert found[0]["path"] == ["authorizationServicesEnabled"]


@pytest.mark.parametrize("fields", [{}, {"publicClient": False}, {"protocol": "openid-connect"}])
def test_a_client_that_has_an_account_already_need_not_mention_it(
    world: World, fields: Json
) -> None:
    world.declare(clients=[{"clientId": "app", "serviceAccountsEnabled": True}])
    world.apply()
    world.declare(clients=[{"clientId": "app", "authorizationServicesEnabled": True, **fields}])
    assert validated(world, 0) == []
    world.apply()
    client = world.client("app")
    assert client is not None
    assert (client["serviceAccountsEnabled"], client["authorizationServicesEnabled"]) == (
        True,
        True,
    )
    world.is_settled()


@pytest.mark.parametrize(
    ("there", "what"),
    [
        ({}, "no service account"),
        ({"serviceAccountsEnabled": True, "bearerOnly": True}, "is bearer-only"),
        ({"publicClient": True}, "is public"),
    ],
)
def test_a_client_that_is_there_and_cannot_have_them_is_an_error_of_the_plan(
    world: World, there: Json, what: str
) -> None:
    world.declare()
    world.apply()
    world.admin.post(world.path("clients"), json={"clientId": "app", **there})
    fields: Json = {"authorizationServicesEnabled": True}
    if what != "no service account":
        fields["serviceAccountsEnabled"] = True
    world.declare(clients=[{"clientId": "app", **fields}])
    found = world.plan(exit_code=1).document["diagnostics"]
    assert [(item["code"], item["summary"]) for item in found] == [
        (CODE, f"client app has authorization services and {what}")
    ]


def test_a_client_that_lost_its_account_and_kept_its_services_is_imported(world: World) -> None:
    """Keycloak wants an account only when the services are switched on."""
    world.declare(clients=[SERVICE])
    world.apply()
    world.edit_client("app", authorizationServicesEnabled=True, serviceAccountsEnabled=False)
    comes_back(world)
    assert validated(world, 0) == []


def test_what_is_wrong_is_said_in_full(world: World) -> None:
    world.declare(clients=[{"clientId": "app", "authorizationServicesEnabled": True}])
    [found] = world.plan(exit_code=1).document["diagnostics"]
    assert found["detail"] == snapshot(
        "They act through the client's service account, and Keycloak answers without one with an internal error. Set `serviceAccountsEnabled` to true, or leave `authorizationServicesEnabled` off."
    )


# -- what Keycloak is told unasked ------------------------------------------------------------


@pytest.mark.parametrize("protocol", [{}, {"protocol": "openid-connect"}, {"protocol": "saml"}])
@pytest.mark.parametrize(
    "fields",
    [
        {"serviceAccountsEnabled": True, "authorizationServicesEnabled": True, "secret": SECRET},
        {"serviceAccountsEnabled": True},
        {"secret": SECRET},
    ],
)
def test_a_new_client_with_what_no_public_client_has_is_confidential(
    world: World, protocol: Json, fields: Json
) -> None:
    if protocol.get("protocol") == "saml":
        protocol = {**protocol, "attributes": {"saml.client.signature": "false"}}
    world.declare(clients=[{"clientId": "app", **protocol, **fields}])
    plan = world.plan()
    assert "publicClient" not in plan.fields("clients/app")
    world.apply()
    client = world.client("app")
    assert client is not None
    assert client["publicClient"] is False
    assert {key: client[key] for key in fields} == fields
    assert "publicClient" not in world.entry("clients/app")["managed"]
    world.is_settled()


def test_a_new_client_without_that_is_what_keycloak_makes_of_it(world: World) -> None:
    """`publicClient` is not written where nothing needs it."""
    world.declare(
        clients=[{"clientId": "app", "protocol": "openid-connect"}, {"clientId": "other"}]
    )
    world.apply()
    made = {name: (world.client(name) or {})["publicClient"] for name in ("app", "other")}
    assert made == {"app": True, "other": False}
    world.is_settled()


def test_a_new_client_with_services_goes_when_the_apply_fails_later(world: World) -> None:
    world.declare(clients=[])
    world.apply()
    before = world.export()
    bad = {"clientId": "bad", "redirectUris": ["javascript:alert(1)"]}
    world.declare(clients=[{**SERVICE, "protocol": "openid-connect"}, bad])
    assert world.try_apply().exit_code == 3
    assert world.export() == before


def test_an_imported_client_with_services_can_be_made_elsewhere(world: World) -> None:
    world.declare(clients=[{**SERVICE, "protocol": "openid-connect", "secret": SECRET}])
    world.apply()
    document = comes_back(world)
    world.admin.delete(world.realm)
    (world.folder / "kcplan.state.json").unlink()
    world.apply()
    [client] = document["clients"]
    assert client["serviceAccountsEnabled"] is True
    assert (world.client("app") or {})["publicClient"] is False
    world.is_settled()


# -- what ends the services -----------------------------------------------------------------------


@pytest.mark.parametrize("switch", ["publicClient", "bearerOnly"])
def test_a_client_that_cannot_have_them_any_more_loses_them_as_the_plan_says(
    world: World, switch: str
) -> None:
    world.declare(clients=[{**SERVICE, "publicClient": False}])
    world.apply()
    client = (world.client("app") or {})["id"]
    services = f"{world.realm}/clients/{client}/authz/resource-server"
    world.admin.post(f"{services}/resource", json={"name": "by hand", "uris": ["/*"]})
    before = world.export()
    changed = {"clientId": "app", switch: True}
    world.declare(clients=[changed, {"clientId": "bad", "redirectUris": ["javascript:alert(1)"]}])
    assert world.try_apply().exit_code == 3
    assert world.export() == before
    world.declare(clients=[changed])
    text = world.kcplan("plan", world.file).stdout.replace("  #  ", "")
    assert "all authorization resources, scopes, policies and permissions go" in " ".join(
        text.split()
    )
    world.apply()
    assert world.plan().outside == {}
    world.is_settled()
