"""Identity providers."""

import threading
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.errors import LostError
from kcplan.refs import references
from kcplan.resource import Resource
from kcplan_keycloak.resources import registry
from kcplan_keycloak.writer import KeycloakWriter
from support.authorization import connect, delete_and_restore, viewer
from support.harness import Admin, Server
from support.sabotage import WAYS, Saboteur, sent_through
from support.world import Json, World

ALIAS = "id%p-é"
AT = f"identity-providers/{ALIAS.replace('%', '%25')}"

PROVIDER: Json = {
    "alias": ALIAS,
    "providerId": "oidc",
    "displayName": "The other one",
    "enabled": True,
    "trustEmail": True,
    "storeToken": True,
    "addReadTokenRoleOnCreate": True,
    "authenticateByDefault": True,
    "linkOnly": True,
    "hideOnLogin": True,
    "firstBrokerLoginFlowAlias": "first broker login",
    "postBrokerLoginFlowAlias": "browser",
    "config": {
        "clientId": "kc",
        "clientSecret": "${IDP_SECRET}",
        "authorizationUrl": "https://idp.example.org/auth",
        "tokenUrl": "https://idp.example.org/token",
    },
}
SECRET = "a-secret-of-the-identity-provider"


@pytest.fixture
def variables() -> dict[str, str | None]:
    return {"IDP_SECRET": SECRET}


@pytest.fixture
def world(world: World, realm: str) -> World:
    """A world whose realm exists."""
    assert world.realm == realm
    return world


def declare(world: World, **fields: Any) -> None:
    world.declare(identityProviders=[{**PROVIDER, **fields}])


def there(world: World) -> Json:
    found: Json = world.admin.json(world.path("identity-provider", "instances", ALIAS))
    return found


def test_all_fields_are_created_as_declared(world: World) -> None:
    declare(world)
    world.apply()
    world.is_settled()
    found = there(world)
    assert found.pop("internalId") == world.entry(AT)["id"]
    assert found == snapshot(
        {
            "alias": "id%p-é",
            "displayName": "The other one",
            "providerId": "oidc",
            "enabled": True,
            "trustEmail": True,
            "storeToken": True,
            "addReadTokenRoleOnCreate": True,
            "authenticateByDefault": True,
            "linkOnly": True,
            "hideOnLogin": True,
            "firstBrokerLoginFlowAlias": "first broker login",
            "postBrokerLoginFlowAlias": "browser",
            "config": {
                "clientSecret": "**********",
                "clientId": "kc",
                "tokenUrl": "https://idp.example.org/token",
                "authorizationUrl": "https://idp.example.org/auth",
            },
            "types": [
                "USER_AUTHENTICATION",
                "CLIENT_ASSERTION",
                "TRUST_MATERIAL",
                "EXCHANGE_EXTERNAL_TOKEN",
                "JWT_AUTHORIZATION_GRANT",
            ],
        }
    )


def test_no_output_and_no_file_has_the_secret(world: World) -> None:
    declare(world)
    shown = world.plan()
    applied = world.apply()
    for text in (
        shown.result.stdout,
        applied.stdout,
        applied.stderr,
        world.state_file.read_text(),
    ):
        assert SECRET not in text


def test_every_field_can_be_changed(world: World) -> None:
    declare(world)
    world.apply()
    switches = dict.fromkeys(
        (
            "enabled",
            "trustEmail",
            "storeToken",
            "addReadTokenRoleOnCreate",
            "authenticateByDefault",
            "linkOnly",
            "hideOnLogin",
        ),
        False,
    )
    declare(
        world,
        **switches,
        displayName="Another",
        firstBrokerLoginFlowAlias="registration",
        postBrokerLoginFlowAlias="",
        config={**PROVIDER["config"], "clientId": "kc2", "prompt": "login"},
    )
    world.apply()
    world.is_settled()
    found = there(world)
    del found["internalId"]
    assert found == snapshot(
        {
            "alias": "id%p-é",
            "displayName": "Another",
            "providerId": "oidc",
            "enabled": False,
            "trustEmail": False,
            "storeToken": False,
            "addReadTokenRoleOnCreate": False,
            "authenticateByDefault": False,
            "linkOnly": False,
            "hideOnLogin": False,
            "firstBrokerLoginFlowAlias": "registration",
            "config": {
                "clientSecret": "**********",
                "clientId": "kc2",
                "tokenUrl": "https://idp.example.org/token",
                "authorizationUrl": "https://idp.example.org/auth",
                "prompt": "login",
            },
            "types": [
                "USER_AUTHENTICATION",
                "CLIENT_ASSERTION",
                "TRUST_MATERIAL",
                "EXCHANGE_EXTERNAL_TOKEN",
                "JWT_AUTHORIZATION_GRANT",
            ],
        }
    )


def test_a_switch_that_is_off_needs_no_change(world: World) -> None:
    """Keycloak leaves out the switches that nobody ever set."""
    world.admin.post(
        world.path("identity-provider", "instances"),
        json={"alias": ALIAS, "providerId": "oidc", "config": {"clientId": "kc"}},
    )
    world.declare(
        identityProviders=[
            {"alias": ALIAS, "providerId": "oidc", "trustEmail": False, "linkOnly": False}
        ]
    )
    assert world.plan().change(AT)["changes"] == []


def test_a_field_of_old_is_not_kept(world: World) -> None:
    """So `updateProfileFirstLoginMode` is a note; see `test_older_forms.py`."""
    world.admin.post(
        world.path("identity-provider", "instances"),
        json={
            "alias": ALIAS,
            "providerId": "oidc",
            "updateProfileFirstLoginMode": "on",
            "config": {"clientId": "kc"},
        },
    )
    assert "updateProfileFirstLoginMode" not in there(world)


def test_the_secret_survives_other_changes(world: World) -> None:
    declare(world)
    world.apply()
    declare(world, displayName="Another")
    assert list(world.plan().fields(AT)) == ["displayName"]
    world.apply()
    assert there(world)["config"]["clientSecret"] == "**********"
    assert world.plan().actions == {}


def test_a_new_secret_is_seen_and_written(world: World) -> None:
    declare(world)
    world.apply()
    env = {"IDP_SECRET": "another-secret-of-the-identity-provider"}
    plan = world.plan(env=env)
    assert plan.fields(AT) == {"config.clientSecret": (None, None, "config")}
    world.apply(env=env)
    assert world.plan(env=env).actions == {}


def test_config_that_is_not_declared_stays(world: World) -> None:
    declare(world)
    world.apply()
    found = there(world)
    world.admin.put(
        world.path("identity-provider", "instances", ALIAS),
        json={**found, "config": {**found["config"], "issuer": "https://idp.example.org"}},
    )
    declare(world, config={"clientId": "kc"}, displayName="Another")
    world.apply()
    # What kcplan brought and the files no longer have goes; what it never had stays.
    assert there(world)["config"] == {"clientId": "kc", "issuer": "https://idp.example.org"}


def test_another_kind_of_provider_is_another_object(world: World) -> None:
    declare(world)
    world.apply()
    before = there(world)["internalId"]
    declare(world, providerId="keycloak-oidc")
    assert world.plan().actions == {AT: "replace"}
    world.apply()
    found = there(world)
    assert (found["providerId"], found["internalId"] != before) == ("keycloak-oidc", True)
    assert world.plan().actions == {}


def test_an_unknown_flow_is_found_before_anything_is_written(world: World) -> None:
    declare(world, postBrokerLoginFlowAlias="nope")
    plan = world.plan(exit_code=1)
    assert [
        item["summary"].replace(world.realm, "REALM") for item in plan.document["diagnostics"]
    ] == snapshot(["identity-provider id%p-é names REALM/flows/nope, which does not exist"])


def test_flows_are_referred_to() -> None:
    resource = Resource(
        Address.of("r", "identity-providers", "a"),
        "identity-provider",
        {("firstBrokerLoginFlowAlias",): "first", ("postBrokerLoginFlowAlias",): None},
    )
    assert [(str(item.target), item.path) for item in references(registry(), resource)] == [
        ("r/flows/first", ("firstBrokerLoginFlowAlias",))
    ]


def test_an_account_that_may_only_view_sees_the_same(world: World) -> None:
    declare(world)
    world.apply()
    env = viewer(world)
    assert world.plan(env=env).actions == {}
    assert world.refresh(env=env).drift == {}


def test_many_are_read_in_pages(world: World) -> None:
    world.declare(
        identityProviders=[
            {"alias": f"p{number}", "providerId": "oidc", "config": {"clientId": str(number)}}
            for number in range(25)
        ]
    )
    world.apply()
    world.is_settled()


def test_a_deleted_provider_comes_back_without_its_secret_and_links(
    world: World, admin: Admin, keycloak: Server
) -> None:
    declare(world)
    world.apply()
    at = world.path("identity-provider", "instances", ALIAS)
    world.admin.post(
        f"{at}/mappers",
        json={
            "name": "m",
            "identityProviderAlias": ALIAS,
            "identityProviderMapper": "hardcoded-attribute-idp-mapper",
            "config": {"attribute": "a", "attribute.value": "b", "syncMode": "INHERIT"},
        },
    )
    user = admin.create(world.path("users"), {"username": "bob"})
    link = world.path("users", user, "federated-identity")
    world.admin.post(f"{link}/{at.rsplit('/', 1)[1]}", json={"userId": "1", "userName": "b"})
    before, mappers = there(world), world.admin.json(f"{at}/mappers")
    with (
        connect(keycloak.environment) as api,
        pytest.raises(LostError, match="is back without its secret"),
    ):
        delete_and_restore(
            KeycloakWriter(api),
            Address.of(world.realm, "identity-providers", ALIAS),
            "identity-provider",
            before["internalId"],
        )
    after = there(world)
    assert before["config"].pop("clientSecret") == "**********"
    assert after == before
    assert world.admin.json(f"{at}/mappers") == mappers
    assert world.admin.json(link) == []


def test_a_failed_apply_takes_back_a_secret_where_there_was_none(world: World) -> None:
    config = {key: value for key, value in PROVIDER["config"].items() if key != "clientSecret"}
    declare(world, config=config)
    world.apply()
    before = there(world)
    world.declare(
        identityProviders=[PROVIDER, {"alias": "no name", "providerId": "oidc", "config": {}}]
    )
    world.apply(exit_code=3)
    assert there(world) == before


def test_a_renamed_provider_is_refused(world: World) -> None:
    declare(world)
    world.apply()
    world.settings(f'[[moved]]\nfrom = "REALM/{AT}"\nto = "REALM/identity-providers/new"\n')
    declare(world, alias="new")
    plan = world.plan(exit_code=1)
    assert plan.codes == ["moved-conflict"]
    assert "Keycloak cannot rename an identity provider" in plan.result.stdout
    assert there(world)["alias"] == ALIAS


class Overlaps(httpx.BaseTransport):
    """The real transport, on which each write for an identity provider waits for another write."""

    def __init__(self) -> None:
        self._inner = httpx.HTTPTransport()
        self._came = threading.Event()
        self.writes: list[str] = []
        self.found: list[str] = []

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "GET" or "/admin/" not in request.url.path:
            return self._inner.handle_request(request)
        what = f"{request.method} {request.url.path.partition('/realms/')[2].partition('/')[2]}"
        self.writes.append(what)
        if "identity-provider" not in what:
            self._came.set()
            return self._inner.handle_request(request)
        self._came.clear()
        if self._came.wait(1):
            self.found.append(what)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


def test_nothing_else_is_written_while_one_is_made_or_deleted(world: World) -> None:
    clients = [{"clientId": f"c{number}", "serviceAccountsEnabled": True} for number in range(6)]
    transport = Overlaps()
    world.declare(identityProviders=[PROVIDER], clients=clients)
    with sent_through(transport):
        world.apply()
    world.declare(clients=[{**client, "serviceAccountsEnabled": False} for client in clients])
    with sent_through(transport):
        world.apply()
    assert [what.partition(" ")[0] for what in transport.writes if "provider" in what] == [
        "POST",
        "DELETE",
    ]
    assert sum("clients" in what for what in transport.writes) >= 2 * len(clients)
    assert transport.found == []


def linked(world: World) -> tuple[str, Json]:
    """A user who has a link to the provider, and the path of those links."""
    user = world.admin.create(world.path("users"), {"username": "someone"})
    links = world.path("users", user, "federated-identity")
    link = {"identityProvider": ALIAS, "userId": "1", "userName": "someone"}
    world.admin.post(f"{links}/{quote(ALIAS)}", json=link)
    return links, link


def test_one_that_keycloak_refuses_does_not_cost_the_one_that_it_was_to_replace(
    world: World,
) -> None:
    declare(world)
    world.apply()
    links, link = linked(world)
    before = there(world)

    config = {**PROVIDER["config"], "authorizationUrl": "not a url"}
    declare(world, providerId="keycloak-oidc", config=config)
    result = world.apply(exit_code=3)

    assert "The url [authorization_url] is malformed" in " ".join(result.stderr.split())
    assert there(world) == before
    assert world.admin.json(links) == [link]
    declare(world)
    world.is_settled()


def test_one_is_replaced_after_all_that_may_fail(world: World) -> None:
    """Its users' links do not come back, so nothing that can be undone comes after it."""
    declare(world)
    world.apply()
    links, link = linked(world)
    world.declare(
        identityProviders=[{**PROVIDER, "providerId": "keycloak-oidc"}],
        clients=[{"clientId": "a", "rootUrl": "javascript:alert(1)"}],
    )
    world.apply(exit_code=3)
    assert world.admin.json(links) == [link]


def test_keycloak_finds_all_that_is_wrong_before_it_finds_an_alias_taken(world: World) -> None:
    declare(world)
    world.apply()
    before = there(world)
    instances = world.path("identity-provider", "instances")

    def posted(**fields: Any) -> int:
        body = {"alias": ALIAS, "providerId": "oidc", **fields}
        return world.admin.post(instances, json=body, check=False).status_code

    assert posted(providerId="nonesuch") == 400
    assert posted(config={"tokenUrl": "not a url"}) == 400
    assert posted(firstBrokerLoginFlowAlias="nonesuch") == 500
    assert posted() == 409
    assert there(world) == before


def test_one_that_is_gone_by_then_is_brought_back_and_not_replaced(world: World) -> None:
    declare(world)
    world.apply()
    declare(world, providerId="keycloak-oidc")
    world.kcplan("plan", world.file, "--out", "p.kcplan")
    at = world.path("identity-provider", "instances", ALIAS)

    class Vanishing(httpx.HTTPTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            if request.method == "POST" and request.url.path.endswith("/instances"):
                world.admin.delete(at, check=False)
            return super().handle_request(request)

    with sent_through(Vanishing()):
        result = world.kcplan("apply", "p.kcplan", "--auto-approve", exit_code=4)
    assert "does not find what DELETE" in " ".join(result.stderr.split())
    assert there(world)["providerId"] == "oidc"


def test_a_failed_change_leaves_no_empty_text(world: World) -> None:
    """A PUT without a text takes it away; with an empty one, it would stay as an empty one."""
    bare = {name: PROVIDER[name] for name in ("alias", "providerId", "config")}
    world.declare(enabled=True, identityProviders=[bare], roles={"realm": [{"name": "r"}]})
    world.apply()
    at = world.path("identity-provider", "instances", ALIAS)
    before = world.admin.json(at)
    assert "displayName" not in before
    names = {"displayName": "Theirs", "postBrokerLoginFlowAlias": "browser"}
    world.declare(enabled=True, identityProviders=[{**bare, **names}])

    with sent_through(Saboteur({1: WAYS["status 500"]})):
        result = world.try_apply()

    assert result.exit_code == 3, result.stderr
    assert result.stderr.endswith("rolled back: Keycloak is as it was before.\n")
    assert world.admin.json(at) == before
