"""Role scopes in files: entries that are no entries, and where a message says that they stand."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot

from kcplan.config.load import load
from kcplan.diagnostics import Diagnostic
from kcplan.errors import ConfigError
from kcplan.resource import Resource
from kcplan_keycloak.resources import registry

TOML = """\
realm = "shop"

[[clients]]
clientId = "web"

[[scopeMappings]]
client = "web"
roles = ["reader", 5]

[[scopeMappings]]
clientScope = "orders"
roles = ["${NOT_DEFINED}"]

[[clientScopeMappings.web]]
client = "web"
roles = [true]
"""

JSON = """\
{
  "realm": "shop",
  "clients": [{"clientId": "web"}],
  "scopeMappings": [
    {"client": "web", "roles": ["reader", 5]},
    {
      "clientScope": "orders",
      "roles": ["${NOT_DEFINED}"]
    }
  ],
  "clientScopeMappings": {
    "web": [{
      "client": "web", "roles": [true]
    }]
  }
}
"""

YAML = """\
realm: shop
clients:
- clientId: web
scopeMappings:
- client: web
  roles: [reader, 5]
- clientScope: orders
  roles:
  - ${NOT_DEFINED}
clientScopeMappings:
  web:
  - client: web
    roles: [true]
"""


def found(folder: Path, **files: str) -> list[Diagnostic]:
    """What is wrong with files."""
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)
    with pytest.raises(ConfigError) as caught:
        load([folder], registry(), {})
    return list(caught.value.diagnostics)


def places(diagnostics: list[Diagnostic]) -> Iterator[str]:
    for item in diagnostics:
        assert item.source is not None
        yield f"{item.code} {item.source.line}:{item.source.column}"


def test_a_message_names_the_place_in_a_toml_file(tmp_path: Path) -> None:
    assert list(places(found(tmp_path, realm_toml=TOML))) == snapshot(
        ["wrong-type 8:20", "undefined-variable 12:10", "wrong-type 16:10"]
    )


def test_a_message_names_the_place_in_a_json_file(tmp_path: Path) -> None:
    assert list(places(found(tmp_path, realm_json=JSON))) == snapshot(
        ["wrong-type 5:43", "undefined-variable 8:17", "wrong-type 13:34"]
    )


def test_a_message_names_the_place_in_a_yaml_file(tmp_path: Path) -> None:
    assert list(places(found(tmp_path, realm_yaml=YAML))) == snapshot(
        ["wrong-type 6:19", "undefined-variable 9:5", "wrong-type 13:13"]
    )


@pytest.mark.parametrize(
    ("sections", "summary"),
    [
        (
            {"scopeMappings": "all"},
            snapshot("3: scopeMappings must be a list of tables, not the string 'all'"),
        ),
        (
            {"scopeMappings": {"client": "a", "roles": []}},
            snapshot("3: scopeMappings must be a list of tables, not a table"),
        ),
        (
            {"scopeMappings": ["a"]},
            snapshot("4: scopeMappings.0 must be a table, not the string 'a'"),
        ),
        ({"scopeMappings": [None]}, snapshot("4: scopeMappings.0 must be a table, not null")),
        (
            {"scopeMappings": [{"client": "a"}]},
            snapshot("4: scopeMappings.0 has no list of `roles`"),
        ),
        (
            {"scopeMappings": [{"client": "a", "roles": "x"}]},
            snapshot("6: scopeMappings.0.roles must be a list"),
        ),
        (
            {"scopeMappings": [{"client": "a", "roles": None}]},
            snapshot("6: scopeMappings.0.roles must be a list"),
        ),
        (
            {"scopeMappings": [{"roles": ["x"]}]},
            snapshot("4: scopeMappings.0 has neither `client` nor `clientScope`"),
        ),
        (
            {"scopeMappings": [{"client": 5, "roles": ["x"]}]},
            snapshot("5: scopeMappings.0.client must be a string, not the number 5"),
        ),
        ({"scopeMappings": [{"client": "", "roles": ["x"]}]}, snapshot("5: `clientId` is empty")),
        (
            {"scopeMappings": [{"client": "a", "clientScope": "b", "roles": ["x"]}]},
            snapshot("4: scopeMappings.0 has both `client` and `clientScope`"),
        ),
        (
            {"scopeMappings": [{"client": "a", "roles": ["x"], "id": "1"}]},
            snapshot("9: `id` is not a field of scopeMappings.0"),
        ),
        (
            {"clientScopeMappings": ["a"]},
            snapshot("3: clientScopeMappings must be a table, not a list"),
        ),
        (
            {"clientScopeMappings": {"web": {"client": "a", "roles": []}}},
            snapshot("4: clientScopeMappings.web must be a list of tables, not a table"),
        ),
        (
            {"clientScopeMappings": {"web": ["a"]}},
            snapshot("5: clientScopeMappings.web.0 must be a table, not the string 'a'"),
        ),
        (
            {"clientScopeMappings": {"we\u00e9 b": [{"roles": []}]}},
            snapshot('5: clientScopeMappings."weé b".0 has neither `client` nor `clientScope`'),
        ),
        (
            {"clientScopeMappings": {"${A}": [{"client": "a", "roles": []}]}},
            snapshot("7: a key cannot hold a placeholder"),
        ),
        (
            {"clients": [{"clientId": "a", "scopeMappings": "x"}]},
            snapshot("6: scopeMappings must be a table, not the string 'x'"),
        ),
        (
            {
                "clients": [{"clientId": "a", "scopeMappings": {"client": "x"}}],
                "clientScopeMappings": {"b": [{"client": "a", "roles": ["x"]}]},
            },
            snapshot("7: scopeMappings.client must be a table, not the string 'x'"),
        ),
        (
            {
                "clients": [{"clientId": "a", "scopeMappings": {"realm": "x"}}],
                "scopeMappings": [{"client": "a", "roles": ["x"]}],
            },
            snapshot("7: scopeMappings.realm must be a list, not the string 'x'"),
        ),
        (
            {"clients": "a", "scopeMappings": [{"client": "a", "roles": ["x"]}]},
            snapshot("3: clients must be a list of tables, not the string 'a'"),
        ),
        (
            {"clients": {}, "scopeMappings": [{"client": "a", "roles": ["x"]}]},
            snapshot("3: clients must be a list of tables, not a table"),
        ),
    ],
)
def test_what_is_no_entry_is_one_error(tmp_path: Path, sections: Any, summary: str) -> None:
    text = json.dumps({"realm": "shop", **sections}, indent=1)
    (finding,) = found(tmp_path, realm_json=text)
    assert finding.source is not None
    assert f"{finding.source.line}: {finding.summary}" == summary


def loaded(folder: Path, **files: Any) -> dict[str, Resource]:
    """The resources of files, by what their addresses say after the realm."""
    for name, sections in files.items():
        (folder / f"{name}.json").write_text(json.dumps({"realm": "shop", **sections}))
    config = load([folder], registry(), {"APP": "web"})
    return {str(address)[5:]: resource for address, resource in config.resources.items()}


def test_entries_of_one_holder_add_up(tmp_path: Path) -> None:
    entries = [{"client": "web", "roles": ["b"]}, {"client": "web", "roles": ["a", "b"]}]
    resources = loaded(tmp_path, realm={"clients": [{"clientId": "web"}], "scopeMappings": entries})
    assert resources["clients/web"].leaves == {("scopeMappings", "realm"): ["a", "b"]}
    assert not resources["clients/web"].extends


def test_no_entries_are_nothing_to_say(tmp_path: Path) -> None:
    empty = {"scopeMappings": [], "clientScopeMappings": {"web": []}}
    assert set(loaded(tmp_path, realm=empty)) == {""}


def test_two_files_may_each_say_a_part_of_a_holder(tmp_path: Path) -> None:
    resources = loaded(
        tmp_path,
        a={"scopeMappings": [{"client": "web", "roles": ["a"]}]},
        b={"clients": [{"clientId": "web", "name": "Web"}]},
        c={"clientScopeMappings": {"web": [{"client": "web", "roles": ["c"]}]}},
    )
    web = resources["clients/web"]
    assert web.leaves == {
        ("name",): "Web",
        ("scopeMappings", "realm"): ["a"],
        ("scopeMappings", "client"): {},
        ("scopeMappings", "client", "web"): ["c"],
    }
    assert (web.extends, Path(str(web.source()).split(":")[0]).name) == (False, "b.json")
    source = web.source(("scopeMappings", "client", "web"))
    assert source is not None
    assert Path(source.file).name == "c.json"


def test_two_files_that_say_other_roles_contradict_each_other(tmp_path: Path) -> None:
    files = {
        name: json.dumps(
            {"realm": "shop", "scopeMappings": [{"clientScope": "s", "roles": [name]}]}
        )
        for name in ("a_json", "b_json")
    }
    (finding,) = found(tmp_path, **files)
    assert finding.code == "duplicate-definition"
    assert finding.summary == "scopeMappings.realm is set differently in two files"


def test_a_holder_may_be_named_by_a_variable(tmp_path: Path) -> None:
    resources = loaded(
        tmp_path,
        realm={
            "clients": [{"clientId": "${APP}", "name": "Web"}],
            "scopeMappings": [{"client": "web", "roles": ["a"]}],
        },
    )
    web = resources["clients/web"]
    assert dict(web.leaves) == {("name",): "Web", ("scopeMappings", "realm"): ["a"]}


def test_a_holder_that_is_not_declared_is_only_added_to(tmp_path: Path) -> None:
    entries = [{"clientScope": "orders", "roles": ["a"]}]
    assert loaded(tmp_path, realm={"scopeMappings": entries})["client-scopes/orders"].extends
