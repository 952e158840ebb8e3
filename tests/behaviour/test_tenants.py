"""Tenants on a real server: one comes, one changes, one leaves, and no other is touched."""

import json
from collections.abc import Iterator

import pytest
from inline_snapshot import snapshot

from support.harness import Result
from support.world import World

NAMES = ("acme", "globex", "initech")
SECRETS = {f"SECRET_{name.upper()}": f"of-{name}-58c1e0d2b7f94a6fa1c3" for name in NAMES}


@pytest.fixture
def variables() -> dict[str, str | None]:
    """The secret of each tenant."""
    return dict(SECRETS)


@pytest.fixture
def tenants(world: World) -> Iterator[World]:
    """A world with a file that is read for tenants; their realms begin with its realm's name."""
    (world.folder / "tenant.json").write_text(
        json.dumps(
            {
                "realm": f"{world.realm}-${{each.name}}",
                "clients": [
                    {
                        "clientId": "web",
                        "rootUrl": "${each.url}",
                        "secret": "${env:SECRET_${each.key}}",
                    }
                ],
            }
        )
    )
    world.settings('[[realms]]\nfile = "tenant.json"\nfor_each = "tenants.csv"\n')
    yield world
    for name in NAMES:
        world.admin.delete(f"{world.realm}-{name}", check=False)


def list_tenants(world: World, **urls: str) -> None:
    rows = [f"{name},{name.upper()},{url}\n" for name, url in urls.items()]
    (world.folder / "tenants.csv").write_text("name,key,url\n" + "".join(rows))


def actions(world: World, *options: str, **more: str) -> dict[str, str]:
    """What a plan does, by address without the realms' common beginning."""
    found = json.loads(world.kcplan("plan", "--format", "json", *options, **more).stdout)
    return {
        change["address"].removeprefix(f"{world.realm}-"): change["action"]
        for change in found["resource_changes"]
        if change["action"] != "noop"
    }


def said(world: World, result: Result) -> str:
    return result.stderr.replace(world.realm, "REALM")


def test_a_tenant_comes_changes_and_leaves_and_no_other_is_touched(tenants: World) -> None:
    world = tenants
    list_tenants(world, acme="https://a.example", globex="https://g.example")
    world.kcplan("apply", "--auto-approve")
    assert actions(world) == {}

    list_tenants(
        world,
        acme="https://a.example",
        globex="https://new.example",
        initech="https://i.example",
    )
    expected = {
        "globex/clients/web": "update",
        "initech": "create",
        "initech/clients/web": "create",
    }
    assert actions(world) == expected
    assert actions(world, "--target", f"{world.realm}-globex/**") == {
        "globex/clients/web": "update"
    }
    # Only the tenants' file is named: it is the whole configuration of their realms.
    assert actions(world, "tenant.json") == expected

    world.kcplan("plan", "--out", "tenants.kcplan")
    assert not [s for s in SECRETS.values() if s in (world.folder / "tenants.kcplan").read_text()]
    world.kcplan("apply", "tenants.kcplan")
    assert actions(world) == {}
    made = world.admin.json(f"{world.realm}-initech/clients", clientId="web")[0]
    assert (made["rootUrl"], made["secret"]) == ("https://i.example", SECRETS["SECRET_INITECH"])

    list_tenants(world, globex="https://new.example", initech="https://i.example")
    plan = world.kcplan("plan", "--detailed-exitcode")
    assert said(world, plan) == snapshot("""\
Warning: the realm REALM-acme is in the state and in none of the files [realm-not-in-files]
  in REALM-acme

kcplan neither plans nor deletes it. Name its files too. If kcplan should no longer
manage it, run `kcplan state rm 'REALM-acme'`; it stays in Keycloak.

""")
    assert world.kcplan("refresh", "--detailed-exitcode").exit_code == 0
    world.kcplan("apply", "--auto-approve")
    assert world.admin.json(f"{world.realm}-acme/clients", clientId="web") != []
    (world.folder / "gone.toml").write_text(f'realm = "{world.realm}-acme"\n')
    world.kcplan("destroy", "gone.toml", "--auto-approve")
    assert world.admin.get(f"{world.realm}-acme", check=False).status_code == 404
    assert actions(world) == {}

    world.kcplan("destroy", "--auto-approve")
    assert world.admin.get(f"{world.realm}-globex", check=False).status_code == 404


def test_a_mistake_of_one_tenant_is_told_with_its_name_and_stops_all(tenants: World) -> None:
    world = tenants
    list_tenants(world, acme="https://a.example", globex="https://g.example")
    found = world.kcplan("plan", env={"SECRET_GLOBEX": None}, exit_code=1)
    assert said(world, found) == snapshot("""\
Error: the variable SECRET_GLOBEX is not set [undefined-variable]
  on tenant.json:1:103 (tenant globex)

It is for a secret: set it in the environment, or give it with `--var-file`, which also
reads standard input. A default would be the secret in plain text.
""")


def test_an_import_leaves_the_tenants_of_the_settings_as_they_are(tenants: World) -> None:
    world = tenants
    list_tenants(world, acme="https://a.example")
    world.admin.post("", json={"realm": world.realm, "enabled": True})
    before = (world.folder / "kcplan.toml").read_text()

    (world.folder / "realms").mkdir()
    world.kcplan("import", world.realm, "--out", "realms/one.toml")

    assert (world.folder / "kcplan.toml").read_text() == before
    world.settings(f'[config]\nfiles = ["realms"]\n{before}')
    assert actions(world) == {"acme": "create", "acme/clients/web": "create"}
