"""Client profiles and policies of a realm: entries with names, which files share with others."""

import json
from typing import Any

import pytest
from inline_snapshot import snapshot

from support.importing import forget, imported
from support.listing import lists_nothing
from support.sabotage import each_write_fails
from support.world import Json, World

PKCE: Json = {"executor": "pkce-enforcer", "configuration": {"auto-configure": "true"}}
CONSENT: Json = {"executor": "consent-required", "configuration": {"auto-configure": "true"}}
ANY_CLIENT: Json = {"condition": "any-client", "configuration": {}}


def profile(name: str, *executors: Json, **more: Any) -> Json:
    return {"name": name, "executors": list(executors), **more}


def policy(name: str, *profiles: str, **more: Any) -> Json:
    return {
        "name": name,
        "enabled": True,
        "conditions": [ANY_CLIENT],
        "profiles": list(profiles),
        **more,
    }


def declare(world: World, profiles: list[Json], policies: list[Json] | None = None) -> None:
    sections: Json = {"clientProfiles": {"profiles": profiles}}
    if policies is not None:
        sections["clientPolicies"] = {"policies": policies}
    world.declare(enabled=True, **sections)


def profiles(world: World) -> dict[str, Json]:
    found = world.admin.json(world.path("client-policies", "profiles"))
    return {item["name"]: item for item in found["profiles"]}


def policies(world: World) -> dict[str, Json]:
    found = world.admin.json(world.path("client-policies", "policies"))
    return {item["name"]: item for item in found["policies"]}


def executors(world: World, name: str) -> list[str]:
    return [item["executor"] for item in profiles(world)[name]["executors"]]


def somebody_adds(world: World, name: str) -> None:
    """Somebody adds a profile at the console."""
    at = world.path("client-policies", "profiles")
    found = world.admin.json(at)
    world.admin.put(at, json={"profiles": [*found["profiles"], profile(name, CONSENT)]})


def test_two_files_may_each_have_one(world: World) -> None:
    (world.folder / "realm").mkdir()
    for name, item in (("a", profile("one", PKCE)), ("b", profile("two", CONSENT))):
        document = {"realm": world.realm, "clientProfiles": {"profiles": [item]}}
        (world.folder / "realm" / f"{name}.json").write_text(json.dumps(document))
    world.kcplan("apply", "realm", "--auto-approve")
    assert set(profiles(world)) == {"one", "two"}
    assert "No changes" in world.kcplan("plan", "realm").stdout


def test_they_are_changed_removed_and_repaired_beside_those_of_others(world: World) -> None:
    declare(
        world,
        [profile("one", PKCE), profile("two", CONSENT, description="2"), profile("bare")],
        [policy("all", "one", "two"), policy("some", "one")],
    )
    world.apply()
    world.is_settled()
    somebody_adds(world, "theirs")
    assert world.plan("--detailed-exitcode").actions == {}

    declare(
        world, [profile("one", PKCE, CONSENT), profile("three", PKCE)], [policy("all", "three")]
    )
    assert set(world.plan().fields(".")) == snapshot(
        {
            "clientPolicies.policies.all.profiles",
            "clientPolicies.policies.some",
            "clientProfiles.profiles.bare",
            "clientProfiles.profiles.one.executors",
            "clientProfiles.profiles.three.executors",
            "clientProfiles.profiles.three.name",
            "clientProfiles.profiles.two",
        }
    )
    world.apply()
    world.is_settled()
    assert set(profiles(world)) == {"one", "three", "theirs"}
    assert executors(world, "one") == ["pkce-enforcer", "consent-required"]
    assert {name: item["profiles"] for name, item in policies(world).items()} == {"all": ["three"]}

    at = world.path("client-policies", "profiles")
    world.admin.put(at, json={"profiles": [profile("one", PKCE), profile("theirs", PKCE)]})
    drift = world.refresh("--detailed-exitcode", exit_code=2)
    assert set(drift.fields(".", of="drift")) == snapshot(
        {
            "clientProfiles.profiles.one.executors",
            "clientProfiles.profiles.three.executors",
            "clientProfiles.profiles.three.name",
        }
    )
    world.apply()
    world.is_settled()
    assert set(profiles(world)) == {"one", "three", "theirs"}
    assert executors(world, "theirs") == ["pkce-enforcer"]


def test_the_order_of_executors_counts(world: World) -> None:
    declare(world, [profile("one", PKCE, CONSENT)])
    world.apply()
    declare(world, [profile("one", CONSENT, PKCE)])
    assert set(world.plan().fields(".")) == {"clientProfiles.profiles.one.executors"}
    world.apply()
    world.is_settled()
    assert executors(world, "one") == ["consent-required", "pkce-enforcer"]


def test_the_order_of_the_profiles_does_not(world: World) -> None:
    declare(world, [profile("one", PKCE), profile("two", PKCE)])
    world.apply()
    declare(world, [profile("two", PKCE), profile("one", PKCE)])
    assert world.plan().actions == {}


def test_empty_lists_remove_all_but_the_global_ones(world: World) -> None:
    declare(world, [profile("one", PKCE)], [policy("all", "one")])
    world.apply()
    somebody_adds(world, "theirs")
    at = world.path("client-policies", "profiles")
    globals_ = world.admin.json(at, **{"include-global-profiles": "true"})["globalProfiles"]
    declare(world, [], [])
    world.apply()
    world.is_settled()
    assert (profiles(world), policies(world)) == ({}, {})
    found = world.admin.json(at, **{"include-global-profiles": "true"})
    assert found["globalProfiles"] == globals_


def test_a_policy_may_use_a_global_profile(world: World) -> None:
    declare(world, [], [policy("all", "fapi-1-baseline")])
    world.apply()
    world.is_settled()
    assert policies(world)["all"]["profiles"] == ["fapi-1-baseline"]


def test_a_failing_step_puts_them_back(world: World) -> None:
    declare(world, [profile("one", PKCE), profile("two", CONSENT)], [policy("all", "one")])
    world.apply()
    somebody_adds(world, "theirs")
    before = profiles(world), policies(world)
    declare(world, [profile("one", CONSENT), profile("three", PKCE)], [policy("all", "three")])
    document = json.loads(world.file.read_text())
    # The default scopes of the realm are written after all else.
    world.file.write_text(json.dumps({**document, "defaultOptionalClientScopes": ["phone"]}))

    def as_before() -> None:
        assert (profiles(world), policies(world)) == before

    each_write_fails(world.try_apply, as_before)
    assert set(profiles(world)) == {"one", "three", "theirs"}


def test_an_imported_realm_has_the_same_elsewhere(world: World) -> None:
    declare(world, [profile("one", PKCE, CONSENT), profile("bare")], [policy("all", "one")])
    world.apply()
    before = profiles(world), policies(world)
    forget(world)
    document = imported(world, "realm.json")
    assert set(document["clientProfiles"]) == {"profiles"}
    world.is_settled()
    world.admin.delete(world.realm)
    world.state_file.unlink()
    world.apply()
    world.is_settled()
    assert without_empty(profiles(world)) == without_empty(before[0])
    assert policies(world) == before[1]


def without_empty(found: dict[str, Json]) -> dict[str, Json]:
    """Profiles without lists that are empty, which Keycloak tells from none."""
    return {name: {k: v for k, v in item.items() if v != []} for name, item in found.items()}


@pytest.mark.parametrize(
    ("bad", "words"),
    [
        ([[profile("one", {"executor": "nonesuch", "configuration": {}})], []], "executor"),
        ([[], [policy("all", "nothing")]], "invalid profile nothing"),
        ([[profile("fapi-1-baseline", PKCE)], []], "fapi-1-baseline"),
        ([[], [policy("all", conditions=[{"condition": "no", "configuration": {}}])]], "no"),
    ],
)
@pytest.mark.parametrize("is_new", [True, False])
def test_what_keycloak_refuses_is_said_in_its_words(
    world: World, bad: Any, words: str, monkeypatch: pytest.MonkeyPatch, *, is_new: bool
) -> None:
    lists_nothing(monkeypatch)
    if not is_new:
        declare(world, [profile("good", PKCE)], [])
        world.apply()
    declare(world, *bad)
    result = world.apply(exit_code=3)
    assert words in " ".join(result.stderr.split()).partition("Keycloak says:")[2]
    if not is_new:
        assert set(profiles(world)) == {"good"}
