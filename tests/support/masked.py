"""Secrets that exports have as asterisks: which variables a plan asks for, and values for them."""

import json
import re
from pathlib import Path

from support.world import World

CODE = "masked-secret"


def asked_for(world: World, path: Path) -> list[str]:
    """The variables that a plan of these files misses; one error lists them all."""
    result = world.kcplan("plan", path, "--format", "json", exit_code=None)
    found = [
        item for item in json.loads(result.stdout)["diagnostics"] if item["severity"] == "error"
    ]
    details = [item["detail"] for item in found if item["code"] == CODE]
    assert len(details) <= 1
    return [
        name for text in details for name in re.findall(r"^  ([A-Z0-9_]+) ", text, re.MULTILINE)
    ]


def supply(world: World, path: Path) -> list[str]:
    """Set the variables that a plan of these files misses."""
    names = asked_for(world, path)
    world.variables.update({name: f"supplied-for-{name.lower()}" for name in names})
    return names
