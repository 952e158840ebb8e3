"""Who may administer what on a server with v1 of such permissions: names in the place of ids."""

import json
from typing import Any

from inline_snapshot import snapshot

from support.faults import FaultyTransport, status
from support.sabotage import Saboteur, sent_through
from support.world import Json, World
from token_exchange.test_exchange_legacy import old_world, run_legacy

__all__ = ["old_world", "run_legacy"]

CLIENT = "realm-management"


def scoped(name: str, resource: str, scope: str, **more: Any) -> Json:
    lists = {"resources": [resource], "scopes": [scope], "applyPolicies": ["desk"]}
    config = {key: json.dumps(value) for key, value in lists.items()}
    return {"name": name, "type": "scope", "config": config, **more}


SETTINGS: Json = {
    "resources": [
        {"name": "client.resource.$app", "type": "Client", "scopes": [{"name": "manage"}]},
        {"name": "role.resource.$app/clerk", "type": "Role", "scopes": [{"name": "map-role"}]},
        {"name": "group.resource.$/a/b", "type": "Group", "scopes": [{"name": "view"}]},
        {"name": "idp.resource.$company", "type": "IDP", "scopes": [{"name": "token-exchange"}]},
        {"name": "Users", "scopes": [{"name": "manage"}]},
    ],
    "scopes": [{"name": n} for n in ("manage", "map-role", "token-exchange", "view")],
    "policies": [
        {"name": "desk", "type": "client", "config": {"clients": '["tool"]'}},
        scoped("manage.permission.client.$app", "client.resource.$app", "manage"),
        scoped("map-role.permission.$app/clerk", "role.resource.$app/clerk", "map-role"),
        scoped("view.permission.group.$/a/b", "group.resource.$/a/b", "view"),
        scoped("token-exchange.permission.idp.$company", "idp.resource.$company", "token-exchange"),
        scoped("manage.permission.users", "Users", "manage"),
    ],
}


def declare(world: World, settings: Json, *clients: str) -> None:
    management = {"clientId": CLIENT, "authorizationServicesEnabled": True}
    world.declare(
        enabled=True,
        clients=[
            {**management, "authorizationSettings": settings},
            *({"clientId": name} for name in ("app", "tool", *clients)),
        ],
        roles={"client": {"app": [{"name": "clerk"}]}},
        groups=[{"name": "a", "subGroups": [{"name": "b"}]}],
        identityProviders=[
            {
                "alias": "company",
                "providerId": "oidc",
                "config": {
                    "clientId": "us",
                    "clientSecret": "secret",
                    "authorizationUrl": "https://login.example/auth",
                    "tokenUrl": "https://login.example/token",
                },
            }
        ],
    )


def there(world: World) -> Json:
    """The permissions of the server, by name, with what they are for."""
    at = world.in_client(CLIENT, "authz", "resource-server", "policy")
    found = world.admin.json(at, permission="true", max=100)
    return {
        item["name"]: [r["name"] for r in world.admin.json(f"{at}/{item['id']}/resources")]
        for item in found
    }


def test_names_are_ids_on_the_server_and_names_in_files(old_world: World) -> None:
    world = old_world
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    world.admin.put(world.path("users-management-permissions"), json={"enabled": True})
    declare(world, SETTINGS)
    world.apply()
    world.is_settled()
    # Keycloak itself finds what was made; what lacks it makes when it is asked.
    provider = world.path("identity-provider", "instances", "company")
    for at, scope in ((world.in_client("app"), "manage"), (provider, "token-exchange")):
        found = world.admin.json(f"{at}/management/permissions")
        permission = world.in_client(CLIENT, "authz", "resource-server", "policy")
        permission += f"/{found['scopePermissions'][scope]}"
        asked = world.admin.json(f"{permission}/associatedPolicies")
        assert (found["enabled"], [item["name"] for item in asked]) == (True, ["desk"])
    found = (item["address"] for item in world.refresh("--unmanaged").document["unmanaged"])
    named = [address.partition("/authorization/")[2] for address in found if "$" in address]
    assert named == snapshot(
        [
            "permissions/configure.permission.client.$app",
            "permissions/map-roles-client-scope.permission.client.$app",
            "permissions/map-roles-composite.permission.client.$app",
            "permissions/map-roles.permission.client.$app",
            "permissions/token-exchange.permission.client.$app",
            "permissions/view.permission.client.$app",
        ]
    )

    policies = SETTINGS["policies"]
    fewer = {**SETTINGS, "policies": policies[:3], "resources": SETTINGS["resources"][:2]}
    declare(world, fewer)
    assert world.plan().actions == snapshot(
        {
            "clients/realm-management/authorization/resources/Users": "release",
            "clients/realm-management/authorization/resources/group.resource.$%2Fa%2Fb": "delete",
            "clients/realm-management/authorization/resources/idp.resource.$company": "delete",
            "clients/realm-management/authorization/permissions/manage.permission.users": "release",
            "clients/realm-management/authorization/permissions/token-exchange.permission.idp.$company": "delete",
            "clients/realm-management/authorization/permissions/view.permission.group.$%2Fa%2Fb": "delete",
        }
    )
    before = there(world)
    with sent_through(Saboteur({3: status(500)})):
        assert world.try_apply().exit_code == 3
    assert there(world) == before
    world.apply()
    world.is_settled()


def everything(world: World) -> Json:
    """What the authorization services of the management client hold."""
    kinds = ("scope", "resource", "policy")
    at = world.in_client(CLIENT, "authz", "resource-server")
    return {kind: len(world.admin.json(f"{at}/{kind}", max=100)) for kind in kinds}


def test_the_services_are_switched_on_where_they_are_off(old_world: World) -> None:
    """Nobody can do so at the client itself, which Keycloak keeps for itself."""
    world = old_world
    nothing = {"scope": 0, "resource": 0, "policy": 0}
    all_of_it = {"scope": 4, "resource": 5, "policy": 6}
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    declare(world, SETTINGS)
    assert "bygone-object" not in world.plan().codes
    with sent_through(saboteur := Saboteur({20: status(500)})):
        assert world.try_apply().exit_code == 3
    assert (len(saboteur.writes) > 20, everything(world)) == (True, nothing)
    world.apply()
    world.is_settled()
    assert everything(world) == all_of_it
    # In a new realm as well; and where the apply was cut off in between.
    for cut_off in (False, True):
        world.admin.delete(world.realm)
        world.state_file.unlink()
        if cut_off:
            world.admin.post("", json={"realm": world.realm, "enabled": True})
            at = "users-management-permissions"
            with sent_through(transport := FaultyTransport()):
                transport.fail(status(500), method="PUT", path=at, skip=1, times=9)
                assert world.try_apply().exit_code == 3
            assert everything(world)["resource"] == 1
        world.apply()
        world.is_settled()
        assert everything(world)["resource"] == 5


def test_what_is_named_after_an_object_is_renamed_with_it(old_world: World) -> None:
    """Its name has the id on the server, so nothing is lost there; also where all is undone."""
    world = old_world
    declare(world, SETTINGS)
    world.apply()
    before = there(world)
    text = world.file.read_text().replace("$app", "$portal").replace('"app"', '"portal"')
    world.file.write_text(text)
    world.settings('[[moved]]\nfrom = "REALM/clients/app"\nto = "REALM/clients/portal"\n')
    plan = world.plan()
    assert plan.actions == snapshot(
        {
            "clients/portal": "move",
            "clients/realm-management/authorization/resources/client.resource.$portal": "move",
            "clients/realm-management/authorization/resources/role.resource.$portal%2Fclerk": "move",
            "clients/realm-management/authorization/permissions/manage.permission.client.$portal": "move",
            "clients/realm-management/authorization/permissions/map-role.permission.$portal%2Fclerk": "move",
        }
    )
    with sent_through(transport := FaultyTransport()):
        transport.fail(status(400), method="PUT", path="/resource-server/policy/", skip=1)
        assert world.try_apply().exit_code == 3
    assert there(world) == before
    world.apply()
    world.is_settled()
    assert there(world) == before
