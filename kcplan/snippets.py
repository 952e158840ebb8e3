"""Lines that a message suggests, in the language of the file that it is about."""

import json
from collections.abc import Mapping
from pathlib import Path
from textwrap import indent
from typing import Any


def snippet(document: Mapping[str, Any], file: str) -> str:
    """The entries of a document as lines of a file, indented so that no view wraps them.

    Args:
        document: The entries.
        file: The name of the file; its ending says which language it is in.
    """
    match Path(file).suffix.lower():
        case ".toml":
            from kcplan.toml_writer import to_toml

            text = to_toml(document)
        case ".yaml" | ".yml":
            import yaml

            text = yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True)
        case _:
            text = _entries(json.dumps(document, indent=2, ensure_ascii=False))
    return indent(text.strip("\n"), "  ")


def _entries(text: str) -> str:
    """What stands between the outer braces of a JSON text."""
    return "\n".join(line.removeprefix("  ") for line in text.split("\n")[1:-1])
