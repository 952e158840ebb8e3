"""A resource change as a tree of fields: what text, markdown and HTML walk to show it.

    leaves and field changes ──grow──▶ Node ──kcplan.render.lines──▶ lines

A node is a field, or an entry of a map. It has children, or a delta: what the value was and will
be. What does not change is only counted, at the innermost node that is shown.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import evolve, field

from kcplan.classes import define, frozen
from kcplan.diagnostics import Path
from kcplan.listdiff import canonical
from kcplan.plan import Action, ChangeOrigin, FieldChange, ResourceChange
from kcplan.render.values import KNOWN_AFTER_APPLY, safe
from kcplan.schema import Leaves, lies_in
from kcplan.secret import Withheld, is_sensitive

_ORIGINS = {
    ChangeOrigin.CONFIG: "",
    ChangeOrigin.DRIFT: "changed in Keycloak",
    ChangeOrigin.BOTH: "changed in the files and in Keycloak",
}


@frozen
class Delta:
    """What a value was and will be; None is "absent"."""

    before: Any
    after: Any
    hidden: bool = False
    comment: str = ""

    @property
    def sign(self) -> str:
        """`+`, `-` or `~`."""
        if self.before is None and self.after is not None:
            return "+"
        return "-" if self.after is None and self.before is not None else "~"


@define
class Node:
    """A field, with what is below it. Mutable only while it grows."""

    children: dict[str, "Node"] = field(factory=dict)
    delta: Delta | None = None
    unchanged: int = 0

    def at(self, path: Path) -> "Node":
        """The node below this one, made where there is none."""
        node = self
        for part in path:
            node = node.children.setdefault(part, Node())
        return node

    def deltas(self) -> Iterator[Delta]:
        """All deltas at or below this node."""
        if self.children:
            for child in self.children.values():
                yield from child.deltas()
        elif self.delta is not None:
            yield self.delta

    def unchanged_below(self) -> int:
        """How many values at or below this node stay as they are."""
        return self.unchanged + sum(child.unchanged_below() for child in self.children.values())

    @property
    def sign(self) -> str:
        """`+` or `-` where everything below comes or goes, else `~`."""
        signs = {delta.sign for delta in self.deltas()}
        return signs.pop() if len(signs) == 1 and not self.unchanged_below() else "~"

    @property
    def comment(self) -> str:
        """The comment that everything below has in common."""
        comments = {delta.comment for delta in self.deltas()}
        return comments.pop() if len(comments) == 1 else ""


def grow(change: ResourceChange, *, drift: bool = False, id_unknown: bool = False) -> Node:
    """The tree of what a change does.

    Args:
        change: The change.
        drift: Whether it tells what happened in Keycloak, where that need not be said of each
            field.
        id_unknown: Whether the new object gets its id from Keycloak.
    """
    root = Node()
    changes = {item.path: item for item in change.changes}
    match change.action:
        case Action.CREATE if change.after is not None:
            _whole(root, masked(change.after, changes), changes, arrives=True)
        case Action.DELETE if change.before is not None:
            _whole(root, masked(change.before, changes), changes, arrives=False)
        case _:
            for item in change.changes:
                put(root.at(item.path), _delta(item, item.before, item.after, drift=drift))
            _count_unchanged(root, change.after or change.before or {}, changes)
    if id_unknown:
        root.at(("id",)).delta = Delta(None, KNOWN_AFTER_APPLY)
    return root


def masked(leaves: Leaves, changes: Mapping[Path, FieldChange]) -> Leaves:
    """The leaves without what a change of theirs calls sensitive."""
    hidden = {path for path, item in changes.items() if item.sensitive}
    if not hidden:
        return leaves
    return {
        path: Withheld() if value is not None and lies_in(path, hidden) else value
        for path, value in leaves.items()
    }


def tree_of(leaves: Leaves) -> Node:
    """The tree of an object as it is: each value arrives."""
    root = Node()
    _whole(root, leaves, {}, arrives=True)
    return root


def put(node: Node, delta: Delta) -> None:
    """Place a delta at a node. Tables are opened entry by entry."""
    before, after = delta.before, delta.after
    if delta.hidden or not _opens(before, after):
        node.delta = delta
        return
    for key in {**(before or {}), **(after or {})}:
        one, other = (before or {}).get(key), (after or {}).get(key)
        if not is_sensitive([one, other]) and canonical(one) == canonical(other):
            node.unchanged += 1
        else:
            hidden = is_sensitive([one, other])
            put(node.at((key,)), evolve(delta, before=one, after=other, hidden=hidden))


def _opens(before: Any, after: Any) -> bool:
    tables = all(value is None or isinstance(value, Mapping) for value in (before, after))
    return tables and bool(before or after)


def _whole(
    root: Node, leaves: Leaves, changes: Mapping[Path, FieldChange], *, arrives: bool
) -> None:
    """All fields of an object that comes or goes. Empty ones that go are not worth a line."""
    for path, value in leaves.items():
        if value is None or (not arrives and value in ("", [], {})):
            continue
        item = changes.get(path) or FieldChange(path, None, None, ChangeOrigin.CONFIG)
        before, after = (None, value) if arrives else (value, None)
        put(root.at(path), _delta(item, before, after, drift=False))


def _delta(item: FieldChange, before: Any, after: Any, *, drift: bool) -> Delta:
    hidden = item.sensitive or is_sensitive([before, after])
    if drift and hidden and before is None:
        before = Withheld()  # only a digest of the old one is known, and there was one
    return Delta(before, after, hidden, _comment(item, drift=drift))


def _comment(item: FieldChange, *, drift: bool) -> str:
    parts = (
        "forces replacement" if item.forces_replacement else "",
        "" if drift else _ORIGINS[item.origin],
        f"because of {safe(item.because)}" if item.because else "",
    )
    return ", ".join(part for part in parts if part)


def _count_unchanged(root: Node, leaves: Leaves, changes: Mapping[Path, FieldChange]) -> None:
    for path, value in leaves.items():
        if value is None or lies_in(path, changes):
            continue
        node = root
        for part in path:
            if part not in node.children:
                break
            node = node.children[part]
        node.unchanged += 1
