"""Legacy token exchange, on a server that has it, and refused on one that has not."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from support.exchanging import (
    GRANT,
    SECRET,
    Tokens,
    allow,
    audience,
    claims,
    permit,
    refused,
    service,
)
from support.harness import Admin, Result, Run, Server
from support.world import World


@pytest.fixture
def run_legacy(legacy_keycloak: Server, run_offline: Run) -> Run:
    def run(*args: object, env: Mapping[str, str | None] | None = None, **rest: Any) -> Result:
        return run_offline(*args, env={**legacy_keycloak.environment, **(env or {})}, **rest)

    return run


@pytest.fixture
def old_world(
    legacy_admin: Admin, legacy_realm_name: str, tmp_path: Path, run_legacy: Run
) -> World:
    """A world on the legacy server."""
    return World(legacy_realm_name, tmp_path, legacy_admin, run_legacy, {"SECRET": SECRET})


@pytest.fixture
def tokens(old_world: World, legacy_keycloak: Server) -> Iterator[Tokens]:
    found = Tokens(legacy_keycloak, old_world.realm)
    yield found
    found.client.close()


def user(world: World, name: str = "alice", realm: str | None = None, **more: Any) -> str:
    """Make a user; gives its id."""
    representation = {
        "username": name,
        "enabled": True,
        "email": f"{name}@example.org",
        "firstName": name.title(),
        "lastName": "Test",
        **more,
    }
    return world.admin.create(f"{realm or world.realm}/users", representation)


def legacy(requester: str, **more: Any) -> dict[str, Any]:
    return {"requester": requester, "mode": "legacy", **more}


def declare(world: World, *entries: dict[str, Any], **more: Any) -> None:
    world.declare(
        enabled=True,
        clients=[service(name) for name in "abc"],
        permissions=permit(*entries),
        **more,
    )


def policies(world: World) -> set[str]:
    """Names of kcplan's policies on the management client."""
    at = world.in_client("realm-management", "authz", "resource-server", "policy")
    found = world.admin.json(at, permission="false", max=100)
    return {policy["name"] for policy in found if policy["name"].startswith("kcplan")}


def test_a_target_is_permitted(old_world: World, tokens: Tokens) -> None:
    declare(old_world, legacy("a", audiences=["b"]))
    old_world.apply()
    assert "b" in audience(tokens.exchanged("a", tokens.own("a"), "b"))
    assert "b" in audience(tokens.exchanged("a", tokens.own("c"), "b"))
    assert refused(tokens.exchange("c", tokens.own("c"), ["b"]))
    assert refused(tokens.exchange("a", tokens.own("a"), ["c"]))
    old_world.is_settled()


def test_two_requesters_share_the_policy_of_a_target(old_world: World, tokens: Tokens) -> None:
    """With a policy for each of them, each would deny the other."""
    declare(old_world, legacy("a", audiences=["b"]), legacy("c", audiences=["b"]))
    old_world.apply()
    for requester in ("a", "c"):
        assert "b" in audience(tokens.exchanged(requester, tokens.own(requester), "b"))
    declare(old_world, legacy("c", audiences=["b"]))
    assert old_world.plan().actions == {
        "permissions/legacy/clients/b": "update",
        "permissions/token-exchange/legacy/a": "delete",
    }
    old_world.apply()
    assert refused(tokens.exchange("a", tokens.own("a"), ["b"]))
    assert "b" in audience(tokens.exchanged("c", tokens.own("c"), "b"))


def test_removing_the_permission_removes_what_it_brought(old_world: World, tokens: Tokens) -> None:
    declare(old_world, legacy("a", audiences=["b"], impersonate=True))
    old_world.apply()
    assert policies(old_world) == {"kcplan: token exchange to b"}
    assert "realm-management/impersonation" in old_world.granted("a")
    declare(old_world)
    old_world.apply()
    assert policies(old_world) == set()
    assert "realm-management/impersonation" not in old_world.granted("a")
    at = old_world.in_client("b", "management", "permissions")
    assert old_world.admin.json(at) == {"enabled": False}
    assert refused(tokens.exchange("a", tokens.own("a"), ["b"]))
    old_world.is_settled()


def test_permissions_that_somebody_else_enabled_stay_enabled(old_world: World) -> None:
    declare(old_world)
    old_world.apply()
    at = old_world.in_client("b", "management", "permissions")
    old_world.admin.put(at, json={"enabled": True})
    declare(old_world, legacy("a", audiences=["b"]))
    old_world.apply()
    declare(old_world)
    old_world.apply()
    assert old_world.admin.json(at)["enabled"] is True


def test_a_service_impersonates_a_user(old_world: World, tokens: Tokens) -> None:
    """The second pattern and the second example of the guide."""
    declare(old_world, legacy("a", impersonate=True))
    old_world.apply()
    alice = user(old_world)
    new = tokens.exchanged("a", tokens.own("a"), requested_subject="alice")
    assert claims(new)["sub"] == alice
    assert refused(tokens.exchange("b", tokens.own("b"), requested_subject="alice"))
    old_world.is_settled()


def test_a_service_gets_tokens_of_users_without_giving_one(
    old_world: World, tokens: Tokens
) -> None:
    declare(old_world, legacy("a", users=True))
    old_world.apply()
    alice = user(old_world)

    def naked(client: str) -> Any:
        return tokens.post(
            grant_type=GRANT, client_id=client, client_secret=SECRET, requested_subject="alice"
        )

    assert claims(naked("a").json()["access_token"])["sub"] == alice
    assert refused(naked("b"))
    old_world.is_settled()


def test_a_token_of_another_identity_provider_is_exchanged(
    old_world: World, tokens: Tokens, legacy_keycloak: Server
) -> None:
    """The third example of the guide; another realm is the external provider."""
    realm = f"{old_world.realm}-external"
    old_world.admin.post("", json={"realm": realm, "enabled": True})
    try:
        issuer = f"{legacy_keycloak.url}/realms/{realm}"
        app = {"clientId": "app", "secret": SECRET, "directAccessGrantsEnabled": True}
        old_world.admin.post(f"{realm}/clients", json=app)
        credentials = [{"type": "password", "value": SECRET}]
        user(old_world, "external", realm=realm, credentials=credentials)
        connect = f"{issuer}/protocol/openid-connect"
        provider = {
            "alias": "partner",
            "providerId": "oidc",
            "enabled": True,
            "trustEmail": True,
            "config": {
                "clientId": "app",
                "clientSecret": "${SECRET}",
                "issuer": issuer,
                "authorizationUrl": f"{connect}/auth",
                "tokenUrl": f"{connect}/token",
                "userInfoUrl": f"{connect}/userinfo",
                "jwksUrl": f"{connect}/certs",
                "useJwksUrl": "true",
                "validateSignature": "true",
            },
        }
        declare(old_world, legacy("a", subjectIssuer="partner"), identityProviders=[provider])
        old_world.apply()
        with_external = Tokens(legacy_keycloak, realm, tokens.client)
        given = with_external.post(
            grant_type="password",
            client_id="app",
            client_secret=SECRET,
            username="external",
            password=SECRET,
            scope="openid",
        ).json()["access_token"]
        new = tokens.exchanged("a", given, subject_issuer="partner")
        assert claims(new)["preferred_username"] == "external"
        assert refused(tokens.exchange("b", given, subject_issuer="partner"))
    finally:
        old_world.admin.delete(realm)


def test_legacy_exchanges_are_proven(old_world: World) -> None:
    declare(
        old_world,
        legacy("a", audiences=["b"], impersonate=True),
        legacy("b", users=True),
        legacy("c", subjectIssuer="partner"),
        identityProviders=[{"alias": "partner", "providerId": "oidc", "config": {"clientId": "x"}}],
    )
    old_world.apply()
    user(old_world)
    result = old_world.kcplan("verify", old_world.file, "--user", "alice", exit_code=1)
    assert result.stdout.replace(old_world.realm, "REALM") == snapshot("""\
RESULT    REQUESTER  TOKEN OF  AUDIENCE
passed    a          a         -         for a token of another user
passed    a          a         b
passed    b          -         -         a user's token, in exchange for none
unproven  c          partner   -         a token of an identity provider

REALM: c exchanges a token of partner: unproven
  There is no token of partner. Give one with --subject-token-file.

4 exchanges tried: 3 passed, 1 unproven.
""")
    role = old_world.in_client("realm-management", "roles", "impersonation")
    at = old_world.in_client("realm-management")
    account = old_world.account("a")
    assert account is not None
    mapping = old_world.path("users", account["id"], "role-mappings", "clients", at.split("/")[-1])
    old_world.admin.delete(mapping, json=[old_world.admin.json(role)])
    failed = old_world.kcplan("verify", old_world.file, "--user", "alice", exit_code=1).stdout
    assert "Keycloak does not permit a what permissions.tokenExchange[0] declares" in failed


def test_somebody_elses_policy_is_not_joined(old_world: World) -> None:
    declare(old_world)
    old_world.apply()
    management = old_world.in_client("realm-management", "authz", "resource-server")
    at = old_world.in_client("b", "management", "permissions")
    enabled = old_world.admin.put(at, json={"enabled": True}).json()
    policy = {"name": "theirs", "clients": [old_world.admin.client_id(old_world.realm, "c")]}
    made = old_world.admin.post(f"{management}/policy/client", json=policy).json()["id"]
    permission = f"{management}/permission/scope/{enabled['scopePermissions']['token-exchange']}"
    there = old_world.admin.json(permission)
    old_world.admin.put(permission, json={**there, "policies": [made]})
    declare(old_world, legacy("a", audiences=["b"]))
    plan = old_world.plan(exit_code=1)
    assert plan.codes == ["token-exchange-unanimous"]
    assert "theirs" in plan.document["diagnostics"][0]["summary"]


def test_a_policy_taken_off_is_drift_of_the_permission(old_world: World, tokens: Tokens) -> None:
    declare(old_world, legacy("a", audiences=["b"]))
    old_world.apply()
    at = old_world.in_client("b", "management", "permissions")
    old_world.admin.put(at, json={"enabled": False})
    found = old_world.refresh("--detailed-exitcode", exit_code=2)
    address = "permissions/legacy/clients/b"
    assert found.drift == {address: "update"}
    (change,) = found.change(address, of="drift")["changes"]
    assert change["because"] == f"{old_world.realm}/permissions/token-exchange/legacy/a"
    old_world.apply()
    assert "b" in audience(tokens.exchanged("a", tokens.own("a"), "b"))
    old_world.is_settled()


def test_a_failed_apply_takes_the_legacy_pieces_back(old_world: World) -> None:
    declare(old_world)
    old_world.apply()
    clients = [service(name) for name in "abc"]
    clients[2]["redirectUris"] = ["javascript:alert(1)"]
    old_world.declare(
        enabled=True,
        clients=clients,
        permissions=permit(legacy("a", audiences=["b"], impersonate=True)),
    )
    old_world.apply(exit_code=3)
    assert policies(old_world) == set()
    assert "realm-management/impersonation" not in old_world.granted("a")


def test_standard_permissions_work_beside_legacy_ones(old_world: World, tokens: Tokens) -> None:
    declare(old_world, legacy("a", audiences=["c"]), allow("b", ["a"], ["c"]))
    old_world.apply()
    assert audience(tokens.exchanged("b", tokens.own("a"), "c")) == {"c"}
    assert "c" in audience(tokens.exchanged("a", tokens.own("a"), "c"))
    old_world.is_settled()


@pytest.mark.parametrize(
    ("more", "alternative"),
    [
        ({"audiences": ["b"]}, "Standard token exchange does the same"),
        ({"impersonate": True}, "exchange the user's own token in standard mode"),
        ({"subjectIssuer": "partner"}, "JWT authorization grant"),
    ],
    ids=["target", "impersonation", "external"],
)
def test_a_default_server_has_no_legacy_mode_and_the_plan_says_so(
    world: World, more: dict[str, Any], alternative: str
) -> None:
    provider = {"alias": "partner", "providerId": "oidc", "config": {"clientId": "x"}}
    declare(world, legacy("a", **more), identityProviders=[provider])
    plan = world.plan(exit_code=1)
    assert plan.codes == ["server-feature-missing"]
    assert alternative in plan.document["diagnostics"][0]["detail"]
    assert world.apply(exit_code=1).stdout
    assert (
        world.client("a") is None if world.admin.get(world.realm, check=False).is_success else True
    )


@pytest.mark.alone("manages the realm master")
def test_impersonation_in_master_uses_its_own_management_client(
    legacy_admin: Admin, legacy_keycloak: Server, tmp_path: Path, run_legacy: Run
) -> None:
    """The guide's second pattern, in the realm that it names."""
    world = World("master", tmp_path, legacy_admin, run_legacy, {"SECRET": SECRET})
    client, name = f"admin-service-{tmp_path.name}", f"target-{tmp_path.name}"
    target = user(world, name)
    tokens = Tokens(legacy_keycloak, "master")
    try:
        world.declare(
            clients=[service(client)], permissions=permit(legacy(client, impersonate=True))
        )
        world.apply()
        assert "master-realm/impersonation" in world.granted(client)
        new = tokens.exchanged(client, tokens.own(client), requested_subject=name)
        assert claims(new)["sub"] == target
        world.is_settled()
        world.destroy()
        assert world.client(client) is None
    finally:
        legacy_admin.delete(f"master/users/{target}")
        tokens.client.close()
