"""The map of a realm file: which type of resource stands where.

Each type says so itself (`TypeSpec.where`); together they are a tree, and a document is taken
apart along it. What stands in a resource's document belongs to the resource, apart from the
sections of other types.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import field

from kcplan.classes import define
from kcplan.grammar import Items, Keys, Section, Word, section
from kcplan.resource import Registry, TypeSpec

PERMISSIONS: Final = "permissions"
"""The top-level key that kcplan adds to Keycloak's representation.

Some of its lists are resources, as lists elsewhere in the file are; the rest are declarations from
which the fields of resources are made."""


@define(eq=False)
class SectionTree:
    """A place in a realm file.

    Attributes:
        types: The types whose documents stand here; several where they share the place.
        children: What stands below, by key.
        entries: Where this is a map whose keys are names: what each entry is.
        items: Where this is a list of named tables: the fields with the names and what each is.
            Of several, the first whose fields a table has says what it is.
    """

    types: list[TypeSpec] = field(factory=list)
    children: dict[str, "SectionTree"] = field(factory=dict)
    entries: "SectionTree | None" = None
    items: dict[tuple[str, ...], "SectionTree"] = field(factory=dict)

    def item(self, table: Mapping[str, Any]) -> "tuple[tuple[str, ...], SectionTree]":
        """What a table of the list is; the last possibility where it has none of the names."""
        for fields, child in self.items.items():
            for name in fields:
                if table.get(name) is None:
                    break
            else:
                return fields, child
        return next(reversed(self.items.items()))


def sections(registry: Registry) -> SectionTree:
    """The tree of all sections."""
    tree = SectionTree()
    for spec, way in _declarable(registry.values()):
        _place(tree, way).types.append(spec)
    return tree


def _declarable(specs: Iterable[TypeSpec]) -> Iterator[tuple[TypeSpec, Section]]:
    for spec in specs:
        way = section(spec.where) if spec.where is not None else None
        if way is not None and (way[:1] != (Word(PERMISSIONS),) or _is_read(spec, way)):
            yield spec, way


def _is_read(spec: TypeSpec, way: Section) -> bool:
    """Whether files declare such resources themselves, of what stands under `permissions`."""
    return not spec.virtual and isinstance(way[-1], Items)


def of_resources(tree: SectionTree) -> frozenset[str]:
    """The keys under `permissions` that hold resources."""
    found = tree.children.get(PERMISSIONS)
    return frozenset(found.children) if found is not None else frozenset()


def _place(tree: SectionTree, way: Section) -> SectionTree:
    """The place at the end of a way; what is missing along it is made."""
    for step in way:
        match step:
            case Word(text):
                tree = tree.children.setdefault(text, SectionTree())
            case Keys():
                tree.entries = tree.entries or SectionTree()
                tree = tree.entries
            case Items(fields, nested):
                inner = tree.items.setdefault(fields, SectionTree())
                if nested:
                    inner.children[nested] = SectionTree(items={fields: inner})
                tree = inner
    return tree
