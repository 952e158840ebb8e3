"""The user profile of a realm: attributes and groups in order, entry by entry."""

import json
from typing import Any

import pytest
from inline_snapshot import snapshot

from support.sabotage import each_write_fails
from support.world import Json, World

AT = "user-profile"
PROVIDER = "org.keycloak.userprofile.UserProfileProvider"
OWN = ["username", "email", "firstName", "lastName"]


@pytest.fixture
def world(inhabited: World) -> World:
    """A world whose realm is not kcplan's."""
    return inhabited


def declare(world: World, *attributes: Json | str, **more: Any) -> None:
    """Let the file have these attributes; a text is an attribute with nothing but its name."""
    entries = [{"name": item} if isinstance(item, str) else item for item in attributes]
    world.declare(userProfile={"attributes": entries, **more})


def profile(world: World) -> Json:
    found: Json = world.admin.json(world.path("users", "profile"))
    return found


def names(world: World, of: str = "attributes") -> list[str]:
    return [item["name"] for item in profile(world)[of]]


def said(world: World, text: str) -> str:
    """A text without what is of this run."""
    return text.replace(world.realm, "REALM").replace(f"{world.folder}/", "")


def in_a_line(world: World, text: str) -> str:
    """A text that breaks elsewhere where the folder has another name."""
    return " ".join(said(world, text).split())


def edit(world: World, *order: str, **more: Any) -> None:
    """Somebody at the console puts the attributes into an order; new ones have only a name."""
    there = {item["name"]: item for item in profile(world)["attributes"]}
    entries = [there.get(name, {"name": name}) for name in order]
    body = {**profile(world), "attributes": entries, **more}
    world.admin.put(world.path("users", "profile"), json=body)


def test_the_order_is_that_of_the_files_and_what_others_have_stays(world: World) -> None:
    edit(world, *OWN, "theirs")
    declare(world, "room", "email", "phone", "username")
    world.apply()
    world.is_settled()
    ordered = ["room", "email", "firstName", "lastName", "theirs", "phone", "username"]
    assert names(world) == ordered
    edit(world, "username", "theirs", "phone", "email", "room", "firstName", "lastName")
    assert world.refresh().fields(AT, of="drift") == snapshot(
        {
            "order of attributes": (
                ["room", "email", "phone", "username"],
                ["username", "theirs", "phone", "email", "room", "firstName", "lastName"],
                "drift",
            )
        }
    )
    assert world.plan().fields(AT) == snapshot(
        {
            "order of attributes": (
                ["username", "phone", "email", "room"],
                ["room", "email", "phone", "username"],
                "drift",
            )
        }
    )
    world.apply()
    assert names(world) == ["room", "firstName", "lastName", "email", "phone", "username", "theirs"]
    # Where somebody else has his own is up to him.
    edit(world, *ordered)
    world.is_settled()


def test_several_files_may_each_add_some(world: World) -> None:
    declare(world, "room", "username", groups=[{"name": "b"}])
    other = {
        "realm": world.realm,
        "userProfile": {"attributes": [{"name": "username"}, {"name": "phone"}]},
    }
    (world.folder / "more.json").write_text(json.dumps(other))
    world.kcplan("apply", world.folder, "--auto-approve")
    assert [name for name in names(world) if name in {"room", "username", "phone"}] == [
        "room",
        "username",
        "phone",
    ]
    other["userProfile"] = {"attributes": [{"name": "username"}, {"name": "room"}]}
    (world.folder / "more.json").write_text(json.dumps(other))
    refused = world.kcplan("validate", world.folder, exit_code=1)
    assert in_a_line(world, refused.stderr) == snapshot(
        'Error: files contradict each other in the order of attributes [duplicate-definition] on realm.json:4:5, in REALM/user-profile, "order of attributes" username comes before room at more.json:1:48, and after it here. The entries of all files stand in one order, so leave what is named elsewhere out of all files but one.'
    )
    for name, *order in (("one", "a", "b"), ("two", "b", "c"), ("three", "c", "a")):
        other["userProfile"] = {"attributes": [{"name": item} for item in order]}
        (world.folder / f"{name}.json").write_text(json.dumps(other))
    (world.folder / "more.json").unlink()
    refused = world.kcplan("validate", world.folder, exit_code=1)
    assert in_a_line(world, refused.stderr) == snapshot(
        'Error: files contradict each other in the order of attributes [duplicate-definition] on two.json:1:48, in REALM/user-profile, "order of attributes" They go round in a circle, at one.json:1:48, three.json:1:48, two.json:1:48. The entries of all files stand in one order, so leave what is named elsewhere out of all files but one.'
    )


def test_what_keycloak_demands_need_not_be_written_and_stays(world: World) -> None:
    declare(world, "phone")
    world.apply()
    assert names(world) == [*OWN, "phone"]
    declare(world)
    assert set(world.plan().fields(AT)) == {
        f"attributes.{i}" for i in ("firstName", "lastName", "phone")
    }
    world.apply()
    world.is_settled()
    assert names(world) == ["username", "email"]


def test_what_leaves_the_files_is_taken_back_and_the_rest_stays(world: World) -> None:
    declare(
        world,
        "phone",
        {"name": "lastName", "validations": {"length": {"max": 30}}},
        unmanagedAttributePolicy="ADMIN_EDIT",
    )
    world.apply()
    declare(world, "lastName")
    assert world.plan().fields(AT) == snapshot(
        {"attributes.phone": ({"name": "phone", "multivalued": False}, None, "config")}
    )
    world.declare()
    assert world.plan().actions == {AT: "release"}
    world.apply()
    assert names(world) == OWN
    assert profile(world)["unmanagedAttributePolicy"] == "ADMIN_EDIT"


def test_what_was_made_along_with_the_realm_is_taken_back_too(world: World) -> None:
    world.admin.delete(world.realm)
    declare(world, "phone", "email", groups=[{"name": "work"}])
    world.apply()
    world.is_settled()
    assert names(world) == ["username", "phone", "email", "firstName", "lastName"]
    world.declare()
    world.apply()
    assert names(world) == OWN
    assert names(world, "groups") == ["user-metadata"]


def test_a_failed_apply_brings_each_attribute_back_to_its_place(world: World) -> None:
    required: Json = {"name": "room", "required": {"roles": ["admin"]}}
    declare(world, required, "phone", *OWN, unmanagedAttributePolicy="ENABLED")
    world.apply()
    before = profile(world)
    declare(world, {**required, "required": {"roles": ["user"]}}, "email", "username", "new")
    # A user comes after the profile, so that it is there and is undone when that fails.
    document = json.loads(world.file.read_text())
    world.file.write_text(json.dumps({**document, "users": [{"username": "ann"}]}))

    def is_as_before() -> None:
        assert profile(world) == before

    each_write_fails(world.try_apply, is_as_before)
    world.is_settled()


def test_what_is_required_of_everybody_of_some_and_of_nobody(world: World) -> None:
    wanted: list[tuple[Any, Json | None]] = [
        (True, {}),
        ({"roles": ["user"], "scopes": []}, {"roles": ["user"]}),
        (None, None),
    ]
    for declared, there in wanted:
        declare(world, {"name": "room", "required": declared}, unmanagedAttributePolicy="ENABLED")
        world.apply()
        assert profile(world)["attributes"][-1].get("required") == there
    declare(world, unmanagedAttributePolicy=None)
    world.apply()
    assert "unmanagedAttributePolicy" not in profile(world)


def test_an_export_is_adopted_as_it_is(world: World) -> None:
    edit(world, "phone", *OWN, groups=[])
    components = world.admin.export(world.realm)["components"]
    world.declare(components={PROVIDER: components[PROVIDER]})
    assert world.plan().change(AT)["action"] == "adopt"
    assert world.plan().fields(AT) == {}


def test_what_keycloak_does_with_attributes(world: World) -> None:
    edit(world, *OWN, "hidden")
    at = world.path("users", "profile")
    shown = {"name": "shown", "permissions": {"view": ["admin"], "edit": ["admin"]}}
    before = profile(world)
    world.admin.put(at, json={**before, "attributes": [*before["attributes"], shown]})
    attributes = {"hidden": ["1"], "shown": ["1"]}
    world.admin.post(world.path("users"), json={"username": "ann", "attributes": attributes})

    def of_ann() -> Any:
        (found,) = world.admin.json(world.path("users"), username="ann")
        return world.admin.json(world.path("users", found["id"])).get("attributes")

    assert of_ann() == {"shown": ["1"]}
    with_it = profile(world)
    world.admin.put(at, json=before)
    assert of_ann() is None
    world.admin.put(at, json=with_it)
    assert of_ann() == {"shown": ["1"]}


MISTAKES: dict[str, Json] = {
    "a validator": {"attributes": [{"name": "a", "validations": {"lenght": {"max": 1}}}]},
    "a group": {"attributes": [{"name": "a", "group": "missing"}]},
    "a scope": {"attributes": [{"name": "a", "required": {"scopes": ["missing"]}}]},
    "a name": {"attributes": [{"name": "a b"}]},
    "a name twice": {"attributes": [{"name": "a"}, {"name": "a"}]},
    "an order": {"attributes": [{"name": "a"}], "order of attributes": 5},
    "a role": {"attributes": [{"name": "a", "permissions": {"edit": ["everybody"]}}]},
}


def test_what_keycloak_would_refuse_is_refused_by_the_plan(world: World) -> None:
    found = {}
    for what, body in MISTAKES.items():
        world.declare(userProfile=body)
        refused = world.kcplan("plan", world.file, exit_code=1)
        found[what] = said(world, refused.stderr)
    assert found == snapshot(
        {
            "a validator": """\
Error: Keycloak 26.7.3 has no validator `lenght`; did you mean `length`? [unknown-to-server]
  on realm.json:8:11, in REALM/user-profile, attributes.a.validations.lenght

Correct the name. If an extension or a feature of the server brings it, install or
enable that first.

""",
            "a group": """\
Error: the attribute a is in the group missing, which the user profile does not have [unknown-reference]
  on realm.json:7:9, in REALM/user-profile, attributes.a.group

Declare the group in `groups`, or correct the name.

""",
            "a scope": """\
Error: user-profile REALM names REALM/client-scopes/missing, which does not exist [unknown-reference]
  on realm.json:7:9, in REALM/user-profile, attributes.a.required

It is neither in the files nor in Keycloak. Declare it, or correct the name.

""",
            "a name": """\
Error: an attribute of users cannot be called 'a b' [invalid-name]
  on realm.json:6:9, in REALM/user-profile, attributes."a b".name

Keycloak takes letters from a to z, digits, and `.`, `_` and `-`.
""",
            "a name twice": """\
Error: attributes has two entries with the name 'a' [duplicate-definition]
  on realm.json:8:7, in REALM/user-profile, attributes.a

Remove one of them, or give it another name.
""",
            "an order": """\
Error: `order of attributes` is no field of its own [wrong-type]
  on realm.json:9:5, in REALM/user-profile, "order of attributes"

The order is that of the entries in `attributes`. Remove it.
""",
            "a role": """\
Error: attributes.a.permissions.edit.0 must be one of admin, user, not the string 'everybody' [wrong-type]
  on realm.json:9:13, in REALM/user-profile, attributes.a.permissions.edit.0
""",
        }
    )


def test_two_profiles_in_a_file_must_say_the_same(world: World) -> None:
    here: Json = {"attributes": [{"name": "room"}]}
    for there, words in (
        (
            {"attributes": [{"name": "phone"}]},
            snapshot("""\
Error: `userProfile` of this file is another user profile than this component [duplicate-definition]
  on realm.json:12:7

A realm has one user profile. Say all of it in `userProfile`, and remove
`org.keycloak.userprofile.UserProfileProvider` from `components`.

"""),
        ),
        (here, ""),
    ):
        component = {"config": {"kc.user.profile.config": [json.dumps(there)]}}
        world.declare(userProfile=here, components={PROVIDER: [component]})
        found = world.kcplan("validate", world.file, exit_code=1 if words else 0)
        assert said(world, found.stderr) == words


def test_what_else_is_wrong_is_said_in_keycloaks_words(world: World) -> None:
    declare(world, {"name": "a", "validations": {"length": {"max": "long"}}})
    assert said(world, world.apply(exit_code=3).stderr) == snapshot("""\

REALM/user-profile: Modifying...
REALM/user-profile: failed after 0s: Keycloak refuses PUT /admin/realms/REALM/users/profile (status 400)
Error: Keycloak refuses PUT /admin/realms/REALM/users/profile (status 400)

REALM/user-profile failed. It does not accept a value or a field of the
request. Keycloak says: [Validator 'length' defined for attribute 'a' has incorrect
configuration: ValidationError{validatorId='length', inputHint='max',
message='error-validator-config-invalid-number-value', messageParameters=[long]}, ].

Apply failed.
Every completed step was rolled back: Keycloak is as it was before.
""")


def test_a_user_comes_after_the_attributes_that_he_has(world: World) -> None:
    users = [{"username": "ann", "attributes": {"phone": ["1"]}}]
    phone = {"name": "phone", "permissions": {"view": ["admin"], "edit": ["admin"]}}
    world.declare(userProfile={"attributes": [phone]}, users=users)
    world.apply()
    world.is_settled()


def test_a_group_cannot_go_while_an_attribute_is_in_it(world: World) -> None:
    room = {"name": "room", "group": "work"}
    declare(world, room, groups=[{"name": "work"}])
    world.apply()
    declare(world, room)
    refused = world.kcplan("plan", world.file, exit_code=1)
    assert said(world, refused.stderr) == snapshot("""\
Error: the attribute room is in the group work, which the user profile does not have [unknown-reference]
  on realm.json:7:9, in REALM/user-profile, attributes.room.group

Declare the group in `groups`, or correct the name.

""")
    declare(world, {"name": "room", "group": None})
    world.apply()
    world.is_settled()
