"""A plan from far away waits for a few round trips, however much there is to read.

What counts is not how many requests there are, but how many have to wait for each other: with
enough requests at a time the others cost no time. `support.depth` follows that.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conformance.flows import in_file
from conformance.samples.user_profile import SAMPLE as PROFILE
from support.depth import Trips, measured
from support.exchanging import SECRET, allow, permit, service
from support.world import Json, World

FAR = 6
"""So many round trips may wait for each other, the log-in being the first."""
FEW, MANY = 3, 22
"""On either side of the number of objects up to which each is asked for by itself."""

REALMS = 4
ONCE = 2
"""A log-in and a look at what the server offers are for all realms."""

ON = {"standard.token.exchange.enabled": "true"}


@pytest.fixture
def variables() -> dict[str, str | None]:
    """The environment variable that the files refer to."""
    return {"SECRET": SECRET}


def name(number: int) -> str:
    return f"service-{number:02}"


def executions(number: int) -> Json:
    """A flow with a flow in it, and a configuration."""
    inner: Json = {
        "identity-provider-redirector": {
            "authenticator": "identity-provider-redirector",
            "requirement": "ALTERNATIVE",
            "authenticatorConfig": f"office {number}",
            "config": {"defaultProvider": "office"},
        },
        f"forms {number}": {"providerId": "basic-flow", "requirement": "ALTERNATIVE"},
    }
    return in_file(f"flow {number}", {"authenticationExecutions": inner, "order": list(inner)})


def provider(number: int) -> Json:
    config = {
        "clientId": "us",
        "authorizationUrl": "https://login.example/auth",
        "tokenUrl": "https://login.example/token",
    }
    return {"alias": f"company-{number}", "providerId": "oidc", "config": config}


def group(called: str, *inner: Json) -> Json:
    return {"name": called, "realmRoles": ["role"], "subGroups": [*inner]}


def all_kinds(size: int) -> Json:
    """Services with accounts, groups in groups, organizations, flows, and a user profile."""
    numbers = range(size)
    flows = [executions(number) for number in numbers]
    composed = {"name": "all", "composites": {"realm": ["role"]}}
    return {
        "enabled": True,
        "organizationsEnabled": True,
        "userProfile": PROFILE.full,
        "clientScopes": [{"name": "staff", "protocol": "openid-connect"}],
        "clients": [{"clientId": name(n), "serviceAccountsEnabled": True} for n in numbers],
        "roles": {
            "realm": [{"name": "role"}],
            "client": {name(n): [{"name": "reader"}, composed] for n in numbers},
        },
        "groups": [group(f"group-{n}", group("unit", group("team"))) for n in numbers],
        "users": [
            {
                "serviceAccountClientId": name(number),
                "attributes": {"department": ["sales"]},
                "clientRoles": {name(0): ["reader"]},
                "groups": ["/group-0/unit"],
            }
            for number in numbers
        ],
        "identityProviders": [provider(number) for number in numbers],
        "organizations": [
            {
                "alias": f"customer-{n}",
                "domains": [{"name": f"customer{n}.example"}],
                "identityProviders": [{"alias": f"company-{n}"}],
            }
            for n in numbers
        ],
        "authenticationFlows": [flow for found in flows for flow in found["authenticationFlows"]],
        "authenticatorConfig": [item for found in flows for item in found["authenticatorConfig"]],
    }


def exchanging(size: int, *, accounts: bool = True) -> Json:
    """Services that exchange tokens, with roles that are composed of composed ones."""
    numbers = range(size)
    chain = [
        {"name": "whole", "composites": {"realm": ["half"]}},
        {"name": "half", "composites": {"realm": ["part"]}},
        {"name": "part"},
    ]
    users = [{"serviceAccountClientId": name(n), "realmRoles": ["whole"]} for n in numbers]
    return {
        "enabled": True,
        "clients": [service(name(number), attributes=ON) for number in numbers],
        "roles": {"realm": chain},
        "permissions": permit(allow(name(0), [name(1)], [name(2)])),
        **({"users": users} if accounts else {}),
    }


def authorization(size: int) -> Json:
    """A client with so many resources, each with a permission that needs an aggregate."""
    policies = [
        {"name": "staff", "type": "role", "config": {"roles": [{"id": "role"}]}},
        {"name": "all", "type": "aggregate", "config": {"applyPolicies": ["staff"]}},
    ]
    for number in range(size):
        config = {"resources": [f"book-{number}"], "scopes": ["read"], "applyPolicies": ["all"]}
        policies.append({"name": f"reads {number}", "type": "scope", "config": config})
    settings = {
        "scopes": [{"name": "read"}],
        "resources": [{"name": f"book-{n}", "scopes": [{"name": "read"}]} for n in range(size)],
        "policies": policies,
    }
    client = service("library", authorizationServicesEnabled=True, authorizationSettings=settings)
    return {"enabled": True, "roles": {"realm": [{"name": "role"}]}, "clients": [client]}


def undeclared(size: int) -> Json:
    """The same services; no file says what their accounts have."""
    return exchanging(size, accounts=False)


def no_op(world: World, document: Json) -> Trips:
    """What a plan takes that finds nothing to do."""
    world.declare(**document)
    world.apply()
    with measured() as trips:
        world.plan("--detailed-exitcode")
    return trips


@pytest.mark.parametrize("kind", [all_kinds, exchanging, undeclared, authorization])
def test_a_plan_waits_for_few_round_trips_however_much_there_is(
    world: World, kind: Callable[[int], Json]
) -> None:
    for size in (FEW, MANY):
        trips = no_op(world, kind(size))
        assert trips.depth <= FAR, trips.longest()


@pytest.fixture
def realms(world: World) -> Iterator[list[str]]:
    """Names of some realms, which are removed after the test."""
    names = [f"{world.realm}-{number}" for number in range(REALMS)]
    yield names
    for realm in names:
        world.admin.delete(realm, check=False)


def test_many_realms_are_read_side_by_side_under_one_limit(world: World, realms: list[str]) -> None:
    folder = world.folder / "realms"
    folder.mkdir()
    for realm in realms:
        document = {"realm": realm, **undeclared(3), **executions(0)}
        (folder / f"{realm}.json").write_text(json.dumps(document))
    # One after the other: all of them change one role of the realm master.
    world.kcplan("apply", folder, "--auto-approve", "--parallelism", 1)

    def plan(where: Path, width: int) -> Trips:
        with measured() as trips:
            world.kcplan("plan", where, "--detailed-exitcode", "--parallelism", width)
        return trips

    one = plan(folder / f"{realms[0]}.json", 10)
    wide, narrow = plan(folder, 10), plan(folder, 3)

    assert one.depth <= FAR, one.longest()
    assert wide.depth <= FAR, wide.longest()
    assert narrow.most <= 3 < wide.most
    assert {len(wide.trips), len(narrow.trips)} == {ONCE + (len(one.trips) - ONCE) * REALMS}
