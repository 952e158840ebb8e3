"""Dev, stage and prod of many tenants, from one folder."""

import json
from collections.abc import Iterator

import pytest
from attrs import field, frozen
from inline_snapshot import snapshot

from support.harness import Result, Server
from support.world import World

ALL = 50
ENVIRONMENTS = ("dev", "stage", "prod")


@frozen
class Folder:
    """The files of all tenants and environments, whose realms are on one server."""

    world: World
    tenants: set[str] = field(factory=set)

    def list_tenants(self, urls: dict[str, str], *, enabled: str = "true") -> None:
        """Say who the tenants are; the last of them is enabled, or something else."""
        self.tenants.update(urls)
        rows = [f"{name},https://{url},true\n" for name, url in urls.items()]
        text = "name,url,on\n" + "".join(rows).removesuffix("true\n") + f"{enabled}\n"
        (self.world.folder / "tenants.csv").write_text(text)

    def kcplan(self, environment: str, *args: object, exit_code: int = 0) -> Result:
        # Each environment says where its server is.
        env = {"KCPLAN_URL": None}
        return self.world.kcplan("--env", environment, *args, exit_code=exit_code, env=env)

    def actions(self, environment: str) -> dict[str, str]:
        """What a plan does, by address without what all realms of the environment have."""
        made = json.loads(self.kcplan(environment, "plan", "--format", "json").stdout)
        return {
            self.local(change["address"]).replace(f"-{environment}", "", 1): change["action"]
            for change in made["resource_changes"]
            if change["action"] != "noop"
        }

    def local(self, text: str) -> str:
        return text.replace(f"{self.world.realm}-", "")

    def state(self, environment: str) -> bytes:
        return (self.world.folder / f"kcplan.{environment}.state.json").read_bytes()


@pytest.fixture
def folder(world: World, keycloak: Server) -> Iterator[Folder]:
    """A file for all tenants, three environments, and an overlay over a tenant in prod."""
    text = '[[realms]]\nfile = "tenant.json"\nfor_each = "tenants.csv"\n'
    for name in ENVIRONMENTS:
        text += f'[environments.{name}]\nurl = "{keycloak.url}"\nvariables.STAGE = "{name}"\n'
    world.settings(f'{text}overlays = ["prod.json"]\nprotect = true\n')
    client = {"clientId": "web", "rootUrl": "${each.url}/${STAGE}"}
    realm = {"realm": f"{world.realm}-${{each.name}}-${{STAGE}}", "enabled": "${each.on}"}
    over = {"realm": f"{world.realm}-t1-${{STAGE}}", "displayName": "Only in prod"}
    (world.folder / "tenant.json").write_text(json.dumps({**realm, "clients": [client]}))
    (world.folder / "prod.json").write_text(json.dumps(over))
    found = Folder(world)
    yield found
    for name in found.tenants:
        for stage in ENVIRONMENTS:
            world.admin.delete(f"{world.realm}-{name}-{stage}", check=False)


MANY = (pytest.mark.exhaustive, pytest.mark.long("makes 150 realms"))


@pytest.mark.parametrize("number", [2, pytest.param(ALL, marks=MANY)])
def test_each_environment_has_all_tenants_and_none_touches_another(
    folder: Folder, asked: list[str], number: int
) -> None:
    urls = {f"t{at}": f"t{at}.example" for at in range(number)}
    folder.list_tenants(urls)
    for name in ("dev", "stage"):
        folder.kcplan(name, "apply", "--auto-approve")
    folder.kcplan("prod", "plan", "--out", "prod.kcplan")
    folder.kcplan("prod", "apply", "prod.kcplan")
    admin, start = folder.world.admin, folder.world.realm
    names = {name: admin.json(f"{start}-t1-{name}").get("displayName") for name in ENVIRONMENTS}
    assert names == {"dev": None, "stage": None, "prod": "Only in prod"}
    assert [folder.actions(name) for name in ENVIRONMENTS] == [{}, {}, {}]

    # One leaves, one changes, one comes.
    del urls["t1"]
    folder.list_tenants({**urls, "t0": "new.example", "more": "more.example"})
    expected = {"t0/clients/web": "update", "more": "create", "more/clients/web": "create"}
    others = {name: folder.state(name) for name in ("stage", "prod")}
    asked.clear()
    assert folder.actions("dev") == expected
    planned = folder.kcplan("dev", "apply", "--auto-approve")
    assert folder.local(planned.stderr).partition("\n\n")[0] == snapshot("""\
Warning: the realm t1-dev is in the state and in none of the files [realm-not-in-files]
  in t1-dev\
""")
    assert "\nEnvironment: dev\nPlan: 2 to add, 1 to change, 0 to destroy.\n" in planned.stdout
    assert folder.kcplan("dev", "refresh", "--detailed-exitcode").stdout == snapshot("""\
Environment: dev
No drift. Keycloak is as kcplan left it.
""")
    realms = {path.split("/")[3] for path in asked if path.startswith("/admin/realms/")}
    assert {realm.rpartition("-")[2] for realm in realms} == {"dev"}
    assert {name: folder.state(name) for name in others} == others
    assert admin.get(f"{start}-t1-dev").is_success
    assert [folder.actions(name) for name in ("dev", "stage")] == [{}, expected]
    # The overlay of the one who left would be all that is said of its realm.
    wrong = folder.kcplan("prod", "plan", exit_code=1)
    assert folder.local(wrong.stderr) == snapshot("""\
Error: the overlay is for the realm t1-prod, which no tenant and no other file has [wrong-tenants]
  on prod.json:1:2

Where the tenant left the list, remove its overlay as well. Where there are tenants,
only other files add a realm.
""")
    (folder.world.folder / "prod.json").write_text(
        json.dumps({"realm": f"{start}-t0-${{STAGE}}", "displayName": "Only in prod"})
    )
    assert folder.actions("prod") == {"t0": "update", **expected}

    # Somebody edits a tenant of prod.
    admin.put(f"{start}-t0-prod", json={"enabled": False, "displayName": "Edited"})
    folder.kcplan("stage", "refresh", "--detailed-exitcode")
    drift = folder.kcplan("prod", "refresh", "--detailed-exitcode", exit_code=2)
    assert folder.local(drift.stdout) == snapshot("""\
Objects have changed outside of kcplan

  # t0-prod has changed
  ~ realm "t0-prod" {
      ~ enabled = true -> false
    }

Changed outside of the files, left as it is

No file mentions these fields, so kcplan leaves them as they are. Declare them,
or accept them with `kcplan refresh --accept`. Until then they are reported.

  # t0-prod has changed
  ~ realm "t0-prod" {
      + displayName = "Edited"
        # (1 unchanged attribute hidden)
    }

Environment: prod
Drift: 1 resource changed outside of kcplan, and 1 field that no file mentions.
""")


def test_a_mistake_in_the_variables_of_one_tenant_names_it_before_anything_is_sent(
    folder: Folder, asked: list[str]
) -> None:
    folder.list_tenants({f"t{at}": f"t{at}.example" for at in range(ALL)}, enabled="yes")
    wrong = folder.kcplan("dev", "plan", exit_code=1)
    assert folder.local(wrong.stderr) == snapshot("""\
Error: enabled must be a boolean (true or false), not the string 'yes' [wrong-type]
  on tenant.json:1:54 (tenant t49), in t49-dev, enabled
""")
    assert not [path for path in asked if path.startswith("/admin/realms/")]


def test_fifty_tenants_are_planned_where_a_handful_is_there(folder: Folder) -> None:
    tenants = [f"t{at}" for at in range(ALL)]
    folder.list_tenants({name: f"{name}.example" for name in tenants[:2]})
    folder.kcplan("dev", "apply", "--auto-approve")
    folder.list_tenants({name: f"{name}.example" for name in tenants})
    expected = {**dict.fromkeys(tenants[2:], "create")}
    expected |= {f"{name}/clients/web": "create" for name in tenants[2:]}
    assert folder.actions("dev") == expected
