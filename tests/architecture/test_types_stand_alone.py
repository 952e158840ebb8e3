"""What kcplan knows of a single type of resource stands in that type's file."""

import ast
from collections.abc import Iterator
from pathlib import Path

import kcplan
import kcplan_keycloak
from kcplan_keycloak.resources import registry


def test_nothing_outside_a_type_compares_with_its_name() -> None:
    found = [
        f"{file.name}:{line} compares with {word!r}"
        for package in (kcplan, kcplan_keycloak)
        for file in sorted(Path(package.__path__[0]).rglob("*.py"))
        for line, word in _compared(file)
    ]
    assert found == []


def _compared(file: Path) -> Iterator[tuple[int, str]]:
    """The words for types that a module compares something with, but for its own types."""
    tree = ast.parse(file.read_text())
    words = set(registry()) - _declared(tree)
    for node in ast.walk(tree):
        match node:
            case ast.Compare(left=ast.Constant(), ops=[ast.In()]):
                continue  # a text that is looked for in another
            case ast.Compare(left=left, comparators=others):
                sides = [left, *others]
            case ast.MatchValue(value=value):
                sides = [value]
            case _:
                continue
        for side in sides:
            for inner in getattr(side, "elts", [side]):
                if isinstance(inner, ast.Constant) and inner.value in words:
                    yield node.lineno, str(inner.value)


def _declared(tree: ast.Module) -> set[str]:
    """The words of the types that a module declares."""
    return {
        str(keyword.value.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "TypeSpec"
        for keyword in node.keywords
        if keyword.arg == "name" and isinstance(keyword.value, ast.Constant)
    }
