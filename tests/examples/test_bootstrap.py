"""The accounts of examples/bootstrap have the rights that they need, and none that they do not."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from kcplan_keycloak.rights import ALL, AREAS
from support.everything import everything
from support.harness import Run
from support.world import World

ROOT = Path(__file__).parents[2]
SECRETS = {"VIEWER_SECRET": "secret-of-the-viewer", "APPLIER_SECRET": "secret-of-the-applier"}
VIEWER, APPLIER = "kcplan-viewer", "kcplan-applier"
VIEW = [area.view for area in AREAS if area.view != ALL]
MANAGE = list(dict.fromkeys(area.manage for area in AREAS if area.manage != ALL))


def bootstrap(world: World, name: str, **replaced: str) -> None:
    """Apply an example as the administrator, for the realm of this world."""
    text = (ROOT / "examples" / "bootstrap" / f"{name}.toml").read_text()
    for old, new in {"shop": world.realm, **replaced}.items():
        text = re.sub(rf"(?<![\w-]){re.escape(old)}(?=[\"-])|^{re.escape(old)}-", new, text)
    (world.folder / "bootstrap.toml").write_text(text)
    manage(world, "apply", "bootstrap.toml", "--auto-approve")


def manage(world: World, *arguments: str) -> None:
    world.kcplan(*arguments, "--state", "bootstrap.state.json", env=SECRETS)


def login(realm: str, name: str, secret: str) -> Mapping[str, str | None]:
    return {
        "KCPLAN_AUTH_REALM": realm,
        "KCPLAN_CLIENT_ID": name,
        "KCPLAN_CLIENT_SECRET": SECRETS[secret],
        "KCPLAN_USERNAME": None,
        "KCPLAN_PASSWORD": None,
    }


@pytest.fixture
def viewer(inhabited: World) -> Mapping[str, str | None]:
    return login(inhabited.realm, VIEWER, "VIEWER_SECRET")


@pytest.fixture
def applier(inhabited: World) -> Mapping[str, str | None]:
    return login(inhabited.realm, APPLIER, "APPLIER_SECRET")


@pytest.fixture
def accounts(inhabited: World, applier: Mapping[str, str | None]) -> World:
    """A realm with the accounts, in which the one for apply has applied something of each kind."""
    bootstrap(inhabited, "realm")
    inhabited.declare(**everything("one"))
    inhabited.apply(env=applier)
    inhabited.declare(**everything("two"))
    return inhabited


def test_they_are_valid(run_offline: Run) -> None:
    result = run_offline("validate", ROOT / "examples" / "bootstrap" / "realm.toml", env=SECRETS)
    assert (result.exit_code, result.stderr) == (0, "")


def test_they_have_the_roles_that_the_table_lists() -> None:
    for name in ("realm", "server"):
        text = (ROOT / "examples" / "bootstrap" / f"{name}.toml").read_text()
        lists = re.findall(r"^[\w-]+ = \[\n(.*?)\]", text, flags=re.MULTILINE | re.DOTALL)
        assert [re.findall(r'"(.+?)"', found) for found in lists] == [VIEW, MANAGE]


def test_the_page_has_the_table() -> None:
    page = (ROOT / "docs" / "accounts.md").read_text()
    rows = "".join(f"| {area.what} | `{area.view}` | `{area.manage}` |\n" for area in AREAS)
    assert f"| what | to plan and refresh | to apply |\n|---|---|---|\n{rows}\n" in page


def test_the_viewer_sees_what_the_administrator_sees_and_only_the_applier_changes_it(
    accounts: World, viewer: Mapping[str, str | None], applier: Mapping[str, str | None]
) -> None:
    accounts.edit_client("a", description="by hand")
    ours, theirs = accounts.plan().document, accounts.plan(env=viewer).document
    assert theirs["server"].pop("version") != ours["server"].pop("version")
    assert theirs == ours
    assert len(accounts.plan(env=viewer).actions) == 20
    assert accounts.refresh(env=viewer).document == accounts.refresh().document
    before = accounts.export()

    result = accounts.apply(exit_code=3, env=viewer)

    assert "the account has no right to" in result.stderr
    assert "Every completed step was rolled back" in result.stderr
    assert accounts.export() == before

    accounts.apply(env=applier)
    accounts.is_settled()


@pytest.mark.parametrize("name", [VIEWER, APPLIER])
def test_each_role_is_needed(accounts: World, name: str) -> None:
    if name == VIEWER:
        roles, command, code = VIEW, ("plan",), 1
        lacks = "plan fails: the account lacks {}"
        env = login(accounts.realm, VIEWER, "VIEWER_SECRET")
    else:
        roles, command, code = MANAGE, ("apply", "--auto-approve"), 3
        lacks = "plan and refresh work; apply would lack {}"
        env = login(accounts.realm, APPLIER, "APPLIER_SECRET")
        for role in VIEW:  # so that it is a write that fails
            accounts.grant(APPLIER, f"realm-management/{role}")
    for role in roles:
        take(accounts, name, role)
        result = accounts.kcplan(*command, accounts.file, exit_code=code, env=env)
        assert "the account has no right to" in result.stderr, role
        assert lacks.format(role) in doctor(accounts, env), role
        accounts.grant(name, f"realm-management/{role}")


def doctor(world: World, env: Mapping[str, str | None]) -> str:
    """What the doctor says of the rights, in one line."""
    result = world.kcplan("doctor", world.file, exit_code=None, env=env)
    return " ".join(result.stdout.partition("rights in")[2].split())


def take(world: World, client: str, role: str) -> None:
    """Somebody takes a role of `realm-management` from an account."""
    account = world.account(client)
    assert account is not None
    management = world.admin.client_id(world.realm, "realm-management")
    at = world.path("users", account["id"], "role-mappings", "clients", management)
    found = world.admin.json(f"{world.in_client('realm-management')}/roles/{role}")
    world.admin.delete(at, json=[found])


@pytest.fixture
def whole_server(inhabited: World) -> Iterator[World]:
    """A realm, and accounts for it in master, whose names no other test has."""
    names = {name: f"{name}-{inhabited.realm}" for name in (VIEWER, APPLIER)}
    bootstrap(inhabited, "server", **names)
    try:
        yield inhabited
    finally:
        manage(inhabited, "destroy", "--auto-approve")
    for name in names.values():
        assert inhabited.admin.json("master/clients", clientId=name) == []


def test_the_accounts_for_a_whole_server(whole_server: World) -> None:
    world = whole_server
    viewer = login("master", f"{VIEWER}-{world.realm}", "VIEWER_SECRET")
    applier = login("master", f"{APPLIER}-{world.realm}", "APPLIER_SECRET")
    world.declare(**everything("one"))
    world.apply(env=applier)
    world.declare(**everything("two"))
    ours, theirs = world.plan().document, world.plan(env=viewer).document
    assert theirs["server"].pop("version") != ours["server"].pop("version")
    assert theirs == ours
    assert world.refresh(env=viewer).document == world.refresh().document
    assert "the account has no right to" in world.apply(exit_code=3, env=viewer).stderr
    assert "apply would lack manage-realm" in doctor(world, viewer)
    assert "plan, refresh and apply work" in doctor(world, applier)

    world.admin.delete(world.realm)
    (world.folder / "kcplan.state.json").unlink()
    assert "the account may create it" in doctor(world, applier)
    world.apply(env=applier)
    world.is_settled()
