"""What one more service, group or client scope costs, in a realm that has all of them."""

from collections import Counter
from collections.abc import Callable

from inline_snapshot import snapshot

from support.world import Json, World

Count = Callable[[Callable[[], object]], Counter[str]]

MAPPER = {
    "name": "audience",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-audience-mapper",
    "config": {"included.custom.audience": "everyone", "access.token.claim": "true"},
}


def service(number: int) -> str:
    return f"service-{number:02}"


def account(number: int) -> Json:
    return {
        "serviceAccountClientId": service(number),
        "enabled": True,
        "attributes": {"team": ["payments"]},
        "realmRoles": ["role"],
        "clientRoles": {service(0): ["reader"]},
    }


def tree(number: int) -> Json:
    """A group with one in it, and one in that."""

    def group(name: str, *inner: Json) -> Json:
        return {
            "name": name,
            "attributes": {"cost.center": ["1"]},
            "realmRoles": ["role"],
            "clientRoles": {service(0): ["reader"]},
            "subGroups": [*inner],
        }

    return group(f"group-{number}", group("unit", group("team")))


def scope(number: int) -> str:
    return f"scope-{number:02}"


def realm(services: int, trees: int, scopes: int) -> Json:
    """So many services with accounts, trees of three groups, and client scopes with mappers."""
    return {
        "enabled": True,
        "clients": [
            {
                "clientId": service(number),
                "serviceAccountsEnabled": True,
                "protocolMappers": [MAPPER],
                "optionalClientScopes": [scope(0)],
            }
            for number in range(services)
        ],
        "clientScopes": [
            {"name": scope(number), "protocol": "openid-connect", "protocolMappers": [MAPPER]}
            for number in range(scopes)
        ],
        "scopeMappings": [{"clientScope": scope(n), "roles": ["role"]} for n in range(scopes)],
        "roles": {
            "realm": [{"name": "role"}],
            "client": {service(number): [{"name": "reader"}] for number in range(services)},
        },
        "groups": [tree(number) for number in range(trees)],
        "users": [account(number) for number in range(services)],
    }


def test_each_more_of_a_kind_takes_a_request_or_two(world: World, requests_of: Count) -> None:
    def costs(services: int, trees: int, scopes: int) -> dict[str, Counter[str]]:
        world.declare(**realm(services, trees, scopes))
        world.apply()
        files = ("--state", f"{services}.json", "--out", f"{services}.toml")
        return {
            "plan": requests_of(world.plan),
            "refresh": requests_of(world.refresh),
            "import": requests_of(lambda: world.kcplan("import", world.realm, *files)),
        }

    few = costs(services=22, trees=1, scopes=1)
    more = costs(services=22 + 5, trees=1 + 2, scopes=1 + 3)
    growth = {what: dict(sorted((more[what] - few[what]).items())) for what in few}
    assert growth == snapshot(
        {
            "plan": {
                "GET realms/{}/client-scopes/{}/scope-mappings": 3,
                "GET realms/{}/clients/{}/roles": 5,
                "GET realms/{}/groups/{}": 6,
                "GET realms/{}/users/{}/role-mappings": 5,
            },
            "refresh": {
                "GET realms/{}/client-scopes/{}/scope-mappings": 3,
                "GET realms/{}/clients/{}/roles": 5,
                "GET realms/{}/groups/{}": 6,
                "GET realms/{}/users/{}/groups": 5,
                "GET realms/{}/users/{}/role-mappings": 5,
            },
            "import": {
                "GET realms/{}/client-scopes/{}/scope-mappings": 3,
                "GET realms/{}/clients/{}/roles": 5,
                "GET realms/{}/clients/{}/scope-mappings": 5,
                "GET realms/{}/groups/{}/children": 4,
                "GET realms/{}/users/{}/groups": 5,
                "GET realms/{}/users/{}/role-mappings": 5,
            },
        }
    )
