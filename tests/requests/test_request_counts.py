"""How many requests the commands need: in proportion to what is managed, never to what is there."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from inline_snapshot import snapshot

from support.world import World

Count = Callable[[Callable[[], object]], Counter[str]]

SIZE = 60
AUDIENCE = {
    "name": "audience",
    "protocol": "openid-connect",
    "protocolMapper": "oidc-audience-mapper",
    "config": {"included.custom.audience": "everyone", "access.token.claim": "true"},
}


def name(number: int) -> str:
    return f"service-{number:03}"


def service(number: int) -> dict[str, Any]:
    """A client with all that fits into one request."""
    return {
        "clientId": name(number),
        "secret": f"a secret that is long enough {number}",
        "serviceAccountsEnabled": True,
        "attributes": {"team": "payments", "tier": "gold", "cost.center": str(number)},
        "protocolMappers": [AUDIENCE],
    }


def account(number: int, size: int) -> dict[str, Any]:
    return {
        "username": f"service-account-{name(number)}",
        "serviceAccountClientId": name(number),
        "realmRoles": [f"role-{number:03}"],
        "clientRoles": {name((number + 1) % size): ["reader"]},
    }


def services(size: int) -> dict[str, Any]:
    """So many clients, each with two roles and a service account, which has two roles."""
    return {
        "clients": [service(number) for number in range(size)],
        "roles": {
            "realm": [{"name": f"role-{number:03}"} for number in range(size)],
            "client": {
                name(number): [{"name": "reader"}, {"name": "writer"}] for number in range(size)
            },
        },
        "users": [account(number, size) for number in range(size)],
    }


def test_each_thing_is_written_once_and_read_back_with_the_others_and_a_plan_only_reads(
    world: World, requests_of: Count
) -> None:
    world.declare(**services(SIZE))

    apply = requests_of(world.apply)
    plan = requests_of(world.plan)

    assert dict(sorted(apply.items())) == snapshot(
        {
            "GET realms/{}": 2,
            "GET realms/{}/clients": 2,
            "GET realms/{}/clients/{}/roles": 120,
            "GET realms/{}/clients/{}/service-account-user": 60,
            "GET realms/{}/roles": 2,
            "GET realms/{}/roles/{}": 5,
            "GET realms/{}/users/{}/role-mappings": 60,
            "GET serverinfo": 1,
            "POST realms": 1,
            "POST realms/{}/clients": 60,
            "POST realms/{}/clients/{}/roles": 120,
            "POST realms/{}/roles": 60,
            "POST realms/{}/users/{}/role-mappings/clients/{}": 60,
            "POST realms/{}/users/{}/role-mappings/realm": 60,
            "POST token": 1,
        }
    )
    assert plan.total() <= 2 * SIZE + SIZE // 50 + 10
    assert dict(sorted(plan.items())) == snapshot(
        {
            "GET realms/{}": 1,
            "GET realms/{}/clients": 2,
            "GET realms/{}/clients/{}/roles": 60,
            "GET realms/{}/roles": 1,
            "GET realms/{}/users/{}/role-mappings": 60,
            "GET serverinfo": 1,
            "POST token": 1,
        }
    )
    # What the accounts have through groups is looked at, too, where there are groups.
    refresh = requests_of(world.refresh)
    assert dict(refresh - plan) == snapshot({"GET realms/{}/groups/count": 1})
    world.admin.post(world.path("groups"), json={"name": "people"})
    assert dict(requests_of(world.refresh) - refresh) == snapshot(
        {"GET realms/{}/users/{}/groups": 60}
    )


def test_accounts_that_no_file_declares_cost_a_plan_the_same_however_many_there_are(
    world: World, requests_of: Count
) -> None:
    plans = []
    for size in (1, 30):
        world.declare(clients=[service(number) for number in range(size)])
        world.apply()
        for number in range(size):
            world.grant(name(number), "realm-management/manage-users")
        plan = requests_of(world.plan)
        plans.append({what: n for what, n in plan.items() if what != "GET realms/{}/clients"})
    assert plans[0] == plans[1]
    assert dict(sorted(plans[0].items())) == snapshot(
        {
            "GET realms/{}": 1,
            "GET realms/{}/clients/{}/roles": 1,
            "GET realms/{}/clients/{}/roles/{}/groups": 10,
            "GET realms/{}/clients/{}/roles/{}/users": 10,
            "GET realms/{}/roles": 1,
            "GET serverinfo": 1,
            "POST token": 1,
        }
    )
    refresh = requests_of(world.refresh)
    assert dict(sorted(refresh.items())) == snapshot(
        {
            "GET realms/{}": 1,
            "GET realms/{}/clients": 1,
            "GET realms/{}/clients/{}/roles": 30,
            "GET realms/{}/groups/count": 1,
            "GET realms/{}/users": 1,
            "GET realms/{}/users/{}/role-mappings": 30,
            "GET serverinfo": 1,
            "POST token": 1,
        }
    )


def test_a_few_clients_are_planned_without_looking_at_the_hundreds_around_them(
    inhabited: World, requests_of: Count
) -> None:
    world = inhabited
    foreign = [{"clientId": f"foreign-{number}"} for number in range(200)]
    world.admin.post(
        f"{world.realm}/partialImport", json={"ifResourceExists": "FAIL", "clients": foreign}
    )
    world.declare(**services(5))
    world.apply()

    plan = requests_of(world.plan)

    assert plan.total() <= 40
    assert dict(sorted(plan.items())) == snapshot(
        {
            "GET realms/{}": 1,
            "GET realms/{}/clients": 5,
            "GET realms/{}/clients/{}/roles": 5,
            "GET realms/{}/roles/{}": 5,
            "GET realms/{}/users/{}/role-mappings": 5,
            "GET serverinfo": 1,
            "POST token": 1,
        }
    )


def test_a_saved_plan_looks_at_what_it_changes_and_at_nothing_else(
    world: World, requests_of: Count
) -> None:
    document = services(25)
    world.declare(**document)
    world.apply()
    document["clients"][7]["attributes"]["tier"] = "silver"
    world.declare(**document)
    world.kcplan("plan", world.file, "--out", "saved.kcplan")

    apply = requests_of(lambda: world.kcplan("apply", "saved.kcplan"))

    assert apply.total() <= 10
    assert dict(sorted(apply.items())) == snapshot(
        {
            "GET realms/{}": 2,
            "GET realms/{}/clients": 2,
            "GET realms/{}/clients/{}": 1,
            "GET serverinfo": 1,
            "POST token": 1,
            "PUT realms/{}/clients/{}": 1,
        }
    )


def test_a_realm_is_destroyed_with_one_request(world: World, requests_of: Count) -> None:
    world.declare(**services(5))
    world.apply()

    destroy = requests_of(lambda: world.destroy("--delete-unmanaged"))

    writes = {what: number for what, number in destroy.items() if not what.startswith("GET")}
    assert writes == snapshot({"POST token": 1, "DELETE realms/{}": 1})


def test_a_new_client_is_written_twice_only_where_its_creation_does_not_keep_something(
    world: World, requests_of: Count
) -> None:
    usual = {
        "backchannel.logout.session.required": "true",
        "backchannel.logout.revoke.offline.tokens": "false",
        "note": "x",
    }
    unusual = {**usual, "backchannel.logout.session.required": "false"}
    world.declare(
        clients=[
            {"clientId": "usual", "protocol": "openid-connect", "attributes": usual},
            {"clientId": "unusual", "protocol": "openid-connect", "attributes": unusual},
        ]
    )
    found = requests_of(world.apply)
    assert (found["POST realms/{}/clients"], found["PUT realms/{}/clients/{}"]) == (2, 1)


def test_an_import_asks_once_for_what_several_types_have_in_one_list(
    inhabited: World, requests_of: Count
) -> None:
    taken = requests_of(lambda: inhabited.kcplan("import", inhabited.realm))
    assert taken["GET realms/{}/components"] == 1
