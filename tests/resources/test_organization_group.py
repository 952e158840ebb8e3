"""Groups of organizations: trees of them, who is in them, and what happens where they go."""

from pathlib import Path
from typing import Any

import httpx
import pytest
from inline_snapshot import snapshot

from kcplan.address import Address
from kcplan.transaction import ROLLED_BACK
from kcplan_keycloak.resources.organization_group import ORGANIZATION_GROUPS
from support.planning import entry, plan, there
from support.sabotage import WAYS, Saboteur, each_write_fails, sent_through
from support.world import Json, World


@pytest.fixture
def world(world: World) -> World:
    """A world whose realm has organizations, and is not kcplan's."""
    body = {"realm": world.realm, "enabled": True, "organizationsEnabled": True}
    world.admin.post("", json=body)
    return world


def group(name: str, *inner: Json, **fields: Any) -> Json:
    return {"name": name, **fields, **({"subGroups": list(inner)} if inner else {})}


def declare(world: World, *groups: Json, **more: Any) -> None:
    acme = {"name": "acme", "groups": list(groups)}
    roles = {"realm": [{"name": "reader"}]}
    world.declare(**{"organizationsEnabled": True, "roles": roles, "organizations": [acme], **more})


def groups_of(world: World, alias: str = "acme") -> str:
    """The path of the groups of an organization."""
    listed = world.admin.json(world.path("organizations"))
    return world.path(
        "organizations", next(i["id"] for i in listed if i["alias"] == alias), "groups"
    )


def tree(world: World) -> dict[str, Json]:
    """All groups of the organization by path, with what they are and have."""
    at = groups_of(world)
    listed = world.admin.json(at, search="*", briefRepresentation="false")
    fields = ("attributes", "realmRoles", "clientRoles", "description")
    return {
        item["path"]: {
            **{name: item[name] for name in fields if item.get(name)},
            "members": sorted(
                user["username"] for user in world.admin.json(f"{at}/{item['id']}/members")
            ),
        }
        for item in listed
    }


def id_of(world: World, path: str) -> str:
    listed = world.admin.json(groups_of(world), search="*")
    return next(str(item["id"]) for item in listed if item["path"] == path)


def member(world: World, name: str, *paths: str) -> None:
    """Somebody who is in the organization, and in these groups of it."""
    user = world.admin.create(world.path("users"), {"username": name})
    at = groups_of(world)
    world.admin.post(f"{at.removesuffix('/groups')}/members", json=user)
    for path in paths:
        world.admin.put(f"{at}/{id_of(world, path)}/members/{user}")


NIGHT = group("night", description="who works late", attributes={"shift": ["3"]})
STAFF = group("staff", group("it", NIGHT, realmRoles=["reader"]), description="all of us")


def test_a_tree_is_made_and_what_others_have_in_it_stays(world: World) -> None:
    declare(world, STAFF)
    assert world.plan().actions == {
        ".": "adopt",
        "roles/reader": "create",
        "organizations/acme": "create",
        "organizations/acme/groups/staff": "create",
        "organizations/acme/groups/staff/it": "create",
        "organizations/acme/groups/staff/it/night": "create",
    }
    world.apply()
    world.is_settled()
    at = groups_of(world)
    world.admin.post(f"{at}/{id_of(world, '/staff')}/children", json={"name": "theirs"})
    world.is_settled()
    assert tree(world) == {
        "/staff": {"description": "all of us", "members": []},
        "/staff/it": {"realmRoles": ["reader"], "members": []},
        "/staff/it/night": {
            "attributes": {"shift": ["3"]},
            "description": "who works late",
            "members": [],
        },
        "/staff/theirs": {"members": []},
    }
    assert world.admin.json(world.path("groups")) == []
    declare(world)
    refused = world.kcplan("plan", world.file, exit_code=1).stderr
    assert "what kcplan does not manage: 1 organization-group" in refused
    assert f"The organization-groups are {world.realm}/organizations/acme/groups/staff/theirs" in (
        " ".join(refused.split())
    )


def test_what_is_there_is_adopted_and_what_leaves_the_files_is_released(world: World) -> None:
    declare(world)
    world.apply()
    at = groups_of(world)
    staff = world.admin.create(at, {"name": "staff", "attributes": {"a": ["1"]}})
    world.admin.post(f"{at}/{staff}/children", json={"name": "it"})
    declare(world, group("staff", group("it"), attributes={"b": ["2"]}))
    address = "organizations/acme/groups/staff"
    assert world.plan().actions == {address: "adopt", f"{address}/it": "adopt"}
    world.apply()
    world.is_settled()
    assert tree(world)["/staff"]["attributes"] == {"a": ["1"], "b": ["2"]}
    declare(world)
    assert world.plan().actions == {address: "release", f"{address}/it": "release"}


def test_what_others_made_is_told_but_not_what_is_in_that(world: World) -> None:
    declare(world, STAFF)
    world.apply()
    at = groups_of(world)
    for path in ("", f"/{id_of(world, '/staff/it')}/children"):
        made = world.admin.create(f"{at}{path}", {"name": "theirs"})
        world.admin.post(f"{at}/{made}/children", json={"name": "inner"})
    text = world.kcplan("refresh", "--unmanaged", exit_code=None).stdout
    said = [line.strip() for line in text.splitlines() if "theirs" in line]
    assert "inner" not in text
    assert [line.replace(world.realm, "REALM") for line in said] == snapshot(
        [
            "# REALM/organizations/acme/groups/staff/it/theirs has been created",
            '+ organization-group "theirs" {',
            "# REALM/organizations/acme/groups/theirs has been created",
            '+ organization-group "theirs" {',
        ]
    )


def exported(name: str, path: str, *inner: Json, **fields: Any) -> Json:
    """A group as an offline export has it."""
    empty = {"attributes": {}, "realmRoles": [], "clientRoles": {}}
    ids = {"id": f"id of {path}", "parentId": "another id", "path": path}
    return {"name": name, **ids, "subGroups": list(inner), **empty, **fields}


def test_an_export_of_the_server_is_adopted_as_it_is(world: World) -> None:
    declare(world, STAFF)
    world.apply()
    world.state_file.unlink()
    night = exported("night", "/staff/it/night", attributes={"shift": ["3"]})
    it = exported("it", "/staff/it", night, realmRoles=["reader"])
    declare(world, exported("staff", "/staff", it))
    made = world.plan()
    assert set(made.actions.values()) == {"adopt"}
    assert len([address for address in made.actions if "/groups/" in address]) == 3
    assert not any(made.change(address)["changes"] for address in made.actions)


@pytest.mark.parametrize(
    ("to", "groups"),
    [
        ("x", [group("a"), group("b")]),
        ("b/z", [group("a"), group("b")]),
        ("new/deep/x", [group("b"), group("new", group("deep"))]),
    ],
)
def test_a_moved_group_keeps_its_id_its_members_and_what_is_in_it(
    world: World, to: str, groups: list[Json]
) -> None:
    def x(name: str = "x") -> Json:
        return group(name, group("y"), realmRoles=["reader"], attributes={"k": ["v"]})

    declare(world, group("a", x()), group("b"))
    world.apply()
    member(world, "ann", "/a/x")
    before, old = tree(world), id_of(world, "/a/x")
    *above, name = to.split("/")
    tables = groups
    for part in above:
        table = next(item for item in tables if item["name"] == part)
        tables = table.setdefault("subGroups", [])
    tables.append(x(name))
    declare(world, *groups)
    at = "REALM/organizations/acme/groups"
    world.settings(f'[[moved]]\nfrom = "{at}/a/x"\nto = "{at}/{to}"\n')
    assert world.plan().actions[f"organizations/acme/groups/{to}"] == "move"

    def as_before() -> None:
        assert tree(world) == before
        assert id_of(world, "/a/x") == old

    each_write_fails(world.try_apply, as_before)
    world.is_settled()
    assert id_of(world, f"/{to}") == old
    assert tree(world)[f"/{to}"] == before["/a/x"]


def test_none_is_moved_to_another_organization(tmp_path: Path) -> None:
    """Keycloak refuses it, as it does a group of the realm."""
    alone, two = {"name": "a"}, {"name": "b", "groups": [{"name": "x"}]}
    addresses = [f"organizations/{name}" for name in ("a", "b")]
    old, new = (f"{address}/groups/x" for address in addresses)
    made = plan(
        tmp_path,
        {"organizationsEnabled": True, "organizations": [alone, two]},
        [entry(old, {})],
        [there(old, {})],
        moved=((old, new),),
    )
    assert [item.summary for item in made.diagnostics] == snapshot(
        [
            "r/organizations/a/groups/x cannot be moved to r/organizations/b/groups/x: it would lie in another place"
        ]
    )


def test_an_organization_that_comes_back_has_its_groups(world: World) -> None:
    declare(world, STAFF)
    world.apply()
    theirs = world.admin.create(groups_of(world), {"name": "theirs"})
    role = world.admin.json(world.path("roles", "reader"))
    world.admin.post(f"{groups_of(world)}/{theirs}/role-mappings/realm", json=[role])
    member(world, "ann", "/staff/it", "/theirs")
    member(world, "bob")
    before = tree(world)
    assert before["/theirs"] == {"realmRoles": ["reader"], "members": ["ann"]}
    declare(world, organizations=[], roles={})

    def as_before() -> None:
        assert tree(world) == before

    each_write_fails(lambda: world.try_apply("--delete-unmanaged"), as_before)
    assert world.admin.json(world.path("organizations")) == []


class Lists(Saboteur):
    """Counts the lists of all groups that a rollback asks for."""

    asked = 0

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        is_undoing = bool(self.undone)
        if request.method == "GET" and is_undoing and request.url.params.get("search") == "*":
            self.asked += 1
        return super().handle_request(request)


def test_groups_that_come_back_are_listed_once_however_many(world: World) -> None:
    teams = [group(f"team {number}") for number in range(4)]
    declare(world, STAFF, *teams, clients=[{"clientId": "shop"}])
    world.apply()
    before = tree(world)
    # The client cannot go, so the organization comes back.
    declare(world, organizations=[], clients=[])
    lists = Lists({1: WAYS["status 500"]})
    with sent_through(lists):
        assert world.try_apply("--delete-unmanaged").exit_code == ROLLED_BACK
    assert tree(world) == before
    assert len([line for line in lists.undone if line.startswith("POST")]) > len(before)
    assert lists.asked == 1


@pytest.mark.parametrize(
    ("body", "parent"),
    [
        ({"name": "a/b", "path": "/a/b"}, None),
        ({"name": "a/b", "path": "/a~/b"}, None),
        ({"name": "b", "path": "/a/b"}, "outer"),
        ({"name": "b"}, "outer"),
    ],
)
def test_a_group_at_the_top_is_told_by_its_path_also_with_slashes(
    body: Json, parent: str | None
) -> None:
    found = ORGANIZATION_GROUPS._addressed(
        Address.of("r", "organizations", "acme"),
        [
            {"id": "outer", "name": "a", "path": "/a", "parentId": "hidden"},
            {"id": "one", "parentId": "outer" if parent else "hidden", **body},
        ],
    )
    inside = ("a", body["name"]) if parent else (body["name"],)
    assert Address.of("r", "organizations", "acme", "groups", *inside) in found


def test_a_plan_says_how_many_are_in_a_group_that_goes(world: World) -> None:
    declare(world, STAFF)
    world.apply()
    member(world, "ann", "/staff/it")
    declare(world)
    change = world.plan().change("organizations/acme/groups/staff")
    assert (change["action"], change["notes"]) == snapshot(
        ("delete", ["made again, the group has another id", "one user loses it"])
    )
