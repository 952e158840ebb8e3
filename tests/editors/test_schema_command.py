"""`kcplan schema` prints JSON Schemas for editors, and `init` writes them where the files say."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from inline_snapshot import snapshot
from jsonschema import Draft202012Validator

from kcplan.offered import Offered
from kcplan_state import seen
from support.harness import Run


@pytest.mark.parametrize("kind", [(), ("realm",), ("settings",)])
def test_what_is_printed_is_a_json_schema(kind: tuple[str, ...], run_offline: Run) -> None:
    found = json.loads(run_offline("schema", *kind).stdout)
    assert found["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(found)


@pytest.mark.parametrize("kind", ["realm", "settings"])
def test_the_same_is_printed_each_time(kind: str) -> None:
    program = f"from kcplan.cli.schema import schema_text; print(schema_text({kind!r}))"
    texts = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={"PYTHONHASHSEED": seed},
            check=True,
            capture_output=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(texts) == 1


def test_it_is_written_into_a_file(run_offline: Run, tmp_path: Path) -> None:
    written = run_offline("schema", "settings", "--out", "new/settings.schema.json")
    assert (written.exit_code, written.stdout) == (0, "")
    text = (tmp_path / "new/settings.schema.json").read_text()
    assert text == run_offline("schema", "settings").stdout


def test_a_place_that_cannot_be_written_is_named(run_offline: Run, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    made = run_offline("schema", "--out", "file/schema.json")
    assert made.exit_code == 1
    assert "'file/schema.json' cannot be written" in made.stderr


def _field(text: str, *path: str) -> Any:
    found = json.loads(text)
    for key in path:
        found = found[key]
    return found


def test_a_field_says_what_it_is(run_offline: Run) -> None:
    text = run_offline("schema").stdout
    assert _field(text, "$defs", "client", "description") == snapshot(
        "Its address is `REALM/clients/CLIENT_ID`."
    )
    client = _field(text, "$defs", "client", "properties")
    assert client["clientAuthenticatorType"] == snapshot(
        {
            "description": "The server must have this client authenticator.",
            "$ref": "#/$defs/text",
            "default": "client-secret",
        }
    )
    assert client["secret"] == snapshot(
        {
            "description": "A secret: take it from a variable, as in `${env:NAME}`, or from a file.",
            "type": ["string", "null"],
        }
    )
    assert client["defaultClientScopes"] == snapshot(
        {"description": "Each names a client scope. The list is complete.", "$ref": "#/$defs/names"}
    )
    assert client["publicClient"] == snapshot({"$ref": "#/$defs/boolean", "default": False})
    assert client["useTemplateScope"] == snapshot(
        {"description": "Keycloak no longer keeps it: use client scopes.", "deprecated": True}
    )
    assert _field(text, "properties", "sslRequired") == snapshot(
        {
            "anyOf": [
                {"enum": ["all", "external", "none"]},
                {
                    "type": ["string", "null"],
                    "pattern": "^(|[Aa][Ll][Ll]|[Ee][Xx][Tt][Ee][Rr][Nn][Aa][Ll]|[Nn][Oo][Nn][Ee])$",
                },
                {"$ref": "#/$defs/placeholder"},
            ],
            "default": "external",
        }
    )
    assert _field(text, "properties", "scimApiEnabled") == snapshot(
        {
            "description": "Keycloak 26.5 and older do not have it. It needs the feature `scim-api` of the server.",
            "$ref": "#/$defs/boolean",
            "default": False,
        }
    )


def test_a_key_of_kcplan_toml_says_what_it_is(run_offline: Run) -> None:
    text = run_offline("schema", "settings").stdout
    assert _field(text, "properties", "refresh") == snapshot(
        {
            "description": "`[refresh]`: how `refresh --quick` works.",
            "type": "object",
            "properties": {
                "full_every": {
                    "description": "So many hours after a reading of everything the next one is due.",
                    "type": "number",
                    "exclusiveMinimum": 0,
                    "default": 24.0,
                }
            },
            "additionalProperties": False,
        }
    )
    assert _field(text, "properties", "moved", "items") == snapshot(
        {
            "description": "A `[[moved]]` rule: what had one address now has another, and keeps its id.",
            "type": "object",
            "properties": {
                "from": {
                    "description": "The address that it had.",
                    "type": "string",
                    "pattern": "^[^/]+(/[^/]+)*$",
                },
                "to": {
                    "description": "The address that it has now.",
                    "type": "string",
                    "pattern": "^[^/]+(/[^/]+)*$",
                },
            },
            "additionalProperties": False,
            "required": ["from", "to"],
        }
    )


def test_names_that_the_server_had_are_suggested(run_offline: Run, tmp_path: Path) -> None:
    names = {"login theme": {"": frozenset({"shop", "keycloak"})}}
    state = tmp_path / "kcplan.state.json"
    state.write_text("{}")
    seen.keep(state, "https://login.example", Offered("26.7.3", names))
    field = _field(run_offline("schema").stdout, "properties", "loginTheme")
    assert field["anyOf"] == [{"enum": ["keycloak", "shop"]}, {"$ref": "#/$defs/text"}]


def test_names_are_those_of_the_environment(run_offline: Run, tmp_path: Path) -> None:
    (tmp_path / "kcplan.toml").write_text("[environments.dev]\n[environments.prod]\n")
    state = tmp_path / "kcplan.dev.state.json"
    state.write_text("{}")
    names = {"login theme": {"": frozenset({"shop"})}}
    seen.keep(state, "https://login.example", Offered("26.7.3", names))
    for args in (("--env", "dev", "schema"), ("schema", "--env", "dev")):
        field = _field(run_offline(*args).stdout, "properties", "loginTheme")
        assert field["anyOf"][0] == {"enum": ["shop"]}
    for args in (("--env", "prod", "schema"), ("schema",)):
        assert '"shop"' not in run_offline(*args).stdout
    wrong = run_offline("--env", "dve", "schema")
    assert (wrong.exit_code, wrong.stdout) == (1, "")
    assert "there is no environment `dve`; did you mean `dev`?" in wrong.stderr


def test_fields_of_a_newer_keycloak_are_let_through(run_offline: Run, tmp_path: Path) -> None:
    (tmp_path / "kcplan.toml").write_text('[keycloak]\nversion = "99.1"\n')
    client = _field(run_offline("schema").stdout, "$defs", "client")
    assert client["additionalProperties"] is True


def test_broken_settings_are_no_reason_to_print_nothing(run_offline: Run, tmp_path: Path) -> None:
    (tmp_path / "kcplan.toml").write_text("broken")
    assert run_offline("schema").exit_code == 0


def test_the_first_files_say_where_their_schemas_are(run_offline: Run, tmp_path: Path) -> None:
    run_offline("init")
    for file in (tmp_path / "kcplan.toml", *(tmp_path / "realms").iterdir()):
        directive, _, schema = file.read_text().partition("\n")[0].partition(" ")
        assert directive == "#:schema"
        judge = Draft202012Validator(json.loads((file.parent / schema).read_text()))
        assert list(judge.iter_errors(tomllib.loads(file.read_text()))) == []
    assert run_offline("validate").exit_code == 0


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("realms/a.toml", '#:schema ../.kcplan/realm.schema.json\nrealm = "a"\n'),
        ("realms/a.yaml", "# yaml-language-server: $schema=../realm.schema.json\nrealm: a\n"),
        ("realms/a.json", '{"$schema": "../.kcplan/realm.schema.json", "realm": "a"}'),
        ("realms/a.yaml", "$schema: ../.kcplan/${realm}.json\nrealm: a\n"),
    ],
)
def test_where_the_schema_is_is_no_configuration(
    name: str, text: str, run_offline: Run, tmp_path: Path
) -> None:
    file = tmp_path / name
    file.parent.mkdir()
    file.write_text(text)
    found = run_offline("validate", "realms")
    assert (found.exit_code, found.stderr) == (0, "")
