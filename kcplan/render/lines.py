"""A tree of fields as lines: the piece that text, markdown and HTML share.

A line knows how deep it stands, its sign (`+`, `-`, `~` or nothing), its text and its comment; how
that looks is the business of each format. Texts are safe to print: see `kcplan.render.values`.
"""

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from kcplan.classes import frozen
from kcplan.listdiff import ListDiff, diff_lists
from kcplan.render.tree import Delta, Node, put
from kcplan.render.values import inline, label, safe, shown, shown_both
from kcplan.secret import PLACEHOLDER, Withheld

_INLINE = 60
_ALIGNED = 40
_TEXT_LINES = 60
_ITEMS = 200


@frozen
class Line:
    """One line of a change.

    Attributes:
        depth: How deep it stands; 1 is a field of the resource.
        sign: `+`, `-`, `~`, or a blank.
        text: What it says.
        comment: What is said about it, without the `#`.
    """

    depth: int
    sign: str
    text: str
    comment: str = ""


def lines_of(root: Node, *, compact: bool = False) -> tuple[Line, ...]:
    """The lines of a resource's tree. Compact ones have each table and list on one line."""
    return tuple(_children(root, 1, compact=compact, comment=""))


def _children(node: Node, depth: int, *, compact: bool, comment: str) -> Iterator[Line]:
    names = {key: label(key, quote=depth > 1 and "." in key) for key in node.children}
    aligned = (key for key, child in node.children.items() if compact or not child.children)
    width = min(max((len(names[key]) for key in aligned), default=0), _ALIGNED)
    for key in sorted(node.children):
        child = node.children[key]
        if not child.children and child.delta is not None:
            yield from _leaf(
                names[key].ljust(width), child.delta, depth, compact=compact, comment=comment
            )
        elif compact:
            yield Line(depth, child.sign, f"{names[key].ljust(width)} = {inline(_plain(child))}")
        else:
            yield from _block(names[key], child, depth, comment)
    if node.unchanged:
        yield _hidden(depth, node.unchanged, "attribute")


def _block(name: str, node: Node, depth: int, comment: str) -> Iterator[Line]:
    common = node.comment
    remark = common if common != comment else ""
    yield Line(depth, node.sign, f"{name} = {{", remark)
    yield from _children(node, depth + 1, compact=False, comment=common or comment)
    yield Line(depth, " ", "}")


def _plain(node: Node) -> Any:
    """What stands below a node of an object that goes, as one value."""
    if node.children:
        return {key: _plain(child) for key, child in node.children.items()}
    if node.delta is None:
        return None
    return Withheld() if node.delta.hidden else node.delta.before


def _leaf(name: str, delta: Delta, depth: int, *, compact: bool, comment: str) -> Iterator[Line]:
    before, after = delta.before, delta.after
    remark = delta.comment if delta.comment != comment else ""
    start = Line(depth, delta.sign, f"{name} = ", remark)
    if delta.hidden:
        yield _with(start, PLACEHOLDER)
    elif compact:
        yield _with(start, inline(before if after is None else after))
    elif _is_list(before, after) and not _fits(before, after):
        yield _with(start, "[")
        yield from _items(before or [], after or [], depth + 1)
        yield Line(depth, " ", "]")
    elif _is_text(before, after):
        yield _with(start, "(text of several lines)")
        yield from _text(before or "", after or "", depth + 1)
    else:
        yield _with(start, _transition(before, after))


def _with(line: Line, text: str) -> Line:
    return Line(line.depth, line.sign, line.text + text, line.comment)


def _transition(before: Any, after: Any) -> str:
    if before is None:
        return inline(after)
    if isinstance(before, str) and isinstance(after, str):
        return " -> ".join(shown_both(before, after))
    return f"{inline(before)} -> {inline(after)}"


def _is_list(before: Any, after: Any) -> bool:
    return all(value is None or isinstance(value, list | tuple) for value in (before, after))


def _fits(before: Any, after: Any) -> bool:
    """Whether a list that comes or goes is short enough for one line."""
    if before is not None and after is not None:
        return False
    whole = inline(before or after or [], limit=_INLINE * 10)
    return "{" not in whole and len(whole) <= _INLINE


def _is_text(before: Any, after: Any) -> bool:
    strings = all(value is None or isinstance(value, str) for value in (before, after))
    return strings and any("\n" in value for value in (before, after) if value)


def _hidden(depth: int, count: int, word: str) -> Line:
    plural = "" if count == 1 else "s"
    return Line(depth, " ", "", f"({count} unchanged {word}{plural} hidden)")


# -- lists ------------------------------------------------------------------------------------


def _items(before: Sequence[Any], after: Sequence[Any], depth: int) -> Iterator[Line]:
    found = diff_lists(before, after)
    if found.reordered and not (found.removed or found.added or found.changed):
        yield from _reordered(before, after, depth)
        return
    yield from _some_items(found.removed, depth, "-")
    for one, other in found.changed:
        yield from _table(Delta(one, other), depth)
    yield from _some_items(found.added, depth, "+")
    yield from _remark(found, depth)


def _some_items(items: Sequence[Any], depth: int, sign: str) -> Iterator[Line]:
    for item in items[:_ITEMS]:
        if isinstance(item, dict) and item:
            yield from _table(Delta(item, None) if sign == "-" else Delta(None, item), depth)
        else:
            yield Line(depth, sign, inline(item))
    if len(items) > _ITEMS:
        yield Line(depth, sign, "", f"({len(items) - _ITEMS} more elements)")


def _table(delta: Delta, depth: int) -> Iterator[Line]:
    node = Node()
    put(node, delta)
    yield Line(depth, delta.sign, "{")
    yield from _children(node, depth + 1, compact=False, comment="")
    yield Line(depth, " ", "}")


def _remark(found: ListDiff, depth: int) -> Iterator[Line]:
    if found.unchanged:
        yield _hidden(depth, found.unchanged, "element")
    if found.reordered:
        yield Line(depth, " ", "", "(the order of the unchanged elements changes as well)")


def _reordered(before: Sequence[Any], after: Sequence[Any], depth: int) -> Iterator[Line]:
    one = [inline(item) for item in before[:_ITEMS]]
    other = [inline(item) for item in after[:_ITEMS]]
    yield Line(depth, " ", "", "(the same elements in another order)")
    yield from _hunks(one, other, depth, "element")


def _hunks(before: Sequence[str], after: Sequence[str], depth: int, word: str) -> Iterator[Line]:
    """What goes and what comes in a sequence, with a little of what stays around it."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    shown_until = 0
    for group in matcher.get_grouped_opcodes(2):
        if skipped := group[0][1] - shown_until:
            yield _hidden(depth, skipped, word)
        for tag, i1, i2, j1, j2 in group:
            if tag == "equal":
                yield from (Line(depth, " ", text) for text in before[i1:i2])
            else:
                yield from (Line(depth, "-", text) for text in before[i1:i2])
                yield from (Line(depth, "+", text) for text in after[j1:j2])
        shown_until = group[-1][2]
    if rest := len(before) - shown_until:
        yield _hidden(depth, rest, word)


# -- texts of several lines -------------------------------------------------------------------


def _text(before: str, after: str, depth: int) -> Iterator[Line]:
    """A text line by line. The bar before each keeps it from passing for a line of the plan."""
    one, other = (_text_lines(text) for text in (before, after))
    size = max(len(one), len(other))
    yield from _hunks(one[:_TEXT_LINES], other[:_TEXT_LINES], depth, "line")
    if size > _TEXT_LINES:
        yield Line(depth, " ", "", f"({size - _TEXT_LINES} more lines)")


def _text_lines(text: str) -> list[str]:
    return [f"| {_cut(line)}".rstrip() for line in text.split("\n")] if text else []


def _cut(line: str) -> str:
    return safe(line) if len(line) <= _INLINE * 2 else shown(line)
