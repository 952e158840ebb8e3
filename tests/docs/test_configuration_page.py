"""What the pages show as configuration works, and the tables have all there is."""

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from attrs import fields

from kcplan.config.model import Lifecycle, Moved, Tenants
from kcplan.config.settings import (
    ConfigSettings,
    Environment,
    KeycloakSettings,
    StateSettings,
)
from kcplan_keycloak.resources import registry
from support.harness import Run

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "configuration.md"
OF_TYPES = ROOT / "docs" / "resources.md"
"""Has a test of its own: its examples leave out what they refer to."""
OF_TENANTS = ROOT / "docs" / "tenants.md"
"""Has one as well: its examples belong together."""
PAGES = [ROOT / "README.md", *sorted({*(ROOT / "docs").glob("*.md")} - {OF_TYPES, OF_TENANTS})]
SECRETS = {"ORDERS_SECRET": "orders-58c1e0d2b7f94a6fa1c3"}
KEYS = {"old": "from", "new": "to"}
INTERNAL = {"source"}


def blocks(language: str) -> list[tuple[str, str]]:
    """All fenced blocks in a language, each with its page and position."""
    found = []
    for page in PAGES:
        texts = re.findall(
            rf"^```{language}\n(.*?)^```", page.read_text(), flags=re.MULTILINE | re.DOTALL
        )
        found += [(f"{page.name}-{index}", text) for index, text in enumerate(texts)]
    return found


def is_settings(text: str) -> bool:
    return "realm" not in tomllib.loads(text)


CASES = [(name, "toml", text) for name, text in blocks("toml")]
CASES += [(name, "json", text) for name, text in blocks("json")]


@pytest.mark.parametrize(("language", "text"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_configuration_in_the_pages_is_valid_and_gets_no_warning(
    language: str, text: str, tmp_path: Path, run_offline: Run
) -> None:
    settings = language == "toml" and is_settings(text)
    file = tmp_path / ("kcplan.toml" if settings else f"realm.{language}")
    file.write_text(text)
    realm = tmp_path / "any.toml"
    realm.write_text('realm = "shop"\nattributes.url = "${env:SHOP_URL:-x}"')
    paths = () if settings else (file,)
    if settings:
        folder = tmp_path / "realms"
        folder.mkdir()
        realm.rename(folder / "any.toml")
        for name in ("dev", "prod"):
            overlay = tmp_path / "env" / name / "any.toml"
            overlay.parent.mkdir(parents=True)
            overlay.write_text('realm = "shop"')

    named = {"KCPLAN_ENV": "prod"} if "[environments" in text else {}
    result = run_offline("validate", *paths, env={**SECRETS, **named})

    assert (result.exit_code, result.stderr) == (0, "")


def test_every_key_of_an_environment_is_documented() -> None:
    page = (ROOT / "docs" / "environments.md").read_text()
    table = page.split("## What an environment holds")[1].split("## ")[0]
    of_keycloak = {item.name for item in fields(KeycloakSettings)}
    for item in fields(Environment):
        if item.name == "variable_sources":
            continue
        assert item.name in of_keycloak or f"`{item.name}`" in table, item.name


def rows(heading: str) -> list[tuple[str, ...]]:
    """The rows of the table below a heading: its cells, without backquotes."""
    section = re.split(rf"^#+ {re.escape(heading)}\n", PAGE.read_text(), flags=re.MULTILINE)[1]
    section = re.split(r"^#", section, flags=re.MULTILINE)[0]
    lines = [line for line in section.splitlines() if line.startswith("| `")]
    return [tuple(cell.strip(" `") for cell in line.strip("|").split("|")) for line in lines]


def test_every_key_of_a_permission_is_documented() -> None:
    documented = {row[0] for row in rows("Token exchange")}
    assert documented == {"requester", "mode", *registry()["token-exchange"].schema.fields}
    documented = {row[0] for row in rows("Admin permissions")}
    assert documented >= {"name", *registry()["admin-permission"].schema.fields}


def test_every_type_has_its_address_pattern() -> None:
    documented = [(name, pattern) for name, pattern, _ in rows("Addresses")]
    assert documented == [
        (spec.name, spec.pattern) for spec in registry().values() if spec.where is not None
    ]


@pytest.mark.parametrize(
    ("heading", "kind"),
    [
        ("[keycloak]", KeycloakSettings),
        ("[config]", ConfigSettings),
        ("[state]", StateSettings),
        ("[[lifecycle]]", Lifecycle),
        ("[[realms]]", Tenants),
        ("[[moved]]", Moved),
    ],
)
def test_every_key_of_the_settings_is_documented(heading: str, kind: type[Any]) -> None:
    names = [field.name for field in fields(kind) if field.name not in INTERNAL]
    assert [row[0] for row in rows(heading)] == [KEYS.get(name, name) for name in names]
