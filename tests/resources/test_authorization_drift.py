"""What the files do not say of authorization objects, and what others do to them."""

import pytest
from inline_snapshot import snapshot

from support.authorization import (
    EVERY_KIND,
    ODD,
    SETTINGS,
    among_all_realms,
    changed,
    declare,
    policy,
    populate,
    server,
)
from support.world import World

IN = "clients/app/authorization"


@pytest.fixture
def world(world: World) -> World:
    populate(world)
    return world


def test_what_the_files_do_not_mention_stays(world: World) -> None:
    declare(world)
    world.apply()
    roles = policy(world, "roles")
    hours = policy(world, "hours")
    config = {**hours["config"], "minute": "5"}
    world.admin.put(
        server(world, "policy", hours["id"]),
        json={**hours, "description": "Mine.", "config": config},
    )
    new = changed(SETTINGS, "policies", "hours", config={"hour": "7", "hourEnd": "17"})
    declare(world, new)
    world.apply()
    found = policy(world, "hours")
    assert (found["description"], found["config"]) == (
        "Mine.",
        {"hour": "7", "hourEnd": "17", "minute": "5"},
    )
    assert policy(world, "roles") == roles


def test_a_role_that_somebody_adds_to_a_policy_is_drift_and_goes(world: World) -> None:
    declare(world)
    world.apply()
    found = policy(world, "clients")
    account = world.admin.client_id(world.realm, "account")
    world.admin.put(
        server(world, "policy", found["id"]),
        json={**found, "config": {"clients": f'["{account}"]'}},
    )
    found = policy(world, "roles")
    offline = world.role("offline_access")
    assert offline is not None
    world.admin.put(
        server(world, "policy", found["id"]),
        json={**found, "config": {"roles": f'[{{"id": "{offline["id"]}", "required": true}}]'}},
    )
    assert world.refresh("--detailed-exitcode", exit_code=2).drift == {
        f"{IN}/policies/clients": "update",
        f"{IN}/policies/roles": "update",
    }
    fields = world.plan().fields(f"{IN}/policies/roles")
    assert fields["config.roles.offline_access"] == snapshot(
        ({"id": "offline_access", "required": True}, None, "drift")
    )
    world.apply()
    world.is_settled()


def test_refresh_finds_what_appeared_in_a_managed_client(world: World) -> None:
    declare(world)
    world.apply()
    world.admin.post(server(world, "scope"), json={"name": "new"})
    world.admin.post(server(world, "resource"), json={"name": "new"})
    world.admin.post(
        server(world, "policy"), json={"name": "new", "type": "time", "config": {"hour": "1"}}
    )
    world.admin.post(server(world, "policy"), json={"name": "newer", "type": "scope", "config": {}})
    assert sorted(
        item["address"].removeprefix(f"{world.realm}/")
        for item in world.refresh().document["unmanaged"]
        if item["action"] == "create"
    ) == [
        f"{IN}/permissions/newer",
        f"{IN}/policies/new",
        f"{IN}/resources/new",
        f"{IN}/scopes/new",
    ]


def test_settings_that_are_not_declared_stay(world: World) -> None:
    declare(world, {"policyEnforcementMode": "DISABLED"})
    world.apply()
    world.admin.put(
        server(world),
        json={
            "policyEnforcementMode": "DISABLED",
            "decisionStrategy": "AFFIRMATIVE",
            "allowRemoteResourceManagement": False,
        },
    )
    declare(world, {"policyEnforcementMode": "PERMISSIVE"})
    world.apply()
    found = world.admin.json(server(world))
    assert (found["policyEnforcementMode"], found["decisionStrategy"]) == (
        "PERMISSIVE",
        "AFFIRMATIVE",
    )
    assert found["allowRemoteResourceManagement"] is False


def test_settings_need_authorization_services(world: World) -> None:
    declare(world, {"policyEnforcementMode": "DISABLED"}, authorizationServicesEnabled=False)
    assert "authorization-disabled" in world.plan(exit_code=1).codes


def test_a_scope_lost_by_a_resource_is_not_lost_by_its_permissions(world: World) -> None:
    """Keycloak takes it from them too, and a permission without scopes is one for all of them."""
    settings = {
        "scopes": [{"name": "view"}, {"name": "edit"}],
        "resources": [{"name": "doc", "scopes": [{"name": "view"}, {"name": "edit"}]}],
        "policies": [
            {"name": "hours", "type": "time", "config": {"hour": "8"}},
            {
                "name": "edit doc",
                "type": "scope",
                "config": {"resources": ["doc"], "scopes": ["edit"], "applyPolicies": ["hours"]},
            },
        ],
    }
    declare(world, settings)
    world.apply()
    declare(world, changed(settings, "resources", "doc", scopes=[{"name": "view"}]))
    world.apply()
    world.is_settled()


@among_all_realms
def test_a_filter_for_a_type_finds_types_that_begin_alike(world: World) -> None:
    declare(world, EVERY_KIND)
    world.apply()
    found = world.admin.json(server(world, "policy"), type="client")
    assert {item["type"] for item in found} == {"client", "client-scope"}


def test_the_logic_of_dependents_is_not_told(world: World) -> None:
    declare(world)
    world.apply()
    odd = policy(world, ODD)["id"]
    found = world.admin.json(server(world, "policy", odd, "associatedPolicies"))
    assert {item["name"]: item["logic"] for item in found} == {
        "clients": "POSITIVE",
        "roles": "POSITIVE",
    }
    assert policy(world, "roles")["logic"] == "NEGATIVE"


def test_what_has_no_policies_denies_and_its_opposite_grants(world: World) -> None:
    declare(
        world,
        {
            "resources": [{"name": name} for name in ("bare", "aggregate", "opposite")],
            "policies": [
                {"name": "none", "type": "aggregate", "config": {}},
                {"name": "not none", "type": "aggregate", "logic": "NEGATIVE", "config": {}},
                {"name": "1", "type": "resource", "config": {"resources": ["bare"]}},
                {
                    "name": "2",
                    "type": "resource",
                    "config": {"resources": ["aggregate"], "applyPolicies": ["none"]},
                },
                {
                    "name": "3",
                    "type": "resource",
                    "config": {"resources": ["opposite"], "applyPolicies": ["not none"]},
                },
            ],
        },
    )
    world.apply()
    [bob] = world.admin.json(world.path("users"), username="bob", exact="true")
    answer = world.admin.post(
        server(world, "policy", "evaluate"),
        json={
            "userId": bob["id"],
            "clientId": world.admin.client_id(world.realm, "app"),
            "resources": world.admin.json(server(world, "resource")),
            "entitlements": False,
            "context": {"attributes": {}},
        },
    ).json()
    granted = {item["resource"]["name"] for item in answer["results"] if item["status"] == "PERMIT"}
    assert granted == {"opposite"}
