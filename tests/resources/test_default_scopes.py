"""The realm's lists of client scopes that new clients get, and scopes that are deleted while in use."""

import json
from typing import Any

import httpx
import pytest
from inline_snapshot import snapshot

from support.exchanging import claims
from support.faults import answer_lost
from support.harness import Server
from support.importing import forget, imported
from support.sabotage import Saboteur, each_write_fails, sent_through
from support.scopes import Scopes
from support.whole_realm import differences, whole_realm
from support.world import Json, World

DEFAULT, OPTIONAL = "defaultDefaultClientScopes", "defaultOptionalClientScopes"


@pytest.fixture
def scopes(world: World) -> Scopes:
    return Scopes(world)


def declare(
    world: World, default: list[str] | None, optional: list[str] | None, **more: Any
) -> None:
    lists = {DEFAULT: default, OPTIONAL: optional}
    given = {name: names for name, names in lists.items() if names is not None}
    own = [{"name": name, "protocol": "openid-connect"} for name in ("orders", "bills")]
    world.declare(**{"enabled": True, "clientScopes": own, **given, **more})


def test_a_new_realm_has_those_that_the_files_name_and_no_others(
    world: World, scopes: Scopes
) -> None:
    declare(world, ["orders", "profile"], [])
    world.apply()
    world.is_settled()
    assert scopes.in_realm() == {DEFAULT: {"orders", "profile"}, OPTIONAL: set()}


def test_they_are_sets_that_change_and_are_repaired(world: World, scopes: Scopes) -> None:
    declare(world, ["orders", "profile"], ["bills"])
    world.apply()
    declare(world, ["profile", "orders"], ["bills"])
    assert world.plan().actions == {}

    scopes.take("orders", DEFAULT)
    scopes.put("orders", OPTIONAL)
    scopes.put("phone", OPTIONAL)
    drift = world.refresh("--detailed-exitcode", exit_code=2)
    assert drift.fields(".", of="drift") == snapshot(
        {
            "defaultDefaultClientScopes": (["orders", "profile"], ["profile"], "drift"),
            "defaultOptionalClientScopes": (["bills"], ["bills", "orders", "phone"], "drift"),
        }
    )
    world.apply()
    world.is_settled()
    assert scopes.in_realm() == {DEFAULT: {"orders", "profile"}, OPTIONAL: {"bills"}}


def test_one_moves_from_one_list_to_the_other(world: World, scopes: Scopes) -> None:
    declare(world, ["orders"], ["bills"])
    world.apply()
    for default, optional in ((["bills"], ["orders"]), ([], ["bills", "orders"]), (["orders"], [])):
        declare(world, default, optional)
        world.apply()
        world.is_settled()
        assert scopes.in_realm() == {DEFAULT: set(default), OPTIONAL: set(optional)}


def test_a_list_that_the_files_do_not_mention_stays(inhabited: World, scopes: Scopes) -> None:
    world = inhabited
    before = scopes.in_realm()
    declare(world, None, [*before[OPTIONAL], "orders"])
    world.apply()
    world.is_settled()
    assert scopes.in_realm() == {**before, OPTIONAL: before[OPTIONAL] | {"orders"}}

    # What kcplan put there goes when the list leaves the files.
    declare(world, None, None)
    world.apply()
    world.is_settled()
    assert scopes.in_realm() == before


def test_one_that_is_in_a_list_that_the_files_do_not_mention_stays_there(
    inhabited: World, scopes: Scopes
) -> None:
    """The apply fails; taking it back must not detach it from where it was all the time."""
    world = inhabited
    before = scopes.in_realm()
    assert "phone" in before[OPTIONAL]
    declare(world, ["phone", "profile"], None)
    result = world.apply(exit_code=3)
    assert "phone is in another list, and can be in one only" in result.stderr
    assert scopes.in_realm() == before
    declare(world, ["phone", "profile"], sorted(before[OPTIONAL] - {"phone"}))
    world.apply()
    world.is_settled()
    assert scopes.in_realm() == {
        DEFAULT: {"phone", "profile"},
        OPTIONAL: before[OPTIONAL] - {"phone"},
    }


def test_one_in_both_lists_is_an_error(world: World) -> None:
    client = {
        "clientId": "c",
        "defaultClientScopes": ["orders"],
        "optionalClientScopes": ["phone", "orders"],
    }
    declare(world, ["orders", "bills"], ["bills"], clients=[client])
    result = world.kcplan("validate", world.file, "--format", "json", exit_code=1)
    found = json.loads(result.stdout)["diagnostics"]
    assert [(item["summary"], item["source"]["path"]) for item in found] == snapshot(
        [
            (
                "defaultOptionalClientScopes and defaultDefaultClientScopes both name bills",
                ["defaultOptionalClientScopes"],
            ),
            (
                "optionalClientScopes and defaultClientScopes both name orders",
                ["clients", 0, "optionalClientScopes"],
            ),
        ]
    )
    assert found[0]["detail"].replace(str(world.folder), "DIR") == snapshot(
        "A client scope is in one of the two lists. defaultDefaultClientScopes is at DIR/realm.json:14:3. Remove it from one of them."
    )


def test_a_failing_step_puts_them_back(world: World, scopes: Scopes) -> None:
    declare(world, ["orders", "profile"], ["bills", "phone"])
    world.apply()
    before = scopes.in_realm()
    declare(world, ["bills"], ["orders", "email"])

    def as_before() -> None:
        assert scopes.in_realm() == before

    each_write_fails(world.try_apply, as_before)
    assert scopes.in_realm() == {DEFAULT: {"bills"}, OPTIONAL: {"orders", "email"}}


def test_an_answer_that_is_lost_is_no_conflict(world: World, scopes: Scopes) -> None:
    declare(world, [], [])
    world.apply()
    declare(world, ["orders"], ["bills"])
    lost = Saboteur({0: once(answer_lost)})
    with sent_through(lost):
        world.apply("--parallelism", "1")
    assert scopes.in_realm() == {DEFAULT: {"orders"}, OPTIONAL: {"bills"}}


def once(breakage: Any) -> Any:
    """A breakage of the first attempt only."""
    tried: list[object] = []

    def first(inner: Any, request: Any) -> Any:
        tried.append(request)
        return breakage(inner, request) if len(tried) == 1 else inner.handle_request(request)

    return first


def test_an_unknown_one_is_named_with_its_place(world: World) -> None:
    declare(world, ["nothing"], None)
    (finding,) = world.plan(exit_code=1).document["diagnostics"]
    assert (finding["code"], finding["path"]) == ("unknown-reference", [DEFAULT])
    assert finding["source"]["line"] > 1


def test_an_imported_realm_has_the_same_elsewhere(world: World, scopes: Scopes) -> None:
    declare(world, ["orders", "profile"], ["bills"])
    world.apply()
    before = scopes.in_realm()
    forget(world)
    document = imported(world, "realm.json")
    assert (set(document[DEFAULT]), document[OPTIONAL]) == (before[DEFAULT], ["bills"])
    world.is_settled()
    world.admin.delete(world.realm)
    world.state_file.unlink()
    world.apply()
    world.is_settled()
    assert scopes.in_realm() == before


# -- a scope that is deleted while it is in use -----------------------------------------------

IN_USE: Json = {
    "name": "used",
    "protocol": "openid-connect",
    "description": "in use",
    "attributes": {"note": "mine"},
    "protocolMappers": [
        {
            "name": "m",
            "protocol": "openid-connect",
            "protocolMapper": "oidc-audience-mapper",
            "config": {"included.custom.audience": "x"},
        }
    ],
}
ROLE: Json = {"realm": [{"name": "reader"}]}


def make_use(world: World, scopes: Scopes) -> None:
    """Others have the scope in their clients, in the realm's list, and in a policy."""
    admin = world.admin
    admin.post(world.path("clients"), json={"clientId": "one", "defaultClientScopes": ["used"]})
    admin.post(world.path("clients"), json={"clientId": "two", "optionalClientScopes": ["used"]})
    admin.post(
        world.path("clients"),
        json={
            "clientId": "three",
            "serviceAccountsEnabled": True,
            "authorizationServicesEnabled": True,
        },
    )
    policy = {
        "name": "p",
        "type": "client-scope",
        "clientScopes": [{"id": scopes.id("used"), "required": True}],
    }
    admin.post(
        world.in_client("three", "authz", "resource-server", "policy", "client-scope"), json=policy
    )
    scopes.put("used", DEFAULT)


def test_one_in_use_that_is_deleted_comes_back_to_where_it_was(
    world: World, scopes: Scopes
) -> None:
    mappings = [{"clientScope": "used", "roles": ["reader"]}]
    world.declare(enabled=True, roles=ROLE, clientScopes=[IN_USE], scopeMappings=mappings)
    world.apply()
    make_use(world, scopes)
    before = whole_realm(world.admin, world.realm)
    lists = scopes.in_realm(), scopes.of_client("one"), scopes.of_client("two")
    # The scope is deleted, and then a role cannot be.
    world.declare(enabled=True)

    def as_before() -> None:
        assert (scopes.in_realm(), scopes.of_client("one"), scopes.of_client("two")) == lists
        assert list(differences(before, whole_realm(world.admin, world.realm))) == []

    each_write_fails(world.try_apply, as_before)


def test_one_in_use_that_is_deleted_is_gone_from_everywhere(world: World, scopes: Scopes) -> None:
    world.declare(enabled=True, roles=ROLE, clientScopes=[IN_USE])
    world.apply()
    make_use(world, scopes)
    world.declare(enabled=True, roles=ROLE)
    world.apply()
    world.is_settled()
    assert "used" not in scopes.all()
    assert "used" not in scopes.in_realm()[DEFAULT]
    assert scopes.of_client("one")["defaultClientScopes"] == set()
    assert json.dumps(world.client("two") or {}).count('"used"') == 0


def test_tokens_say_who_the_user_is_with_the_scope_basic_only(
    world: World, keycloak: Server
) -> None:
    lists: dict[str, list[str]] = {"with": ["basic", "profile"], "without": ["profile"]}
    password = "what only the user knows"
    name = {"email": "ann@example.org", "firstName": "Ann", "lastName": "Archer", "enabled": True}
    world.declare(
        enabled=True,
        clients=[
            {
                "clientId": client,
                "publicClient": True,
                "directAccessGrantsEnabled": True,
                "defaultClientScopes": scopes,
            }
            for client, scopes in lists.items()
        ],
        users=[
            {"username": "ann", **name, "credentials": [{"type": "password", "value": password}]}
        ],
    )
    risks = [i for i in world.plan().document["risks"] if i["code"] == "tokens-without-subject"]
    assert [i["address"] for i in risks] == [f"{world.realm}/clients/without"]
    world.apply()
    who = {"grant_type": "password", "username": "ann", "password": password}
    at = f"{keycloak.url}/realms/{world.realm}/protocol/openid-connect/token"
    tokens = {i: httpx.post(at, data={**who, "client_id": i}).json() for i in lists}
    found = {client: "sub" in claims(token["access_token"]) for client, token in tokens.items()}
    assert found == {"with": True, "without": False}
