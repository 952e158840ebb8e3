"""Authorization policies and permissions."""

import json

import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.refs import references
from kcplan.resource import Resource
from kcplan_keycloak.authz import role_address, role_text
from kcplan_keycloak.resources import registry
from kcplan_keycloak.writer import KeycloakWriter
from support.authorization import (
    ODD,
    SETTINGS,
    changed,
    connect,
    declare,
    delete_and_restore,
    export,
    policy,
    populate,
    server,
    without,
)
from support.harness import Server
from support.listing import lists_nothing
from support.world import Json, World

IN = "clients/app/authorization"

HOURS: Json = {"name": "hours", "type": "time", "config": {"hour": "8"}}
DOC: Json = {"name": "doc"}
GUARD: Json = {
    "name": "guard",
    "type": "resource",
    "config": {"resources": ["doc"], "applyPolicies": ["hours"]},
}
SMALL: Json = {"resources": [DOC], "policies": [HOURS, GUARD]}


@pytest.fixture
def world(world: World) -> World:
    populate(world)
    return world


def names(world: World) -> list[str]:
    return sorted(item["name"] for item in world.admin.json(server(world, "policy")))


def resource_of(**leaves: object) -> Resource:
    address = Address.of("r", "clients", "app", "authorization", "policies", "p")
    return Resource(
        address,
        "authorization-policy",
        {tuple(path.split("__")): value for path, value in leaves.items()},
    )


@pytest.mark.parametrize(
    ("realm_role", "client", "text"),
    [
        ("reader", None, "reader"),
        ("a b é", "c d", "c d/a b é"),
        ("a/b", None, "a%2Fb"),
        ("a/b", "https://app", "https:%2F%2Fapp/a%2Fb"),
        ("100%", None, "100%"),
        ("a%2Fb", None, "a%252Fb"),
        ("a%25", None, "a%2525"),
    ],
)
def test_a_role_has_one_text(realm_role: str, client: str | None, text: str) -> None:
    parts = ("clients", client, "roles", realm_role) if client else ("roles", realm_role)
    address = Address.of("r", *parts)
    assert role_text(address) == text
    assert role_address("r", text) == address


def test_what_a_policy_names_is_referred_to() -> None:
    resource = resource_of(
        config__clients=["a"],
        config__users=["bob"],
        config__applyPolicies=["other"],
        config__roles__reader__id="reader",
        config__roles__reader__required=True,
        config__groups__g__path="/staff/it",
        config__clientScopes__email__id="email",
    )
    assert [
        (*map(str, item.candidates), ".".join(item.path), item.required)
        for item in references(registry(), resource)
    ] == snapshot(
        [
            ("r/clients/a", "config.clients", True),
            ("r/users/bob", "config.users", True),
            (
                "r/clients/app/authorization/policies/other",
                "r/clients/app/authorization/permissions/other",
                "config.applyPolicies",
                True,
            ),
            ("r/roles/reader", "config.roles.reader.id", True),
            ("r/groups/staff/it", "config.groups.g.path", True),
            ("r/client-scopes/email", "config.clientScopes.email.id", True),
        ]
    )


def test_an_account_of_a_new_client_may_be_named() -> None:
    resource = resource_of(config__users=["service-account-new"])
    assert [
        ([str(target) for target in item.candidates], item.required)
        for item in references(registry(), resource)
    ] == snapshot([(["r/users/service-account-new", "r/clients/new/service-account"], False)])


def test_an_unknown_client_is_found_before_keycloak_fails_at_it(world: World) -> None:
    declare(
        world,
        {"policies": [{"name": "p", "type": "client", "config": {"clients": ["app", "nope"]}}]},
    )
    [found] = world.plan(exit_code=1).document["diagnostics"]
    assert (found["code"], found["path"]) == ("unknown-reference", ["config", "clients"])
    assert found["summary"].replace(world.realm, "REALM") == snapshot(
        "authorization-policy p names REALM/clients/nope, which does not exist"
    )


def test_a_policy_needs_a_type(world: World) -> None:
    declare(world, {"policies": [{"name": "p", "config": {"hour": "8"}}]})
    [found] = json.loads(
        world.kcplan("validate", world.file, "--format", "json", exit_code=1).stdout
    )["diagnostics"]
    assert found["summary"] == snapshot("authorization policy p has no `type`")


def test_a_permission_of_users_is_not_kcplans(world: World) -> None:
    declare(world, {"policies": [{"name": "p", "type": "uma", "config": {}}]})
    [found] = json.loads(
        world.kcplan("validate", world.file, "--format", "json", exit_code=1).stdout
    )["diagnostics"]
    assert found["summary"] == snapshot("authorization permission p is of the type `uma`")


def test_a_type_that_the_server_does_not_have_is_named(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(world, {"policies": [{"name": "p", "type": "js", "config": {"code": "x"}}]})
    (finding,) = world.plan(exit_code=1).document["diagnostics"]
    assert finding["code"] == "unknown-to-server"
    lists_nothing(monkeypatch)
    text = world.apply(exit_code=3).stderr
    assert " ".join(text[text.index("Error:") : text.index("Apply failed")].split()).replace(
        world.realm, "REALM"
    ) == snapshot(
        "Error: this Keycloak has no authorization policies of the type 'js' REALM/clients/app/authorization/policies/p failed. It has these: aggregate, client, client-scope, group, regex, role, time, user. The type `js` needs a server that is started with `--features=scripts`; others come with an extension."
    )


def test_a_permission_keeps_its_id_when_its_only_policy_is_replaced(world: World) -> None:
    """Keycloak deletes a permission together with the last of its policies."""
    declare(world, SMALL)
    world.apply()
    before = policy(world, "guard")
    new = {"type": "regex", "config": {"targetClaim": "email", "pattern": "x"}}
    declare(world, {**SMALL, "policies": [{"name": "hours", **new}, GUARD]})
    assert world.plan().actions == {
        f"{IN}/policies/hours": "replace",
        f"{IN}/permissions/guard": "update",
    }
    world.apply()
    assert policy(world, "guard") == before
    world.is_settled()


def test_a_policy_becomes_a_permission_of_the_same_name(world: World) -> None:
    declare(world, {"resources": [DOC], "policies": [HOURS]})
    world.apply()
    declare(
        world,
        {
            "resources": [DOC],
            "policies": [{"name": "hours", "type": "resource", "config": {"resources": ["doc"]}}],
        },
    )
    world.apply()
    world.is_settled()


def test_a_foreign_permission_is_not_deleted_along_with_its_policy(world: World) -> None:
    declare(world, SMALL)
    world.apply()
    hours = policy(world, "hours")["id"]
    world.admin.post(
        server(world, "policy"),
        json={"name": "theirs", "type": "scope", "config": {"applyPolicies": f'["{hours}"]'}},
    )
    before = export(world)
    declare(world, {"resources": [DOC]})
    text = world.apply(exit_code=3).stderr
    assert " ".join(text[text.index("Error:") : text.index("Apply failed")].split()).replace(
        world.realm, "REALM"
    ) == snapshot(
        "Error: REALM/clients/app/authorization/policies/hours is the only policy of the permission 'theirs' REALM/clients/app/authorization/policies/hours failed. Keycloak would delete the permission along with it, which is not planned. Give 'theirs' another policy, or delete it first. Nothing was changed."
    )
    assert export(world) == before


def test_a_foreign_permission_loses_one_of_its_policies(world: World) -> None:
    declare(world, {"policies": [HOURS, {**HOURS, "name": "more"}]})
    world.apply()
    ids = json.dumps([policy(world, name)["id"] for name in ("hours", "more")])
    world.admin.post(
        server(world, "policy"),
        json={"name": "theirs", "type": "aggregate", "config": {"applyPolicies": ids}},
    )
    declare(world, {"policies": [HOURS]})
    world.apply()
    assert names(world) == ["hours", "theirs"]


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("policies", "clients"),
        ("policies", "roles"),
        ("policies", ODD),
        ("policies", "mail"),
        ("permissions", "any document"),
        ("permissions", "see documents"),
        ("permissions", "some"),
    ],
)
def test_a_deletion_is_undone_completely(
    world: World, keycloak: Server, kind: str, name: str
) -> None:
    declare(world)
    world.apply()
    before, found = export(world), policy(world, name)
    with connect(keycloak.environment) as api:
        delete_and_restore(
            KeycloakWriter(api),
            Address.of(world.realm, "clients", "app", "authorization", kind, name),
            "authorization-policy" if kind == "policies" else "authorization-permission",
            found["id"],
        )
    assert export(world) == before
    assert policy(world, name)["id"] == found["id"]


def test_a_failed_apply_puts_everything_back(world: World) -> None:
    declare(world)
    world.apply()
    before = export(world)
    rest = without(SETTINGS, "policies", "see documents", "some", "any document", "users", ODD)
    rest = changed(rest, "policies", "hours", config={"hour": "9"})
    rest = changed(rest, "policies", "roles", config={"roles": [{"id": "app/part"}]})
    rest = changed(rest, "resources", "documents", scopes=[], uris=[])
    rest = without(rest, "resources", ODD)
    rest = without(rest, "scopes", ODD)
    # Somebody's resource has the scope, so that Keycloak refuses to delete it.
    world.admin.post(server(world, "resource"), json={"name": "theirs", "scopes": [ODD]})
    before = export(world)
    declare(world, rest)
    world.apply("--allow-mass-delete", exit_code=3)
    assert export(world) == before
    declare(world)
    world.is_settled()


def test_a_renamed_policy_keeps_its_id(world: World) -> None:
    declare(world, SMALL)
    world.apply()
    before = policy(world, "hours")["id"]
    world.settings(f'[[moved]]\nfrom = "REALM/{IN}/policies/hours"\nto = "REALM/{IN}/policies/h"\n')
    guard = {**GUARD, "config": {**GUARD["config"], "applyPolicies": ["h"]}}
    declare(world, {**SMALL, "policies": [{**HOURS, "name": "h"}, guard]})
    world.apply()
    assert policy(world, "h")["id"] == before
    world.is_settled()
