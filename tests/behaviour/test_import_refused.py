"""`kcplan import` where it cannot be: one clear message, and nothing is written."""

import pytest
from inline_snapshot import snapshot

from support.authorization import VIEWS
from support.faults import FaultyTransport, status
from support.importing import account, imported, said
from support.sabotage import sent_through
from support.world import World


def refused(world: World, *args: object, **more: object) -> str:
    """What a refused import says. It leaves the folder and the state as they were."""
    before = {file: file.read_bytes() for file in world.folder.iterdir()}
    result = world.kcplan("import", *args, exit_code=1, **more)
    assert result.stdout == ""
    assert {file: file.read_bytes() for file in world.folder.iterdir()} == before
    return said(world, result.stderr)


def test_a_realm_that_does_not_exist(world: World) -> None:
    text = refused(world, world.realm)
    assert text.splitlines()[0].startswith("Error: there is no realm REALM at http")
    assert text.splitlines()[1:] == snapshot(
        ["", "Names of realms are case-sensitive. Correct the name, or --url."]
    )


def test_a_file_that_exists_is_not_overwritten(inhabited: World) -> None:
    (inhabited.folder / f"{inhabited.realm}.toml").write_text("mine")
    assert refused(inhabited, inhabited.realm) == snapshot("""\
Error: REALM.toml exists

It is not overwritten. Remove it, or name another file with --out.
""")


def test_a_realm_that_is_in_the_state(inhabited: World) -> None:
    imported(inhabited)
    assert refused(inhabited, inhabited.realm) == snapshot("""\
Error: the realm REALM is in the state already

To import it again, forget it first: kcplan state rm REALM
""")


@pytest.mark.parametrize("name", ["shop.yaml", "shop.toml.bak"])
def test_a_file_of_no_known_format(world: World, name: str) -> None:
    text = refused(world, world.realm, "--out", name)
    assert text.replace(name, "FILE") == snapshot("""\
Error: FILE is not a realm file

Its name must end in .toml or .json, for the format. A folder, which gets a file for
each kind of resource, exists already or has no dot in its name.
""")


@pytest.mark.parametrize("realm", ["../up", "a/b", "/etc/x", ".hidden"])
def test_a_realm_whose_name_is_no_file_name_needs_one(world: World, realm: str) -> None:
    text = refused(world, realm)
    assert text.replace(realm, "NAME") == snapshot("""\
Error: NAME.toml cannot be the name of a file in this folder

Give one with --out.
""")


def test_a_folder_that_does_not_exist(world: World) -> None:
    assert refused(world, world.realm, "--out", "new/realm.toml") == snapshot("""\
Error: the folder new does not exist

Create it first.
""")


@pytest.mark.parametrize(
    "missing", ["view-realm", "view-clients", "view-users", "view-identity-providers"]
)
def test_an_account_with_too_few_rights(inhabited: World, missing: str) -> None:
    rights = account(inhabited, *(role for role in VIEWS if role != missing))
    text = refused(inhabited, inhabited.realm, env=rights)
    assert text.startswith("Error: the account has no right to ")


def test_users_that_may_be_looked_for_and_not_seen(inhabited: World) -> None:
    roles = ("view-realm", "view-clients", "view-identity-providers", "query-users", "query-groups")
    rights = account(inhabited, *roles)
    inhabited.admin.post(inhabited.path("groups"), json={"name": "staff"})
    result = inhabited.kcplan("import", inhabited.realm, env=rights)
    assert said(inhabited, result.stderr) == snapshot("""\

The file has variables for secrets. Set them for the next plan:
  REALM_VIEWER_SECRET  secret of REALM/clients/viewer
Keycloak's console shows the secret of a client under Credentials.

Left out, because they are not configuration; they stay as they are:
  4 private keys

Left out, because Keycloak makes these in every realm; they stay as they are:
  3 roles, 15 client scopes, 6 clients, 31 client roles, 7 flows, 14 required actions, 1 user profile, 10 registration policies, 4 components

Left out, because the account that kcplan logs in with has no right to see these (view-users):
  1 group

Left out, because Keycloak shows them only to accounts with the role realm-admin: workflows.

No service account was found for these clients. It was deleted, or the account that kcplan
logs in with has no right to see users (view-users):
  REALM/clients/viewer

Next: kcplan plan REALM.toml
""")


def test_a_state_that_cannot_be_written_leaves_no_file(
    inhabited: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kcplan.errors import StateError
    from kcplan_state.file import StateFile

    def full(*_: object) -> None:
        raise StateError("the disk is full")

    monkeypatch.setattr(StateFile, "save", full)
    assert refused(inhabited, inhabited.realm) == snapshot("Error: the disk is full\n")


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/keys", '{"keys": 7}'),
        ("/client-session-stats", '[{"active": "x"}]'),
    ],
)
def test_what_cannot_be_counted_is_not_said(inhabited: World, path: str, content: str) -> None:
    misshapen = status(200, content, content_type="application/json")
    faults = FaultyTransport()
    faults.fail(misshapen, method="GET", path=path)
    with sent_through(faults):
        result = inhabited.kcplan("import", inhabited.realm)
    assert faults.count("GET", path) == 1
    assert "session" not in result.stderr
    assert ("private key" in result.stderr) == (path != "/keys")
