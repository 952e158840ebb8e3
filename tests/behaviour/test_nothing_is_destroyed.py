"""Writes that destroy data if they are done naively: kcplan does not fall into these traps."""

from collections.abc import Callable
from typing import Any

import pytest

from support.world import World

MASK = "**********"
SECRET = "a-secret-of-twenty-characters"


def test_a_masked_secret_is_not_declared_and_never_written(inhabited: World) -> None:
    world = inhabited
    world.admin.post(world.path("clients"), json={"clientId": "a", "secret": SECRET})
    provider = {
        "alias": "idp",
        "providerId": "oidc",
        "config": {
            "clientId": "x",
            "clientSecret": SECRET,
            "tokenUrl": "https://a/t",
            "authorizationUrl": "https://a/a",
        },
    }
    world.admin.post(world.path("identity-provider", "instances"), json=provider)
    masked = {**provider["config"], "clientSecret": MASK, "clientId": "y"}  # type: ignore[dict-item]
    world.declare(
        clients=[{"clientId": "a", "secret": MASK, "description": "ours"}],
        identityProviders=[{**provider, "config": masked}],
        smtpServer={"password": MASK},
    )

    plan = world.plan()

    assert plan.codes.count("masked-value") == 3
    assert plan.fields("clients/a") == {"description": (None, "ours", "config")}
    assert plan.fields("identity-providers/idp") == {"config.clientId": ("x", "y", "config")}
    world.apply()
    world.is_settled()
    assert (world.client("a") or {})["secret"] == SECRET
    live = world.admin.json(world.path("identity-provider", "instances", "idp"))
    # A secret that Keycloak masks is one that it has.
    assert live["config"]["clientSecret"] == MASK


def test_a_client_keeps_what_a_put_with_some_fields_could_lose(inhabited: World) -> None:
    world = inhabited
    theirs = {
        "clientId": "a",
        "name": "theirs",
        "secret": SECRET,
        "redirectUris": ["https://theirs/*"],
        "webOrigins": ["+"],
        "attributes": {"theirs": "1"},
        "serviceAccountsEnabled": True,
        "authorizationServicesEnabled": True,
        "consentRequired": True,
        "defaultClientScopes": ["profile"],
        "optionalClientScopes": ["phone"],
        "authenticationFlowBindingOverrides": {},
        "protocolMappers": [
            {"name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-sub-mapper"}
        ],
    }
    world.admin.post(world.path("clients"), json=theirs)
    world.admin.put(world.in_client("a"), json={**(world.client("a") or {}), **theirs})
    before = world.client("a") or {}
    account = world.account("a")
    world.declare(clients=[{"clientId": "a", "description": "ours"}])
    world.apply()
    assert world.client("a") == {**before, "description": "ours"}
    assert world.account("a") == account


def test_a_role_keeps_its_description_and_parts_when_attributes_change(inhabited: World) -> None:
    world = inhabited
    world.admin.post(world.path("roles"), json={"name": "r", "description": "theirs"})
    world.admin.post(world.path("roles", "r", "composites"), json=[world.role("offline_access")])
    world.declare(roles={"realm": [{"name": "r", "attributes": {"ours": ["1"]}}]})
    world.apply()
    live = world.role("r") or {}
    assert (live["description"], live["composite"]) == ("theirs", True)


def test_an_identity_provider_keeps_what_is_not_declared(inhabited: World) -> None:
    world = inhabited
    provider = {
        "alias": "idp",
        "providerId": "oidc",
        "displayName": "theirs",
        "trustEmail": True,
        "config": {
            "clientId": "x",
            "clientSecret": SECRET,
            "tokenUrl": "https://a/t",
            "authorizationUrl": "https://a/a",
            "theirs": "1",
        },
    }
    world.admin.post(world.path("identity-provider", "instances"), json=provider)
    at = world.path("identity-provider", "instances", "idp")
    before = world.admin.json(at)
    ours = {"alias": "idp", "providerId": "oidc", "config": {"ours": "1"}}
    world.declare(identityProviders=[ours])
    world.apply()
    world.is_settled()
    assert world.admin.json(at) == {**before, "config": {**before["config"], "ours": "1"}}


@pytest.mark.parametrize("kind", ["defaultClientScopes", "optionalClientScopes"])
def test_a_scope_that_does_not_exist_is_found_before_anything_is_written(
    inhabited: World, kind: str
) -> None:
    world = inhabited
    world.declare(displayName="ours", clients=[{"clientId": "a", kind: ["no-such-scope"]}])
    plan = world.plan(exit_code=1)
    assert plan.codes == ["unknown-reference"]
    world.apply(exit_code=1)
    assert world.client("a") is None
    assert world.admin.json(world.realm).get("displayName") is None


@pytest.mark.parametrize(
    "declared",
    [
        {"roles": {"realm": [{"name": "r", "composites": {"realm": ["nobody"]}}]}},
        {"roles": {"realm": [{"name": "r", "composites": {"client": {"account": ["nobody"]}}}]}},
        {"roles": {"client": {"nobody": [{"name": "r"}]}}},
        {
            "clients": [{"clientId": "a", "serviceAccountsEnabled": True}],
            "users": [{"serviceAccountClientId": "a", "realmRoles": ["nobody"]}],
        },
        {
            "clients": [{"clientId": "a", "serviceAccountsEnabled": True}],
            "users": [{"serviceAccountClientId": "a", "groups": ["/nobody"]}],
        },
        {"clients": [{"clientId": "a", "authenticationFlowBindingOverrides": {"browser": "no"}}]},
    ],
)
def test_what_keycloak_would_drop_or_fail_at_is_an_unknown_reference(
    inhabited: World, declared: dict[str, Any]
) -> None:
    world = inhabited
    before = world.export()
    world.declare(**declared)
    assert "unknown-reference" in world.plan(exit_code=1).codes
    assert "unknown-reference" in world.apply(exit_code=1).stderr
    assert world.export() == before


def test_planning_and_refreshing_only_read(world: World, sent: Callable[[], list[str]]) -> None:
    world.declare(
        clients=[{"clientId": "a", "serviceAccountsEnabled": True}],
        roles={"realm": [{"name": "r"}]},
        users=[{"serviceAccountClientId": "a", "realmRoles": ["r"]}],
    )
    world.apply()
    account = (world.account("a") or {})["id"]
    world.admin.delete(world.path("users", account))
    before = set(sent())
    assert any("service-account-user" in request for request in before)

    for command in (world.plan, lambda: world.plan("--destroy"), world.refresh):
        command()
    world.refresh("--unmanaged")
    world.state_file.unlink()
    world.plan()

    assert world.account("a") is None
    assert {request.partition(" ")[0] for request in set(sent()) - before} <= {"GET"}


def test_a_plan_asks_for_no_service_account_through_its_client(
    world: World, sent: Callable[[], list[str]]
) -> None:
    world.declare(
        clients=[{"clientId": "a", "serviceAccountsEnabled": True}],
        users=[{"serviceAccountClientId": "a", "realmRoles": ["offline_access"]}],
    )
    world.plan()
    assert not any("service-account-user" in request for request in sent())


def test_disabling_a_service_account_is_marked_and_can_be_undone_when_a_later_step_fails(
    world: World,
) -> None:
    account = {"serviceAccountClientId": "a", "realmRoles": ["offline_access"]}
    world.declare(clients=[{"clientId": "a", "serviceAccountsEnabled": True}], users=[account])
    world.apply()
    before = world.account("a") or {}
    world.declare(
        clients=[
            {"clientId": "a", "serviceAccountsEnabled": False},
            {"clientId": "bad", "redirectUris": ["javascript:alert(1)"]},
        ]
    )
    plan = world.plan()
    assert "another id" in plan.change("clients/a")["notes"][0]
    world.apply(exit_code=3)
    # It is ordered last, so a failure before it leaves the account as it was.
    assert world.account("a") == before
    assert world.granted("a") == {"offline_access"}


def test_deleting_a_role_takes_it_out_of_what_the_files_still_say(world: World) -> None:
    parts = {"realm": ["x", "y"]}
    world.declare(
        roles={"realm": [{"name": "x"}, {"name": "y"}, {"name": "r", "composites": parts}]}
    )
    world.apply()
    world.declare(roles={"realm": [{"name": "y"}, {"name": "r", "composites": parts}]})
    plan = world.plan(exit_code=1)
    assert plan.codes == ["unknown-reference"]
    world.declare(roles={"realm": [{"name": "y"}, {"name": "r", "composites": {"realm": ["y"]}}]})
    world.apply()
    world.is_settled()
    assert world.composites("roles", "r") == {"y"}


def test_nothing_is_lost_where_everything_is_declared_and_nothing_differs(
    inhabited: World,
) -> None:
    world = inhabited
    world.declare()
    export = world.export()
    sections = {key: export[key] for key in ("displayName", "attributes") if key in export}
    world.declare(
        **sections,
        clients=[c for c in export["clients"] if c["clientId"] != "realm-management"],
    )
    before = world.export()
    world.apply()
    assert world.export() == before


def test_authorization_objects_survive_every_change_of_their_client(inhabited: World) -> None:
    world = inhabited
    client = {
        "clientId": "a",
        "serviceAccountsEnabled": True,
        "authorizationServicesEnabled": True,
    }
    world.admin.post(world.path("clients"), json=client)
    server = world.in_client("a", "authz", "resource-server")
    world.admin.post(f"{server}/scope", json={"name": "theirs"})
    for fields in ({"description": "ours"}, {"attributes": {"ours": "1"}}, {"clientId": "b"}):
        world.declare(clients=[{"clientId": "a", **fields}])
        if "clientId" in fields:
            world.settings('[[moved]]\nfrom = "REALM/clients/a"\nto = "REALM/clients/b"\n')
        world.apply()
    names = [scope["name"] for scope in world.admin.json(f"{server}/scope")]
    assert names == ["theirs"]
    assert (world.client("b") or {})["authorizationServicesEnabled"] is True
