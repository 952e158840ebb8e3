"""`kcplan import`: a live realm becomes a file and a state, so that nothing is left to do."""

import json
from collections.abc import Callable, Iterator
from functools import partial

import pytest
from inline_snapshot import snapshot

from support.authorization import VIEWS, populate
from support.harness import Admin, Run
from support.importing import (
    KEY,
    ODD,
    SECRET,
    WRITE_ONLY,
    account,
    forget,
    imported,
    make_full,
    read,
    said,
)
from support.world import Json, World

OIDC = {"protocol": "openid-connect"}
Sent = Callable[[], list[str]]

REALM = {
    "enabled": True,
    "sslRequired": "external",
    "registrationAllowed": False,
    "bruteForceProtected": False,
}
"""What is always written of a realm, as the tests make it."""

CLIENT = {
    "enabled": True,
    "publicClient": False,
    "bearerOnly": False,
    "standardFlowEnabled": True,
    "implicitFlowEnabled": False,
    "directAccessGrantsEnabled": False,
    "serviceAccountsEnabled": False,
    "fullScopeAllowed": True,
}
"""What is always written of a client, as Keycloak makes one."""


@pytest.fixture
def second(
    admin: Admin, realm_name: str, tmp_path_factory: pytest.TempPathFactory, run_kcplan: Run
) -> Iterator[World]:
    """A world beside the other one, with a folder of its own."""
    folder = tmp_path_factory.mktemp("second")
    name = f"{realm_name}-second"
    yield World(name, folder, admin, partial(run_kcplan, cwd=folder))
    admin.delete(name, check=False)


def is_done(world: World, name: str = "realm.toml") -> None:
    """Nothing is left to do for the imported file, and nothing has drifted."""
    file = world.folder / name
    result = world.kcplan("plan", file, "--detailed-exitcode")
    assert result.stdout == "No changes. Your Keycloak matches the configuration.\n"
    assert result.stderr == ""
    drift = world.refresh("--detailed-exitcode")
    assert (drift.drift, drift.outside) == ({}, {})


# -- what comes of it -------------------------------------------------------------------------


def test_a_realm_with_everything_in_it_needs_no_change(world: World) -> None:
    make_full(world)
    before = world.export()

    document = imported(world)

    is_done(world)
    assert world.export() == before
    assert set(document) > {"roles", "clients", "identityProviders", "users", "smtpServer"}
    assert {"clients/app/authorization/policies/mail", "clients/app/service-account"} < (
        world.known()
    )
    assert all(world.entry(address)["adopted"] for address in world.known())


def test_nothing_is_written_to_keycloak_and_no_account_is_asked_for_through_its_client(
    inhabited: World, sent: Sent
) -> None:
    world = inhabited
    world.admin.post(world.path("clients"), json={"clientId": "a", "serviceAccountsEnabled": True})
    imported(world)
    writes = {request for request in sent() if not request.startswith("GET ")}
    assert writes == {"POST token"}
    assert [request for request in sent() if "service-account-user" in request] == []


def test_an_empty_realm_has_an_almost_empty_file(inhabited: World) -> None:
    world = inhabited
    assert imported(world) == {"realm": world.realm, **REALM}
    is_done(world)


def test_fields_that_nobody_set_are_left_out(inhabited: World) -> None:
    world = inhabited
    world.admin.post(world.path("roles"), json={"name": "r"})
    for client in (
        {"clientId": "confidential"},
        {"clientId": "public", "publicClient": True},
        {"clientId": "bearer", "bearerOnly": True},
        {"clientId": "saml", "protocol": "saml", "attributes": {"saml.client.signature": "false"}},
        {
            "clientId": "server",
            "serviceAccountsEnabled": True,
            "authorizationServicesEnabled": True,
        },
    ):
        world.admin.post(world.path("clients"), json=client)
    world.admin.post(world.in_client("public", "roles"), json={"name": "r"})
    mapper = {"name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-sub-mapper"}
    world.admin.post(world.in_client("public", "protocol-mappers", "models"), json=mapper)
    at = world.in_client("server", "authz", "resource-server")
    world.admin.post(f"{at}/scope", json={"name": "s"})
    world.admin.post(f"{at}/resource", json={"name": "r"})
    world.admin.post(f"{at}/policy/user", json={"name": "p", "users": []})
    world.admin.post(f"{at}/permission/resource", json={"name": "q", "resources": ["r"]})
    provider = {"alias": "i", "providerId": "oidc", "config": {"clientId": "us"}}
    world.admin.post(world.path("identity-provider", "instances"), json=provider)

    document = imported(world)

    clients = {client.pop("clientId"): client for client in document["clients"]}
    saml = clients.pop("saml")
    secrets = {name for name, client in clients.items() if client.pop("secret", None)}
    assert secrets == {"confidential", "bearer", "server"}
    assert saml.keys() == {"protocol", "secret", "attributes", *CLIENT}
    assert clients == {
        "confidential": CLIENT,
        "public": {**CLIENT, "publicClient": True, "protocolMappers": [mapper]},
        "bearer": {**CLIENT, "bearerOnly": True},
        "server": {
            **CLIENT,
            "serviceAccountsEnabled": True,
            "authorizationServicesEnabled": True,
            "authorizationSettings": {
                "scopes": [{"name": "s"}],
                "resources": [{"name": "r"}],
                "policies": [
                    {"name": "p", "type": "user"},
                    {"name": "q", "type": "resource", "config": {"resources": ["r"]}},
                ],
            },
        },
    }
    rest = {key: value for key, value in document.items() if key != "clients"}
    assert rest == {
        "realm": world.realm,
        **REALM,
        "roles": {"realm": [{"name": "r"}], "client": {"public": [{"name": "r"}]}},
        "identityProviders": [{**provider, "enabled": True, "trustEmail": False}],
        "users": [{"serviceAccountClientId": "server"}],
    }
    is_done(world)


def test_client_scopes_are_written_where_a_client_in_a_new_realm_would_get_others(
    inhabited: World,
) -> None:
    """Both lists are: Keycloak fills neither of them in a new client that is told one."""
    world = inhabited
    scope = world.admin.create(world.path("client-scopes"), {"name": "s", **OIDC})
    world.admin.post(world.path("clients"), json={"clientId": "as-all"})
    world.admin.post(world.path("clients"), json={"clientId": "more"})
    world.admin.put(world.in_client("more", "optional-client-scopes", scope))
    as_all, more = imported(world)["clients"]
    assert not {"defaultClientScopes", "optionalClientScopes"} & as_all.keys()
    assert "s" in more["optionalClientScopes"]
    assert "basic" in more["defaultClientScopes"]
    forget(world)
    world.admin.put(world.path("default-default-client-scopes", scope))
    as_all, _ = imported(world)["clients"]
    assert "s" not in as_all["defaultClientScopes"], "it would be, in a new realm"
    is_done(world)


def test_a_large_realm_needs_no_change(inhabited: World) -> None:
    world = inhabited
    names = [f"service-{number:03}" for number in range(120)]
    for name in names:
        client = {"clientId": name, "serviceAccountsEnabled": True}
        world.admin.post(world.path("clients"), json=client)
    document = imported(world)
    assert [client["clientId"] for client in document["clients"]] == names
    assert [account["serviceAccountClientId"] for account in document["users"]] == names
    is_done(world)


def test_the_file_is_pleasant_to_read(inhabited: World) -> None:
    world = inhabited
    mapper = {
        "name": "other in the audience",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": {"included.client.audience": "other", "access.token.claim": "true"},
    }
    world.admin.put(
        world.realm,
        json={
            "realm": world.realm,
            "smtpServer": {"host": "mail.example", "from": "a@mail.example"},
        },
    )
    for role in ("reader", "writer"):
        world.admin.post(world.path("roles"), json={"name": role, "description": f"A {role}"})
    world.admin.post(
        world.path("clients"),
        json={
            "clientId": "app",
            "name": "The application",
            "serviceAccountsEnabled": True,
            "redirectUris": ["https://app.example/*"],
            "webOrigins": [f"https://{name}-of-the-app.example" for name in "abcd"],
            "attributes": {"access.token.lifespan": "60"},
            "protocolMappers": [mapper],
        },
    )
    world.admin.post(world.path("clients"), json={"clientId": ODD, "publicClient": True})
    world.admin.post(world.in_client("app", "roles"), json={"name": "part"})
    world.admin.post(f"{world.path('roles', 'writer')}/composites", json=[world.role("reader")])
    world.grant("app", "writer")
    world.grant("app", "realm-management/view-users")

    result = world.kcplan("import", world.realm)

    file = world.folder / f"{world.realm}.toml"
    assert said(world, file.read_text()) == snapshot("""\
realm = "REALM"
enabled = true
bruteForceProtected = false
registrationAllowed = false
sslRequired = "external"

[smtpServer]
from = "a@mail.example"
host = "mail.example"

[[roles.realm]]
name = "reader"
description = "A reader"

[[roles.realm]]
name = "writer"
description = "A writer"
composites = { realm = ["reader"] }

[[roles.client.app]]
name = "part"

[[clients]]
clientId = "a/b %é 5%2F"
enabled = true
bearerOnly = false
directAccessGrantsEnabled = false
fullScopeAllowed = true
implicitFlowEnabled = false
publicClient = true
serviceAccountsEnabled = false
standardFlowEnabled = true

[[clients]]
clientId = "app"
name = "The application"
enabled = true
bearerOnly = false
directAccessGrantsEnabled = false
fullScopeAllowed = true
implicitFlowEnabled = false
publicClient = false
redirectUris = ["https://app.example/*"]
secret = "${env:REALM_APP_SECRET}"
serviceAccountsEnabled = true
standardFlowEnabled = true
webOrigins = [
    "https://a-of-the-app.example",
    "https://b-of-the-app.example",
    "https://c-of-the-app.example",
    "https://d-of-the-app.example",
]
attributes = { "access.token.lifespan" = "60" }

[[clients.protocolMappers]]
name = "other in the audience"
protocol = "openid-connect"
protocolMapper = "oidc-audience-mapper"
config = { "access.token.claim" = "true", "included.client.audience" = "other" }

[[users]]
serviceAccountClientId = "app"
realmRoles = ["writer"]
clientRoles = { realm-management = ["view-users"] }
""")
    assert said(world, result.stdout) == snapshot(
        "REALM.toml describes the realm REALM, and the state knows its 7 resources.\n"
    )
    assert said(world, result.stderr) == snapshot("""\

The file has variables for secrets. Set them for the next plan:
  REALM_APP_SECRET  secret of REALM/clients/app
Keycloak's console shows the secret of a client under Credentials.

Left out, because they are not configuration; they stay as they are:
  4 private keys

Left out, because Keycloak makes these in every realm; they stay as they are:
  3 roles, 15 client scopes, 6 clients, 31 client roles, 7 flows, 14 required actions, 1 user profile, 10 registration policies, 4 components

Next: kcplan plan REALM.toml
""")


def test_what_decides_who_may_do_what_is_written_and_so_repaired(inhabited: World) -> None:
    world = inhabited
    client = {"clientId": "a", "publicClient": False, "fullScopeAllowed": False}
    world.admin.post(world.path("clients"), json=client)
    document = imported(world, "realm.json")
    (written,) = document["clients"]
    written.pop("secret")
    assert written == snapshot(
        {
            "clientId": "a",
            "enabled": True,
            "bearerOnly": False,
            "directAccessGrantsEnabled": False,
            "fullScopeAllowed": False,
            "implicitFlowEnabled": False,
            "publicClient": False,
            "serviceAccountsEnabled": False,
            "standardFlowEnabled": True,
        }
    )
    rest = {key: value for key, value in document.items() if key != "clients"}
    assert rest == {"realm": world.realm, **REALM}

    tampered = {"publicClient": True, "implicitFlowEnabled": True, "fullScopeAllowed": True}
    world.edit_client("a", **tampered)
    world.admin.put(world.realm, json={"realm": world.realm, "sslRequired": "none"})

    plan = json.loads(world.kcplan("plan", "realm.json", "--format", "json").stdout)
    fields = {
        (item["address"].removeprefix(world.realm), ".".join(change["path"]))
        for item in plan["resource_changes"]
        for change in item["changes"]
    }
    assert fields >= {("/clients/a", field) for field in tampered} | {("", "sslRequired")}


def log_in(world: World, name: str) -> None:
    """Somebody logs in to the realm, and stays so."""
    (user,) = world.admin.json(world.path("users"), username=name, exact="true")
    known = {"email": f"{name}@shop.example", "firstName": "A", "lastName": "B"}
    password = {"type": "password", "value": "secret"}
    world.admin.put(world.path("users", user["id"]), json={**known, "credentials": [password]})
    form = {"client_id": "admin-cli", "grant_type": "password"}
    world.admin.log_in(world.realm, **form, username=name, password="secret")


def test_what_is_left_out_is_counted(inhabited: World) -> None:
    world = inhabited
    for name in ("a", "b"):
        world.admin.post(world.path("groups"), json={"name": name})
    for name in ("alice", "bob"):
        world.admin.post(world.path("users"), json={"username": name, "enabled": True})
    log_in(world, "alice")
    (alice, (group, _)) = (
        world.admin.json(world.path("users"), username="alice")[0],
        world.admin.json(world.path("groups")),
    )
    world.admin.put(world.path("users", alice["id"], "groups", group["id"]))
    result = world.kcplan("import", world.realm)
    assert said(world, result.stderr) == snapshot("""\

Left out, because they are not configuration; they stay as they are:
  2 users, 1 client session, 4 private keys, 1 group member

Left out, because Keycloak makes these in every realm; they stay as they are:
  3 roles, 15 client scopes, 6 clients, 31 client roles, 7 flows, 14 required actions, 1 user profile, 10 registration policies, 4 components

Next: kcplan plan REALM.toml
""")


def test_workflows_are_in_the_file_and_members_of_organizations_are_counted(world: World) -> None:
    """Keycloak lists ten workflows unless it is asked for more."""
    steps = [{"uses": "disable-user", "after": "30d"}]
    world.admin.post("", json={"realm": world.realm, "enabled": True, "organizationsEnabled": True})
    for number in range(11):
        flow = {"name": f"w{number}", "on": "user-created", "steps": steps}
        world.admin.post(world.path("workflows"), json=flow)
    ann = world.admin.create(world.path("users"), {"username": "ann", "enabled": True})
    for name in ("acme", "umbrella"):
        domains = [{"name": f"{name}.example"}]
        at = world.admin.create(world.path("organizations"), {"name": name, "domains": domains})
        world.admin.post(world.path("organizations", at, "members"), json=ann)

    for users in ((), ("--users",)):
        result = world.kcplan("import", world.realm, *users, "--out", f"realm{len(users)}.toml")
        assert (world.folder / f"realm{len(users)}.toml").read_text().count("[[workflows]]") == 11
        assert "4 private keys, 2 organization members\n" in result.stderr
        world.kcplan("state", "rm", world.realm)


def test_a_json_file_says_the_same(inhabited: World) -> None:
    world = inhabited
    world.admin.post(world.path("clients"), json={"clientId": ODD, "name": "Läden"})
    document = imported(world, "realm.json")
    is_done(world, "realm.json")
    world.kcplan("state", "rm", world.realm)
    assert imported(world) == document


def test_the_file_makes_the_same_realm_elsewhere(world: World, second: World) -> None:
    make_full(world)
    document = imported(world)
    text = (world.folder / "realm.toml").read_text()
    file = second.folder / "realm.toml"
    file.write_text(text.replace(world.realm, second.realm))

    populate(second)
    second.kcplan("apply", file, "--auto-approve", env=world.variables)

    file.unlink()
    second.kcplan("state", "rm", second.realm)
    again = imported(second)
    assert _plain(second, again) == _plain(world, document)


def _plain(world: World, document: Json) -> Json:
    """A file without what is another one in each realm: its name, in variables too."""
    plain: Json = json.loads(said(world, json.dumps(document)))
    return plain


def test_what_keycloak_makes_itself_is_left_out_and_what_was_added_to_it_is_not(
    inhabited: World,
) -> None:
    world = inhabited
    world.admin.put(world.realm, json={"realm": world.realm, "adminPermissionsEnabled": True})
    world.admin.post(world.in_client("account", "roles"), json={"name": "own"})
    document = imported(world)
    assert document == {
        "realm": world.realm,
        **REALM,
        "adminPermissionsEnabled": True,
        "roles": {"client": {"account": [{"name": "own"}]}},
    }
    is_done(world)


def test_destroy_releases_what_was_imported_and_deletes_nothing(world: World) -> None:
    make_full(world)
    imported(world)
    before = world.export()
    result = world.destroy()
    assert ", 0 destroyed," in result.stdout
    assert world.known() == set()
    assert world.export() == before


def test_later_changes_in_the_console_are_drift(inhabited: World) -> None:
    world = inhabited
    client = {"clientId": "a", "serviceAccountsEnabled": True, "description": "imported"}
    world.admin.post(world.path("clients"), json=client)
    imported(world)
    world.edit_client("a", description="edited", redirectUris=["https://new.example/*"])
    world.grant("a", "realm-management/realm-admin")

    found = world.refresh("--detailed-exitcode", exit_code=2)

    assert found.drift == {"clients/a": "update", "clients/a/service-account": "update"}
    assert found.fields("clients/a", of="drift") == {"description": ("imported", "edited", "drift")}


# -- secrets ----------------------------------------------------------------------------------


def test_no_secret_is_written_or_shown(world: World) -> None:
    make_full(world)
    result = world.kcplan("import", world.realm)
    written = "".join(file.read_text() for file in world.folder.iterdir())
    for text in (written, result.stdout, result.stderr):
        assert SECRET not in text
        assert WRITE_ONLY not in text
        assert KEY not in text


def test_a_secret_that_is_not_the_live_one_is_a_change(inhabited: World) -> None:
    world = inhabited
    world.admin.post(world.path("clients"), json={"clientId": "a"})
    imported(world)
    (name,) = world.variables
    other = {name: "another-secret-for-the-same-client"}
    file = world.folder / "realm.toml"
    world.kcplan("plan", file, "--detailed-exitcode", env=other, exit_code=2)


def test_an_account_that_may_only_view_imports_the_same(inhabited: World) -> None:
    world = inhabited
    world.admin.post(world.path("clients"), json={"clientId": "a", "serviceAccountsEnabled": True})
    rights = account(world, *VIEWS)
    document = imported(world)
    world.kcplan("state", "rm", world.realm)
    world.kcplan("import", world.realm, "--out", "again.toml", env=rights)
    assert read(world, "again.toml") == document
