"""Shapes as JSON Schemas: what a realm file may say for a value of each shape.

A file may say more than Keycloak keeps: a text for a boolean, a number for a text, a placeholder
for anything. The schema takes what `kcplan.schema.check` takes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any, Final

from attrs import evolve

from kcplan import conversion
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.editors.definitions import A_LIST, Json, in_any_case, in_short, ref, regex
from kcplan.editors.words import about
from kcplan.offered import Fields, Offered, plain
from kcplan.path_patterns import Pattern, path_matches
from kcplan.resource import TypeSpec
from kcplan.secret import Secret
from kcplan.shapes import (
    Choice,
    ListOf,
    MapOf,
    Named,
    Object,
    Ref,
    Scalar,
    Shape,
    Whole,
)

_BY_CONVERSION: Final[Mapping[Callable[[Any], Any], str]] = {
    conversion.text: "text",
    conversion.boolean: "boolean",
    conversion.integer: "integer",
    conversion.number: "number",
}

_JSON_TYPES: Final[Mapping[type, str]] = {
    str: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    dict: "object",
    list: "array",
}


@frozen
class Fragment:
    """A field of a type: its place in the representation, and what is known of it.

    Attributes:
        spec: The type.
        path: The path of the field; `*` stands for the entries of maps and lists.
        fields: What its fields hold that servers list.
        offered: The names that the server has; None where none are known.
        defaults: What a new object has in its fields.
        is_open: Whether Keycloak may have fields that kcplan does not know.
    """

    spec: TypeSpec
    path: Path
    fields: Fields
    offered: Offered | None
    defaults: Mapping[Path, Any]
    is_open: bool = False

    @classmethod
    def of(
        cls, spec: TypeSpec, offered: Offered | None = None, *, is_open: bool = False
    ) -> "Fragment":
        """All of a type."""
        defaults = {path: value for path, value in spec.defaults({}).items() if value is not None}
        return cls(spec, (), Fields(spec.listed), offered, defaults, is_open)

    def at(self, key: str) -> "Fragment":
        """A field in it."""
        return evolve(self, path=(*self.path, key))

    def schema(self, shape: Shape) -> Json:
        """The schema of the field, with what there is to say of it."""
        found = self._json_text(self.value(shape))
        said = about(self.spec, self.path, shape, self.fields)
        default = self.defaults.get(self.path)
        if default is not None:
            found = {**found, "default": default}
        return {"description": said, **found} if said else found

    def value(self, shape: Shape) -> Json:
        """The schema of the field's values."""
        found: Json = {}
        match shape:
            case Scalar():
                found = self._scalar(shape)
            case ListOf():
                found = self._list(shape)
            case MapOf():
                found = self._map(shape)
            case Named():
                found = self._named(shape)
            case Whole():
                found = {"anyOf": [self.object(shape.table), {"type": "boolean"}]}
            case Object():
                found = self.object(shape)
        return found

    def object(self, shape: Object, naming: Iterable[str] = ()) -> Json:
        """A table in it, or the field itself; the fields in `naming` have the name of the entry."""
        properties: Json = {
            **{key: self.at(key).schema(inner) for key, inner in shape.fields.items()},
            **{key: _older(newer) for key, newer in shape.older.items()},
            **dict.fromkeys(shape.orders, False),
        }
        for key in naming:
            own = {name: item for name, item in properties.get(key, {}).items() if name != "$ref"}
            properties[key] = {**own, "type": "string", "minLength": 1}
        others: Json | bool = self.is_open and not shape.closed
        if shape.others is not None:
            others = self.at("*").value(shape.others)
        return self.open_to(
            {
                "type": ["object", "null"],
                "properties": properties,
                "additionalProperties": others,
            }
        )

    def open_to(self, schema: Json) -> Json:
        """The table; its fields that are no configuration may be anything."""
        plain_ones: Json = {}
        patterns: Json = {}
        for pattern in self._below(self.spec.ignored):
            target = patterns if "*" in pattern[0] else plain_ones
            if len(pattern) == 1:
                target[regex(pattern[0]) if "*" in pattern[0] else pattern[0]] = {
                    "description": "Left out: this is no configuration."
                }
        found = {**schema, "properties": {**schema.get("properties", {}), **plain_ones}}
        if patterns:
            found["patternProperties"] = {**schema.get("patternProperties", {}), **patterns}
        if not found["properties"]:
            del found["properties"]
        return found

    def _below(self, patterns: Iterable[Pattern]) -> Iterator[Pattern]:
        """What is left of patterns below this field."""
        size = len(self.path)
        for pattern in patterns:
            if len(pattern) > size and _fits(self.path, pattern[:size]):
                yield pattern[size:]

    @property
    def _is_secret(self) -> bool:
        return path_matches(self.path, self.spec.sensitive)

    def _json_text(self, schema: Json) -> Json:
        """The value, or a text that is its JSON, where an export has that."""
        size = len(self.path)
        if not any(
            len(pattern) == size and _fits(self.path, pattern) for pattern in self.spec.json_strings
        ):
            return schema
        text = {"type": "string", "pattern": r"\S", "contentMediaType": "application/json"}
        return {"anyOf": [schema, text]}

    def _scalar(self, shape: Scalar, *, item: bool = False) -> Json:
        if self._is_secret:
            return {"type": "string"} if item else {"type": ["string", "null"]}
        match shape:
            case Choice():
                return _choice(shape, item=item)
            case Ref():
                return self._listed({"type": "string"} if item else {"type": ["string", "null"]})
        name = _BY_CONVERSION.get(shape.convert)
        if name == "text":
            kinds = {"type": ["string", "number", "boolean"]}
            return self._listed(kinds if item else ref("text"))
        if name is not None:
            return {**ref(name), "not": {"type": "null"}} if item else ref(name)
        types = [_JSON_TYPES[kind] for kind in shape.types if kind is not Secret]
        if not item:
            types.append("null")
        return {"type": types if len(types) > 1 else types[0]}

    def _listed(self, schema: Json) -> Json:
        """A text that may be one of the names that the server has, or another."""
        listed = self.fields.at(self.path) if self.path else None
        if listed is None or listed.keys or listed.names is not plain:
            return schema
        names = listed.always
        if names is None and self.offered is not None:
            names = self.offered.of(listed.kind)
        return {"anyOf": [{"enum": sorted(names)}, schema]} if names else schema

    def _list(self, shape: ListOf) -> Json:
        items: Json = {}
        if isinstance(shape.item, Scalar):
            items = self._scalar(shape.item, item=True)
        found: Json = {**A_LIST, **({"items": items} if items else {})}
        if not shape.may_be_one:
            return in_short(found)
        return {"anyOf": [found, {"type": ["string", "number", "boolean"], **items}]}

    def _map(self, shape: MapOf) -> Json:
        own = self._below((*self.spec.sensitive, *self.spec.json_strings))
        keys = sorted({pattern[0] for pattern in own if pattern[0] != "*"})
        plain_keys = {key: self.at(key).schema(shape.value) for key in keys if not _is_glob(key)}
        globs = {regex(key): self.at(key).schema(shape.value) for key in keys if _is_glob(key)}
        listed = self.fields.at((*self.path, "*")) if self.path else None
        if listed is not None and listed.keys and listed.always:
            usual = {key: self.at("*").value(shape.value) for key in sorted(listed.always)}
            plain_keys = {**usual, **plain_keys}
        rest = self.at("*").value(shape.value)
        found = {
            "type": ["object", "null"],
            "properties": plain_keys,
            "patternProperties": globs,
            "additionalProperties": rest,
        }
        return self.open_to({key: value for key, value in found.items() if value != {}})

    def _named(self, shape: Named) -> Json:
        entry = self.at("*").object(shape.entry, naming=(shape.key,))
        entry |= {"type": "object", "required": [shape.key]}
        if shape.key not in shape.entry.fields:
            entry["minProperties"] = 2
        return {"type": ["array", "null"], "items": entry}


def _older(newer: str) -> Json:
    """What a field takes in its older form, which is a single value."""
    return {
        "description": f"The old form of `{newer}`.",
        "type": ["string", "number", "boolean", "null"],
        "deprecated": True,
    }


def _choice(shape: Choice, *, item: bool) -> Json:
    """One of the words, in any spelling; in a list only in Keycloak's own."""
    if item:
        return {"anyOf": [{"enum": list(shape.values)}, ref("placeholder")]}
    return {"anyOf": [{"enum": list(shape.values)}, in_any_case(shape.values), ref("placeholder")]}


def _is_glob(key: str) -> bool:
    return "*" in key


def _fits(path: Path, pattern: Path) -> bool:
    return all(
        part == wanted or ("*" in wanted and fnmatchcase(part, wanted))
        for part, wanted in zip(path, pattern, strict=True)
    )
