"""`[[moved]]`: a renamed object keeps its id, and all that lies in it goes along."""

from typing import Any

import pytest

from support.world import World


def moved(*pairs: tuple[str, str]) -> str:
    return "\n".join(f'[[moved]]\nfrom = "{old}"\nto = "{new}"\n' for old, new in pairs)


def client(name: str, **more: Any) -> dict[str, Any]:
    return {
        "clients": [{"clientId": name, "serviceAccountsEnabled": True, **more}],
        "roles": {
            "realm": [
                {"name": "all", "composites": {"client": {name: ["reader"]}}},
            ],
            "client": {name: [{"name": "reader"}]},
        },
        "users": [{"serviceAccountClientId": name, "clientRoles": {name: ["reader"]}}],
    }


def test_a_client_is_renamed_with_all_that_lies_in_it(world: World) -> None:
    world.declare(**client("old", secret="secret-of-the-client"))
    world.apply()
    before = world.client("old") or {}
    account = world.account("old") or {}
    world.declare(**client("new", secret="secret-of-the-client"))
    world.settings(moved(("REALM/clients/old", "REALM/clients/new")))

    plan = world.plan("--detailed-exitcode", exit_code=2)

    assert plan.actions == {"clients/new": "move"}
    assert plan.change("clients/new")["previous_address"] == f"{world.realm}/clients/old"
    assert plan.fields("clients/new") == {"clientId": ("old", "new", "config")}
    assert "old" in world.kcplan("plan", world.file).stdout
    world.apply()
    world.is_settled()
    after = world.client("new") or {}
    assert (after["id"], after["secret"]) == (before["id"], before["secret"])
    assert world.client("old") is None
    assert world.composites("roles", "all") == {"reader"}
    renamed = world.admin.json(world.path("users", account["id"]))
    assert renamed["username"] == "service-account-new"
    assert world.known() == {
        ".",
        "clients/new",
        "clients/new/roles/reader",
        "clients/new/service-account",
        "roles/all",
    }
    # The rule may stay: once done, it says nothing more.
    assert world.plan("--detailed-exitcode").codes == []


def test_roles_are_renamed_and_stay_granted(world: World) -> None:
    def declare(role: str, client_role: str) -> None:
        world.declare(
            clients=[{"clientId": "a", "serviceAccountsEnabled": True}],
            roles={
                "realm": [{"name": role, "description": "d", "attributes": {"k": ["v"]}}],
                "client": {"a": [{"name": client_role}]},
            },
            users=[
                {
                    "serviceAccountClientId": "a",
                    "realmRoles": [role],
                    "clientRoles": {"a": [client_role]},
                }
            ],
        )

    declare("old/role", "old")
    world.apply()
    before = world.role("old/role") or {}
    declare("new role", "new")
    world.settings(
        moved(
            ("REALM/roles/old%2Frole", "REALM/roles/new role"),
            ("REALM/clients/a/roles/old", "REALM/clients/a/roles/new"),
        )
    )

    plan = world.plan()

    assert plan.actions["roles/new role"] == "move"
    assert plan.actions["clients/a/roles/new"] == "move"
    world.apply()
    world.is_settled()
    after = world.role("new role") or {}
    assert (after["id"], after["description"], after["attributes"]) == (
        before["id"],
        "d",
        {"k": ["v"]},
    )
    assert world.granted("a") == {"new role", "a/new"}


def test_a_rename_and_other_changes_are_one_update(world: World) -> None:
    world.declare(clients=[{"clientId": "old", "description": "one"}])
    world.apply()
    world.declare(clients=[{"clientId": "new", "description": "two"}])
    world.settings(moved(("REALM/clients/old", "REALM/clients/new")))
    plan = world.plan()
    assert plan.actions == {"clients/new": "update"}
    assert plan.fields("clients/new") == {
        "clientId": ("old", "new", "config"),
        "description": ("one", "two", "config"),
    }
    world.apply()
    world.is_settled()


def test_a_realm_is_renamed_with_all_that_lies_in_it(world: World) -> None:
    world.declare(displayName="d", **client("a"))
    world.apply()
    before = world.admin.json(world.realm)["id"]
    new = World(f"{world.realm}-new", world.folder, world.admin, world.run)
    new.declare(displayName="e", **client("a"))
    new.settings(moved((world.realm, new.realm)))
    try:
        plan = new.plan()
        assert plan.actions["."] == "update"
        assert set(plan.actions.values()) <= {"update", "move"}
        new.apply()
        new.is_settled()
        assert new.admin.json(new.realm)["id"] == before
        assert new.admin.get(world.realm, check=False).status_code == 404
        assert new.granted("a") == {"a/reader", f"default-roles-{world.realm}"}
        assert {".", "clients/a"} <= new.known()
    finally:
        new.admin.delete(new.realm, check=False)


def test_a_rename_of_nothing_is_ignored(world: World) -> None:
    world.declare(clients=[{"clientId": "new"}])
    world.settings(moved(("REALM/clients/old", "REALM/clients/new")))
    assert world.plan().actions == {".": "create", "clients/new": "create"}


@pytest.mark.parametrize("where", ["files", "keycloak", "state"])
def test_a_rename_onto_something_that_exists_is_an_error(world: World, where: str) -> None:
    both = [{"clientId": "old"}, {"clientId": "new"}]
    world.declare(clients=both if where == "state" else [{"clientId": "old"}])
    world.apply()
    if where == "keycloak":
        world.admin.post(world.path("clients"), json={"clientId": "new"})
    world.declare(clients=both if where == "files" else [{"clientId": "new"}])
    world.settings(moved(("REALM/clients/old", "REALM/clients/new")))

    assert "moved-conflict" in world.plan(exit_code=1).codes
    world.apply(exit_code=1)
    assert world.client("old") is not None


def test_what_still_names_the_old_client_and_is_not_declared_is_a_warning(world: World) -> None:
    audience = {
        "name": "aud",
        "protocol": "openid-connect",
        "protocolMapper": "oidc-audience-mapper",
        "config": {"included.client.audience": "old"},
    }
    world.declare(clients=[{"clientId": "old"}, {"clientId": "b"}])
    world.apply()
    world.admin.post(world.in_client("b", "protocol-mappers", "models"), json=audience)
    world.declare(clients=[{"clientId": "new"}, {"clientId": "b"}])
    world.settings(moved(("REALM/clients/old", "REALM/clients/new")))
    assert "moved-name-in-use" in world.plan().codes


def test_a_failed_rename_is_rolled_back(world: World) -> None:
    world.declare(**client("old"))
    world.apply()
    broken = client("new")
    broken["clients"].append({"clientId": "bad", "redirectUris": ["javascript:alert(1)"]})
    world.declare(**broken)
    world.settings(moved(("REALM/clients/old", "REALM/clients/new")))
    world.apply(exit_code=3)
    assert world.client("new") is None
    assert world.granted("old") == {"old/reader"}
    assert "clients/old/service-account" in world.known()
    world.declare(**client("old"))
    world.settings("")
    world.is_settled()
