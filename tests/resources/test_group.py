"""Groups: trees of them, who is in them, and what happens where they move or go."""

import json
from typing import Any

import pytest
from inline_snapshot import snapshot

from support.sabotage import each_write_fails
from support.world import Json, World


def group(name: str, *inner: Json, **fields: Any) -> Json:
    return {"name": name, **fields, **({"subGroups": list(inner)} if inner else {})}


def id_of(world: World, *names: str) -> str | None:
    """The id of a group, looked for level by level: a path does not tell whose a `/` is."""
    at, found = world.path("groups"), None
    for name in names:
        items = world.admin.json(at, max=1000)
        found = next((item["id"] for item in items if item["name"] == name), None)
        if found is None:
            return None
        at = world.path("groups", found, "children")
    return found


def one(world: World, *names: str) -> Json:
    found = id_of(world, *names)
    assert found is not None, names
    body: Json = world.admin.json(world.path("groups", found))
    return body


def tree(world: World, at: str = "") -> Json:
    """The names of all groups, with what they are and have, as a tree."""
    items = world.admin.json(at or world.path("groups"), max=1000, briefRepresentation="false")
    return {
        item["name"]: {
            "has": {
                k: item[k]
                for k in ("attributes", "realmRoles", "clientRoles", "description")
                if item.get(k)
            },
            "members": sorted(
                user["username"]
                for user in world.admin.json(world.path("groups", item["id"], "members"))
            ),
            "in it": tree(world, world.path("groups", item["id"], "children")),
        }
        for item in items
    }


def user(world: World, name: str, *groups: str) -> str:
    """Somebody in these groups, by id."""
    made = world.admin.create(world.path("users"), {"username": name})
    for item in groups:
        world.admin.put(world.path("users", made, "groups", item))
    return made


def moved(world: World, **rules: str) -> None:
    texts = (
        f'[[moved]]\nfrom = "REALM/groups/{old}"\nto = "REALM/groups/{new}"\n'
        for old, new in rules.items()
    )
    world.settings("\n".join(texts))


def test_a_tree_is_made_from_the_top_and_each_level_has_its_own_fields(world: World) -> None:
    world.declare(
        roles={"realm": [{"name": "reader"}]},
        groups=[
            group(
                "staff",
                group("it", group("night", attributes={"shift": ["3"]}), realmRoles=["reader"]),
                group("hr"),
                description="all of us",
            ),
            group("guests"),
        ],
    )
    assert world.plan().actions == {
        ".": "create",
        "roles/reader": "create",
        "groups/guests": "create",
        "groups/staff": "create",
        "groups/staff/hr": "create",
        "groups/staff/it": "create",
        "groups/staff/it/night": "create",
    }
    world.apply()
    world.is_settled()
    assert one(world, "staff")["description"] == "all of us"
    assert one(world, "staff", "it")["realmRoles"] == ["reader"]
    assert one(world, "staff", "it", "night")["attributes"] == {"shift": ["3"]}
    assert id_of(world, "staff", "hr")
    assert id_of(world, "guests")


def test_what_is_there_is_adopted_and_what_others_have_in_it_stays(world: World) -> None:
    world.declare(enabled=True)
    world.apply()
    staff = world.admin.create(world.path("groups"), {"name": "staff", "attributes": {"a": ["1"]}})
    world.admin.post(world.path("groups", staff, "children"), json={"name": "it"})
    world.admin.post(world.path("groups", staff, "children"), json={"name": "theirs"})

    world.declare(enabled=True, groups=[group("staff", group("it"), attributes={"b": ["2"]})])
    assert world.plan().actions == {"groups/staff": "adopt", "groups/staff/it": "adopt"}
    world.apply()
    world.is_settled()
    assert one(world, "staff")["attributes"] == {"a": ["1"], "b": ["2"]}

    world.declare(enabled=True)
    assert world.plan().actions == {"groups/staff": "release", "groups/staff/it": "release"}
    world.apply()
    assert one(world, "staff")["attributes"] == {"a": ["1"]}
    assert id_of(world, "staff", "it")
    assert id_of(world, "staff", "theirs")


def test_a_group_of_the_same_name_elsewhere_is_another_one(world: World) -> None:
    world.declare(enabled=True, groups=[group("a", group("same"))])
    world.apply()
    world.declare(enabled=True, groups=[group("a", group("same")), group("same"), group("b")])
    assert world.plan().actions == {"groups/b": "create", "groups/same": "create"}
    world.apply()
    world.is_settled()


@pytest.mark.parametrize("name", ["a/b", "50%", "~", "a~", " two words ", "späte*", "group"])
def test_names_are_taken_as_they_are(world: World, name: str) -> None:
    world.declare(
        enabled=True,
        groups=[group("above", group(name, group("below"))), group(name)],
    )
    world.apply()
    world.is_settled()
    assert id_of(world, "above", name, "below")
    assert id_of(world, name)


def test_a_group_that_somebody_moves_is_missing_where_it_was(world: World) -> None:
    world.declare(enabled=True, groups=[group("a", group("x")), group("b")])
    world.apply()
    x = one(world, "a", "x")
    at = world.path("groups", one(world, "b")["id"], "children")
    world.admin.post(at, json={"id": x["id"], "name": "x"})
    assert world.refresh().drift == {"groups/a/x": "delete"}
    assert world.plan().actions == {"groups/a/x": "create"}
    world.apply()
    world.is_settled()
    assert id_of(world, "b", "x") == x["id"] != id_of(world, "a", "x")


def test_a_role_that_somebody_gives_to_a_group_is_told(world: World) -> None:
    world.declare(roles={"realm": [{"name": "reader"}]}, groups=[group("staff")])
    world.apply()
    mappings = world.path("groups", one(world, "staff")["id"], "role-mappings", "realm")
    world.admin.post(mappings, json=[world.role("reader")])
    assert world.refresh("--detailed-exitcode", exit_code=2).drift == {"groups/staff": "update"}
    assert world.plan().codes == ["roles-changed-outside"]


def test_new_groups_are_told_beside_and_in_those_that_are_managed(world: World) -> None:
    world.declare(enabled=True, groups=[group("staff", group("it"))])
    world.apply()
    staff = one(world, "staff")["id"]
    world.admin.post(world.path("groups", staff, "children"), json={"name": "theirs"})
    world.admin.post(world.path("groups"), json={"name": "others"})

    def appeared(*flags: str) -> set[str]:
        found = world.refresh(*flags).document["unmanaged"]
        return {item["address"].removeprefix(f"{world.realm}/") for item in found}

    assert {a for a in appeared() if "groups" in a} == {"groups/staff/theirs"}
    assert {a for a in appeared("--unmanaged") if "groups" in a} == {
        "groups/others",
        "groups/staff/theirs",
    }


# -- deletions --------------------------------------------------------------------------------


def test_a_deletion_says_how_many_users_are_in_the_group(world: World) -> None:
    world.declare(enabled=True, groups=[group("staff", group("it"))])
    world.apply()
    staff, it = one(world, "staff")["id"], one(world, "staff", "it")["id"]
    user(world, "ann", staff, it)
    user(world, "bob", it)
    world.declare(enabled=True)
    plan = world.plan()
    assert plan.actions == {"groups/staff": "delete", "groups/staff/it": "delete"}
    notes = {
        item["address"].removeprefix(f"{world.realm}/"): item["notes"]
        for item in plan.document["resource_changes"]
        if item["action"] == "delete"
    }
    assert notes == snapshot(
        {
            "groups/staff": ["made again, the group has another id", "2 users lose it"],
            "groups/staff/it": [],
        }
    )
    assert [risk["code"] for risk in plan.document["risks"]] == snapshot(["group-deleted"])


def test_a_group_with_groups_of_others_is_not_deleted(world: World) -> None:
    world.declare(enabled=True, groups=[group("staff", group("it"))])
    world.apply()
    it = one(world, "staff", "it")["id"]
    theirs = world.admin.create(world.path("groups", it, "children"), {"name": "theirs"})
    world.admin.post(world.path("groups", theirs, "children"), json={"name": "more"})
    world.declare(enabled=True)
    result = world.apply(exit_code=1)
    assert result.stderr.replace(world.realm, "REALM") == snapshot("""\
Error: REALM/groups/staff would be deleted with what kcplan does not manage: 2 groups [unmanaged-within]
  in REALM/groups/staff

They would go along with it. The groups are REALM/groups/staff/it/theirs,
REALM/groups/staff/it/theirs/more. To delete them too, use
--delete-unmanaged.

""")
    assert id_of(world, "staff", "it", "theirs")
    world.apply("--delete-unmanaged")
    assert id_of(world, "staff") is None


def test_destroy_of_an_adopted_realm_keeps_groups_of_others_too(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    world.declare(enabled=True, groups=[group("staff")])
    world.apply()
    at = world.path("groups", one(world, "staff")["id"], "children")
    world.admin.post(at, json={"name": "theirs"})
    assert "unmanaged-within" in world.destroy(exit_code=1).stderr
    assert id_of(world, "staff", "theirs")


def test_a_realm_with_nothing_but_groups_of_kcplan_is_destroyed(world: World) -> None:
    world.declare(enabled=True, groups=[group("staff", group("it"))])
    world.apply()
    world.destroy()


def policies(world: World) -> set[str]:
    """The groups that the policy of a client names, by path."""
    at = world.in_client("web", "authz", "resource-server")
    settings = world.admin.json(f"{at}/settings")
    (found,) = (item for item in settings["policies"] if item["name"] == "theirs")
    return {item["path"] for item in json.loads(found["config"]["groups"])}


def add_policy(world: World, groups: list[str]) -> None:
    """Somebody makes a policy that names these groups."""
    at = world.in_client("web", "authz", "resource-server", "policy", "group")
    named = [{"id": item, "extendChildren": False} for item in groups]
    world.admin.post(at, json={"name": "theirs", "groups": named})


def test_a_deletion_that_is_undone_brings_back_all_that_was_in_the_group(world: World) -> None:
    web = {
        "clientId": "web",
        "serviceAccountsEnabled": True,
        "authorizationServicesEnabled": True,
    }
    inner = group("it", group("a/b", attributes={"k": ["v"]}), realmRoles=["reader"])
    world.declare(
        roles={"realm": [{"name": "reader"}]},
        clients=[web],
        groups=[group("stays"), group("staff", inner, description="all")],
    )
    world.apply()
    ids = [one(world, *n)["id"] for n in (("staff",), ("staff", "it"), ("staff", "it", "a/b"))]
    for number, item in enumerate(ids):
        user(world, f"user-{number}", item)
        world.admin.put(world.path("default-groups", item))
    account = world.account("web")
    assert account is not None
    world.admin.put(world.path("users", account["id"], "groups", ids[1]))
    add_policy(world, ids)

    def default_groups() -> set[str]:
        return {item["path"] for item in world.admin.json(world.path("default-groups"))}

    before = (tree(world), default_groups(), policies(world))
    assert len(before[2]) == len(ids)
    # The role goes after the group: what breaks that undoes the deletion of the group.
    world.declare(clients=[web], groups=[group("stays")])

    def as_before() -> None:
        assert (tree(world), default_groups(), policies(world)) == before

    each_write_fails(world.try_apply, as_before)
    assert set(tree(world)) == {"stays"}


def test_a_new_id_after_an_undone_deletion_is_known(world: World) -> None:
    world.declare(roles={"realm": [{"name": "r"}]}, groups=[group("staff", group("it"))])
    world.apply()
    world.declare()
    failed = 0

    def known() -> None:
        nonlocal failed
        failed += 1
        for names in (("staff",), ("staff", "it")):
            assert world.entry("groups/" + "/".join(names))["id"] == one(world, *names)["id"]

    each_write_fails(world.try_apply, known)
    assert failed > 1


# -- moves ------------------------------------------------------------------------------------


def inhabited_tree(world: World) -> str:
    """A group `a/x` with a member, a role, a group in it and one of others; its id."""
    world.declare(
        roles={"realm": [{"name": "reader"}]},
        groups=[
            group("a", group("x", group("y"), realmRoles=["reader"], attributes={"k": ["v"]})),
            group("b"),
        ],
    )
    world.apply()
    x = str(one(world, "a", "x")["id"])
    user(world, "ann", x)
    world.admin.post(world.path("groups", x, "children"), json={"name": "theirs"})
    return x


def declare_moved(world: World, *groups: Json) -> None:
    world.declare(roles={"realm": [{"name": "reader"}]}, groups=list(groups))


X = group("x", group("y"), realmRoles=["reader"], attributes={"k": ["v"]})


@pytest.mark.parametrize(
    ("to", "groups"),
    [
        ("b/x", [group("a"), group("b", X)]),
        ("x", [group("a"), group("b"), X]),
        ("b/z", [group("a"), group("b", {**X, "name": "z"})]),
        ("a/z", [group("a", {**X, "name": "z"}), group("b")]),
        ("new/deep/x", [group("a"), group("b"), group("new", group("deep", X))]),
        ("b/x", [group("b", X)]),
    ],
)
def test_a_moved_group_keeps_its_id_its_members_and_what_is_in_it(
    world: World, to: str, groups: list[Json]
) -> None:
    x = inhabited_tree(world)
    before = tree(world)
    declare_moved(world, *groups)
    moved(world, **{"a/x": to})
    assert world.plan().actions[f"groups/{to}"] == "move"

    def as_before() -> None:
        assert tree(world) == before
        assert id_of(world, "a", "x") == x

    each_write_fails(world.try_apply, as_before)
    world.is_settled()
    now = to.split("/")
    assert id_of(world, *now) == x
    found = tree(world)
    for name in now[:-1]:
        found = found[name]["in it"]
    assert found[now[-1]] == before["a"]["in it"]["x"]


def test_a_move_is_shown_as_one(world: World) -> None:
    inhabited_tree(world)
    declare_moved(world, group("a"), group("b", {**X, "name": "z"}))
    moved(world, **{"a/x": "b/z"})
    text = world.kcplan("plan", world.file).stdout.replace(world.realm, "REALM")
    assert text == snapshot("""\
Needs attention

  Caution: its path is no longer /a/x [group-path-changes]
    REALM/groups/b/z: name

`kcplan explain CODE` says why, and what to do about it.

kcplan will perform the following actions. Symbols:
  > rename

  # REALM/groups/a/x will be moved to REALM/groups/b/z
  > group "z" {
      ~ name  = "x" -> "z"
      ~ place = "REALM/groups/a" -> "REALM/groups/b"
        # (2 unchanged attributes hidden)
    }

Plan: 0 to add, 1 to change, 0 to destroy.
""")


def test_a_name_that_is_taken_on_the_way_is_no_trouble(world: World) -> None:
    """Somebody has a group of the old name where it goes, another one of the new name there."""
    x = inhabited_tree(world)
    b = one(world, "b")["id"]
    world.admin.post(world.path("groups", b, "children"), json={"name": "x"})
    before = tree(world)
    declare_moved(world, group("a"), group("b", {**X, "name": "z"}))
    moved(world, **{"a/x": "b/z"})

    def as_before() -> None:
        assert tree(world) == before

    each_write_fails(world.try_apply, as_before)
    assert id_of(world, "b", "z") == x


def test_what_is_moved_out_of_a_renamed_or_deleted_group_goes_its_own_way(world: World) -> None:
    x = inhabited_tree(world)
    a = one(world, "a")["id"]
    declare_moved(world, group("c"), group("b", X))
    moved(world, **{"a": "c", "a/x": "b/x"})
    assert world.plan().actions == {"groups/b/x": "move", "groups/c": "move"}
    world.apply()
    world.is_settled()
    assert (id_of(world, "c"), id_of(world, "b", "x")) == (a, x)


def test_a_group_is_renamed_along_with_the_one_that_it_is_in(world: World) -> None:
    x = inhabited_tree(world)
    declare_moved(world, group("c", {**X, "name": "z"}), group("b"))
    moved(world, **{"a": "c", "a/x": "c/z"})
    world.apply()
    world.is_settled()
    assert id_of(world, "c", "z") == x


def test_a_group_cannot_be_moved_into_itself_or_to_what_is_taken(world: World) -> None:
    inhabited_tree(world)
    declare_moved(world, group("b"), group("a", group("x", group("y"))))
    moved(world, b="a/x/y")
    assert "moved-conflict" in world.plan(exit_code=1).codes
    declare_moved(world, group("b"), group("a", group("x", group("y", X))))
    moved(world, **{"a/x": "a/x/y/x"})
    assert "moved-conflict" in world.plan(exit_code=1).codes


def test_who_names_a_moved_group_follows_it(world: World) -> None:
    def declare(*groups: Json, path: str) -> None:
        world.declare(
            defaultGroups=[path],
            groups=list(groups),
            clients=[
                {
                    "clientId": "web",
                    "serviceAccountsEnabled": True,
                    "authorizationServicesEnabled": True,
                    "authorizationSettings": {
                        "policies": [
                            {
                                "name": "staff",
                                "type": "group",
                                "config": {"groups": [{"path": path, "extendChildren": True}]},
                            }
                        ]
                    },
                }
            ],
            users=[{"serviceAccountClientId": "web", "groups": [path]}],
        )

    declare(group("a", group("x")), group("b"), path="/a/x")
    world.apply()
    world.is_settled()
    declare(group("a"), group("b", group("x")), path="/b/x")
    moved(world, **{"a/x": "b/x"})
    assert world.plan().actions == {"groups/b/x": "move"}
    world.apply()
    world.is_settled()


# -- who names groups -------------------------------------------------------------------------


def test_new_users_are_put_into_the_default_groups(world: World) -> None:
    def names() -> set[str]:
        return {item["path"] for item in world.admin.json(world.path("default-groups"))}

    groups = [group("staff", group("it")), group("a/b"), group("guests")]
    world.declare(groups=groups, defaultGroups=["/staff/it", "/a~/b"])
    world.apply()
    world.is_settled()
    assert names() == {"/staff/it", "/a/b"}

    world.declare(groups=groups, defaultGroups=["/guests"], displayName="Shop")
    assert set(world.plan().fields(".")) == {"defaultGroups", "displayName"}
    before = names()

    def as_before() -> None:
        assert names() == before

    each_write_fails(world.try_apply, as_before)
    world.is_settled()
    assert names() == {"/guests"}

    world.declare(groups=groups)
    world.apply()
    assert names() == set()


def test_default_groups_of_others_stay_where_the_files_do_not_name_any(world: World) -> None:
    world.declare(displayName="a", groups=[group("x/y")])
    world.apply()
    world.admin.put(world.path("default-groups", one(world, "x/y")["id"]))
    world.declare(displayName="b", groups=[group("x/y")])
    world.apply()
    assert len(world.admin.json(world.path("default-groups"))) == 1


def test_an_unknown_default_group_is_named(world: World) -> None:
    world.declare(groups=[group("staff")], defaultGroups=["/staff/nobody"])
    plan = world.plan(exit_code=1)
    assert plan.codes == ["unknown-reference"]


def test_an_account_waits_for_the_group_that_it_is_put_into(world: World) -> None:
    world.declare(
        clients=[{"clientId": "web", "serviceAccountsEnabled": True}],
        users=[{"serviceAccountClientId": "web", "groups": ["/staff/a~/b"]}],
        groups=[group("staff", group("a/b"))],
    )
    world.apply()
    world.is_settled()
    account = world.account("web")
    assert account is not None
    found = world.admin.json(world.path("users", account["id"], "groups"))
    assert [item["id"] for item in found] == [id_of(world, "staff", "a/b")]
    world.declare(
        clients=[{"clientId": "web", "serviceAccountsEnabled": True}],
        users=[{"serviceAccountClientId": "web", "groups": ["/staff/a~/b"]}],
        groups=[group("staff")],
    )
    assert world.plan(exit_code=1).codes == ["unknown-reference"]


# -- what Keycloak does -----------------------------------------------------------------------


def test_what_keycloak_does_with_groups(world: World) -> None:
    world.declare(enabled=True)
    world.apply()
    world.admin.post(world.path("roles"), json={"name": "reader"})
    groups, fields = world.path("groups"), {"description": "d", "attributes": {"k": ["v"]}}
    a = world.admin.create(groups, {"name": "a", **fields, "realmRoles": ["reader"]})
    at = world.path("groups", a)

    def there() -> Json:
        return {k: v for k, v in world.admin.json(at).items() if k in (*fields, "realmRoles")}

    assert there() == {**fields, "realmRoles": []}
    world.admin.put(at, json={"name": "a"})
    assert there() == {"attributes": {"k": ["v"]}, "realmRoles": []}
    world.admin.put(at, json={"name": "a", "attributes": {"e": []}})
    assert there() == {"attributes": {}, "realmRoles": []}

    def status(path: str, body: Json) -> int:
        return world.admin.post(path, json=body, check=False).status_code

    assert status(groups, {"name": "b", "id": "5d4f1e4e-0000-4000-8000-000000000000"}) == 404
    b = world.admin.create(groups, {"name": "b"})
    assert status(f"{at}/children", {"id": b, "name": "c"}) == 204
    assert one(world, "a", "b")["id"] == b
    assert status(world.path("groups", b, "children"), {"id": a, "name": "a"}) == 500
    assert status(groups, {"name": "a"}) == 409
    assert world.admin.json(f"{groups}/count") == {"count": 2}
