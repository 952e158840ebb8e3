"""Where the schemas of a project lie, and how a file says where its own is."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

OF_REALMS: Final = ".kcplan/realm.schema.json"
OF_SETTINGS: Final = ".kcplan/settings.schema.json"
"""From the folder of kcplan.toml. No realm file is looked for in a hidden folder."""

MEMBER: Final = "$schema"
"""The key with which a JSON file says it. kcplan does not look at it."""


def way(file: Path, schema: Path) -> str | None:
    """The way from a file to its schema; None where no comment can hold it."""
    found = Path(os.path.relpath(schema, file.parent)).as_posix()
    return found if found.isprintable() else None


def in_toml(text: str, way: str) -> str:
    """The text of a TOML file that says where its schema is."""
    return f"#:schema {way}\n\n{text}"


def in_json(document: Mapping[str, Any], way: str) -> dict[str, Any]:
    """The document of a JSON file that says it."""
    return {MEMBER: way, **document}
