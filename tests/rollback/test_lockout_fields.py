"""Fields of its own realm and client that kcplan's log-in passes through.

What is said to lock out certainly is tried: somebody else makes the change in Keycloak.
"""

from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.errors import ServerError
from kcplan.lockout import check
from kcplan.own_login import Identity
from kcplan.plan import Action, ChangeOrigin, FieldChange, ResourceChange
from kcplan.secret import Secret
from kcplan.snapshot import Snapshot
from kcplan.state import ServerIdentity
from kcplan_keycloak.api import AdminApi, Connection, path
from kcplan_keycloak.resources import registry
from support.harness import Admin, Server
from support.local_admin import CLIENT, SECRET, LocalAdmin
from support.world import World

Json = dict[str, Any]

NOW = 1_800_000_000
NOTHING = Snapshot(ServerIdentity("http://x"))
SERVICE = Identity("prod", "kcplan", url="http://sso.example")
USER = Identity("prod", "admin-cli", "admin", url="http://sso.example", secret=False)
CERTIFIED = Identity("prod", "kcplan", url="https://sso.example", certificate=True)
ERROR, WARNING, FINE = ["error"], ["warning"], list[str]()

REALM_FIELDS = [
    ("notBefore", NOW + 60, ERROR, ERROR),
    ("notBefore", NOW, FINE, FINE),
    ("notBefore", None, FINE, FINE),
    ("accessTokenLifespan", 0, WARNING, WARNING),
    ("accessTokenLifespan", 5, WARNING, WARNING),
    ("accessTokenLifespan", 60, FINE, FINE),
    ("ssoSessionMaxLifespan", 30, FINE, WARNING),
    ("ssoSessionIdleTimeout", 1800, FINE, FINE),
    ("sslRequired", "all", ERROR, ERROR),
    ("sslRequired", "external", WARNING, WARNING),
    ("sslRequired", "none", FINE, FINE),
    ("attributes.frontendUrl", "https://other.example", WARNING, WARNING),
    ("browserFlow", "mine", WARNING, WARNING),
    ("directGrantFlow", "mine", FINE, WARNING),
    ("clientAuthenticationFlow", "mine", WARNING, WARNING),
    ("permanentLockout", True, FINE, WARNING),
    ("bruteForceProtected", True, FINE, WARNING),
    ("bruteForceProtected", False, FINE, FINE),
    ("verifyEmail", True, FINE, WARNING),
    ("passwordPolicy", "length(12)", FINE, WARNING),
    ("defaultSignatureAlgorithm", "ES256", WARNING, WARNING),
    ("clientPolicies.policies.p.enabled", True, WARNING, WARNING),
    ("clientPolicies.policies.p.enabled", False, FINE, FINE),
    ("clientPolicies.policies.p.profiles", ["fapi-2-security-profile"], WARNING, WARNING),
    ("clientPolicies.policies.p.profiles", None, FINE, FINE),
    ("clientPolicies.policies.p.conditions", [{"condition": "any-client"}], WARNING, WARNING),
    ("clientPolicies.policies.p.description", "x", FINE, FINE),
    ("clientProfiles.profiles.p.executors", [{"executor": "pkce"}], WARNING, WARNING),
    ("loginWithEmailAllowed", False, FINE, FINE),
    ("displayName", "x", FINE, FINE),
    ("attributes.other", "x", FINE, FINE),
]
CLIENT_FIELDS = [
    ("fullScopeAllowed", False, ERROR, ERROR),
    ("fullScopeAllowed", True, FINE, FINE),
    ("clientAuthenticatorType", "client-jwt", ERROR, FINE),
    ("clientAuthenticatorType", "client-x509", ERROR, FINE),
    ("clientAuthenticatorType", "client-secret", FINE, FINE),
    ("clientAuthenticatorType", None, FINE, FINE),
    ("attributes.dpop.bound.access.tokens", "true", ERROR, ERROR),
    ("attributes.dpop.bound.access.tokens", "false", FINE, FINE),
    ("attributes.tls.client.certificate.bound.access.tokens", "true", ERROR, ERROR),
    ("attributes.access.token.lifespan", "0", WARNING, WARNING),
    ("attributes.access.token.lifespan", "3", WARNING, WARNING),
    ("attributes.access.token.lifespan", "", FINE, FINE),
    ("attributes.access.token.signed.response.alg", "ES512", WARNING, WARNING),
    ("notBefore", NOW + 60, ERROR, ERROR),
    ("consentRequired", True, FINE, ERROR),
    ("publicClient", False, FINE, ERROR),
    ("protocol", "saml", ERROR, ERROR),
    ("authenticationFlowBindingOverrides.direct_grant", "mine", FINE, WARNING),
    ("description", "x", FINE, FINE),
    ("redirectUris", ["https://x/*"], FINE, FINE),
]
CASES = [(False, *case) for case in REALM_FIELDS] + [(True, *case) for case in CLIENT_FIELDS]


def field(name: str) -> tuple[str, ...]:
    head, _, rest = name.partition(".")
    if head in {"clientPolicies", "clientProfiles"}:
        return tuple(name.split("."))
    return (head, rest) if rest else (head,)


def judged(address: Address, name: str, after: Any, who: Identity) -> list[str]:
    change = FieldChange(field(name), "before", after, ChangeOrigin.CONFIG)
    changes = [ResourceChange(address, "any", Action.UPDATE, changes=(change,))]
    found = list(check(changes, who, NOTHING, registry(), lambda: NOW))
    assert all(item.path == field(name) for item in found)
    codes = {"error": "would-lock-out", "warning": "may-lock-out"}
    assert all(item.code == codes[item.severity] for item in found)
    return [str(item.severity) for item in found]


@pytest.mark.parametrize(
    ("of_client", "name", "after", "as_service", "as_user"),
    CASES,
    ids=[f"{'client' if case[0] else 'realm'} {case[1]} {case[2]}" for case in CASES],
)
def test_each_field_is_judged_for_who_logs_in(
    of_client: bool,  # noqa: FBT001
    name: str,
    after: Any,
    as_service: list[str],
    as_user: list[str],
) -> None:
    for who, expected in ((SERVICE, as_service), (USER, as_user)):
        assert judged(who.client if of_client else who.home, name, after, who) == expected
        other = Identity("another", "other", who.username, url=who.url)
        assert judged(who.client if of_client else who.home, name, after, other) == []


@pytest.mark.parametrize(
    ("name", "after", "expected"),
    [
        ("clientAuthenticatorType", "client-x509", WARNING),
        ("clientAuthenticatorType", "client-jwt", ERROR),
        ("attributes.tls.client.certificate.bound.access.tokens", "true", WARNING),
    ],
)
def test_a_certificate_may_be_enough(name: str, after: Any, expected: list[str]) -> None:
    assert judged(CERTIFIED.client, name, after, CERTIFIED) == expected


def test_with_a_secret_a_client_may_become_confidential() -> None:
    who = Identity("prod", "kcplan", "admin", url="https://sso.example", secret=True)
    assert judged(who.client, "publicClient", after=False, who=who) == WARNING


def test_who_logs_in_by_an_address_may_need_that_this_is_allowed() -> None:
    who = Identity("prod", "admin-cli", "me@example.org", url="https://sso.example", secret=False)
    assert judged(who.home, "loginWithEmailAllowed", after=False, who=who) == WARNING
    assert judged(who.home, "loginWithEmailAllowed", after=True, who=who) == FINE


def test_a_new_policy_is_one_warning() -> None:
    names = ("name", "conditions", "profiles")
    at = ("clientPolicies", "policies", "p")
    changes = [FieldChange((*at, name), None, ["x"], ChangeOrigin.CONFIG) for name in names]
    change = ResourceChange(SERVICE.home, "realm", Action.UPDATE, changes=tuple(changes))
    found = list(check([change], SERVICE, NOTHING, registry(), lambda: NOW))
    assert [item.code for item in found] == ["may-lock-out"]


@pytest.mark.parametrize("value", ["all", "external"])
def test_over_https_any_requirement_of_it_is_met(value: str) -> None:
    assert judged(CERTIFIED.home, "sslRequired", value, CERTIFIED) == FINE


LATER = 2_000_000_000
REALLY: list[tuple[bool, Json]] = [
    (False, {"notBefore": LATER}),
    (False, {"sslRequired": "all"}),
    (True, {"fullScopeAllowed": False}),
    (True, {"clientAuthenticatorType": "client-jwt"}),
    (True, {"attributes": {"dpop.bound.access.tokens": "true"}}),
    (True, {"attributes": {"tls.client.certificate.bound.access.tokens": "true"}}),
    (True, {"notBefore": LATER}),
    (True, {"protocol": "saml"}),
]


@pytest.fixture
def own_world(world: World, keycloak: Server, admin: Admin) -> World:
    """A world in which kcplan works as a client of the realm itself."""
    admin.post("", json={"realm": world.realm, "enabled": True})
    local = LocalAdmin(keycloak, admin, world.realm)
    local.close()
    world.variables.update(local.environment)
    return world


AS_CLIENT: Json = {"client_id": CLIENT, "client_secret": Secret(SECRET)}


def lets_in(keycloak: Server, realm: str, **who: Any) -> bool:
    """Whether an administrator of the realm can do anything there."""
    connection = Connection(url=keycloak.url, auth_realm=realm, **(who or AS_CLIENT))
    try:
        with AdminApi(connection, sleep=lambda _: None) as api:
            api.put(path("realms", realm), {"realm": realm, "displayName": "written"})
    except ServerError:
        return False
    return True


@pytest.mark.parametrize(("of_client", "change"), REALLY, ids=[str(case[1]) for case in REALLY])
def test_what_is_said_to_lock_out_does_and_is_refused(
    own_world: World,
    keycloak: Server,
    of_client: bool,  # noqa: FBT001
    change: Json,
) -> None:
    world = own_world
    own = {"clientId": CLIENT, "secret": SECRET, "serviceAccountsEnabled": True}
    world.declare(**({"clients": [{**own, **change}]} if of_client else change))
    assert "would-lock-out" in world.apply(exit_code=1).stderr
    assert not world.state_file.exists()

    assert lets_in(keycloak, world.realm)
    if of_client:
        world.edit_client(CLIENT, **change)
    else:
        world.admin.put(world.realm, json={"realm": world.realm, **change})
    assert not lets_in(keycloak, world.realm)


@pytest.fixture
def user_world(world: World, admin: Admin) -> World:
    """A world in which kcplan works as a user of the realm itself, through `admin-cli`."""
    admin.post("", json={"realm": world.realm, "enabled": True})
    user = {
        "username": "someone",
        "enabled": True,
        "email": "someone@example.org",
        "emailVerified": True,
        "firstName": "Some",
        "lastName": "One",
        "credentials": [{"type": "password", "value": PASSWORD, "temporary": False}],
    }
    account = admin.create(world.path("users"), user)
    management = admin.client_id(world.realm, "realm-management")
    role = admin.json(world.path("clients", management, "roles", "realm-admin"))
    at = world.path("users", account, "role-mappings", "clients", management)
    admin.post(at, json=[role])
    world.variables.update(
        KCPLAN_AUTH_REALM=world.realm, KCPLAN_USERNAME="someone", KCPLAN_PASSWORD=PASSWORD
    )
    return world


PASSWORD = "a-password-of-somebody"
REALLY_AS_USER: list[tuple[bool, Json]] = [
    (False, {"notBefore": LATER}),
    (False, {"sslRequired": "all"}),
    (True, {"fullScopeAllowed": False}),
    (True, {"attributes": {"dpop.bound.access.tokens": "true"}}),
    (True, {"attributes": {"tls.client.certificate.bound.access.tokens": "true"}}),
    (True, {"consentRequired": True}),
    (True, {"protocol": "saml"}),
    (True, {"publicClient": False}),
]


@pytest.mark.parametrize(
    ("of_client", "change"), REALLY_AS_USER, ids=[str(case[1]) for case in REALLY_AS_USER]
)
def test_a_user_is_locked_out_and_refused_too(
    user_world: World,
    keycloak: Server,
    of_client: bool,  # noqa: FBT001
    change: Json,
) -> None:
    world = user_world
    declared = {"clients": [{"clientId": "admin-cli", **change}]} if of_client else change
    world.declare(**declared)
    assert "would-lock-out" in world.apply(exit_code=1).stderr

    as_user = {"username": "someone", "password": Secret(PASSWORD)}
    assert lets_in(keycloak, world.realm, **as_user)
    if of_client:
        world.edit_client("admin-cli", **change)
    else:
        world.admin.put(world.realm, json={"realm": world.realm, **change})
    assert not lets_in(keycloak, world.realm, **as_user)


def test_a_policy_for_all_clients_may_lock_kcplan_out_and_does(
    own_world: World, keycloak: Server
) -> None:
    world = own_world
    policy: Json = {"name": "p", "enabled": True}
    policy["conditions"] = [{"condition": "any-client", "configuration": {}}]
    policy["profiles"] = ["fapi-2-security-profile"]
    world.declare(clientPolicies={"policies": [policy]})
    assert world.plan().codes == ["may-lock-out"]

    world.admin.put(world.path("client-policies", "policies"), json={"policies": [policy]})
    assert not lets_in(keycloak, world.realm)


def test_a_plan_that_may_lock_kcplan_out_says_so(own_world: World) -> None:
    world = own_world
    world.declare(accessTokenLifespan=10, permanentLockout=True, browserFlow="registration")
    result = world.kcplan("plan", world.file)
    text = result.stderr[result.stderr.index("Warning: the plan may") :]
    assert text.replace(f"{world.folder}/", "").replace(world.realm, "REALM") == snapshot("""\
Warning: the plan may lock kcplan out: accessTokenLifespan of REALM would be 10 [may-lock-out]
  on realm.json:3:3, in REALM, accessTokenLifespan

Its tokens may end before a request does. If kcplan is locked out, it can neither finish
the apply nor roll it back.

Warning: the plan may lock kcplan out: browserFlow of REALM would be "registration" [may-lock-out]
  on realm.json:5:3, in REALM, browserFlow

People log in to the console through it. If kcplan is locked out, it can neither finish
the apply nor roll it back.

""")
