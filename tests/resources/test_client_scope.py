"""Client scopes: what a PUT does with them, and where they are when they come back."""

from typing import Any

import pytest
from inline_snapshot import snapshot

from support.sabotage import each_write_fails
from support.scopes import Scopes
from support.world import Json, World


def mapper(name: str, audience: str, **config: str) -> Json:
    return {
        "name": name,
        "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": {"included.custom.audience": audience, **config},
    }


def in_order(found: Json) -> Json:
    """A scope with its mappers by name, whose ids may be new."""
    mappers = found.get("protocolMappers", ())
    return {**found, "protocolMappers": {item["name"]: {**item, "id": ""} for item in mappers}}


def scope(name: str = "orders", **fields: Any) -> Json:
    return {"name": name, "protocol": "openid-connect", **fields}


def said(text: str) -> str:
    return " ".join(text.split())


@pytest.fixture
def scopes(world: World) -> Scopes:
    return Scopes(world)


def test_mappers_are_added_changed_and_removed_by_name(world: World, scopes: Scopes) -> None:
    def mappers() -> dict[str, str]:
        found = scopes.all()["orders"].get("protocolMappers", [])
        return {item["name"]: item["config"]["included.custom.audience"] for item in found}

    before = [mapper("stays", "1"), mapper("changes", "1"), mapper("goes", "1")]
    world.declare(clientScopes=[scope(protocolMappers=before)])
    world.apply()
    ids = {item["name"]: item["id"] for item in scopes.all()["orders"]["protocolMappers"]}
    world.admin.post(scopes.at("orders", "protocol-mappers", "models"), json=mapper("theirs", "1"))

    after = [mapper("stays", "1"), mapper("changes", "2"), mapper("comes", "1")]
    world.declare(clientScopes=[scope(protocolMappers=after)])
    assert set(world.plan().fields("client-scopes/orders")) == {
        "protocolMappers.changes.config.included.custom.audience",
        "protocolMappers.comes.protocol",
        "protocolMappers.comes.protocolMapper",
        "protocolMappers.comes.config.included.custom.audience",
        "protocolMappers.goes",
    }
    world.apply()
    world.is_settled()
    assert mappers() == {"stays": "1", "changes": "2", "comes": "1", "theirs": "1"}
    now = {item["name"]: item["id"] for item in scopes.all()["orders"]["protocolMappers"]}
    assert (now["stays"], now["changes"]) == (ids["stays"], ids["changes"])

    models = scopes.at("orders", "protocol-mappers", "models")
    world.admin.delete(f"{models}/{now['stays']}")
    assert world.refresh("--detailed-exitcode", exit_code=2).drift == {
        "client-scopes/orders": "update"
    }
    world.declare(clientScopes=[scope(protocolMappers=before)])
    before_failure = scopes.all()["orders"]

    def as_before() -> None:
        now = scopes.all()["orders"]
        assert in_order(now) == in_order(before_failure)

    each_write_fails(world.try_apply, as_before)
    assert mappers() == {"stays": "1", "changes": "1", "goes": "1", "theirs": "1"}


def test_an_attribute_that_leaves_the_files_is_gone_and_not_empty(
    world: World, scopes: Scopes
) -> None:
    attributes = {"gui.order": "7", "consent.screen.text": "orders", "note": "mine"}
    world.declare(clientScopes=[scope(attributes=attributes)])
    world.apply()
    scopes.edit("orders", attributes={"theirs": "1"})
    assert scopes.all()["orders"]["attributes"] == {**attributes, "theirs": "1"}
    world.declare(clientScopes=[scope(attributes={"gui.order": "7"})])
    world.apply()
    world.is_settled()
    assert scopes.all()["orders"]["attributes"] == {"gui.order": "7", "theirs": "1"}


def test_an_empty_text_does_not_take_an_attribute_away(world: World, scopes: Scopes) -> None:
    world.declare(clientScopes=[scope(attributes={"note": "mine"})])
    world.apply()
    scopes.edit("orders", attributes={"note": ""})
    assert scopes.all()["orders"]["attributes"] == snapshot({"note": ""})
    scopes.edit("orders", attributes={"note": None})
    assert scopes.all()["orders"].get("attributes", {}) == snapshot({})


def test_a_put_keeps_all_but_what_it_names_and_needs_the_name(world: World, scopes: Scopes) -> None:
    fields = {"description": "one", "attributes": {"note": "mine"}}
    world.declare(clientScopes=[scope(**fields, protocolMappers=[mapper("m", "1")])])
    world.apply()
    before = scopes.all()["orders"]
    answer = world.admin.put(scopes.at("orders"), json={"description": "two"}, check=False)
    assert answer.status_code == snapshot(500)
    scopes.edit("orders", protocolMappers=[])
    assert scopes.all()["orders"] == before

    world.declare(clientScopes=[scope(description="two")])
    world.apply()
    assert scopes.all()["orders"]["description"] == "two"


def test_one_without_a_protocol_is_made_for_openid_connect(world: World, scopes: Scopes) -> None:
    answer = world.admin.post
    world.declare(clientScopes=[{"name": "plain"}])
    world.apply()
    world.is_settled()
    assert scopes.all()["plain"]["protocol"] == "openid-connect"
    refused = answer(world.path("client-scopes"), json={"name": "none"}, check=False)
    assert (refused.status_code, refused.json()) == snapshot(
        (400, {"errorMessage": "Unexpected protocol"})
    )


def test_one_may_be_of_saml(world: World, scopes: Scopes) -> None:
    role_list = {
        "name": "roles",
        "protocol": "saml",
        "protocolMapper": "saml-role-list-mapper",
        "config": {"single": "false", "attribute.name": "Role"},
    }
    saml = {"name": "staff", "protocol": "saml", "protocolMappers": [role_list]}
    client = {
        "clientId": "urn:sp",
        "protocol": "saml",
        "attributes": {"saml.client.signature": "false"},
        "defaultClientScopes": ["staff"],
    }
    world.declare(clientScopes=[saml], clients=[client])
    world.apply()
    world.is_settled()
    assert scopes.all()["staff"]["protocol"] == "saml"
    assert scopes.of_client("urn:sp")["defaultClientScopes"] == {"staff"}


@pytest.mark.parametrize("name", ["my orders", "orders\u00e9", 'or"ders'])
def test_a_name_that_keycloak_refuses_is_refused_in_its_words(world: World, name: str) -> None:
    world.declare(enabled=True)
    world.apply()
    world.declare(enabled=True, clientScopes=[scope(name)])
    result = world.apply(exit_code=3)
    assert "Unexpected name" in said(result.stderr)


def test_one_may_have_a_slash_in_its_name(world: World, scopes: Scopes) -> None:
    world.declare(
        clientScopes=[scope("a/b")], clients=[{"clientId": "c", "defaultClientScopes": ["a/b"]}]
    )
    world.apply()
    world.is_settled()
    assert scopes.of_client("c")["defaultClientScopes"] == {"a/b"}


def test_a_renamed_one_keeps_its_id_and_its_clients(world: World, scopes: Scopes) -> None:
    def declare(name: str) -> None:
        world.declare(
            defaultOptionalClientScopes=[name],
            clientScopes=[scope(name)],
            clients=[{"clientId": "c", "defaultClientScopes": [name]}, {"clientId": "d"}],
        )

    declare("orders")
    world.apply()
    before = scopes.id("orders")
    declare("purchases")
    world.settings(
        '[[moved]]\nfrom = "REALM/client-scopes/orders"\nto = "REALM/client-scopes/purchases"\n'
    )
    assert world.plan().actions == {"client-scopes/purchases": "move"}
    world.apply()
    world.is_settled()
    assert scopes.id("purchases") == before
    assert "orders" not in scopes.all()
    assert scopes.of_client("c")["defaultClientScopes"] == {"purchases"}
    assert scopes.in_realm()["defaultOptionalClientScopes"] == {"purchases"}


def test_a_renaming_is_taken_back(world: World, scopes: Scopes) -> None:
    world.declare(clientScopes=[scope("orders", description="old")])
    world.apply()
    before = scopes.all()["orders"]
    world.declare(
        clientScopes=[scope("purchases", description="new")],
        clients=[{"clientId": "c", "defaultClientScopes": ["purchases"]}],
    )
    world.settings(
        '[[moved]]\nfrom = "REALM/client-scopes/orders"\nto = "REALM/client-scopes/purchases"\n'
    )

    def as_before() -> None:
        assert scopes.all()["orders"] == before
        assert "purchases" not in scopes.all()

    each_write_fails(world.try_apply, as_before)
    assert scopes.id("purchases") == before["id"]


def test_one_for_saml_stays_so_when_something_else_changes(world: World) -> None:
    """With another protocol, Keycloak would take it out of all clients."""

    def declare(description: str) -> None:
        client = {"clientId": "sp", "protocol": "saml", "defaultClientScopes": ["eduperson"]}
        scopes = [{"name": "eduperson", "protocol": "saml", "description": description}]
        world.declare(clients=[client], clientScopes=scopes)

    declare("one")
    world.apply()
    declare("another")
    world.apply()
    world.is_settled()
    client = world.client("sp")
    assert client is not None
    assert client["defaultClientScopes"] == ["eduperson"]
