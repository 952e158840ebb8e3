"""The JSON Schema of realm files, from what the types say of themselves.

The types say where they stand in a file, and the tree of that is what the schema follows; each type
is a definition. Where a file may say it in another way, which `gather` brings into that form, a
type has `forms`.
"""

from collections.abc import Mapping
from typing import Final

from attrs import field

from kcplan.classes import define
from kcplan.config.extract import REALM
from kcplan.config.sections import PERMISSIONS, SectionTree, sections
from kcplan.editors.definitions import DEFINITIONS, LONGEST_NAME, Json, or_null, ref, table
from kcplan.editors.places import MEMBER
from kcplan.editors.values import Fragment
from kcplan.editors.words import spaced
from kcplan.offered import Offered
from kcplan.resource import Discriminator, Registry, TypeSpec
from kcplan.versions import is_newer

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


def realm_schema(
    registry: Registry, offered: Offered | None = None, version: str | None = None
) -> Json:
    """The schema of a realm file.

    Args:
        registry: The types.
        offered: The names that a server has, which are suggested then.
        version: Keycloak's version; fields that kcplan does not know are let through where it is
            a newer one.
    """
    work = _Work(offered, is_open=is_newer(version))
    tree = sections(registry)
    tree.children.setdefault(PERMISSIONS, SectionTree())
    top = work.table(tree, ())
    schema = {
        "$schema": DIALECT,
        "title": "A realm, for kcplan",
        **top,
        "required": [REALM],
        "$defs": {**DEFINITIONS, **dict(sorted(work.definitions.items()))},
    }
    schema["properties"] |= {
        MEMBER: {"description": "Where the schema of this file is."},
        REALM: {"description": "The realm's name.", **ref("name")},
    }
    # Some of it is resources, and the rest is for `forms` to say.
    schema["properties"][PERMISSIONS].pop("additionalProperties")
    for spec in registry.values():
        if spec.forms is not None:
            schema = spec.forms(schema)
    return schema


@define
class _Work:
    """The definitions so far."""

    offered: Offered | None
    is_open: bool
    definitions: dict[str, Json] = field(factory=dict)

    def section(self, section: SectionTree) -> Json:
        """What stands at a place of the tree."""
        if section.items:
            return {"type": ["array", "null"], "items": self._items(section)}
        if section.entries is not None:
            return {
                "type": ["object", "null"],
                "propertyNames": {"minLength": 1, "maxLength": LONGEST_NAME},
                "additionalProperties": self.section(section.entries),
            }
        if section.types:
            return or_null(self._defined(section, ()))
        return {**self.table(section, ()), "type": ["object", "null"]}

    def _items(self, section: SectionTree) -> Json:
        """What the tables in a list are: the first whose names they all have."""
        *others, (names, last) = section.items.items()
        found = self._defined(last, names)
        for fields, child in reversed(others):
            named = {key: {"not": {"type": "null"}} for key in fields}
            found = {
                "if": {"required": list(fields), "properties": named},
                "then": self._defined(child, fields),
                "else": found,
            }
        return found

    def _defined(self, section: SectionTree, names: tuple[str, ...]) -> Json:
        """A table as a definition, by the name of its type; by which it is where they share it."""
        if not section.types:
            return self.table(section, names)
        *others, last = section.types
        found = self._definition(last, section, names)
        for spec in reversed(others):
            own = self._definition(spec, section, names)
            found = (
                {"if": _says(spec.belongs), "then": own, "else": found}
                if isinstance(spec.belongs, Discriminator)
                else {"anyOf": [own, found]}
            )
        return found

    def _definition(self, spec: TypeSpec, section: SectionTree, names: tuple[str, ...]) -> Json:
        if spec.name not in self.definitions:
            self.definitions[spec.name] = {}  # it may lie in itself
            self.definitions[spec.name] = {
                "title": spaced(spec.name),
                "description": f"Its address is `{spec.pattern}`.",
                **self._own_table(spec, section, names),
            }
        return ref(spec.name)

    def table(self, section: SectionTree, names: tuple[str, ...]) -> Json:
        """A table, with the sections in it."""
        if section.types:
            return self._own_table(section.types[0], section, names)
        inner = {word: self.section(child) for word, child in section.children.items()}
        return table({**{name: ref("name") for name in names}, **inner}, required=list(names))

    def _own_table(self, spec: TypeSpec, section: SectionTree, names: tuple[str, ...]) -> Json:
        found = Fragment.of(spec, self.offered, is_open=self.is_open).object(spec.schema)
        found["type"] = "object"
        properties = {
            **found.get("properties", {}),
            **{word: self.section(child) for word, child in section.children.items()},
            **{name: ref("name") for name in names},
        }
        for key, text in _advices(spec).items():
            properties.setdefault(key, _left_out(text))
        first = {name: properties.pop(name) for name in names}
        found["properties"] = {**first, **properties}
        return {**found, "required": list(names)} if names else found


def _advices(spec: TypeSpec) -> Mapping[str, str]:
    """The fields that are left out, or refused with an advice."""
    unsupported = {
        key: text if isinstance(text, str) else "kcplan can't manage it."
        for key, text in spec.unsupported.items()
    }
    obsolete = {key: f"Keycloak no longer keeps it: {text}" for key, text in spec.obsolete.items()}
    return {**unsupported, **obsolete}


def _left_out(text: str) -> Json:
    return {"description": text, "deprecated": True}


def _says(belongs: Discriminator) -> Json:
    """That a table says what tables of a type say."""
    says: Json = {
        "required": [belongs.field],
        "properties": {belongs.field: {"enum": list(belongs.values)}},
    }
    return says if belongs.within else {"not": says}
