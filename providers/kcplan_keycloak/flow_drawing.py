"""A changed flow as a tree, for whoever reads a plan. Pure."""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import chain
from typing import Final

from attrs import evolve

from kcplan.drawn import Drawing, DrawnLine
from kcplan.schema import Leaves, unflatten
from kcplan.shapes import Object
from kcplan_keycloak.flow_tree import EXECUTIONS, ORDER, Node, keyed, tree

_INDENT: Final = 4
_NAMED: Final = ("authenticator", "authenticatorConfig", "providerId")
"""What the name of an execution says, unless that stays and they change."""


def draw(schema: Object, before: Leaves, after: Leaves) -> Drawing | None:
    """The executions of a flow before and after a change; None where they stay as they are."""
    one, other = (_nodes(schema, leaves) for leaves in (before, after))
    lines = tuple(_lines(one, other, 0))
    if all(line.sign == " " for line in lines):
        return None
    there, then = (frozenset(key for key, _ in keyed(nodes)) for nodes in (one, other))
    said = (
        where
        for key in sorted(there | then)
        for where in ((EXECUTIONS, key, name) for name in _NAMED)
        if key not in there & then or before.get(where) == after.get(where)
    )
    hidden = ((ORDER,), (EXECUTIONS, "*", "requirement"), *said)
    return Drawing("executions", _aligned(lines), hidden)


def _nodes(schema: Object, leaves: Leaves) -> tuple[Node, ...]:
    gone = [where for where, value in leaves.items() if value is None]
    there = {w: v for w, v in leaves.items() if not any(w[: len(g)] == g for g in gone)}
    return tree(unflatten(schema, there))


def _lines(before: Sequence[Node], after: Sequence[Node], depth: int) -> Iterator[DrawnLine]:
    """The executions in a flow, as they will be; those that go stand where they stood."""
    one, other = (dict(keyed([n.bare for n in nodes])) for nodes in (before, after))
    olds, news = (dict(zip(k, n, strict=True)) for k, n in ((one, before), (other, after)))
    stays = SequenceMatcher(None, list(one), list(other), autojunk=False)
    for tag, start, end, first, last in stays.get_opcodes():
        for key in list(one)[start:end] if tag in ("delete", "replace") else ():
            if key not in other:
                yield from _gone(olds[key], depth)
        for key in list(other)[first:last]:
            moved = tag != "equal" and key in one
            yield from _kept(olds.get(key), news[key], depth, moved=moved)


def _gone(node: Node, depth: int) -> Iterator[DrawnLine]:
    yield DrawnLine(depth, "-", node.name, str(node.requirement))
    yield from chain.from_iterable(_gone(inner, depth + 1) for inner in node.inner)


def _kept(old: Node | None, new: Node, depth: int, *, moved: bool) -> Iterator[DrawnLine]:
    inner = () if old is None else old.inner
    if old is None:
        yield DrawnLine(depth, "+", new.name, str(new.requirement))
    elif old.requirement != new.requirement:
        said = f"{old.requirement} -> {new.requirement}"
        yield DrawnLine(depth, "~", new.name, said, moved=moved)
    else:
        yield DrawnLine(depth, "~" if moved else " ", new.name, str(new.requirement), moved=moved)
    yield from _lines(inner, new.inner, depth + 1)


def _aligned(lines: Sequence[DrawnLine]) -> tuple[DrawnLine, ...]:
    """The lines with what is required in one column."""
    width = max(line.depth * _INDENT + len(line.text) for line in lines)
    return tuple(evolve(line, text=line.text.ljust(width - line.depth * _INDENT)) for line in lines)
