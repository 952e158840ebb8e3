"""Web origins of clients: they are what the files say, or what they were, whatever else changes."""

from typing import Any

from support.world import World

URIS = {"redirectUris": ["https://web.example/*"]}


def origins(world: World) -> list[str]:
    client = world.client("web")
    assert client is not None
    found: list[str] = client["webOrigins"]
    return found


def declare(world: World, **fields: Any) -> None:
    world.declare(clients=[{"clientId": "web", "publicClient": True, **fields}])


def test_keycloak_makes_some_of_the_redirect_uris_where_an_update_says_nothing(
    inhabited: World,
) -> None:
    inhabited.admin.post(
        inhabited.path("clients"), json={"clientId": "web", "webOrigins": [], **URIS}
    )
    assert origins(inhabited) == []
    inhabited.edit_client("web", description="another")
    assert origins(inhabited) == ["https://web.example"]


def test_none_are_none_when_something_else_changes(world: World) -> None:
    declare(world, webOrigins=[], description="one", **URIS)
    world.apply()
    declare(world, webOrigins=[], description="two", redirectUris=["https://shop.example/*"])
    world.apply()
    assert origins(world) == []
    world.is_settled()


def test_those_that_nobody_declares_stay(inhabited: World) -> None:
    inhabited.admin.post(inhabited.path("clients"), json={"clientId": "web", "webOrigins": []})
    declare(inhabited, **URIS)
    inhabited.apply()
    assert origins(inhabited) == []


def test_a_saml_client_that_is_completed_after_its_creation_has_none(world: World) -> None:
    attributes = {"saml.artifact.binding.identifier": "of-ours"}
    declare(world, protocol="saml", webOrigins=[], attributes=attributes, **URIS)
    world.apply()
    assert origins(world) == []
    world.is_settled()


def test_a_new_client_with_a_root_url_has_no_addresses_that_the_files_do_not_have(
    world: World,
) -> None:
    """Keycloak would redirect to anything below the root, and administer the client there."""
    root = {"protocol": "openid-connect", "rootUrl": "https://web.example"}
    declare(world, **root, adminUrl="", redirectUris=[], webOrigins=["https://a.example"])
    world.apply()
    client = world.client("web")
    assert client is not None
    assert (client["redirectUris"], client["webOrigins"], client.get("adminUrl") or None) == (
        [],
        ["https://a.example"],
        None,
    )
    world.is_settled()


def test_empty_texts_are_no_addresses(world: World) -> None:
    """Exports of some versions have them; Keycloak keeps none."""
    declare(world, redirectUris=["", "https://web.example/*"], webOrigins=[""])
    world.apply()
    assert origins(world) == []
    world.is_settled()
