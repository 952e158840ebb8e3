"""The page on the resource types says what the types say, and its examples can be used."""

import json
import re
from pathlib import Path

import pytest

from conformance.samples import samples
from support.harness import Run
from support.resources_page import is_declarable, page

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "resources.md"
README = ROOT / "README.md"


def examples() -> dict[str, str]:
    """The example of each type, as the page has it."""
    found = re.findall(
        r"^## ([\w-]+)$.*?^```toml\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL
    )
    return dict(found)


def test_the_page_says_what_the_types_say() -> None:
    """After a change: make pages"""
    assert PAGE.read_text("utf-8") == page()


def test_readme_names_each_type_once() -> None:
    (table,) = re.findall(
        r"^\| \| what it manages \|\n(?:\|.*\n)+", README.read_text(), re.MULTILINE
    )
    named = re.findall(r"\(docs/resources\.md#([\w-]+)\)", table)
    assert sorted(named) == sorted(examples())


def test_every_type_that_files_declare_has_an_example() -> None:
    assert set(examples()) == {name for name in samples() if is_declarable(name)}


@pytest.mark.parametrize(("name", "text"), examples().items(), ids=examples())
def test_an_example_is_a_realm_file_to_which_only_what_it_refers_to_is_missing(
    name: str, text: str, tmp_path: Path, run_offline: Run
) -> None:
    (tmp_path / "realm.toml").write_text(text)
    secrets = samples()[name].secrets
    result = run_offline("validate", "realm.toml", "--format", "json", env=secrets)
    document = json.loads(result.stdout)
    assert result.exit_code == 0
    assert {item["code"] for item in document["diagnostics"]} <= {"unknown-reference"}
