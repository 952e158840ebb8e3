"""Exports of Keycloak 12, 15, 18, 21, 24 and 26.1, as they are: applied, settled, and gone again.

The files are in `tests/realms/eras/`: in the style of what those versions export, each section and all
that Keycloak makes in a realm, with made-up names. The test puts new names in the place of the realms',
and sets the variables that the plan asks for in the place of asterisks.
"""

import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Final

import pytest
from inline_snapshot import snapshot

from support.masked import supply
from support.world import World

_FILES: Final = sorted((Path(__file__).parents[1] / "realms" / "eras").glob("*.json"))


@pytest.fixture
def eras(world: World) -> Iterator[list[str]]:
    """The names that the realms get; they are in the world's folder `exports`."""
    names = [f"{world.realm}-{path.stem}" for path in _FILES]
    (world.folder / "exports").mkdir()
    for path, name in zip(_FILES, names, strict=True):
        text = path.read_text(encoding="utf-8").replace(path.stem, name)
        (world.folder / "exports" / path.name).write_text(text, encoding="utf-8")
    yield names
    for name in names:
        world.admin.delete(name, check=False)


def test_they_are_applied_stay_settled_and_go_again(world: World, eras: list[str]) -> None:
    folder = world.folder / "exports"
    validated = json.loads(world.kcplan("validate", folder, "--format", "json").stdout)
    said = {(Path(item["source"]["file"]).stem, item["code"]) for item in validated["diagnostics"]}
    assert {
        path.stem: " ".join(sorted(code for stem, code in said if stem == path.stem))
        for path in _FILES
    } == snapshot(
        {
            "backstube": "does-not-agree empty-section ignored-field left-out-of-flows masked-value obsolete-field repeated-field rewritten-value",
            "bibliothek": "ignored-field left-out-of-flows masked-value obsolete-field rewritten-value",
            "brauerei": "ignored-field left-out-of-flows masked-value obsolete-field repeated-field rewritten-value",
            "gasthof": "does-not-agree ignored-field left-out-of-flows masked-value obsolete-field rewritten-value",
            "sanatorium": "ignored-field left-out-of-flows masked-value obsolete-field rewritten-value",
            "spedition": "ignored-field left-out-of-flows masked-value obsolete-field rewritten-value",
        }
    )
    supply(world, folder)
    applied = world.kcplan("apply", folder, "--auto-approve")
    settled = world.kcplan("plan", folder, "--detailed-exitcode")
    has_default = [
        name for name in eras if "staff" in _composites(world, name, f"default-roles-{name}")
    ]
    assert has_default == eras
    destroyed = world.kcplan("destroy", "--auto-approve")
    assert [world.admin.get(name, check=False).status_code for name in eras] == (
        [HTTPStatus.NOT_FOUND] * len(eras)
    )
    shown = "".join(run.stdout + run.stderr for run in (applied, settled, destroyed))
    assert not [value for value in world.variables.values() if value and value in shown]


def _composites(world: World, realm: str, role: str) -> set[str]:
    found = world.admin.json(f"{realm}/roles/{role}/composites")
    return {item["name"] for item in found}
