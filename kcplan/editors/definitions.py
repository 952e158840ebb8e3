"""What the JSON Schemas are made of: definitions for all types, and regular expressions."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

from kcplan.secret import MASK

Json = dict[str, Any]

LONGEST_NAME: Final = 255

_SPECIAL: Final = re.compile(r"[.^$*+?{}()|\[\]\\/]")


def escaped(text: str) -> str:
    """The regular expression for a text, in the dialect that editors have (ECMA-262)."""
    return _SPECIAL.sub(r"\\\g<0>", text)


_PLACEHOLDER: Final = rf"\$[{{(]|^{escaped(MASK)}$"

A_LIST: Final[Json] = {"type": ["array", "null", "string"], "pattern": r"^\$\(.*\)$"}
"""A list, for which a variable may stand that holds one."""

DEFINITIONS: Final[Mapping[str, Json]] = {
    "placeholder": {
        "description": "A variable, as in `${env:NAME}`, that stands for the value.",
        "type": "string",
        "pattern": _PLACEHOLDER,
    },
    "name": {"type": "string", "minLength": 1, "maxLength": LONGEST_NAME},
    "text": {"type": ["string", "number", "boolean", "null"]},
    "texts": {**A_LIST, "items": {"type": ["string", "number", "boolean"]}},
    "names": {**A_LIST, "items": {"type": "string"}},
    "boolean": {
        "anyOf": [
            {"type": "boolean"},
            {"type": "string", "pattern": r"^\s*([Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])\s*$"},
            {"$ref": "#/$defs/placeholder"},
            {"type": "null"},
        ]
    },
    "integer": {
        "anyOf": [
            {"type": "integer"},
            {"type": "string", "pattern": r"^\s*[-+]?[0-9]+\s*$"},
            {"$ref": "#/$defs/placeholder"},
            {"type": "null"},
        ]
    },
    "number": {
        "anyOf": [
            {"type": "number"},
            {
                "type": "string",
                "pattern": r"^\s*[-+]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][-+]?[0-9]+)?\s*$",
            },
            {"$ref": "#/$defs/placeholder"},
            {"type": "null"},
        ]
    },
}
"""What the types refer to. Null is no value: an overlay takes a field out with it."""


def ref(name: str) -> Json:
    """A reference to a definition."""
    return {"$ref": f"#/$defs/{name}"}


def in_short(schema: Json) -> Json:
    """A reference to the definition that says the same, if there is one."""
    return next((ref(name) for name, known in DEFINITIONS.items() if known == schema), schema)


def or_null(schema: Json) -> Json:
    """The same, where null says nothing."""
    return {"anyOf": [schema, {"type": "null"}]}


def table(properties: Json, **rest: Any) -> Json:
    """A table with these fields and no others."""
    found = {"type": "object", "properties": properties, "additionalProperties": False, **rest}
    return {key: value for key, value in found.items() if value not in ([], {})}


def regex(pattern: str) -> str:
    """The regular expression for a word in which `*` stands for anything."""
    parts = re.split(r"(\*|\[[^]]*\])", pattern)
    return (
        "^"
        + "".join(
            ".*" if part == "*" else part if part[:1] == "[" else escaped(part) for part in parts
        )
        + "$"
    )


def in_any_case(words: Iterable[str]) -> Json:
    """One of the words in any spelling, or nothing."""
    spelled = "|".join(map(any_case, words))
    return {"type": ["string", "null"], "pattern": f"^(|{spelled})$"}


def any_case(word: str) -> str:
    """The regular expression for a word in any spelling."""
    return "".join(
        f"[{letter.upper()}{letter.lower()}]" if letter.isalpha() else escaped(letter)
        for letter in word
    )
