"""What files say of service accounts themselves comes in pages: no request for each of them."""

from collections import Counter
from collections.abc import Callable

import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from support.faults import FaultyTransport, status
from support.sabotage import sent_through
from support.world import Json, World

Count = Callable[[Callable[[], object]], Counter[str]]

ODD_NAMES = ("Upper", "upper-2", "with/slash", "100%", "a_b", "aXb", "two words", "é.ü", "l" * 239)
MANY = 21
"""So many are no longer asked for one by one."""


def declare(world: World, names: list[str], **more: object) -> None:
    """Clients of these names, with an account each of which everything is said."""

    def account(name: str) -> Json:
        fields: Json = {
            "enabled": True,
            "email": f"{names.index(name)}@example.org",
            "emailVerified": True,
            "firstName": "The",
            "lastName": "Service",
            "requiredActions": ["UPDATE_PROFILE"],
            "attributes": {"team": ["a", "b"], "of": [name]},
        }
        return {"serviceAccountClientId": name, **fields, **more}

    world.declare(
        enabled=True,
        clients=[{"clientId": name, "serviceAccountsEnabled": True} for name in names],
        users=[account(name) for name in names],
    )


def plain(size: int) -> list[str]:
    return [f"plain-{number:02}" for number in range(size)]


def about_users(requests: Counter[str]) -> dict[str, int]:
    return {what: number for what, number in sorted(requests.items()) if "/users" in what}


def test_fields_of_accounts_cost_a_request_each_only_where_they_are_few(
    world: World, requests_of: Count
) -> None:
    plans, applies, totals = [], [], []
    for size in (2, MANY, MANY + 9):
        declare(world, plain(size))
        applies.append(requests_of(world.apply)["GET realms/{}/users/{}"])
        plan = requests_of(world.plan)
        plans.append(about_users(plan))
        totals.append(plan.total())
    assert totals[2] - totals[1] <= 2.1 * 9
    assert plans == snapshot(
        [
            {"GET realms/{}/users/{}": 2, "GET realms/{}/users/{}/role-mappings": 2},
            {"GET realms/{}/users": 1, "GET realms/{}/users/{}/role-mappings": 21},
            {"GET realms/{}/users": 1, "GET realms/{}/users/{}/role-mappings": 30},
        ]
    )
    # What is new is looked at after it is written, and not before as well.
    assert applies == [2, 2 + 19, 9]
    world.state_file.unlink()
    assert about_users(requests_of(world.plan)) == plans[-1]


def test_accounts_with_odd_names_are_told_apart_in_the_pages(
    world: World, requests_of: Count
) -> None:
    names = [*ODD_NAMES, *plain(MANY - len(ODD_NAMES))]
    declare(world, names)
    world.apply()
    for username in ("service-account-of-nobody", "my-service-account-Upper"):
        world.admin.post(world.path("users"), json={"username": username})

    plan = requests_of(lambda: world.plan("--detailed-exitcode"))
    assert (plan["GET realms/{}/users"], plan["GET realms/{}/users/{}"]) == (1, 0)
    for name in ODD_NAMES:
        user = world.account(name)
        assert user is not None
        world.admin.put(world.path("users", user["id"]), json={**user, "lastName": "By hand"})
    drifted = world.plan("--detailed-exitcode", exit_code=2).drift
    odd = (Address.of("clients", name, "service-account") for name in ODD_NAMES)
    assert drifted == {str(address): "update" for address in odd}
    world.apply()
    world.state_file.unlink()
    assert set(world.plan().actions.values()) == {"adopt"}


def test_an_account_that_was_made_anew_is_found_in_the_pages(world: World) -> None:
    declare(world, plain(MANY))
    world.apply()
    old = world.account("plain-03")
    assert old is not None
    world.admin.delete(world.path("users", old["id"]))
    world.admin.get(world.in_client("plain-03", "service-account-user"))
    assert world.plan().drift == {"clients/plain-03/service-account": "replace"}


@pytest.mark.parametrize("code", [403, 500, 503])
def test_who_gets_no_list_of_users_still_sees_them_one_by_one(world: World, code: int) -> None:
    """One may not list them, or the directory of a user federation does not answer Keycloak."""
    declare(world, plain(MANY))
    world.apply()
    refusing = FaultyTransport()
    refusing.fail(status(code), path="/users?first=", times=MANY)
    with sent_through(refusing):
        assert world.plan("--detailed-exitcode").actions == {}
    lists = {line for line in refusing.sent if "/users?" in line}
    assert len(lists) == 1
