"""Dev and prod from one folder: `--env`, overlays, protected environments, `-C`."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from attrs import frozen
from inline_snapshot import snapshot

from support.harness import Admin, Result, Run, Server

SETTINGS = """
[config]
files = ["."]

[environments.dev]
url = "URL"
overlays = ["env/dev"]
variables = {REALM = "NAME-dev"}

[environments.prod]
url = "URL"
overlays = ["env/prod"]
variables = {REALM = "NAME"}
protect = true
"""
REALM = "${REALM}"
SECRET = "the-secret-of-web-in-prod"


@frozen
class Project:
    """A folder with two environments, whose realms are on one server."""

    folder: Path
    run: Run
    dev: str
    prod: str

    def kcplan(self, *args: object, exit_code: int = 0, **env: str) -> Result:
        result = self.run(*args, env={"KCPLAN_URL": None, "WEB": SECRET, **env})
        assert result.exit_code == exit_code, f"{result.stdout}\n{result.stderr}"
        return result

    def actions(self, *args: object) -> dict[str, str]:
        """What a plan does."""
        document = json.loads(self.kcplan(*args, "--format", "json").stdout)
        changes = document["resource_changes"]
        return {c["address"]: c["action"] for c in changes if c["action"] != "noop"}


def written(folder: Path, url: str, name: str) -> None:
    """Write the files of a project."""
    (folder / "kcplan.toml").write_text(SETTINGS.replace("URL", url).replace("NAME", name))
    client = {"clientId": "web", "redirectUris": ["https://example.com/*"], "description": "all"}
    files: dict[str, Any] = {
        "realm.json": {"registrationAllowed": False, "clients": [client]},
        "env/dev/dev.json": {"clients": [{"clientId": "web", "redirectUris": ["*"]}]},
        "env/prod/prod.json": {
            "registrationAllowed": None,
            "clients": [{"clientId": "web", "description": None, "secret": "${WEB}"}],
        },
    }
    for file, content in files.items():
        (folder / file).parent.mkdir(parents=True, exist_ok=True)
        (folder / file).write_text(json.dumps({"realm": REALM, **content}))


@pytest.fixture
def offline(tmp_path: Path, run_offline: Run) -> Project:
    """A project whose server does not answer."""
    written(tmp_path, "http://127.0.0.1:9", "shop")
    return Project(tmp_path, run_offline, "shop-dev", "shop")


@pytest.fixture
def project(
    tmp_path: Path, run_kcplan: Run, keycloak: Server, admin: Admin, realm_name: str
) -> Iterator[Project]:
    """A project with a server."""
    written(tmp_path, keycloak.url, realm_name)
    yield Project(tmp_path, run_kcplan, f"{realm_name}-dev", realm_name)
    admin.delete(f"{realm_name}-dev", check=False)


def test_dev_and_prod_live_side_by_side(project: Project, admin: Admin, asked: list[str]) -> None:
    dev, prod = project.dev, project.prod
    project.kcplan("--env", "dev", "apply", "--auto-approve")
    refused = project.kcplan("--env", "prod", "apply", "--auto-approve", exit_code=1)
    assert "the environment `prod` is protected" in refused.stderr
    project.kcplan("plan", "--env", "prod", "--out", "prod.kcplan")
    elsewhere = project.kcplan("apply", "prod.kcplan", exit_code=1, KCPLAN_ENV="dev")
    assert elsewhere.stderr == snapshot("""\
Error: the plan was made for the environment `prod`, and this is `dev`

Apply it with `--env prod`. For another environment, make a plan there: it has other
settings and files.
""")
    project.kcplan("--env", "prod", "apply", "prod.kcplan")

    clients = {name: admin.json(f"{name}/clients", clientId="web")[0] for name in (dev, prod)}
    assert [clients[name]["redirectUris"] for name in (dev, prod)] == [
        ["*"],
        ["https://example.com/*"],
    ]
    assert [clients[name].get("description") for name in (dev, prod)] == ["all", None]
    assert [clients[name]["secret"] == SECRET for name in (dev, prod)] == [False, True]
    assert project.actions("plan", "--env", "prod") == {}

    (project.folder / "env/dev/dev.json").write_text(
        json.dumps({"realm": REALM, "clients": [{"clientId": "web", "redirectUris": []}]})
    )
    state = (project.folder / "kcplan.prod.state.json").read_bytes()
    asked.clear()
    assert project.actions("plan", "--env", "dev") == {f"{dev}/clients/web": "update"}
    project.kcplan("refresh", "--env", "dev", "--detailed-exitcode")
    project.kcplan("--env", "dev", "apply", "--auto-approve")
    about = {path.split("/")[3] for path in asked if path.startswith("/admin/realms/")}
    assert about == {dev}
    assert (project.folder / "kcplan.prod.state.json").read_bytes() == state

    project.kcplan("destroy", "--env", "prod", "--auto-approve", exit_code=1)
    assert admin.get(prod, check=False).is_success
    project.kcplan("plan", "--env", "prod", "--destroy", "--out", "prod.kcplan")
    project.kcplan("apply", "--env", "prod", "prod.kcplan")
    assert not admin.get(prod, check=False).is_success
    assert admin.get(dev).is_success


WRONG: dict[str, tuple[tuple[object, ...], dict[str, str]]] = {
    "none named": (("plan",), {}),
    "no such": (("plan", "--env", "prd"), {}),
    "no such, as a variable": (("validate",), {"KCPLAN_ENV": "prd"}),
    "two": (("--env", "dev", "validate", "--env", "prod"), {}),
    "apply": (("--env", "prod", "apply", "--delete-unmanaged", "realm.json"), {}),
    "destroy": (
        ("destroy", "--env", "prod", "--delete-adopted", "--target", f"{REALM}/**"),
        {},
    ),
    "apply, with much else": (
        (
            *("apply", "--env", "prod", "--write-secrets", "--state", "other.json"),
            *("--url", "https://me:p@s/s@sso.example", "--username", "ann", "--no-insecure"),
            *("--var", "WEB=hidden", "--var-file", "of prod.env", "--ignore-unsupported", "users"),
        ),
        {},
    ),
    "another server": (("plan", "--env", "dev"), {"KCPLAN_URL": "http://prod"}),
    "another folder": (("-C", "env", "-C", "nowhere", "validate"), {}),
    "a file": (("-C", "realm.json", "validate"), {}),
    "an overlay": (("validate", "--env", "dev", "env/prod/prod.json"), {}),
}


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (
            "none named",
            snapshot("""\
Error: kcplan.toml has environments, and none is named: `dev`, `prod`

Name one with `--env NAME`, or set KCPLAN_ENV. Without it, kcplan could change the wrong
one.
"""),
        ),
        (
            "no such",
            snapshot("""\
Error: there is no environment `prd`; did you mean `prod`? [unknown-environment]
  on kcplan.toml:5:1

kcplan.toml has `dev`, `prod`. Correct --env or KCPLAN_ENV.
"""),
        ),
        (
            "no such, as a variable",
            snapshot("""\
Error: there is no environment `prd`; did you mean `prod`? [unknown-environment]
  on kcplan.toml:5:1

kcplan.toml has `dev`, `prod`. Correct --env or KCPLAN_ENV.

"""),
        ),
        (
            "two",
            snapshot("""\
Error: --env names two environments, dev and prod

Give one of them.
"""),
        ),
        (
            "apply",
            snapshot("""\
Error: the environment `prod` is protected, and apply needs a saved plan there

Save a plan and review it, then apply it:
  kcplan --env prod plan --delete-unmanaged --out prod.kcplan realm.json
  kcplan --env prod apply prod.kcplan
"""),
        ),
        (
            "destroy",
            snapshot("""\
Error: the environment `prod` is protected, and destroy needs a saved plan there

Save a plan and review it, then apply it:
  kcplan --env prod plan --destroy --delete-adopted '--target=${REALM}/**' --out prod.kcplan
  kcplan --env prod apply prod.kcplan
"""),
        ),
        (
            "apply, with much else",
            snapshot("""\
Error: the environment `prod` is protected, and apply needs a saved plan there

Save a plan and review it, then apply it:
  kcplan --env prod plan --write-secrets --state=other.json --url=https://sso.example --username=ann --no-insecure '--var=WEB=…' '--var-file=of prod.env' --ignore-unsupported=users --out prod.kcplan
  kcplan --env prod apply --state=other.json --url=https://sso.example --username=ann --no-insecure '--var=WEB=…' '--var-file=of prod.env' --ignore-unsupported=users prod.kcplan
"""),
        ),
        (
            "another server",
            snapshot("""\
Error: KCPLAN_URL is http://prod, and the environment `dev` is at http://127.0.0.1:9

Unset KCPLAN_URL; or give --url, if it is meant.
"""),
        ),
        (
            "another folder",
            snapshot("""\
Error: -C nowhere: no such file or directory

Give a folder that exists; of several, each starts at the one before.
"""),
        ),
        (
            "a file",
            snapshot("""\
Error: -C realm.json: not a directory

Give a folder that exists; of several, each starts at the one before.
"""),
        ),
        (
            "an overlay",
            snapshot("""\
Error: 'env/prod/prod.json' is an overlay

It is laid over the other files of its realm by itself. Leave it out of the paths.
"""),
        ),
    ],
)
def test_what_is_refused(case: str, said: str, offline: Project) -> None:
    args, env = WRONG[case]
    result = offline.kcplan(*args, exit_code=1, **env)
    assert result.stderr == said
    assert result.stdout == ""


def test_another_state_in_a_variable_is_refused(offline: Project) -> None:
    settings = offline.folder / "kcplan.toml"
    settings.write_text(settings.read_text() + 'state = "prod.json"')
    said = offline.kcplan("state", "list", "--env", "prod", exit_code=1, KCPLAN_STATE="x.json")
    assert said.stderr == snapshot("""\
Error: KCPLAN_STATE is x.json, and the state of the environment `prod` is prod.json

Unset KCPLAN_STATE; or give --state, if it is meant.
""")
    offline.kcplan("state", "list", "--env", "prod", KCPLAN_STATE="./prod.json")
    offline.kcplan("state", "list", "--env", "prod", "--state", "y.json", KCPLAN_STATE="x.json")


@pytest.mark.parametrize(
    ("args", "env"),
    [
        (("--env", "dev", "validate"), {}),
        (("validate", "--env", "dev"), {}),
        (("--env=dev", "validate", "--env", "dev"), {}),
        (("validate",), {"KCPLAN_ENV": "dev"}),
        (("validate", "--env", "dev"), {"KCPLAN_ENV": "nothing"}),
        (("-C", "env", "-C", "dev", "-C", "../..", "--env", "dev", "validate"), {}),
    ],
    ids=str,
)
def test_the_ways_to_name_an_environment(
    args: tuple[object, ...], env: dict[str, str], offline: Project
) -> None:
    assert "is valid" in offline.kcplan(*args, **env).stdout


def test_the_list_of_environments(offline: Project) -> None:
    settings = offline.folder / "kcplan.toml"
    settings.write_text(settings.read_text() + 'password = "hidden"\nusername = "me"')

    assert offline.kcplan("env", "list").stdout == snapshot("""\
dev   http://127.0.0.1:9  kcplan.dev.state.json
prod  http://127.0.0.1:9  kcplan.prod.state.json  protected
""")
    document = json.loads(offline.kcplan("env", "list", "--format", "json").stdout)
    assert document[1] == snapshot(
        {
            "name": "prod",
            "url": "http://127.0.0.1:9",
            "auth_realm": None,
            "state": "kcplan.prod.state.json",
            "files": ["."],
            "overlays": ["env/prod"],
            "protect": True,
        }
    )
    assert offline.run("env", "list", cwd=offline.folder / "env").stdout == ""


def test_no_part_of_a_password_in_a_url_is_shown(offline: Project) -> None:
    url = "https://me:p@s/s@sso.example"
    settings = offline.folder / "kcplan.toml"
    settings.write_text(settings.read_text().replace("http://127.0.0.1:9", url))
    assert offline.kcplan("env", "list").stdout == snapshot("""\
dev   https://sso.example  kcplan.dev.state.json
prod  https://sso.example  kcplan.prod.state.json  protected
""")
    other = {"KCPLAN_URL": "https://you:q@q@other.example"}
    said = offline.kcplan("plan", "--env", "dev", exit_code=1, **other).stderr
    assert said == snapshot("""\
Error: KCPLAN_URL is https://other.example, and the environment `dev` is at https://sso.example

Unset KCPLAN_URL; or give --url, if it is meant.
""")


def test_what_needs_no_environment(offline: Project) -> None:
    for args in (("explain", "unknown-environment"), ("init", "new"), ("--version",)):
        offline.kcplan(*args)


def test_a_realm_file_cannot_read_what_another_environment_logs_in_with(offline: Project) -> None:
    settings = offline.folder / "kcplan.toml"
    settings.write_text(settings.read_text() + 'password_file = "prod.password"')
    for name in ("prod.password", "kcplan.prod.state.json"):
        (offline.folder / name).write_text("hidden")
    file = offline.folder / "realm.json"
    for name in ("prod.password", "kcplan.prod.state.json"):
        file.write_text(json.dumps({"realm": "shop", "displayName": f"${{file:{name}}}"}))
        said = offline.kcplan("validate", "--env", "dev", exit_code=1).stderr
        assert "own-credential" in said
        assert "hidden" not in said
