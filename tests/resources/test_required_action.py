"""Required actions that are not there: an administrator may take one out of a realm."""

from support.sabotage import WAYS, Saboteur, sent_through
from support.world import Json, World

ALIAS = "VERIFY_PROFILE"
ACTION: Json = {"alias": ALIAS, "name": "Look at yourself", "enabled": False, "priority": 7}


def unregister(world: World) -> None:
    world.admin.delete(world.path("authentication", "required-actions", ALIAS))


def actions(world: World) -> dict[str, Json]:
    found = world.admin.json(world.path("authentication", "required-actions"))
    return {action["alias"]: action for action in found}


def test_one_that_was_taken_out_comes_back(world: World) -> None:
    world.declare(requiredActions=[ACTION])
    world.apply()
    unregister(world)
    assert world.refresh().drift == {f"required-actions/{ALIAS}": "delete"}
    assert world.plan().actions == {f"required-actions/{ALIAS}": "create"}
    world.apply()
    world.is_settled()
    assert {**actions(world)[ALIAS], **ACTION} == actions(world)[ALIAS]


def test_one_that_came_back_goes_again_when_a_later_step_fails(world: World) -> None:
    world.declare()
    world.apply()
    unregister(world)
    before = actions(world)
    world.declare(
        requiredActions=[ACTION],
        clients=[{"clientId": "bad", "redirectUris": ["javascript:alert(1)"]}],
    )
    world.apply(exit_code=3)
    assert actions(world) == before


def test_what_is_registered_and_not_written_goes_again(world: World) -> None:
    world.declare()
    world.apply()
    unregister(world)
    before = actions(world)
    world.declare(requiredActions=[ACTION])
    # A creation at which Keycloak fails is tried once more: register, write, unregister, again.
    with sent_through(Saboteur({1: WAYS["status 500"], 4: WAYS["status 500"]})):
        world.apply("--parallelism", "1", exit_code=3)
    assert actions(world) == before


def test_a_put_without_an_alias_loses_the_action(inhabited: World) -> None:
    world = inhabited
    at = world.path("authentication", "required-actions", ALIAS)
    world.admin.put(at, json={"name": "x", "providerId": ALIAS, "enabled": True})
    assert world.admin.get(at, check=False).status_code == 404


def test_one_that_is_registered_comes_last(inhabited: World) -> None:
    world = inhabited
    unregister(world)
    last = max(action["priority"] for action in actions(world).values())
    world.admin.post(
        world.path("authentication", "register-required-action"),
        json={"providerId": ALIAS, "name": "x"},
    )
    assert actions(world)[ALIAS]["priority"] == last + 1


def test_one_of_an_unknown_provider_is_refused_in_keycloaks_words(world: World) -> None:
    world.declare(requiredActions=[{"alias": "nonesuch", "enabled": True}])
    result = world.apply(exit_code=3)
    said = " ".join(result.stderr.split())
    assert "Required Action Provider with given providerId not found" in said


def test_one_cannot_be_renamed(world: World) -> None:
    world.declare(requiredActions=[ACTION])
    world.apply()
    old, new = (f"{world.realm}/required-actions/{name}" for name in (ALIAS, "OTHER"))
    world.settings(f'[[moved]]\nfrom = "{old}"\nto = "{new}"\n')
    world.declare(requiredActions=[{**ACTION, "alias": "OTHER"}])
    (found,) = world.plan(exit_code=1).document["diagnostics"]
    assert found["code"] == "moved-conflict"
    assert found["summary"].endswith("Keycloak finds a required action by its alias")
