"""Authorization settings, and what is true of all kinds of authorization objects."""

import pytest
from inline_snapshot import snapshot

from support.authorization import (
    EVERY_KIND,
    ODD,
    SETTINGS,
    among_all_realms,
    changed,
    declare,
    export,
    policy,
    populate,
    server,
    viewer,
    without,
)
from support.world import World

IN = "clients/app/authorization"


@pytest.fixture
def world(world: World) -> World:
    populate(world)
    return world


@among_all_realms
def test_every_kind_of_object_is_created_as_declared(world: World) -> None:
    declare(world, EVERY_KIND)
    world.apply()
    world.is_settled()
    found = export(world)
    assert {
        key: found[key] for key in SETTINGS if key not in {"policies", "resources"}
    } == snapshot(
        {
            "allowRemoteResourceManagement": False,
            "policyEnforcementMode": "PERMISSIVE",
            "decisionStrategy": "AFFIRMATIVE",
            "scopes": [
                {"name": "view", "iconUri": "https://example.org/v.png", "displayName": "View"},
                {"name": "a/b %é 5%2F"},
            ],
        }
    )
    assert found["resources"] == snapshot(
        [
            {
                "name": "documents",
                "type": "urn:app:document",
                "ownerManagedAccess": True,
                "displayName": "Documents",
                "attributes": {"level": ["1", "2"]},
                "uris": ["/d", "/documents/*"],
                "scopes": [{"name": "a/b %é 5%2F"}, {"name": "view"}],
                "icon_uri": "https://example.org/d.png",
            },
            {
                "name": "a/b %é 5%2F",
                "ownerManagedAccess": False,
                "attributes": {},
                "uris": [],
                "scopes": [{"name": "view"}],
            },
        ]
    )
    assert found["policies"] == snapshot(
        [
            {
                "name": "see documents",
                "type": "scope",
                "logic": "POSITIVE",
                "decisionStrategy": "CONSENSUS",
                "config": {
                    "resources": ["documents"],
                    "scopes": ["a/b %é 5%2F", "view"],
                    "applyPolicies": ["a/b %é 5%2F", "hours"],
                },
            },
            {
                "name": "some",
                "type": "resource",
                "logic": "POSITIVE",
                "decisionStrategy": "UNANIMOUS",
                "config": {
                    "resources": ["a/b %é 5%2F", "documents"],
                    "applyPolicies": ["any document", "mail"],
                },
            },
            {
                "name": "a/b %é 5%2F",
                "type": "aggregate",
                "logic": "POSITIVE",
                "decisionStrategy": "UNANIMOUS",
                "config": {"applyPolicies": ["clients", "roles"]},
            },
            {
                "name": "any document",
                "type": "resource",
                "logic": "POSITIVE",
                "decisionStrategy": "UNANIMOUS",
                "config": {"defaultResourceType": "urn:app:document", "applyPolicies": ["users"]},
            },
            {
                "name": "scoped",
                "type": "client-scope",
                "logic": "POSITIVE",
                "decisionStrategy": "UNANIMOUS",
                "config": {"clientScopes": [{"id": "email", "required": True}]},
            },
            {
                "name": "clients",
                "type": "client",
                "logic": "POSITIVE",
                "decisionStrategy": "UNANIMOUS",
                "config": {"clients": ["app", "other"]},
            },
            {
                "name": "roles",
                "description": "Readers.",
                "type": "role",
                "logic": "NEGATIVE",
                "decisionStrategy": "AFFIRMATIVE",
                "config": {
                    "fetchRoles": "true",
                    "roles": [
                        {"id": "app/part", "required": False},
                        {"id": "reader", "required": True},
                        {"id": "x/y", "required": False},
                    ],
                },
            },
            {
                "name": "grouped",
                "type": "group",
                "logic": "POSITIVE",
                "decisionStrategy": "UNANIMOUS",
                "config": {
                    "groups": [{"path": "/staff/it", "extendChildren": True}],
                    "groupsClaim": "groups",
                },
            },
            {
                "name": "hours",
                "type": "time",
                "logic": "POSITIVE",
                "decisionStrategy": "UNANIMOUS",
                "config": {"hourEnd": "17", "hour": "8"},
            },
            {
                "name": "mail",
                "type": "regex",
                "logic": "POSITIVE",
                "decisionStrategy": "UNANIMOUS",
                "config": {
                    "targetContextAttributes": "false",
                    "pattern": ".*@example.org",
                    "targetClaim": "email",
                },
            },
            {
                "name": "users",
                "type": "user",
                "logic": "POSITIVE",
                "decisionStrategy": "UNANIMOUS",
                "config": {"users": ["bob", "service-account-app"]},
            },
        ]
    )


def test_an_account_that_may_only_view_sees_the_same(world: World) -> None:
    declare(world)
    world.apply()
    env = viewer(world)
    assert world.plan(env=env).actions == {}
    assert world.refresh(env=env).drift == {}
    # It could not, from the export, which needs more than to view.
    assert policy(world, "roles")["type"] == "role"


@among_all_realms
def test_every_field_can_be_changed(world: World) -> None:
    declare(world, EVERY_KIND)
    world.apply()
    new = {
        **EVERY_KIND,
        "allowRemoteResourceManagement": True,
        "policyEnforcementMode": "DISABLED",
        "decisionStrategy": "UNANIMOUS",
    }
    new = changed(new, "scopes", "view", displayName="Look", iconUri="https://example.org/l.png")
    new = changed(
        new,
        "resources",
        "documents",
        type="urn:app:paper",
        displayName="Papers",
        icon_uri="https://example.org/p.png",
        uris=["/papers"],
        ownerManagedAccess=False,
        attributes={"level": ["3"], "more": ["x"]},
        scopes=[{"name": "view"}],
    )
    configs = {
        "roles": {"fetchRoles": "false", "roles": [{"id": "app/part", "required": True}]},
        "clients": {"clients": ["other"]},
        "users": {"users": []},
        "hours": {"hour": "9", "minute": "5", "minuteEnd": "10"},
        "mail": {"targetClaim": "sub", "pattern": "x", "targetContextAttributes": "true"},
        "scoped": {"clientScopes": [{"id": "profile"}]},
        "grouped": {"groupsClaim": "g", "groups": [{"path": "/staff", "extendChildren": False}]},
        ODD: {"applyPolicies": ["hours"]},
        "see documents": {"resources": [ODD], "scopes": ["view"], "applyPolicies": ["mail"]},
        "any document": {"defaultResourceType": "urn:app:paper", "applyPolicies": []},
        "some": {"resources": ["documents"], "applyPolicies": []},
    }
    for name, config in configs.items():
        new = changed(
            new, "policies", name, config=config, logic="POSITIVE", decisionStrategy="UNANIMOUS"
        )
    declare(world, new)
    world.apply()
    world.is_settled()
    assert export(world) == snapshot(
        {
            "allowRemoteResourceManagement": True,
            "policyEnforcementMode": "DISABLED",
            "resources": [
                {
                    "name": "documents",
                    "type": "urn:app:paper",
                    "ownerManagedAccess": False,
                    "displayName": "Papers",
                    "attributes": {"level": ["3"], "more": ["x"]},
                    "uris": ["/papers"],
                    "scopes": [{"name": "view"}],
                    "icon_uri": "https://example.org/p.png",
                },
                {
                    "name": "a/b %é 5%2F",
                    "ownerManagedAccess": False,
                    "attributes": {},
                    "uris": [],
                    "scopes": [{"name": "view"}],
                },
            ],
            "policies": [
                {
                    "name": "a/b %é 5%2F",
                    "type": "aggregate",
                    "logic": "POSITIVE",
                    "decisionStrategy": "UNANIMOUS",
                    "config": {"applyPolicies": ["hours"]},
                },
                {
                    "name": "see documents",
                    "type": "scope",
                    "logic": "POSITIVE",
                    "decisionStrategy": "UNANIMOUS",
                    "config": {
                        "resources": ["a/b %é 5%2F"],
                        "scopes": ["view"],
                        "applyPolicies": ["mail"],
                    },
                },
                {
                    "name": "any document",
                    "type": "resource",
                    "logic": "POSITIVE",
                    "decisionStrategy": "UNANIMOUS",
                    "config": {"defaultResourceType": "urn:app:paper", "applyPolicies": []},
                },
                {
                    "name": "some",
                    "type": "resource",
                    "logic": "POSITIVE",
                    "decisionStrategy": "UNANIMOUS",
                    "config": {"applyPolicies": [], "resources": ["documents"]},
                },
                {
                    "name": "scoped",
                    "type": "client-scope",
                    "logic": "POSITIVE",
                    "decisionStrategy": "UNANIMOUS",
                    "config": {"clientScopes": [{"id": "profile", "required": False}]},
                },
                {
                    "name": "clients",
                    "type": "client",
                    "logic": "POSITIVE",
                    "decisionStrategy": "UNANIMOUS",
                    "config": {"clients": ["other"]},
                },
                {
                    "name": "roles",
                    "description": "Readers.",
                    "type": "role",
                    "logic": "POSITIVE",
                    "decisionStrategy": "UNANIMOUS",
                    "config": {
                        "fetchRoles": "false",
                        "roles": [{"id": "app/part", "required": True}],
                    },
                },
                {
                    "name": "grouped",
                    "type": "group",
                    "logic": "POSITIVE",
                    "decisionStrategy": "UNANIMOUS",
                    "config": {
                        "groups": [{"path": "/staff", "extendChildren": False}],
                        "groupsClaim": "g",
                    },
                },
                {
                    "name": "hours",
                    "type": "time",
                    "logic": "POSITIVE",
                    "decisionStrategy": "UNANIMOUS",
                    "config": {"minuteEnd": "10", "hour": "9", "minute": "5"},
                },
                {
                    "name": "mail",
                    "type": "regex",
                    "logic": "POSITIVE",
                    "decisionStrategy": "UNANIMOUS",
                    "config": {
                        "targetContextAttributes": "true",
                        "pattern": "x",
                        "targetClaim": "sub",
                    },
                },
                {
                    "name": "users",
                    "type": "user",
                    "logic": "POSITIVE",
                    "decisionStrategy": "UNANIMOUS",
                    "config": {"users": []},
                },
            ],
            "scopes": [
                {"name": "view", "iconUri": "https://example.org/l.png", "displayName": "Look"},
                {"name": "a/b %é 5%2F"},
            ],
            "decisionStrategy": "UNANIMOUS",
        }
    )


def test_objects_that_leave_the_files_are_deleted_and_no_others(world: World) -> None:
    declare(world)
    world.apply()
    rest = without(SETTINGS, "policies", "some", "see documents", ODD)
    rest = without(rest, "resources", ODD)
    declare(world, rest)
    world.apply("--allow-mass-delete")
    world.is_settled()
    found = export(world)
    assert [item["name"] for item in found["policies"]] == snapshot(
        ["any document", "clients", "roles", "grouped", "hours", "mail", "users"]
    )
    assert [item["name"] for item in found["resources"]] == snapshot(["documents"])


@among_all_realms
def test_an_exported_client_is_taken_as_it_is(world: World) -> None:
    declare(world, EVERY_KIND)
    world.apply()
    exported = world.admin.json(server(world, "settings"))
    # As a realm export has it: with ids, and a role's slash as it is.
    for item in exported["resources"]:
        item["_id"] = "5f1c0a5e-0000-0000-0000-000000000000"
    roles = next(item for item in exported["policies"] if item["name"] == "roles")
    roles["config"]["roles"] = roles["config"]["roles"].replace("x/y", "x%2Fy")
    declare(world, exported)
    assert world.plan().actions == {}
