"""The page on the architecture names what there is, and its example of a type is one."""

import json
import re
import textwrap
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from conformance.overlays import joined
from kcplan.config.load import load
from kcplan_keycloak.resources import registry

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text()
PROVIDER = "providers/kcplan_keycloak"
CODES = re.findall(r"`([^`\n]+)`", PAGE)


def python_block(file: str) -> dict[str, Any]:
    """What the block of Python below the name of its file defines."""
    text = re.search(
        rf"`{re.escape(file)}`.*?^```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL
    )
    assert text is not None
    found: dict[str, Any] = {"__name__": "example"}
    exec(text[1], found)  # noqa: S102 - the page's own example
    return found


EXAMPLE = f"{PROVIDER}/resources/identity_provider_mapper.py"
SAMPLE = "tests/conformance/samples/identity_provider_mapper.py"


@pytest.mark.parametrize(
    "file", sorted({c for c in CODES if re.fullmatch(r"[\w/]+\.py|[\w/]+/", c)})
)
def test_a_file_that_the_page_names_exists(file: str) -> None:
    assert any((ROOT / place / file).exists() for place in ("", PROVIDER))


@pytest.mark.parametrize("name", [c for c in CODES if re.fullmatch(r"kcplan\w*(\.\w+){2,}", c)])
def test_a_function_that_the_page_names_exists(name: str) -> None:
    module, _, function = name.rpartition(".")
    assert hasattr(import_module(module), function)


def test_the_example_of_a_type_reads_the_example_of_a_file(tmp_path: Path) -> None:
    (text,) = re.findall(r'^    \{\n      "realm"(?:.*\n(?=    ))+.*\n', PAGE, re.MULTILINE)
    example = python_block(EXAMPLE)
    (address,) = declared(json.loads(textwrap.dedent(text)), example, tmp_path)
    assert address == "shop/identity-providers/company/mappers/origin"


def test_so_does_its_sample(tmp_path: Path) -> None:
    sample = python_block(SAMPLE)["SAMPLE"]
    document = joined({"realm": "shop", **sample.around}, sample.declare("plain", sample.full))
    (address,) = declared(document, python_block(EXAMPLE), tmp_path)
    assert address == f"shop/{sample.local('plain')}"


def declared(document: Any, example: dict[str, Any], folder: Path) -> list[str]:
    """The addresses of the example's type in a realm file, whose words the type knows."""
    (kind,) = example["TYPES"]
    file = folder / "realm.json"
    file.write_text(json.dumps(document))
    config = load([file], {**registry(), kind.spec.name: kind.spec}, {})
    assert not config.diagnostics
    return [str(a) for a, resource in config.resources.items() if resource.type == kind.spec.name]
