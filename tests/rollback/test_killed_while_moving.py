"""kcplan is killed while it puts a group into a new one: nothing that was in it is ever lost."""

import pytest

from support import killing
from support.harness import Admin
from support.stage import Change, Json, Stage

_X: Json = {"name": "x", "subGroups": [{"name": "y"}], "attributes": {"k": ["v"]}}


def _somebody(admin: Admin, realm: str) -> None:
    """Put a user into the group, and a group of others."""
    a = next(item for item in admin.json(f"{realm}/groups") if item["name"] == "a")
    (x,) = admin.json(f"{realm}/groups/{a['id']}/children")
    admin.post(f"{realm}/groups/{x['id']}/children", json={"name": "theirs"})
    user = admin.create(f"{realm}/users", {"username": "joan"})
    admin.put(f"{realm}/users/{user}/groups/{x['id']}")


CHANGE = Change(
    before={"groups": [{"name": "a", "subGroups": [_X]}, {"name": "b"}]},
    after={
        "groups": [
            {"name": "b", "description": "last"},
            {"name": "new", "subGroups": [{"name": "deep", "subGroups": [{**_X, "name": "z"}]}]},
        ]
    },
    settings='[[moved]]\nfrom = "REALM/groups/a/x"\nto = "REALM/groups/new/deep/z"\n',
    furnish=_somebody,
)
APPLY = ("apply", "realm.json", "--auto-approve", "--parallelism=1")


def _group_of_joan(stage: Stage) -> Json:
    (joan,) = stage.admin.json(f"{stage.realm}/users", username="joan")
    (group,) = stage.admin.json(f"{stage.realm}/users/{joan['id']}/groups")
    found: Json = stage.admin.json(f"{stage.realm}/groups/{group['id']}")
    return found


def _moments(stage: Stage) -> list[str]:
    assert not stage.is_killed(-1, *APPLY)
    moments = (stage.folder / killing.MOMENTS).read_text().splitlines()
    stage.set_up()
    return moments


@pytest.mark.long("kcplan is killed after each of many writes")
@pytest.mark.parametrize("direction", ["back", "forward"])
def test_a_killed_move_is_recovered(stage: Stage, direction: str) -> None:
    before = _group_of_joan(stage)
    places = {"back": "/a/x", "forward": "/new/deep/z"}
    for moment, what in enumerate(_moments(stage)):
        if not what.startswith(("before POST", "after POST", "after PUT", "after DELETE")):
            continue
        before = _group_of_joan(stage)
        assert stage.is_killed(moment, *APPLY)
        args = ["--forward"] if direction == "forward" else []
        result = stage.kcplan("recover", "--auto-approve", *args)
        assert (result.exit_code, stage.journal.exists()) == (0, False), result.stderr
        after = _group_of_joan(stage)
        assert (after["id"], after["path"]) == (before["id"], places[direction]), what
        assert after["subGroupCount"] == before["subGroupCount"] > 1
        if direction == "back":
            stage.is_as_before(result)
        else:
            settled = stage.kcplan("plan", "realm.json", "--detailed-exitcode")
            assert settled.exit_code == 0, settled.stdout
            stage.set_up()


def test_a_saved_plan_moves_too(stage: Stage) -> None:
    before = _group_of_joan(stage)
    assert stage.kcplan("plan", "realm.json", "--out", "the.kcplan").exit_code == 0
    result = stage.kcplan("apply", "the.kcplan", "--auto-approve")
    assert result.exit_code == 0, result.stderr
    after = _group_of_joan(stage)
    assert (after["id"], after["path"]) == (before["id"], "/new/deep/z")
    stage.strike()
