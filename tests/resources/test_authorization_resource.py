"""Authorization resources and scopes."""

import json

import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.plan import Operation, Step
from kcplan_keycloak.errors import ConflictError
from kcplan_keycloak.writer import KeycloakWriter
from support.authorization import (
    ODD,
    connect,
    declare,
    delete_and_restore,
    export,
    populate,
    server,
)
from support.harness import Server
from support.world import Json, World

IN = "clients/app/authorization"


@pytest.fixture
def world(world: World) -> World:
    populate(world)
    return world


def resource(world: World, name: str) -> Json:
    [found] = world.admin.json(server(world, "resource"), name=name, exactName="true")
    return dict(found)


def scope(world: World, name: str) -> Json:
    return dict(world.admin.json(server(world, "scope", "search"), name=name))


def problem(world: World, text: str) -> str:
    told = text[text.index("Error:") : text.index("Apply failed")]
    return " ".join(told.split()).replace(world.realm, "REALM")


def test_a_resource_of_a_user_is_declared_with_its_owner(world: World) -> None:
    declare(world, {"resources": [{"name": "album", "owner": {"name": "bob"}, "uris": ["/a"]}]})
    world.apply()
    world.is_settled()
    declare(world, {"resources": [{"name": "album", "owner": {"name": "bob"}, "uris": ["/b"]}]})
    world.apply()
    found = resource(world, "album")
    assert (found["owner"]["name"], found["uris"]) == ("bob", ["/b"])


def test_attributes_that_the_files_do_not_name_stay(world: World) -> None:
    declare(world, {"resources": [{"name": "doc", "attributes": {"mine": ["1"]}}]})
    world.apply()
    found = resource(world, "doc")
    world.admin.put(
        server(world, "resource", found["_id"]),
        json={**found, "attributes": {"mine": ["1"], "theirs": ["2"]}, "displayName": "Theirs"},
    )
    declare(world, {"resources": [{"name": "doc", "type": "t"}]})
    world.apply()
    found = resource(world, "doc")
    assert (found["attributes"], found["displayName"], found["type"]) == (
        {"theirs": ["2"]},
        "Theirs",
        "t",
    )


def test_a_scope_that_somebody_gives_to_a_resource_is_drift_and_goes(world: World) -> None:
    declare(
        world,
        {
            "scopes": [{"name": "view"}, {"name": ODD}],
            "resources": [{"name": "doc", "scopes": [{"name": "view"}]}],
        },
    )
    world.apply()
    found = resource(world, "doc")
    world.admin.put(
        server(world, "resource", found["_id"]), json={**found, "scopes": [{"name": ODD}]}
    )
    assert world.refresh().drift == {f"{IN}/resources/doc": "update"}
    assert sorted(world.plan().fields(f"{IN}/resources/doc")) == snapshot(
        ["scopes.a/b %é 5%2F", "scopes.view.name"]
    )
    world.apply()
    assert [item["name"] for item in resource(world, "doc")["scopes"]] == ["view"]


def test_a_scope_that_nobody_declares_is_not_created_silently(world: World) -> None:
    declare(world, {"resources": [{"name": "doc", "scopes": [{"name": "nope"}]}]})
    [found] = world.plan(exit_code=1).document["diagnostics"]
    assert (found["code"], found["path"]) == ("unknown-reference", ["scopes", "nope", "name"])


def test_a_foreign_permission_is_not_deleted_along_with_its_resource(world: World) -> None:
    declare(world, {"resources": [{"name": "doc"}]})
    world.apply()
    only = json.dumps([resource(world, "doc")["_id"]])
    world.admin.post(
        server(world, "policy"),
        json={"name": "theirs", "type": "resource", "config": {"resources": only}},
    )
    declare(world, {})
    assert problem(world, world.apply(exit_code=3).stderr) == snapshot(
        "Error: REALM/clients/app/authorization/resources/doc is the only resource of the permission 'theirs' REALM/clients/app/authorization/resources/doc failed. Keycloak would delete the permission along with it, which is not planned. Give 'theirs' another resource, or delete it first. Nothing was changed."
    )
    assert resource(world, "doc")["name"] == "doc"


def test_a_foreign_permission_is_not_deleted_along_with_its_scope(world: World) -> None:
    declare(world, {"scopes": [{"name": "view"}]})
    world.apply()
    only = json.dumps([scope(world, "view")["id"]])
    world.admin.post(
        server(world, "policy"),
        json={"name": "theirs", "type": "scope", "config": {"scopes": only}},
    )
    declare(world, {})
    assert problem(world, world.apply(exit_code=3).stderr) == snapshot(
        "Error: REALM/clients/app/authorization/scopes/view is the only scope of the permission 'theirs' REALM/clients/app/authorization/scopes/view failed. Keycloak would delete the permission along with it, which is not planned. Give 'theirs' another scope, or delete it first. Nothing was changed."
    )


def test_the_deletion_of_a_resource_is_undone_completely(world: World, keycloak: Server) -> None:
    declare(world)
    world.apply()
    before, found = export(world), resource(world, ODD)
    with connect(keycloak.environment) as api:
        delete_and_restore(
            KeycloakWriter(api),
            Address.of(world.realm, "clients", "app", "authorization", "resources", ODD),
            "authorization-resource",
            found["_id"],
        )
    assert export(world) == before
    assert resource(world, ODD) == found


def test_the_deletion_of_a_scope_is_undone_completely(world: World, keycloak: Server) -> None:
    declare(
        world,
        {
            "scopes": [{"name": ODD, "displayName": "Odd"}, {"name": "view"}],
            "policies": [{"name": "p", "type": "scope", "config": {"scopes": [ODD, "view"]}}],
        },
    )
    world.apply()
    before, found = export(world), scope(world, ODD)
    with connect(keycloak.environment) as api:
        delete_and_restore(
            KeycloakWriter(api),
            Address.of(world.realm, "clients", "app", "authorization", "scopes", ODD),
            "authorization-scope",
            found["id"],
        )
    assert export(world) == before
    assert scope(world, ODD) == found


def test_a_scope_that_was_created_in_the_meantime_is_not_taken_over(
    world: World, keycloak: Server
) -> None:
    """Without an id, Keycloak would answer 201 and give the scope that is there."""
    declare(world, {"scopes": [{"name": "view"}]})
    world.apply()
    step = Step(
        id="create",
        operation=Operation.CREATE,
        address=Address.of(world.realm, "clients", "app", "authorization", "scopes", "view"),
        type="authorization-scope",
        object_id="11111111-2222-3333-4444-555555555555",
        after={("displayName",): "Mine"},
    )
    with connect(keycloak.environment) as api, pytest.raises(ConflictError):
        KeycloakWriter(api).perform(step)
    assert "displayName" not in scope(world, "view")


def test_renamed_scopes_and_resources_keep_their_ids(world: World) -> None:
    declare(
        world,
        {
            "scopes": [{"name": "view"}],
            "resources": [{"name": "doc", "scopes": [{"name": "view"}]}],
        },
    )
    world.apply()
    before = (scope(world, "view")["id"], resource(world, "doc")["_id"])
    world.settings(
        f'[[moved]]\nfrom = "REALM/{IN}/scopes/view"\nto = "REALM/{IN}/scopes/look"\n'
        f'[[moved]]\nfrom = "REALM/{IN}/resources/doc"\nto = "REALM/{IN}/resources/paper"\n'
    )
    declare(
        world,
        {
            "scopes": [{"name": "look"}],
            "resources": [{"name": "paper", "scopes": [{"name": "look"}]}],
        },
    )
    world.apply()
    assert (scope(world, "look")["id"], resource(world, "paper")["_id"]) == before
    assert [item["name"] for item in resource(world, "paper")["scopes"]] == ["look"]
