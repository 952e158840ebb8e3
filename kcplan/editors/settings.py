"""The JSON Schema of kcplan.toml, from the classes that its tables become.

A key is an attribute: its type says what it takes, `LIMITS` in its metadata what of that, and the
docstring of the class what it is for.
"""

import re
from collections.abc import Iterator, Mapping
from inspect import cleandoc
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, Literal, Union, get_args, get_origin, get_type_hints

from attrs import NOTHING, Attribute, fields, has

from kcplan.address import Address
from kcplan.config.model import ADDRESSES, LIMITS
from kcplan.config.settings import Settings
from kcplan.config.settings_file import keys
from kcplan.editors.definitions import Json, table
from kcplan.editors.files import DIALECT
from kcplan.secret import Secret

_ADDRESS: Final[Json] = {"type": "string", "pattern": ADDRESSES}

_PLAIN: Final[Mapping[Any, Json]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    Path: {"type": "string", "minLength": 1},
    Secret: {"type": "string"},
    Address: _ADDRESS,
}

_ENTRY: Final = re.compile(r"^    (\w+): (.*(?:\n {8}.*)*)", re.MULTILINE)


def settings_schema() -> Json:
    """The schema of kcplan.toml."""
    return {"$schema": DIALECT, "title": "kcplan.toml", **_table(Settings)}


def _table(kind: type) -> Json:
    hints, said = get_type_hints(kind), _descriptions(kind)
    own = {key: getattr(fields(kind), name) for name, key in keys(kind).items()}
    required = [key for key, item in own.items() if item.default is NOTHING]
    properties = {
        key: _described(said.get(item.name, ""), item, _value(hints[item.name]))
        for key, item in own.items()
    }
    return table(properties, required=required)


def _described(text: str, item: "Attribute[Any]", schema: Json) -> Json:
    default = item.default
    usual = {"default": default} if isinstance(default, bool | int | float | str) else {}
    return {
        **({"description": text} if text else {}),
        **schema,
        **item.metadata.get(LIMITS, {}),
        **usual,
    }


def _value(kind: Any) -> Json:
    """What a key of this type takes; anything where the type does not tell."""
    if kind in _PLAIN:
        return dict(_PLAIN[kind])
    origin, inner = get_origin(kind), get_args(kind)
    if origin in (Union, UnionType):
        options = [_value(item) for item in inner if item is not NoneType]
        return options[0] if len(options) == 1 else {"anyOf": options}
    if origin is Literal:
        return {"enum": list(inner)}
    if origin in (tuple, list):
        return {"type": "array", "items": _value(inner[0])}
    if isinstance(origin, type) and issubclass(origin, Mapping):
        return {"type": "object", "additionalProperties": _value(inner[1])}
    return _of_class(kind) if isinstance(kind, type) and has(kind) else {}


def _of_class(kind: type) -> Json:
    about = re.split(r"(?<=\.)\s", cleandoc(kind.__doc__ or ""), maxsplit=1)[0]
    return {"description": " ".join(about.split()), **_table(kind)}


def _descriptions(kind: type) -> Mapping[str, str]:
    """What the docstring of a class says of its attributes, or of the class that has them."""
    texts = [cleandoc(base.__doc__ or "") for base in reversed(kind.__mro__)]
    return dict(entry for text in texts for entry in _entries(text.partition("Attributes:")[2]))


def _entries(text: str) -> Iterator[tuple[str, str]]:
    for name, said in _ENTRY.findall(text):
        yield name, " ".join(said.split())
