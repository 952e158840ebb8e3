"""Names: what is odd, long, or the same but for its case."""

from typing import Any

import pytest

from support.world import World

ODD = ["a/b", "50%", "a b", "äöü-ß-日本", "a%2Fb", "star*", 'it\'s "quoted"', "semi;colon&x=1#?"]


def test_odd_names_work_for_every_type_from_creation_to_the_end(world: World) -> None:
    declare(world, "one")
    world.apply()
    world.is_settled()
    for name in ODD:
        assert world.composites("roles", name) == {"r", name}
        assert world.granted(name) >= {name, f"{name}/{name}"}
    declare(world, "two")
    assert set(world.plan().actions.values()) == {"update"}
    world.apply()
    world.is_settled()
    for address in world.kcplan("state", "list").stdout.splitlines():
        world.kcplan("state", "show", address)
    world.declare()
    world.apply("--allow-mass-delete")
    assert world.known() == {"."}
    assert [world.client(name) for name in ODD] == [None] * len(ODD)


def declare(world: World, text: str) -> None:
    """Something of every type with each of the names, and the text in a field of each."""
    world.declare(
        roles={
            "realm": [{"name": "r"}, *(odd_role(name, text) for name in ODD)],
            "client": {name: [{"name": name, "description": text}] for name in ODD},
        },
        clients=[odd_client(name, text) for name in ODD],
        users=[
            {
                "serviceAccountClientId": name,
                "realmRoles": [name],
                "clientRoles": {name: [name]},
                "attributes": {"x": [text]},
            }
            for name in ODD
        ],
    )


def odd_role(name: str, text: str) -> dict[str, Any]:
    parts = {"realm": ["r"], "client": {name: [name]}}
    return {"name": name, "description": text, "composites": parts}


def odd_client(name: str, text: str) -> dict[str, Any]:
    return {
        "clientId": name,
        "description": text,
        "serviceAccountsEnabled": True,
        "authorizationServicesEnabled": True,
        "attributes": {name: text},
        "protocolMappers": [
            {
                "name": name,
                "protocol": "openid-connect",
                "protocolMapper": "oidc-hardcoded-claim-mapper",
                "config": {"claim.name": "x", "claim.value": text},
            }
        ],
        "authorizationSettings": {
            "scopes": [{"name": name, "displayName": text}],
            "resources": [{"name": name, "displayName": text, "scopes": [{"name": name}]}],
            "policies": [
                {
                    "name": name,
                    "type": "role",
                    "description": text,
                    "config": {"roles": [{"id": "r"}]},
                },
                {
                    "name": f"may {name}",
                    "type": "scope",
                    "description": text,
                    "config": {"scopes": [name], "resources": [name], "applyPolicies": [name]},
                },
            ],
        },
    }


@pytest.mark.parametrize("alias", ["a%b", "50%", "äöü"])
def test_an_identity_provider_may_have_an_odd_alias(inhabited: World, alias: str) -> None:
    world = inhabited
    provider = {
        "alias": alias,
        "providerId": "oidc",
        "displayName": "one",
        "config": {"clientId": "x", "tokenUrl": "https://a/t", "authorizationUrl": "https://a/a"},
    }
    world.declare(identityProviders=[provider])
    world.apply()
    world.is_settled()
    world.declare(identityProviders=[{**provider, "displayName": "two"}])
    world.apply()
    world.is_settled()
    world.declare()
    world.apply()
    assert world.admin.json(world.path("identity-provider", "instances")) == []


def test_a_realm_may_have_an_odd_name(world: World) -> None:
    odd = World(f"{world.realm} ä%", world.folder, world.admin, world.run)
    odd.declare(displayName="d", clients=[{"clientId": "a", "serviceAccountsEnabled": True}])
    try:
        odd.apply()
        odd.is_settled()
        odd.destroy()
        assert odd.admin.get(odd.path(), check=False).status_code == 404
    finally:
        odd.admin.delete(odd.path(), check=False)


def test_names_that_differ_in_case_are_two_clients_unless_their_accounts_clash(
    world: World,
) -> None:
    world.declare(clients=[{"clientId": "PM", "description": "1"}, {"clientId": "pm"}])
    world.apply()
    world.is_settled()
    assert (world.client("PM") or {})["id"] != (world.client("pm") or {})["id"]
    account = {"serviceAccountsEnabled": True}
    world.declare(clients=[{"clientId": "PM", **account}, {"clientId": "pm", **account}])
    result = world.kcplan("plan", world.file, exit_code=1)
    assert "service-account-pm" in result.stderr


def test_a_client_id_may_have_255_characters_and_not_256(inhabited: World) -> None:
    world = inhabited
    longest = "x" * 255
    world.declare(clients=[{"clientId": longest}])
    world.apply()
    world.is_settled()
    world.declare(clients=[{"clientId": longest}, {"clientId": "x" * 256}])
    result = world.kcplan("plan", world.file, exit_code=1)
    assert "255" in result.stderr


def test_a_long_name_of_a_service_account_is_an_error_before_anything_is_written(
    inhabited: World,
) -> None:
    world = inhabited
    world.declare(clients=[{"clientId": "x" * 250, "serviceAccountsEnabled": True}])
    result = world.kcplan("plan", world.file, exit_code=1)
    assert "name-too-long" in result.stderr
    assert world.client("x" * 250) is None
