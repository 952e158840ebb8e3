"""The map of a realm file: which type of resource stands where.

Each type says so itself (`TypeSpec.section`); together they are a tree, and a document is taken
apart along it. What stands in a resource's document belongs to the resource, apart from the
sections of other types.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from attrs import field, frozen

from kcplan.resource import Registry, TypeSpec

PERMISSIONS: Final = "permissions"
"""The top-level key that kcplan adds to Keycloak's representation; it holds no resources."""


@frozen
class SectionTree:
    """A place in a realm file.

    Attributes:
        types: The types whose documents stand here; several where they share the place.
        children: What stands below, by plain word, `{}` or `[field]`.
    """

    types: tuple[TypeSpec, ...] = ()
    children: Mapping[str, "SectionTree"] = field(factory=dict)

    @property
    def entries(self) -> "SectionTree | None":
        """Where this is a map whose keys are names: what each entry is."""
        return self.children.get("{}")

    @property
    def items(self) -> "tuple[str, SectionTree] | None":
        """Where this is a list whose items are named by a field: the field and what each is."""
        for word, child in self.children.items():
            if word.startswith("["):
                return word[1:-1], child
        return None


def sections(registry: Registry) -> SectionTree:
    """The tree of all sections."""
    return _tree(
        (spec.section, spec) for spec in registry.values() if spec.section[:1] != (PERMISSIONS,)
    )


def _tree(specs: Iterable[tuple[tuple[str, ...], TypeSpec]]) -> SectionTree:
    here: list[TypeSpec] = []
    below: dict[str, list[tuple[tuple[str, ...], TypeSpec]]] = {}
    for path, spec in specs:
        if path:
            below.setdefault(path[0], []).append((path[1:], spec))
        else:
            here.append(spec)
    return SectionTree(tuple(here), {word: _tree(inner) for word, inner in below.items()})
