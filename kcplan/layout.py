"""Resources → a realm file's document: each resource's fields at the place of its type."""

from collections.abc import Callable, Mapping
from itertools import pairwise
from typing import Any

from kcplan.address import Address
from kcplan.grammar import Items, Keys, Word, section
from kcplan.resource import Registry, TypeSpec


class _Tables(dict[tuple[tuple[str, str], ...], Any]):
    """A list of tables, as long as it grows: the tables by the fields with their names."""


class Layout:
    """A document that grows, its sections in the order of the types."""

    def __init__(self, registry: Registry) -> None:
        self._document: dict[str, Any] = {}
        for spec in registry.values():
            way = section(spec.where) if spec.where else ()
            for step, following in pairwise((*way[:2], None)):
                if isinstance(step, Word):
                    self._document.setdefault(step.text, _container(following))

    def put(self, spec: TypeSpec, address: Address, fields: Mapping[str, Any]) -> None:
        """Put the fields of a resource to where its type has them."""
        names = iter(spec.names(address)[1:])
        node: dict[Any, Any] = self._document
        way = section(spec.where or "")
        for step, following in pairwise((*way, None)):
            match step:
                case Word(text):
                    node = node.setdefault(text, _container(following))
                case Keys():
                    node = node.setdefault(next(names), _container(following))
                case Items(keys, nested):
                    node = node.setdefault(tuple((key, next(names)) for key in keys), {})
                    for name in names if nested else ():
                        node = node.setdefault(nested, _Tables())
                        node = node.setdefault(((keys[0], name),), {})
        node.update(fields)

    def document(self, escaped: Callable[[str], str]) -> dict[str, Any]:
        """The sections that have something in them. `escaped` writes a name as a file has it."""
        filled = {word: section for word, section in self._document.items() if section}
        return {word: _listed(section, escaped) for word, section in filled.items()}


def keys_in(spec: TypeSpec, address: Address) -> tuple[str, ...]:
    """Those of a resource's names that are keys in the document."""
    names = iter(spec.names(address)[1:])
    found = []
    for step in section(spec.where or ""):
        match step:
            case Keys():
                found.append(next(names))
            case Items(keys):
                for _ in keys:
                    next(names)
    return tuple(found)


def _container(following: Word | Keys | Items | None) -> dict[Any, Any]:
    return _Tables() if isinstance(following, Items) else {}


def _listed(value: Any, escaped: Callable[[str], str]) -> Any:
    """The document with its lists as lists."""
    match value:
        case _Tables():
            return [
                {**{key: escaped(name) for key, name in names}, **_listed(item, escaped)}
                for names, item in value.items()
            ]
        case dict():
            return {key: _listed(item, escaped) for key, item in value.items()}
    return value
