"""Names with ids of identity providers in them cost one list, however many there are."""

from kcplan.address import Address
from kcplan_keycloak.legacy_names import known_to_server, to_file
from kcplan_keycloak.names import Names
from support.authorization import connect
from support.harness import Server
from support.world import World

LIST = ("GET", "realms/{}/identity-provider/instances")


def test_names_of_identity_providers_are_looked_up_in_one_list(
    world: World, keycloak: Server
) -> None:
    realm, aliases = world.realm, [f"company {number}" for number in range(3)]
    provider = {"providerId": "oidc", "config": {"clientId": "us"}}
    world.admin.post(
        "", json={"realm": realm, "identityProviders": [{"alias": a, **provider} for a in aliases]}
    )
    at = Address.of(realm, "clients", "realm-management", "authorization", "resources", "x")
    with connect(keycloak.environment) as api:
        names = Names(api)
        files = [f"idp.resource.${alias}" for alias in aliases]
        server = [known_to_server(names, at, name) for name in files]
        assert None not in server
        assert [to_file(names, at, str(name)) for name in server] == files
        assert api.requests[LIST] == 1
        # One that was made meanwhile is found, and one that went is not.
        world.admin.post(
            world.path("identity-provider", "instances"), json={"alias": "late", **provider}
        )
        assert known_to_server(names, at, "idp.resource.$late") is not None
        assert api.requests[LIST] == 2
        world.admin.delete(world.path("identity-provider", "instances", "late"))
        names.forget(Address.of(realm, "identity-providers", "late"))
        assert known_to_server(names, at, "idp.resource.$late") is None
