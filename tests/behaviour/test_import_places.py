"""Where `kcplan import` writes: a folder with a file for each kind, and a file with the secrets."""

import json
import os
import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from support.importing import KEY, SECRET, WRITE_ONLY, imported, live_secrets, make_full, said
from support.world import Json, World


def in_folder(world: World, name: str = "realm") -> dict[str, Json]:
    """Import into a folder, and give what its files say. The world has the variables then."""
    world.kcplan("import", world.realm, "--out", name)
    files = {
        file.name: tomllib.loads(file.read_text(encoding="utf-8"))
        for file in sorted((world.folder / name).iterdir())
    }
    for document in files.values():
        world.variables.update(live_secrets(world, document))
    return files


def sourced(world: World, file: str = ".env") -> dict[str, str | None]:
    """The variables that a shell has after it read a file."""
    shell = ["/bin/sh", "-c", f"set -a; . ./{file}; set +a; exec env -0"]
    shown = subprocess.run(shell, cwd=world.folder, env={}, check=True, capture_output=True).stdout
    pairs = dict(line.split("=", 1) for line in shown.decode().split("\0") if line)
    return {name: value for name, value in pairs.items() if name.startswith(upper(world))}


def upper(world: World) -> str:
    """How the names of the realm's variables begin."""
    return world.realm.upper().replace("-", "_")


def entries(world: World) -> list[Json]:
    found: list[Json] = json.loads(world.state_file.read_text())["resources"]
    return found


def snapshot_of(folder: Path) -> dict[str, bytes | None]:
    """All files in a folder and in the folders in it."""
    return {
        str(file.relative_to(folder)): file.read_bytes() if file.is_file() else None
        for file in sorted(folder.rglob("*"))
    }


# -- a folder ---------------------------------------------------------------------------------


def test_a_folder_has_a_file_for_each_kind_and_says_the_same(world: World) -> None:
    make_full(world)
    alone = imported(world)
    state = entries(world)
    world.kcplan("state", "rm", world.realm)

    files = in_folder(world)

    assert list(files) == [
        "clients.toml",
        "groups.toml",
        "identity-providers.toml",
        "realm.toml",
        "roles.toml",
        "users.toml",
    ]
    together = {key: value for document in files.values() for key, value in document.items()}
    assert together == alone
    assert entries(world) == state
    result = world.kcplan("plan", world.folder / "realm", "--detailed-exitcode")
    assert result.stdout == "No changes. Your Keycloak matches the configuration.\n"
    assert result.stderr == ""


def test_role_scopes_stand_beside_what_has_them(inhabited: World) -> None:
    world = inhabited
    world.admin.post(world.path("roles"), json={"name": "r"})
    world.admin.post(world.path("client-scopes"), json={"name": "s", "protocol": "openid-connect"})
    world.admin.post(world.path("clients"), json={"clientId": "a", "fullScopeAllowed": False})
    (scope,) = [s for s in world.admin.json(world.path("client-scopes")) if s["name"] == "s"]
    for holder in (world.in_client("a"), world.path("client-scopes", scope["id"])):
        world.admin.post(f"{holder}/scope-mappings/realm", json=[world.role("r")])

    files = in_folder(world)

    assert files["clients.toml"]["scopeMappings"] == [{"client": "a", "roles": ["r"]}]
    assert files["client-scopes.toml"]["scopeMappings"] == [{"clientScope": "s", "roles": ["r"]}]
    assert world.kcplan("plan", "realm", "--detailed-exitcode").exit_code == 0


def test_what_is_said_of_a_folder(inhabited: World) -> None:
    world = inhabited
    world.admin.post(world.path("clients"), json={"clientId": "a"})
    result = world.kcplan("import", world.realm, "--out", "shop")
    assert said(world, result.stdout) == snapshot(
        "The files in shop describe the realm REALM, and the state knows its 2 resources.\n"
    )
    assert said(world, result.stderr).splitlines()[:4] == snapshot(
        [
            "",
            "The files have variables for secrets. Set them for the next plan:",
            "  REALM_A_SECRET  secret of REALM/clients/a",
            "Keycloak's console shows the secret of a client under Credentials.",
        ]
    )


@pytest.mark.parametrize("name", ["realm.toml", "client-scopes.toml"])
def test_a_folder_is_filled_and_nothing_in_it_overwritten(inhabited: World, name: str) -> None:
    world = inhabited
    folder = world.folder / "shop.d"
    folder.mkdir()
    (folder / "kcplan.toml").write_text("")
    in_the_way = folder / name
    in_the_way.write_text("mine")
    before = snapshot_of(world.folder)
    result = world.kcplan("import", world.realm, "--out", folder, exit_code=1)
    assert result.stderr.replace(str(folder), "shop.d").replace(name, "NAME") == snapshot("""\
Error: shop.d/NAME exists

It is not overwritten. Remove it, or name another file with --out.
""")
    assert snapshot_of(world.folder) == before
    in_the_way.unlink()
    world.kcplan("import", world.realm, "--out", folder)


# -- a file with the secrets ------------------------------------------------------------------


def test_a_shell_that_read_the_secrets_has_an_empty_plan(world: World) -> None:
    make_full(world)

    result = world.kcplan("import", world.realm, "--out", "realm", "--secrets-out", ".env")

    file = world.folder / ".env"
    assert file.stat().st_mode & 0o777 == 0o600
    assert (world.folder / ".gitignore").read_text() == "/.env\n"
    found = sourced(world)
    assert {SECRET, KEY} <= set(found.values())
    plan = world.kcplan("plan", "realm", "--detailed-exitcode", env=found)
    assert plan.stdout == "No changes. Your Keycloak matches the configuration.\n"
    others = [path for path in world.folder.rglob("*") if path.is_file() and path != file]
    for text in (result.stdout, result.stderr, *(path.read_text() for path in others)):
        assert all(value not in text for value in found.values() if value)
    assert WRITE_ONLY not in file.read_text()
    places = [line for line in said(world, result.stderr).splitlines() if "REALM" in line]
    assert places == snapshot(
        [
            "  REALM_APP_SECRET                       secret of REALM/clients/app",
            "  REALM_OTHER_SECRET                     secret of REALM/clients/other",
            '  REALM_URN_SP_SAML_SIGNING_PRIVATE_KEY  attributes."saml.signing.private.key" of REALM/clients/urn:sp',
            "  REALM_URN_SP_SECRET                    secret of REALM/clients/urn:sp",
            "  smtpServer.password of REALM",
            "  config.clientSecret of REALM/identity-providers/company",
        ]
    )


def test_what_is_said_of_the_secrets(inhabited: World) -> None:
    world = inhabited
    world.admin.post(world.path("clients"), json={"clientId": "a"})
    result = world.kcplan("import", world.realm, "--secrets-out", "my secrets.env")
    assert said(world, result.stderr).partition("\n\n")[0] == snapshot("""\

The file has variables for secrets, and my secrets.env has their values:
  REALM_A_SECRET  secret of REALM/clients/a
Set them for the next plan with: set -a; . './my secrets.env'; set +a\
""")


def test_variables_that_are_there_are_kept_and_used_where_they_are_the_same(
    inhabited: World,
) -> None:
    world = inhabited
    secrets: dict[str, str] = {}
    for name in ("same", "other", "new"):
        world.admin.post(world.path("clients"), json={"clientId": name})
        secrets[name] = (world.client(name) or {})["secret"]
    prefix = upper(world)
    kept = f"# mine\nexport {prefix}_SAME_SECRET={secrets['same']}\n{prefix}_OTHER_SECRET=$X"
    (world.folder / ".env").write_text(kept)
    (world.folder / ".env").chmod(0o644)
    (world.folder / ".gitignore").write_text("*.env")

    world.kcplan("import", world.realm, "--secrets-out", ".env")

    assert (world.folder / ".env").read_text() == (
        f"{kept}\n{prefix}_NEW_SECRET='{secrets['new']}'\n"
        f"{prefix}_OTHER_SECRET_2='{secrets['other']}'\n"
    )
    assert (world.folder / ".env").stat().st_mode & 0o777 == 0o600
    assert (world.folder / ".gitignore").read_text() == "*.env"
    file = world.folder / f"{world.realm}.toml"
    assert f"${{env:{prefix}_OTHER_SECRET_2}}" in file.read_text()
    world.kcplan("plan", file, "--detailed-exitcode", env=sourced(world))


def test_without_secrets_no_file_is_written_for_them(inhabited: World) -> None:
    world = inhabited
    world.kcplan("import", world.realm, "--secrets-out", ".env")
    assert {".env", ".gitignore"}.isdisjoint(file.name for file in world.folder.iterdir())


Prepare = Callable[[Path], object]
UNFIT: dict[str, Prepare] = {
    "kcplan.state.json.backup": lambda _: None,
    "secrets.toml": lambda _: None,
    "missing/.env": lambda _: None,
    "folder": Path.mkdir,
    "link": lambda path: path.symlink_to("elsewhere"),
    "pipe": os.mkfifo,
}


@pytest.mark.parametrize("name", UNFIT)
def test_a_place_that_is_not_fit_for_secrets_is_refused(inhabited: World, name: str) -> None:
    world = inhabited
    UNFIT[name](world.folder / name)
    before = sorted(world.folder.iterdir())
    result = world.kcplan("import", world.realm, "--secrets-out", name, exit_code=1)
    assert (
        result.stderr
        == snapshot(
            {
                "secrets.toml": """\
Error: secrets.toml would be read as a realm file

It gets a line for each secret, for a shell. Name it .env, say.
""",
                "missing/.env": """\
Error: the folder missing does not exist

Create it first.
""",
                "folder": """\
Error: folder is a folder

Name the file for the secrets, such as .env.
""",
                "link": """\
Error: link cannot be used

It is a symbolic link, not a regular file.
""",
                "pipe": """\
Error: pipe cannot be used

It is a pipe (FIFO), not a regular file.
""",
                "kcplan.state.json.backup": """\
Error: kcplan.state.json.backup is one of kcplan's own files

Name another one, such as .env.
""",
            }
        )[name]
    )
    assert sorted(world.folder.iterdir()) == before


@pytest.mark.parametrize("option", ["--out", "--secrets-out"])
def test_a_name_that_no_file_can_have_is_refused(inhabited: World, option: str) -> None:
    result = inhabited.kcplan("import", inhabited.realm, option, "x" * 300, exit_code=1)
    assert result.stderr.startswith(f"Error: {'x' * 20}")
    assert "cannot be written\n\nFile name too long.\n" in result.stderr
    assert list(inhabited.folder.iterdir()) == []


def test_a_state_that_cannot_be_written_leaves_everything_as_it_was(
    inhabited: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from kcplan.errors import StateError
    from kcplan_state.file import StateFile

    def full(*_: object) -> None:
        raise StateError("the disk is full")

    world = inhabited
    world.admin.post(world.path("clients"), json={"clientId": "a"})
    (world.folder / "b").mkdir()
    (world.folder / "b" / ".env").write_text("A=1")
    (world.folder / "b" / ".gitignore").write_text("x")
    before = snapshot_of(world.folder)
    monkeypatch.setattr(StateFile, "save", full)
    for secrets in ("a/.env", "b/.env"):
        place = ("--out", "a", "--secrets-out", secrets)
        result = world.kcplan("import", world.realm, *place, exit_code=1)
        assert result.stderr == "Error: the disk is full\n"
        assert snapshot_of(world.folder) == before


# -- a file that is not named -------------------------------------------------------------------


def test_the_file_is_put_where_the_settings_look_and_the_next_plan_finds_it(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "displayName": "Shop"})
    world.settings('[config]\nfiles = ["realms"]\n')
    (world.folder / "realms").mkdir()
    settings = (world.folder / "kcplan.toml").read_bytes()

    done = world.kcplan("import", world.realm)

    assert f"realms/{world.realm}.toml describes the realm" in done.stdout
    assert done.stderr.endswith("\nNext: kcplan plan\n")
    assert (world.folder / "kcplan.toml").read_bytes() == settings
    assert "No changes." in world.kcplan("plan").stdout


def test_a_file_that_the_settings_do_not_find_is_named_for_the_next_plan(world: World) -> None:
    world.admin.post("", json={"realm": world.realm, "displayName": "Shop"})
    world.settings('[config]\nfiles = ["other.toml"]\n')

    done = world.kcplan("import", world.realm)

    assert done.stderr.endswith(f"\nNext: kcplan plan {world.realm}.toml\n")
    assert (world.folder / f"{world.realm}.toml").exists()


def test_a_text_is_no_placeholder_of_keycloak_config_cli_either(inhabited: World) -> None:
    world = inhabited
    world.settings('[config]\nsubstitution = "keycloak-config-cli"\n')
    client = {"clientId": "a", "publicClient": True, "description": "$(document).ready"}
    world.admin.post(world.path("clients"), json=client)
    world.kcplan("import", world.realm, "--out", "realm.toml")
    assert '"$$(document).ready"' in (world.folder / "realm.toml").read_text(encoding="utf-8")
    assert world.kcplan("plan", "realm.toml", "--detailed-exitcode").exit_code == 0
