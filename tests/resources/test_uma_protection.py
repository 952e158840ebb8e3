"""The role `uma_protection`: Keycloak makes it with authorization services, and only then."""

import pytest

from support.importing import comes_back
from support.world import Json, World

ROLE = "clients/svc/roles/uma_protection"
SERVICES: Json = {"serviceAccountsEnabled": True, "authorizationServicesEnabled": True}
PLAIN: Json = {"serviceAccountsEnabled": True}
HELD: list[Json] = [
    {"serviceAccountClientId": "holder", "clientRoles": {"svc": ["uma_protection"]}}
]


def declare(world: World, client: Json, role: Json | None = None, **sections: object) -> None:
    """Let the file say the client, and the role unless it is None."""
    roles = {"client": {"svc": [{"name": "uma_protection", **role}]}} if role is not None else {}
    world.declare(
        clients=[
            {"clientId": "svc", "publicClient": False, **client},
            {"clientId": "holder", "serviceAccountsEnabled": True},
        ],
        roles=roles,
        **sections,
    )


def there(world: World) -> Json | None:
    found = world.admin.get(world.in_client("svc", "roles", "uma_protection"), check=False)
    return found.json() if found.is_success else None


@pytest.mark.parametrize("role", [{}, {"description": "Ours."}])
def test_without_authorization_it_is_an_ordinary_role(world: World, role: Json) -> None:
    """Exports have such left-overs: switching services off does not take the role away."""
    declare(world, PLAIN, role)
    assert world.plan().actions[ROLE] == "create"
    world.apply()
    assert (there(world) or {}).get("description") == role.get("description")
    world.is_settled()
    comes_back(world)

    declare(world, PLAIN, {"description": "Another."})
    world.apply()
    assert (there(world) or {})["description"] == "Another."
    world.is_settled()


def test_without_authorization_it_goes_with_the_files_that_made_it(world: World) -> None:
    declare(world, PLAIN, {})
    world.apply()
    declare(world, PLAIN)
    assert world.plan().actions == {ROLE: "delete"}
    world.apply()
    assert there(world) is None


@pytest.mark.parametrize("role", [{}, {"description": "Ours."}])
def test_with_authorization_it_is_keycloaks_and_is_adopted(world: World, role: Json) -> None:
    declare(world, SERVICES, role)
    assert world.plan().actions[ROLE] == "update"
    world.apply()
    assert (there(world) or {}).get("description") == role.get("description")
    assert world.entry(ROLE)["adopted"] is True
    world.is_settled()
    declare(world, SERVICES)
    assert world.plan().actions == {ROLE: "release"}
    world.apply()
    assert there(world) is not None


@pytest.mark.parametrize("role", [{}, {"description": "Ours."}])
def test_it_is_adopted_where_the_same_plan_switches_authorization_on(
    world: World, role: Json
) -> None:
    declare(world, PLAIN)
    world.apply()
    declare(world, SERVICES, role)
    world.apply()
    assert (there(world) or {}).get("description") == role.get("description")
    assert world.entry(ROLE)["adopted"] is True
    world.is_settled()


def test_one_that_kcplan_made_stays_when_authorization_is_switched_on(world: World) -> None:
    declare(world, PLAIN, {})
    world.apply()
    before = (there(world) or {})["id"]
    declare(world, SERVICES, {})
    assert ROLE not in world.plan().actions
    world.apply()
    assert (there(world) or {})["id"] == before
    world.is_settled()
    comes_back(world)


def test_who_holds_it_needs_it_to_be_declared_without_authorization(world: World) -> None:
    declare(world, PLAIN, users=HELD)
    [found] = world.plan(exit_code=1).document["diagnostics"]
    assert (found["code"], found["path"]) == ("unknown-reference", ["clientRoles", "svc"])
    declare(world, PLAIN, {}, users=HELD)
    world.apply()
    assert "svc/uma_protection" in world.granted("holder")
    world.is_settled()


@pytest.mark.parametrize("first", [None, PLAIN])
def test_who_holds_it_gets_what_keycloak_makes_with_authorization(
    world: World, first: Json | None
) -> None:
    if first is not None:
        declare(world, first)
        world.apply()
    declare(world, SERVICES, users=HELD)
    world.apply()
    assert "svc/uma_protection" in world.granted("holder")
    world.is_settled()


def test_one_that_was_deleted_is_missed(world: World) -> None:
    declare(world, SERVICES)
    world.apply()
    world.admin.delete(world.in_client("svc", "roles", "uma_protection"))
    declare(world, SERVICES, users=HELD)
    assert world.plan(exit_code=1).codes == ["unknown-reference"]


@pytest.mark.parametrize("before", [PLAIN, None])
@pytest.mark.parametrize("role", [None, {}, {"description": "Ours."}])
def test_all_is_as_before_when_the_apply_fails_later(
    world: World, before: Json | None, role: Json | None
) -> None:
    world.declare()
    if before is not None:
        declare(world, before)
    world.apply()
    export = world.export()
    document: Json = {"clientId": "x", "redirectUris": ["javascript:alert(1)"]}
    world.declare(
        clients=[{"clientId": "svc", **SERVICES}, document],
        roles={"client": {"svc": [{"name": "uma_protection", **role}]}} if role is not None else {},
    )
    assert world.try_apply().exit_code == 3
    assert world.export() == export
