"""Variables of the command line on a real server: a saved plan holds none, and needs the same."""

import json

from inline_snapshot import snapshot

from support.world import World

SECRET = "orders-58c1e0d2b7f94a6fa1c3"


def test_a_saved_plan_holds_no_secret_and_needs_the_same_variables(inhabited: World) -> None:
    world = inhabited
    world.declare(
        displayName="${TITLE}",
        clients=[{"clientId": "orders", "secret": "${ORDERS}", "name": "${TITLE}"}],
    )
    given = json.dumps({"ORDERS": SECRET, "TITLE": "Shop"})
    piped = ("--var-file", "-")
    world.plan("--out", "one.kcplan", *piped, input=given)
    assert SECRET not in (world.folder / "one.kcplan").read_text()

    def applied(*options: str, exit_code: int, **more: str) -> str:
        return world.kcplan("apply", "one.kcplan", *options, exit_code=exit_code, **more).stderr

    said = applied(exit_code=1).replace(world.realm, "REALM").replace(str(world.folder), "FOLDER")
    # How the lines are wrapped depends on the length of the folder's name.
    assert " ".join(said.split()) == snapshot(
        "Error: the secret secret of REALM/clients/orders cannot be read again "
        "It came from FOLDER/realm.json. "
        "The variable TITLE is not set. Run plan again, review it, and apply the new one."
    )
    other = given.replace(SECRET, "another-one-e0d2b7f94a6fa1c3")
    assert applied(*piped, exit_code=1, input=other).replace(world.realm, "REALM") == snapshot("""\
Error: the secret secret of REALM/clients/orders is another one now

It is not the one that the plan was made with. Run plan again, review it, and apply the
new one.
""")
    assert world.client("orders") is None

    applied(*piped, exit_code=0, input=given)

    client = world.client("orders")
    assert client is not None
    assert (client["name"], client["secret"]) == ("Shop", SECRET)
    assert world.plan(*piped, input=given).actions == {}
    assert SECRET not in world.state_file.read_text()


def test_variables_do_not_take_the_place_of_an_answer(inhabited: World) -> None:
    inhabited.declare(displayName="${TITLE}")
    found = inhabited.kcplan(
        "apply", inhabited.file, "--var-file", "-", input="TITLE=Shop", exit_code=1
    )
    assert found.stderr == snapshot("""\

Error: approval needs a terminal

Use --auto-approve, or apply a plan that was reviewed: `kcplan plan --out FILE`, then
`kcplan apply FILE`.
""")
