"""`[[realms]]`: one file for many realms, and every mistake with its tenant."""

import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.config.load import load
from kcplan.config.model import Config
from kcplan.config.settings_file import load_settings
from kcplan.errors import ConfigError
from kcplan_keycloak.resources import registry
from support.harness import Run

TENANT = """\
realm = "t-${each.name}"
displayName = "${each.title}, $${each.title} and ${role_admin}"
attributes."${each.name}.url" = "${each.url}"

[[clients]]
clientId = "web"
secret = "${env:${each.key}_SECRET}"
redirectUris = ["${each.url}/*", "https://shared.example/*"]

[[roles.client."web"]]
name = "${each.name}"
"""
SETTINGS = '[config]\nfiles = ["realms"]\n[[realms]]\nfile = "realms/tenant.toml"\n'
TABLE = """\
for_each.acme = { title = "Acme ${NOT_REPLACED}", url = "https://a.example", key = "A" }
for_each.globex = { title = "Globex", url = "https://g.example", key = "G" }
"""
ENVIRONMENT = {"A_SECRET": "of-acme-58c1e0d2b7f94a6f", "G_SECRET": "of-globex-0d2b7f94a6fa1c3"}

Write = Callable[[Mapping[str, str]], Path]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Writes files into the current folder, along with a realm file of tenants."""
    monkeypatch.chdir(tmp_path)

    def write(files: Mapping[str, str]) -> Path:
        for name, content in {"realms/tenant.toml": TENANT, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(content)
        return tmp_path

    return write


def read(*paths: str, environment: Mapping[str, str] = ENVIRONMENT) -> Config:
    return load(paths, registry(), environment, load_settings(Path("kcplan.toml")))


def declared(config: Config) -> dict[str, dict[str, Any]]:
    """The fields of each resource, by its address."""
    return {
        str(address): {".".join(path): value for path, value in resource.leaves.items()}
        for address, resource in config.resources.items()
    }


CSV = (
    'url,name,title,key\nhttps://a.example,acme,"Acme ${NOT_REPLACED}",A\n\n'
    "https://g.example,globex,Globex,G\n"
)
JSON = (
    '{"acme": {"title": "Acme ${NOT_REPLACED}", "url": "https://a.example", "key": "A"},'
    ' "globex": {"title": "Globex", "url": "https://g.example", "key": "G"}}'
)


@pytest.mark.parametrize(
    ("for_each", "files"),
    [
        (TABLE, {}),
        ('for_each = "realms/all.csv"', {"realms/all.csv": CSV}),
        ('for_each = "realms/all.json"', {"realms/all.json": JSON}),
        ('for_each = "all.toml"', {"all.toml": TABLE.replace("for_each.", "")}),
    ],
)
def test_each_tenant_is_a_realm_with_its_values(
    write: Write, for_each: str, files: Mapping[str, str]
) -> None:
    write({"kcplan.toml": SETTINGS + for_each, "realms/plain.toml": 'realm = "plain"', **files})

    found = declared(read())

    secrets = [found[f"t-{name}/clients/web"].pop("secret").value for name in ("acme", "globex")]
    assert secrets == list(ENVIRONMENT.values())
    assert found == snapshot(
        {
            "plain": {},
            "t-acme": {
                "displayName": "Acme ${NOT_REPLACED}, ${each.title} and ${role_admin}",
                "attributes.acme.url": "https://a.example",
            },
            "t-acme/clients/web/roles/acme": {},
            "t-acme/clients/web": {
                "redirectUris": ["https://a.example/*", "https://shared.example/*"]
            },
            "t-globex": {
                "displayName": "Globex, ${each.title} and ${role_admin}",
                "attributes.globex.url": "https://g.example",
            },
            "t-globex/clients/web/roles/globex": {},
            "t-globex/clients/web": {
                "redirectUris": ["https://g.example/*", "https://shared.example/*"]
            },
        }
    )


def test_names_alone_are_tenants(write: Write) -> None:
    write(
        {
            "kcplan.toml": SETTINGS + 'for_each = ["acme", "globex"]',
            "realms/tenant.toml": 'realm = "${each.name}-x"\n',
        }
    )
    assert read().realms == {"acme-x", "globex-x"}


def test_a_tenants_file_can_be_named_and_other_files_are_then_left_out(write: Write) -> None:
    write({"kcplan.toml": SETTINGS + TABLE, "realms/plain.toml": 'realm = "plain"'})
    assert read("realms/tenant.toml").realms == {"t-acme", "t-globex"}
    assert read("realms/plain.toml").realms == {"plain"}
    assert read("realms").realms == {"plain", "t-acme", "t-globex"}


def test_tenants_alone_need_no_other_files(write: Write) -> None:
    write({"kcplan.toml": SETTINGS.partition("\n")[2].partition("\n")[2] + TABLE})
    assert read().realms == {"t-acme", "t-globex"}


def test_a_place_is_that_in_the_file_and_has_the_tenant(write: Write) -> None:
    text = """\
realm = "t-${each.name}"

[attributes]
one = "1"
"${each.name}.url" = "2"

[roles.client]
web = []

[[roles.client."${each.name}"]]
name = "reader"
attributes."${each.name}" = ["x"]

[[clients]]
clientId = "${each.name}"
"""
    write({"kcplan.toml": SETTINGS + "for_each = ['acme', 'b']", "realms/tenant.toml": text})
    resources = {str(a): resource for a, resource in read().resources.items()}
    places = [
        str(resources["t-acme"].source(("attributes", "acme.url"))),
        str(resources["t-b"].source(("attributes", "one"))),
        str(resources["t-b/clients/b/roles/reader"].source()),
        str(resources["t-b/clients/b/roles/reader"].source(("attributes", "b"))),
    ]
    assert places == snapshot(
        [
            "realms/tenant.toml:5:1 (tenant acme)",
            "realms/tenant.toml:4:1 (tenant b)",
            "realms/tenant.toml:10:1 (tenant b)",
            "realms/tenant.toml:12:1 (tenant b)",
        ]
    )


@pytest.mark.parametrize(
    ("for_each", "files", "told"),
    [
        (
            "for_each = []",
            {},
            snapshot("""\
Error: there is no tenant for realms/tenant.toml [wrong-tenants]
  on kcplan.toml:5:1

Name one, or remove `[[realms]]`.

"""),
        ),
        (
            "for_each = 5",
            {},
            snapshot("""\
Error: realms.0.for_each must be a list of names, a table of tenants or the name of a file, not the number 5 [wrong-type]
  on kcplan.toml:5:1

"""),
        ),
        (
            "for_each = ['a', 'a']",
            {},
            snapshot("""\
Error: the tenant a stands twice in `for_each` [duplicate-definition]
  on kcplan.toml:5:1

Remove one of them.

Error: 4 findings [unknown-each]
  realms/tenant.toml:2:1 (tenant a): there is no ${each.title}
  realms/tenant.toml:3:1 (tenant a): there is no ${each.url}
  realms/tenant.toml:7:1 (tenant a): there is no ${each.key}
  realms/tenant.toml:8:17 (tenant a): there is no ${each.url}
`for_each` gives `name`.

"""),
        ),
        (
            "for_each = [5, '']",
            {},
            snapshot("""\
Error: realms.0.for_each.0 must be a string, not the number 5 [wrong-type]
  on kcplan.toml:5:13

"""),
        ),
        (
            "for_each.a = {n = 5}",
            {},
            snapshot("""\
Error: realms.0.for_each.a.n must be a string, not the number 5 [wrong-type]
  on kcplan.toml:5:15

"""),
        ),
        (
            "for_each.a = {name = 'b'}",
            {},
            snapshot("""\
Error: the tenant a has a key `name` of its own [wrong-tenants]
  on kcplan.toml:5:1

`${each.name}` is the name of the tenant. Choose another key.

"""),
        ),
        (
            "for_each = 'all.txt'",
            {},
            snapshot("""\
Error: a file of tenants ends with .toml, .json or .csv [wrong-tenants]
  on all.txt

Correct `for_each` of `[[realms]]`.

"""),
        ),
        (
            "for_each = 'all.csv'",
            {},
            snapshot("""\
Error: the file cannot be read: it does not exist, or is not a regular file [unreadable-file]
  on all.csv

Check that it is there, and its permissions.

"""),
        ),
        (
            "for_each = 'all.csv'",
            {"all.csv": "name,url\n"},
            snapshot("""\
Error: there is no tenant for realms/tenant.toml [wrong-tenants]
  on all.csv

Name one, or remove `[[realms]]`.

"""),
        ),
        (
            "for_each = 'all.csv'",
            {"all.csv": ""},
            snapshot("""\
Error: there is no tenant for realms/tenant.toml [wrong-tenants]
  on all.csv

Name one, or remove `[[realms]]`.

"""),
        ),
        (
            "for_each = 'all.csv'",
            {"all.csv": "tenant,url\na,b\n"},
            snapshot("""\
Error: the first line must name each column once, and one of them `name` [wrong-tenants]
  on all.csv:1:1

As in `name,url`, and then a line for each tenant.

"""),
        ),
        (
            "for_each = 'all.csv'",
            {"all.csv": "name,url\na,b\nc\n"},
            snapshot("""\
Error: the tenant c has 1 cell, and the first line has 2 [wrong-tenants]
  on all.csv:3:1

Each line has a cell for each column. An empty cell is an empty text.

"""),
        ),
        (
            "for_each = 'all.csv'",
            {"all.csv": "name,url\na,b,c\n"},
            snapshot("""\
Error: the tenant a has 3 cells, and the first line has 2 [wrong-tenants]
  on all.csv:2:1

Each line has a cell for each column. An empty cell is an empty text.

"""),
        ),
        (
            "for_each = 'all.csv'",
            {"all.csv": "name,url\na,b\na,c\n"},
            snapshot("""\
Error: the tenant a stands twice [duplicate-definition]
  on all.csv:3:1

Remove one of the lines.

"""),
        ),
        (
            "for_each = 'all.csv'",
            {"all.csv": 'name,url\n\na,"b\n'},
            snapshot("""\
Error: the CSV is broken: unexpected end of data [syntax-error]
  on all.csv:3:1

Cells with commas, quotes or line breaks stand in double quotes.

"""),
        ),
        (
            "for_each = 'all.json'",
            {"all.json": '["a"]'},
            snapshot("""\
Error: the file holds a list at its top [wrong-type]
  on all.json:1:1

It is one table with a table for each tenant: `{"acme": {"url": "…"}}`.

"""),
        ),
        (
            "for_each = 'all.json'",
            {"all.json": '{"a": "b", "c": {"d": 1}}'},
            snapshot("""\
Error: the tenant a must be a table, not the string 'b' [wrong-type]
  on all.json:1:2

It is one table with a table for each tenant: `{"acme": {"url": "…"}}`.

Error: `d` of the tenant c must be a string, not the number 1 [wrong-type]
  on all.json:1:18

It takes the type of the field that it stands in. Put it into quotes.

"""),
        ),
        (
            "for_each = ['a']\nfiles = 'x'",
            {},
            snapshot("""\
Error: unknown key `files` in realms.0; did you mean `file`? [unknown-field]
  on kcplan.toml:6:1

Allowed here: `file`, `for_each`.

"""),
        ),
        (
            "",
            {},
            snapshot("""\
Error: the key `for_each` is missing in realms.0 [missing-name]
  on kcplan.toml:3:1

"""),
        ),
        (
            "for_each.a = {title = 'A', url = 'u', ky = 'A'}\nfor_each.b = {url = 'u'}",
            {},
            snapshot("""\
Error: 2 findings [unknown-each]
  realms/tenant.toml:2:1 (tenant b): there is no ${each.title}
  realms/tenant.toml:7:1 (tenant b): there is no ${each.key}
`for_each` gives `name`, `url`.

Error: there is no ${each.key}; did you mean `${each.ky}`? [unknown-each]
  on realms/tenant.toml:7:1 (tenant a)

`for_each` gives `ky`, `name`, `title`, `url`.

"""),
        ),
        (
            "for_each.a = {title = 'A', url = 'u', key = '}${B'}",
            {},
            snapshot("""\
Error: ${each.key} of the tenant a cannot stand within another placeholder [unknown-each]
  on realms/tenant.toml:7:1 (tenant a)

Its value there has no `$`, braces or parentheses.

"""),
        ),
        (
            "for_each = ['a']",
            {"realms/tenant.toml": 'realm = "same"'},
            snapshot("""\
Error: each tenant would be the realm 'same' [duplicate-realm]
  on realms/tenant.toml:1:1

A file of `[[realms]]` makes a realm for each: `realm = "${each.name}"`.

"""),
        ),
        (
            "for_each.a = {r = 'x'}\nfor_each.b = {r = 'x'}\nfor_each.c = {r = 'plain'}",
            {
                "realms/tenant.toml": 'realm = "${each.r}"\nenabled = true\n',
                "realms/z.toml": 'realm = "plain"\nenabled = false\n',
            },
            snapshot("""\
Error: the realm x of the tenant b is that of the tenant a as well [duplicate-realm]
  on realms/tenant.toml:1:1 (tenant b)

It stands at realms/tenant.toml:1:1 (tenant a) too. Each tenant has a realm of its own.

Error: the realm plain of the tenant c is that of realms/z.toml as well [duplicate-realm]
  on realms/tenant.toml:1:1 (tenant c)

It stands at realms/z.toml:1:1 too. Each tenant has a realm of its own.

"""),
        ),
        (
            "for_each = ['a']",
            {
                "realms/tenant.toml": 'realm = "${each.name}"\nattributes.a = "1"\n'
                'attributes."${each.name}" = "2"'
            },
            snapshot("""\
Error: the key 'a' stands there twice [duplicate-definition]
  on realms/tenant.toml:3:1 (tenant a)

"""),
        ),
        (
            "for_each = ['a', 'b']",
            {
                "realms/tenant.toml": 'realm = "${each.name}"\nenabled = "no"\n'
                'displayName = "${TITLE}"\n'
            },
            snapshot("""\
Error: enabled must be a boolean (true or false), not the string 'no' [wrong-type]
  on realms/tenant.toml:2:1, enabled

Error: the variable TITLE is not set [undefined-variable]
  on realms/tenant.toml:3:1

Set it in the environment, with `--var` or `--var-file`, or in `[variables]` of
kcplan.toml; or give a default: `${env:NAME:-default}`. To have the text itself, write
`$${` for `${`.

"""),
        ),
        (
            "for_each.a = {on = 'true'}\nfor_each.b = {on = 'yes'}",
            {"realms/tenant.toml": 'realm = "${each.name}"\nenabled = "${each.on}"\n'},
            snapshot("""\
Error: enabled must be a boolean (true or false), not the string 'yes' [wrong-type]
  on realms/tenant.toml:2:1 (tenant b), in b, enabled

"""),
        ),
    ],
)
def test_mistakes_name_file_tenant_and_place(
    write: Write, run_offline: Run, for_each: str, files: Mapping[str, str], told: str
) -> None:
    write({"kcplan.toml": SETTINGS + for_each, **files})

    found = run_offline("validate")

    assert found.exit_code == 1
    assert found.stderr == told


def test_a_tenants_placeholder_in_another_file_is_an_error(write: Write, run_offline: Run) -> None:
    write(
        {
            "kcplan.toml": '[config]\nfiles = ["realms"]\n',
            "realms/tenant.toml": 'realm = "r"\ndisplayName = "${each.title}"\n'
            'attributes."${each.name}" = "x"\nattributes.z = "$${each.name}"\n',
        }
    )
    assert run_offline("validate").stderr == snapshot("""\
Error: 2 findings [unknown-each]
  realms/tenant.toml:2:1: `${each.title}` stands in a file without tenants
  realms/tenant.toml:3:1: `${each.name}` stands in a file without tenants
It has a value in the file of a `[[realms]]` of kcplan.toml, for each tenant of
`for_each`. To have the text itself, write `$${`.

""")


def test_reports_of_programs_have_the_tenant(write: Write, run_offline: Run) -> None:
    write({"kcplan.toml": SETTINGS + TABLE})
    found = {
        output: run_offline("validate", "--format", output, env={"A_SECRET": "of-acme-58c1e0d2b7"})
        for output in ("json", "sarif", "github")
    }
    (one,) = json.loads(found["json"].stdout)["diagnostics"]
    assert one["source"] == snapshot(
        {
            "file": "realms/tenant.toml",
            "path": ["clients", 0, "secret"],
            "line": 7,
            "column": 1,
            "tenant": "globex",
        }
    )
    (result,) = json.loads(found["sarif"].stdout)["runs"][0]["results"]
    assert result["message"]["text"].partition("\n")[0] == snapshot(
        "the variable G_SECRET is not set (tenant globex)"
    )
    assert result["locations"][0]["logicalLocations"] == snapshot(
        [{"fullyQualifiedName": "tenant globex", "kind": "resource"}]
    )
    assert found["github"].stdout.partition("%0A")[0] == snapshot(
        "::error file=realms/tenant.toml,line=7,col=1,title=undefined-variable::the variable G_SECRET is not set (tenant globex)"
    )


def test_a_file_is_parsed_once_and_two_hundred_tenants_are_linear(write: Write) -> None:
    clients = "".join(
        f'[[clients]]\nclientId = "c{number}"\nrootUrl = "https://${{each.name}}.example"\n'
        for number in range(10)
    )
    write({"realms/tenant.toml": 'realm = "${each.name}"\n' + clients})

    def work(tenants: int) -> tuple[int, int]:
        names = ", ".join(f'"t{number}"' for number in range(tenants))
        write(
            {
                "kcplan.toml": f"{SETTINGS}for_each = [{names}]",
                "realms/tenant.toml": 'realm = "${each.name}"\n' + clients,
            }
        )
        parsed, count = 0, 0

        def on_event(frame: FrameType, event: str, _: object) -> None:
            nonlocal parsed, count
            count += event in {"call", "c_call"}
            parsed += event == "call" and frame.f_code.co_name == "parse_documents"

        settings = load_settings(Path("kcplan.toml"))
        sys.setprofile(on_event)
        try:
            config = load([], registry(), {}, settings)
        finally:
            sys.setprofile(None)
        assert len(config.resources) == tenants * 11
        return count, parsed

    work(2)
    (some, once), (many, again) = work(50), work(200)
    assert (once, again) == (1, 1)
    assert many < 4.2 * some


def test_a_link_that_leads_nowhere_is_an_error(write: Write, run_offline: Run) -> None:
    folder = write({"kcplan.toml": SETTINGS + "for_each = 'loop.csv'"})
    (folder / "loop.csv").symlink_to("loop.csv")
    (folder / "realms" / "tenant.toml").unlink()
    (folder / "realms" / "tenant.toml").symlink_to("tenant.toml")
    assert run_offline("validate").stderr == snapshot("""\
Error: 2 findings [unreadable-file]
  loop.csv: the file cannot be read: it does not exist, or is not a regular file
  realms/tenant.toml: the file cannot be read: too many levels of symbolic links
Check that it is there, and its permissions.

""")


def test_a_tenants_file_is_one_document(write: Write, run_offline: Run) -> None:
    write(
        {
            "kcplan.toml": "[[realms]]\nfile = 't.yaml'\nfor_each = ['a', 'b']",
            "t.yaml": "realm: ${each.name}\n---\nrealm: ${each.name}\nclients: []\n",
        }
    )
    assert run_offline("validate").stderr == snapshot("""\
Error: a file of `[[realms]]` holds one document [wrong-tenants]
  on t.yaml:3:1

Each tenant is one realm. Put the documents together, or each into a file of its own
with a `[[realms]]` of its own.

""")


def test_the_list_of_tenants_is_no_realm_file(write: Write) -> None:
    write({"kcplan.toml": SETTINGS + 'for_each = "realms/all.json"', "realms/all.json": JSON})
    with pytest.raises(ConfigError, match="errors"):
        read("realms/all.json")
    assert read().realms == {"t-acme", "t-globex"}


def _outside(folder: Path) -> Path:
    (folder.parent / "beside").mkdir(exist_ok=True)
    path = folder.parent / "beside" / "all.toml"
    path.write_text('[registry]\ntoken = "of-the-machine"\n')
    return path


@pytest.mark.parametrize(
    ("for_each", "link", "code"),
    [
        ("t.csv", "/proc/self/environ", "unreadable-file"),
        ("t.toml", "../beside/all.toml", "file-outside"),
        ("../beside/all.toml", "", "file-outside"),
        ("{beside}", "", "file-outside"),
        (".git/all.toml", "", "file-outside"),
        ("kcplan.state.json", "", "own-credential"),
        ("t.json", "kcplan.state.json", "own-credential"),
    ],
)
def test_tenants_come_from_no_file_that_a_placeholder_could_not_name(
    write: Write, run_offline: Run, for_each: str, link: str, code: str
) -> None:
    tenants = '{"registry": {"token": "of-the-machine"}}'
    folder = write(
        {".git/all.toml": "registry.token = 'of-the-machine'", "kcplan.state.json": tenants}
    )
    name = for_each.format(beside=_outside(folder))
    write({"kcplan.toml": f"{SETTINGS}for_each = '{name}'", "realms/tenant.toml": REPEATING})
    if link:
        (folder / for_each).symlink_to(link)
    result = run_offline("validate")
    assert f"[{code}]" in result.stderr
    assert "of-the-machine" not in result.stdout + result.stderr


def test_tenants_may_come_from_a_folder_that_whoever_runs_kcplan_names(
    write: Write, run_offline: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _outside(write({"realms/tenant.toml": REPEATING}))
    write({"kcplan.toml": f"{SETTINGS}for_each = '{path}'", "realms/tenant.toml": REPEATING})
    monkeypatch.setenv("KCPLAN_FILES", str(path.parent))
    run_offline("validate")


@pytest.mark.parametrize("setting", ["files = ['r.toml']", "files = []\noverlays = ['r.toml']"])
def test_no_file_that_the_system_makes_up_is_read(
    write: Write, run_offline: Run, setting: str
) -> None:
    folder = write({"kcplan.toml": f"[config]\n{setting}\n"})
    (folder / "r.toml").symlink_to("/proc/self/environ")
    said = run_offline("validate", "realms" if "overlays" in setting else "r.toml").stderr
    assert "files in /proc, /sys and /dev are never read [unreadable-file]" in said


REPEATING = 'realm = "${each.name}"\ndisplayName = "${each.token}"\nlogoUrl = "${each.none}"\n'


@pytest.mark.parametrize("dialect", ["kcplan", "keycloak-config-cli"])
@pytest.mark.parametrize(
    "value", ["$(HOME)", "$(some.prop)", "$$(env:HOME)", "${role_$(HOME)}", "a$"]
)
def test_nothing_in_a_tenants_value_is_replaced(write: Write, value: str, dialect: str) -> None:
    text = 'realm = "r"\ndisplayName = "${each.x}"\nattributes.b = "(${each.x}) ${HOME}"\n'
    settings = SETTINGS.replace("]\n", f']\nsubstitution = "{dialect}"\n', 1)
    write(
        {
            "kcplan.toml": f"{settings}for_each.a = {{ x = '{value}' }}",
            "realms/tenant.toml": text.replace('"r"', '"r-${each.name}"'),
        }
    )
    assert declared(read(environment={"HOME": "/root"})) == {
        "r-a": {"displayName": value, "attributes.b": f"({value}) /root"}
    }


@pytest.mark.parametrize("after", ["${env:HOME}", "{HOME}", "$(env:HOME)", "(HOME)", "${each.y}"])
def test_a_tenants_value_makes_no_placeholder_with_what_follows(write: Write, after: str) -> None:
    write(
        {
            "kcplan.toml": SETTINGS + "for_each.a = { x = 'a$', y = '{HOME}' }",
            "realms/tenant.toml": f'realm = "${{each.name}}"\ndisplayName = "${{each.x}}{after}"\n',
        }
    )
    with pytest.raises(ConfigError) as caught:
        read(environment={"HOME": "/root"})
    assert [item.summary for item in caught.value.diagnostics] == [
        "${each.x} of the tenant a would make a placeholder with what follows it"
    ]
