"""What `import` writes says where its schema is, if the project has one."""

import json
import tomllib
from pathlib import Path

import pytest
from inline_snapshot import snapshot

from kcplan.config.settings import Settings
from kcplan.destination import destination
from kcplan.editors.places import OF_REALMS
from kcplan.export import Export
from kcplan_keycloak.resources import registry

DOCUMENT = {"realm": "shop", "enabled": True}
EXPORT = Export(DOCUMENT, {"realm": DOCUMENT, "roles": {"realm": "shop"}})


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "realms").mkdir()
    return tmp_path


def texts(out: str) -> dict[str, str]:
    place = destination("shop", Path(out), None, registry(), Settings())
    return {str(file): text for file, text in place.texts(EXPORT).items()}


def with_schema(project: Path) -> None:
    (project / OF_REALMS).parent.mkdir()
    (project / OF_REALMS).write_text("{}")


def test_a_toml_file_says_it_in_a_comment(project: Path) -> None:
    with_schema(project)
    text = texts("realms/shop.toml")["realms/shop.toml"]
    assert text == snapshot("""\
#:schema ../.kcplan/realm.schema.json

realm = "shop"
enabled = true
""")
    assert tomllib.loads(text) == DOCUMENT


def test_a_json_file_says_it_in_a_member(project: Path) -> None:
    with_schema(project)
    text = texts("shop.json")["shop.json"]
    assert json.loads(text) == {"$schema": ".kcplan/realm.schema.json", **DOCUMENT}
    assert text.startswith('{\n  "$schema"')


def test_each_file_of_a_folder_says_it(project: Path) -> None:
    with_schema(project)
    assert [text.partition("\n")[0] for text in texts("realms/shop").values()] == [
        "#:schema ../../.kcplan/realm.schema.json"
    ] * 2


@pytest.mark.usefixtures("project")
def test_a_project_without_a_schema_gets_files_without_it() -> None:
    assert texts("shop.json") == {"shop.json": json.dumps(DOCUMENT, indent=2) + "\n"}
