"""Role scopes: the roles that a client's tokens, or those with a client scope, may have in them.

An export has them in sections of their own, by the role's owner; here a client or client scope
has them, and what is named there must be there.
"""

import json

import pytest
from inline_snapshot import snapshot

from kcplan.transaction import ROLLED_BACK
from support.importing import forget, imported
from support.sabotage import WAYS, Saboteur, each_write_fails, sent_through
from support.world import Json, World

ROLES: Json = {
    "realm": [{"name": "reader"}, {"name": "writer"}],
    "client": {"web": [{"name": "own"}], "api": [{"name": "call"}]},
}
CLIENTS: list[Json] = [{"clientId": "web", "fullScopeAllowed": False}, {"clientId": "api"}]
SCOPES: list[Json] = [{"name": "orders", "protocol": "openid-connect"}]
AROUND: Json = {"enabled": True, "roles": ROLES, "clients": CLIENTS, "clientScopes": SCOPES}

ALL: Json = {
    "scopeMappings": [
        {"client": "web", "roles": ["reader"]},
        {"clientScope": "orders", "roles": ["reader", "writer"]},
    ],
    "clientScopeMappings": {
        "api": [
            {"client": "web", "roles": ["call"]},
            {"clientScope": "orders", "roles": ["call"]},
        ],
        "web": [{"clientScope": "orders", "roles": ["own"]}],
    },
}


def scope_of(world: World, *segments: str) -> set[str]:
    """The roles in the scope of something: `role`, or `client/role`."""
    found = world.admin.json(world.path(*segments, "scope-mappings"))
    names = {role["name"] for role in found.get("realmMappings", ())}
    for client, item in found.get("clientMappings", {}).items():
        names |= {f"{client}/{role['name']}" for role in item["mappings"]}
    return names


def client_scope(world: World, name: str) -> str:
    """The id of a client scope."""
    found = world.admin.json(world.path("client-scopes"))
    return str(next(item["id"] for item in found if item["name"] == name))


def scopes(world: World) -> dict[str, set[str]]:
    web = world.admin.client_id(world.realm, "web")
    return {
        "web": scope_of(world, "clients", web),
        "orders": scope_of(world, "client-scopes", client_scope(world, "orders")),
    }


def test_they_are_given_changed_taken_and_repaired(world: World) -> None:
    world.declare(**AROUND, **ALL)
    world.apply()
    world.is_settled()
    assert scopes(world) == {
        "web": {"reader", "api/call"},
        "orders": {"reader", "writer", "api/call", "web/own"},
    }

    web = world.in_client("web", "scope-mappings", "realm")
    world.admin.delete(web, json=[world.role("reader")])
    world.admin.post(web, json=[world.role("writer")])
    drift = world.refresh("--detailed-exitcode", exit_code=2)
    assert drift.fields("clients/web", of="drift") == {
        "scopeMappings.realm": (["reader"], ["writer"], "drift")
    }
    world.apply()
    assert scopes(world)["web"] == {"reader", "api/call"}

    world.declare(
        **AROUND,
        scopeMappings=[{"client": "web", "roles": ["writer"]}],
        clientScopeMappings={"web": [{"client": "web", "roles": ["own"]}]},
    )
    world.apply()
    world.is_settled()
    # Those of the client scope leave the files: what kcplan gave is taken.
    assert scopes(world) == {"web": {"writer", "web/own"}, "orders": set()}


def test_a_failing_step_takes_them_back(world: World) -> None:
    world.declare(**AROUND, **ALL)
    world.apply()
    before = scopes(world)
    world.declare(
        **AROUND,
        scopeMappings=[
            {"client": "web", "roles": []},
            {"clientScope": "orders", "roles": ["writer"]},
        ],
    )

    def as_before() -> None:
        assert scopes(world) == before

    each_write_fails(world.try_apply, as_before)
    assert scopes(world) == {"web": set(), "orders": {"writer"}}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        (
            {"client": "nobody", "roles": ["reader"]},
            snapshot("the files only add to client nobody, which does not exist"),
        ),
        (
            {"clientScope": "nothing", "roles": ["reader"]},
            snapshot("the files only add to client-scope nothing, which does not exist"),
        ),
    ],
)
def test_what_nothing_declares_is_not_made_of_a_role_scope(
    world: World, entry: Json, said: str
) -> None:
    world.declare(**AROUND, scopeMappings=[entry])
    plan = world.plan(exit_code=1)
    assert plan.codes == ["unknown-reference"]
    (finding,) = plan.document["diagnostics"]
    assert finding["summary"] == said
    first = finding["source"]["line"]
    assert finding["summary"].split()[6].strip(",") in world.file.read_text().splitlines()[first]
    world.apply(exit_code=1)
    assert world.admin.get(world.path(), check=False).status_code == 404


def test_what_somebody_else_made_may_be_given_roles(inhabited: World) -> None:
    world = inhabited
    world.admin.post(world.path("clients"), json={"clientId": "theirs", "name": "Theirs"})
    world.declare(
        roles={"realm": [{"name": "reader"}]},
        scopeMappings=[
            {"client": "theirs", "roles": ["reader"]},
            {"clientScope": "profile", "roles": ["reader"]},
        ],
    )
    assert world.plan().actions == {
        ".": "adopt",
        "roles/reader": "create",
        "clients/theirs": "adopt",
        "client-scopes/profile": "adopt",
    }
    world.apply()
    world.is_settled()
    theirs = world.client("theirs") or {}
    assert theirs["name"] == "Theirs"
    assert scope_of(world, "clients", theirs["id"]) == {"reader"}

    world.declare(roles={"realm": [{"name": "reader"}]})
    assert world.plan().actions["clients/theirs"] == "release"
    world.apply()
    assert scope_of(world, "clients", theirs["id"]) == set()
    assert world.client("theirs") is not None


def test_what_keycloak_makes_in_a_new_realm_may_be_given_roles(world: World) -> None:
    world.declare(
        roles={"realm": [{"name": "reader"}]},
        scopeMappings=[
            {"client": "account-console", "roles": ["reader"]},
            {"clientScope": "profile", "roles": ["reader"]},
        ],
    )
    world.apply()
    world.is_settled()
    profile = client_scope(world, "profile")
    assert scope_of(world, "client-scopes", profile) == {"reader"}


def test_a_client_that_leaves_the_files_and_not_the_role_scopes_is_said(world: World) -> None:
    world.declare(**AROUND, **ALL)
    world.apply()
    api = {"api": [{"name": "call"}]}
    without = {"clients": [{"clientId": "api"}], "roles": {**ROLES, "client": api}}
    scopes_of_web = [{"client": "web", "roles": ["reader"]}]
    world.declare(**{**AROUND, **without, "scopeMappings": scopes_of_web})
    (finding,) = world.plan(exit_code=1).document["diagnostics"]
    assert finding["code"] == "unknown-reference"
    assert finding["summary"] == snapshot(
        "client web is no longer declared, and the files still add to it"
    )
    world.apply(exit_code=1)
    assert world.client("web") is not None


def test_an_imported_realm_is_the_same_elsewhere(world: World) -> None:
    world.declare(**AROUND, **ALL)
    world.apply()
    before = scopes(world)
    forget(world)
    document = imported(world, "realm.json")
    assert document["scopeMappings"] == snapshot(
        [
            {"client": "web", "roles": ["reader"]},
            {"clientScope": "orders", "roles": ["reader", "writer"]},
        ]
    )
    assert document["clientScopeMappings"] == snapshot(
        {
            "api": [
                {"client": "web", "roles": ["call"]},
                {"clientScope": "orders", "roles": ["call"]},
            ],
            "web": [{"clientScope": "orders", "roles": ["own"]}],
        }
    )
    world.is_settled()

    world.admin.delete(world.realm)
    world.state_file.unlink()
    world.apply()
    world.is_settled()
    assert scopes(world) == before


def test_what_nothing_declares_may_be_there_as_far_as_the_files_tell(world: World) -> None:
    world.declare(**AROUND, scopeMappings=[{"client": "nobody", "roles": ["reader"]}])
    result = world.kcplan("validate", world.file, "--format", "json")
    (finding,) = json.loads(result.stdout)["diagnostics"]
    assert (finding["code"], finding["severity"]) == ("unknown-reference", "warning")


def test_a_rollback_gives_a_deleted_client_its_role_scope_again(world: World) -> None:
    world.declare(clients=[{"clientId": "app"}, {"clientId": "web"}])
    world.apply()
    world.admin.post(world.path("clients"), json={"clientId": "odd/na me%"})
    world.admin.post(world.in_client("odd/na me%", "roles"), json={"name": "r/1 %"})
    world.admin.post(world.path("roles"), json={"name": "plain"})
    [of_client] = world.admin.json(world.in_client("odd/na me%", "roles"))
    scope = world.in_client("app", "scope-mappings")
    world.admin.post(f"{scope}/clients/{of_client['containerId']}", json=[of_client])
    world.admin.post(f"{scope}/realm", json=[world.role("plain")])
    before = world.admin.json(scope)
    world.declare()
    saboteur = Saboteur({1: WAYS["status 500"]})
    with sent_through(saboteur):
        assert world.try_apply("--delete-unmanaged").exit_code == ROLLED_BACK
    assert saboteur.undone, "something was deleted, and came back"
    assert world.admin.json(world.in_client("app", "scope-mappings")) == before
