"""`kcplan import --users`: the users of a realm, without their passwords."""

import json
from collections.abc import Callable
from typing import Any

import httpx
from inline_snapshot import snapshot

from conformance.samples.component import LDAP
from support.authorization import VIEWS
from support.faults import FaultyTransport, status
from support.importing import account, imported, read, said
from support.sabotage import sent_through
from support.world import Json, World

Sent = Callable[[], list[str]]

PASSWORD = "a-password-of-a-user-that-nobody-may-see"
FEDERATION = "org.keycloak.storage.UserStorageProvider"

USERS: list[Json] = [
    {
        "username": "ann",
        "enabled": True,
        "email": "ann@example.org",
        "emailVerified": True,
        "firstName": "Ann",
        "lastName": "${env:HOME}",
        "attributes": {"team": ["a", "b"], "größe": ["1"]},
        "requiredActions": ["UPDATE_PROFILE"],
        "groups": ["/staff/nights"],
        "realmRoles": ["reader"],
        "clientRoles": {"app": ["part"]},
        "federatedIdentities": [
            {"identityProvider": "company", "userId": "17", "userName": "ann"},
        ],
        "credentials": [{"type": "password", "value": PASSWORD}],
    },
    {"username": "a/b %41 c*", "enabled": True},
    {"username": "Service-Account-Ümit", "enabled": False},
]


def make(world: World, users: list[Json], **sections: Any) -> World:
    """A realm that is not kcplan's, with these users."""
    sections = {"realm": world.realm, "enabled": True, "users": users, **sections}
    world.admin.post("", json=sections)
    return world


def is_done(world: World, name: str = "realm.toml") -> None:
    """Nothing is left to do for the imported file, and nothing has drifted."""
    plan = world.kcplan("plan", world.folder / name, "--detailed-exitcode")
    assert (plan.stderr, plan.stdout.partition("\n")[0]) == (
        "",
        "No changes. Your Keycloak matches the configuration.",
    )
    drift = world.refresh("--detailed-exitcode")
    assert (drift.drift, drift.outside) == ({}, {})


def test_users_are_in_the_file_and_nothing_is_left_to_do(world: World) -> None:
    make(
        world,
        USERS,
        roles={"realm": [{"name": "reader"}], "client": {"app": [{"name": "part"}]}},
        clients=[{"clientId": "app", "publicClient": True}],
        groups=[{"name": "staff", "subGroups": [{"name": "nights"}]}],
        identityProviders=[{"alias": "company", "providerId": "oidc", "config": {"clientId": "a"}}],
    )
    profile = world.admin.json(world.path("users", "profile"))
    profile["unmanagedAttributePolicy"] = "ENABLED"
    world.admin.put(world.path("users", "profile"), json=profile)
    result = world.kcplan("import", world.realm, "--users", "--out", "realm.toml")

    document = read(world)
    assert document["users"] == snapshot(
        [
            {"username": "a/b %41 c*", "enabled": True},
            {
                "username": "ann",
                "enabled": True,
                "email": "ann@example.org",
                "emailVerified": True,
                "federatedIdentities": [
                    {"identityProvider": "company", "userId": "17", "userName": "ann"}
                ],
                "firstName": "Ann",
                "groups": ["/staff/nights"],
                "lastName": "$${env:HOME}",
                "realmRoles": ["reader"],
                "requiredActions": ["UPDATE_PROFILE"],
                "attributes": {"größe": ["1"], "team": ["a", "b"]},
                "clientRoles": {"app": ["part"]},
            },
            {"username": "service-account-ümit", "enabled": False},
        ]
    )
    assert said(world, result.stderr) == snapshot("""\

Written without passwords and other credentials, which Keycloak does not show; they stay as they are:
  3 users
A user that kcplan creates from this file, in another realm for example, has no password.

Left out, because they are not configuration; they stay as they are:
  4 private keys

Left out, because Keycloak makes these in every realm; they stay as they are:
  3 roles, 15 client scopes, 6 clients, 31 client roles, 7 flows, 14 required actions, 10 registration policies, 4 components

Next: kcplan plan realm.toml
""")
    assert PASSWORD not in (world.folder / "realm.toml").read_text() + world.state_file.read_text()
    is_done(world)
    assert world.destroy().exit_code == 0
    assert len(world.admin.json(world.path("users"))) == len(USERS)


def test_users_are_not_asked_for_more_than_is_wanted(world: World, sent: Sent) -> None:
    make(world, [{"username": name, "enabled": True} for name in "abc"])
    assert "users" not in imported(world)
    asked = [request for request in sent() if "users" in request]
    assert asked == snapshot(["GET realms/{}/users/count", "GET realms/{}/users/profile"])

    world.kcplan("state", "rm", world.realm)
    world.kcplan("import", world.realm, "--out", "all", "--users")
    more = [request for request in sent() if "users" in request and request not in asked]
    assert more == snapshot(
        [
            "GET realms/{}/attack-detection/{}/users/{}",
            "GET realms/{}/users",
            "GET realms/{}/users/{}/role-mappings",
        ]
    )
    assert [user["username"] for user in read(world, "all/users.toml")["users"]] == ["a", "b", "c"]


def test_those_of_a_user_federation_are_left_out(world: World) -> None:
    make(world, [{"username": "own"}])
    ldap = {
        "providerType": FEDERATION,
        "providerId": "ldap",
        "config": {**LDAP, "enabled": ["false"]},
    }
    link = world.admin.create(world.path("components"), {"name": "company", **ldap})
    theirs = [{"username": name, "federationLink": link} for name in ("ada", "grace")]
    world.admin.post(world.path("partialImport"), json={"users": theirs})
    result = world.kcplan("import", world.realm, "--users", "--out", "realm.toml")
    assert read(world)["users"] == [{"username": "own", "enabled": False}]
    assert said(world, result.stderr) == snapshot("""\

Written without passwords and other credentials, which Keycloak does not show; they stay as they are:
  1 user
A user that kcplan creates from this file, in another realm for example, has no password.

Left out, because they are not configuration; they stay as they are:
  4 private keys

Left out, because a user federation brings them by itself; they stay as they are:
  2 users

Left out, because Keycloak makes these in every realm; they stay as they are:
  3 roles, 15 client scopes, 6 clients, 31 client roles, 7 flows, 14 required actions, 1 user profile, 10 registration policies, 4 components

Next: kcplan plan realm.toml
""")
    is_done(world)


def test_an_own_user_of_the_same_name_as_one_of_a_federation_is_not(world: World) -> None:
    """As where a federation imports no users, and the directory got one of that name later."""
    make(world, [{"username": "ada"}])

    class WithDirectory(FaultyTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            answer = super().handle_request(request)
            if not request.url.path.endswith("/users"):
                return answer
            users = json.loads(answer.read())
            theirs = [{"id": f"f:directory:{name}", "username": name} for name in ("ada", "grace")]
            return httpx.Response(200, json=[*users, *theirs])

    with sent_through(WithDirectory()):
        result = world.kcplan("import", world.realm, "--users", "--out", "realm.toml")

    assert read(world)["users"] == [{"username": "ada", "enabled": False}]
    assert "a user federation brings them by itself; they stay as they are:\n  1 user\n" in (
        result.stderr
    )


def test_a_user_without_an_address_stays_where_that_is_the_username(world: World) -> None:
    """As one that was there before the realm was changed: it counts only once it is written."""
    make(world, [{"username": "ann", "enabled": True}])
    world.admin.put(world.realm, json={"registrationEmailAsUsername": True})
    world.kcplan("import", world.realm, "--users", "--out", "realm.toml")
    is_done(world)
    assert world.kcplan("validate", world.folder / "realm.toml").stderr == ""

    file = world.folder / "realm.toml"
    file.write_text(
        file.read_text().replace('username = "ann"', 'username = "ann"\nlastName = "A"')
    )
    changed = world.kcplan("plan", file, exit_code=1)
    assert "[username-is-email]" in changed.stderr


def test_a_username_of_before_the_address_was_the_username_is_found(world: World) -> None:
    """Keycloak keeps it, shows the address in its place, and finds the user by the older one."""
    make(world, [{"username": "ann", "email": "ann@example.org", "enabled": True}])
    world.admin.put(world.realm, json={"registrationEmailAsUsername": True})
    world.kcplan("import", world.realm, "--users", "--out", "realm.toml")
    assert [user["username"] for user in read(world)["users"]] == ["ann@example.org"]
    is_done(world)


def test_one_that_slips_to_the_next_page_is_one(world: World) -> None:
    """Keycloak gives users by name, and somebody adds one before the others meanwhile."""
    make(world, [{"username": f"user-{number:03}", "enabled": True} for number in range(101)])

    class Adding(FaultyTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.url.params.get("first") == "100" and request.url.path.endswith("/users"):
                world.admin.post(world.path("users"), json={"username": "a-new-one"})
            return super().handle_request(request)

    with sent_through(Adding()):
        result = world.kcplan("import", world.realm, "--users", "--out", "realm.toml")

    assert "share" not in result.stderr
    names = [user["username"] for user in read(world)["users"]]
    assert names == [f"user-{number:03}" for number in range(101)]


def test_one_is_told_how_many_users_are_read_where_they_are_many(world: World) -> None:
    make(world, USERS[1:2])
    many = FaultyTransport()
    many.fail(status(200, "1001", content_type="application/json"), path="/users/count")
    with sent_through(many):
        result = world.kcplan("import", world.realm, "--users", "--out", "realm.toml")
    assert result.stderr.startswith("Reading 1,001 users, with up to three requests for each.\n")


def test_too_many_users_are_refused_unless_they_are_wanted(world: World) -> None:
    make(world, USERS[1:2])
    many = FaultyTransport()
    many.fail(status(200, "10001", content_type="application/json"), path="/users/count")
    with sent_through(many):
        result = world.kcplan("import", world.realm, "--users", exit_code=1)
    assert said(world, result.stderr) == snapshot("""\
Error: the realm REALM has 10,001 users, and `import --users` reads 10,000 at most

Each user in a file is a resource: up to three requests now, and again for each plan. If
you want that, use `--max-users 10001`. Else import without `--users`, and declare those
who matter to the configuration, such as technical users, by hand.
""")
    assert not world.state_file.exists()
    world.kcplan("import", world.realm, "--users", "--max-users", "1")


def test_users_that_may_not_be_seen_are_not_imported(inhabited: World) -> None:
    world = inhabited
    roles = [role for role in VIEWS if role != "view-users"]
    rights = account(world, *roles, "query-users", "query-groups")
    result = world.kcplan("import", world.realm, "--users", env=rights, exit_code=1)
    assert said(world, result.stderr) == snapshot("""\
Error: the account has no right to see the users of the realm REALM

To import them, it needs the role view-users of the client realm-management in
'REALM'; an account of the realm master, that of the client
'REALM-realm' there. New roles count from the next log-in. Or import without
--users.
""")
    assert not world.state_file.exists()
