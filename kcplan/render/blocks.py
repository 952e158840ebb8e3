"""A plan as blocks, one for each resource: a heading, remarks, and the lines of its fields.

Their order is the same in every format: what is destroyed, what is replaced, what else cannot be
undone, then the rest by type.
"""

from collections.abc import Iterable, Mapping, Sequence
from enum import IntEnum

from attrs import evolve

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.drawn import Drawing
from kcplan.path_patterns import path_matches
from kcplan.plan import Action, FieldChange, Operation, Plan, ResourceChange
from kcplan.render.lines import Line, lines_of
from kcplan.render.tree import grow
from kcplan.render.values import dotted_path, plural, quoted, safe
from kcplan.resource import PLACE

SIGNS: Mapping[Action, tuple[str, str]] = {
    Action.CREATE: ("+", "create"),
    Action.UPDATE: ("~", "update in-place"),
    Action.REPLACE: ("-/+", "destroy and then create replacement"),
    Action.DELETE: ("-", "destroy"),
    Action.ADOPT: ("&", "adopt what exists"),
    Action.RELEASE: (".", "release, and leave in Keycloak"),
    Action.MOVE: (">", "rename"),
    Action.NOOP: (" ", "leave as it is"),
}

_PLANNED: Mapping[Action, str] = {
    Action.CREATE: "will be created",
    Action.UPDATE: "will be updated in-place",
    Action.REPLACE: "must be replaced",
    Action.DELETE: "will be destroyed",
    Action.RELEASE: "will be released: it stays in Keycloak, and kcplan no longer manages it",
    Action.NOOP: "stays as it is",
}
_HAPPENED: Mapping[Action, str] = {
    Action.CREATE: "has been created",
    Action.UPDATE: "has changed",
    Action.REPLACE: "has been deleted and created again",
    Action.DELETE: "has been deleted",
    Action.ADOPT: "has been deleted and created again",
    Action.MOVE: "has been renamed",
}
LOST = "Cannot be undone: "
"""How a remark on what no rollback brings back begins."""
_BY: Mapping[Action, str] = {Action.CREATE: "Created", Action.DELETE: "Deleted"}
_NOT_IN_STATE = "it exists in Keycloak and is not in the state"
_FOR_PEOPLE = frozenset({"description", "displayName"})
"""Fields that people read and no program acts on."""


class Rank(IntEnum):
    """What comes before what in a plan."""

    DESTROY = 0
    REPLACE = 1
    LOSSY = 2
    REST = 3
    STAY = 4


_TITLES: Mapping[Rank, str] = {
    Rank.DESTROY: "Destroy",
    Rank.REPLACE: "Replace",
    Rank.LOSSY: "Cannot be undone",
    Rank.STAY: "Stays as it is",
}
_RANKS: Mapping[Action, Rank] = {
    Action.DELETE: Rank.DESTROY,
    Action.REPLACE: Rank.REPLACE,
    Action.NOOP: Rank.STAY,
}


@frozen
class Block:
    """What is shown of one resource.

    Attributes:
        action: What happens.
        address: Its address, safe to print.
        realm: The realm that it is in, safe to print.
        kind: Several of its type in words, such as `Client scopes`.
        heading: What happens to it, with its address.
        remarks: What the reader must know of it, one line each.
        opening: Its type and name, before the lines of its fields.
        lines: Its fields.
        lossy: Whether something is lost that no rollback brings back.
        trivial: Whether it is hardly worth a reviewer's time: nothing changes but a description,
            or kcplan only takes over what exists.
    """

    action: Action
    address: str
    realm: str
    kind: str
    heading: str
    remarks: tuple[str, ...]
    opening: str
    lines: tuple[Line, ...]
    lossy: bool
    trivial: bool

    @property
    def rank(self) -> Rank:
        """What it comes before, and after what."""
        return _RANKS.get(self.action, Rank.LOSSY if self.lossy else Rank.REST)

    @property
    def sign(self) -> str:
        """The sign of what happens."""
        return SIGNS[self.action][0]


@frozen
class Group:
    """Blocks that belong together, under a title.

    Attributes:
        title: What they are.
        blocks: The blocks.
        realm: The realm's name at the end of the title, where a plan is about several.
    """

    title: str
    blocks: tuple[Block, ...]
    realm: str = ""

    @property
    def heading(self) -> str:
        """The whole title."""
        return f"{self.title} {self.realm}".rstrip()


def plan_groups(plan: Plan) -> list[Group]:
    """What is shown of a plan, in the order of ranks, and the rest by realm and type."""
    blocks = plan_blocks(plan)
    several = len({block.realm for block in blocks}) > 1
    found: dict[tuple[str, str], list[Block]] = {}
    for block in blocks:
        found.setdefault(_title(block, several=several), []).append(block)
    return [Group(title, tuple(items), realm) for (title, realm), items in found.items()]


def _title(block: Block, *, several: bool) -> tuple[str, str]:
    """The title of the group that a block is in, and the realm that belongs to it."""
    if block.rank in _TITLES:
        return _TITLES[block.rank], ""
    kind = (
        "Realm" if block.address == block.realm else f"{block.kind} of" if several else block.kind
    )
    return kind, block.realm if several else ""


def plan_blocks(plan: Plan) -> list[Block]:
    """What is shown of a plan: the resources that something happens to, or is to be said of."""
    return sorted(_plan_blocks(plan), key=lambda block: block.rank)


def _plan_blocks(plan: Plan) -> list[Block]:
    unknown = frozenset(
        step.address
        for step in plan.steps
        if step.operation is Operation.CREATE and step.object_id is None
    )
    lossy: dict[str, tuple[str, ...]] = {}
    for step in plan.steps:
        lossy[str(step.address)] = lossy.get(str(step.address), ()) + step.lossy
    return [
        _block(
            change,
            id_unknown=change.address in unknown,
            lossy=lossy.get(str(change.address), ()),
        )
        for change in plan.changes
        if change.action is not Action.NOOP or change.left or change.notes or change.reason
    ]


def drift_blocks(drift: Iterable[ResourceChange]) -> list[Block]:
    """What is shown of what happened in Keycloak, in the order of ranks as well."""
    blocks = [_block(change, drift=True) for change in drift if change.action is not Action.NOOP]
    return sorted(blocks, key=lambda block: block.rank)


def _block(
    change: ResourceChange,
    *,
    drift: bool = False,
    id_unknown: bool = False,
    lossy: tuple[str, ...] = (),
) -> Block:
    drawn = _drawn(change)
    shown = _without_drawn(change)
    root = grow(shown, drift=drift, id_unknown=id_unknown)
    return Block(
        action=change.action,
        address=safe(str(change.address)),
        realm=safe(str(Address.of(change.address.realm))),
        kind=safe(plural(change.type)).capitalize(),
        heading=_happened(change) if drift else _planned(change),
        remarks=tuple(_remarks(change, lossy, drift=drift)),
        opening=f"{safe(change.type)} {quoted(change.address.title(change.type))}",
        lines=(*lines_of(root, compact=change.action is Action.DELETE), *drawn),
        lossy=bool(lossy),
        trivial=_is_trivial(change, lossy),
    )


def _drawn(change: ResourceChange) -> Iterable[Line]:
    """The tree that is drawn of what lies in the object."""
    drawing = change.drawing
    if drawing is None:
        return
    signs = {line.sign for line in drawing.lines}
    sign = signs.pop() if len(signs) == 1 else "~"
    hidden = tuple(item for item in change.changes if _is_drawn(drawing, item))
    why = grow(evolve(change, action=Action.UPDATE, changes=hidden)).comment
    yield Line(1, sign, f"{safe(drawing.title)} = {{", why)
    for line in drawing.lines:
        moved = "moved" if line.moved else ""
        yield Line(line.depth + 2, line.sign, f"{safe(line.text)}  {safe(line.value)}", moved)
    yield Line(1, " ", "}")


def _without_drawn(change: ResourceChange) -> ResourceChange:
    """The change without the fields that its tree shows."""
    drawing = change.drawing
    if drawing is None:
        return change
    changes = tuple(item for item in change.changes if not _is_drawn(drawing, item))
    before, after = (
        None
        if leaves is None
        else {path: v for path, v in leaves.items() if not path_matches(path, drawing.hides)}
        for leaves in (change.before, change.after)
    )
    return evolve(change, changes=changes, before=before, after=after)


def _is_drawn(drawing: Drawing, item: FieldChange) -> bool:
    """Whether a tree shows a changed field, or an entry that goes with such fields."""
    if path_matches(item.path, drawing.hides):
        return True
    size = len(item.path)
    within = tuple(pattern[:size] for pattern in drawing.hides if len(pattern) > size)
    return isinstance(item.before, Mapping) and path_matches(item.path, within)


def _is_trivial(change: ResourceChange, lossy: Sequence[str]) -> bool:
    if lossy or change.notes or change.left:
        return False
    if change.action is Action.ADOPT:
        return not change.changes and not change.reason
    return change.action is Action.UPDATE and all(
        item.path[-1] in _FOR_PEOPLE for item in change.changes
    )


def _planned(change: ResourceChange) -> str:
    address = safe(str(change.address))
    if change.action is Action.ADOPT:
        return f"{address} will be adopted: {safe(change.reason) or _NOT_IN_STATE}"
    if change.action is Action.MOVE:
        return f"{safe(str(change.moved_from))} will be {_how_moved(change)} to {address}"
    return f"{address} {_PLANNED[change.action]}"


def _how_moved(change: ResourceChange) -> str:
    """Whether an object is only called otherwise, or put elsewhere."""
    return "moved" if any(item.path == PLACE for item in change.changes) else "renamed"


def _happened(change: ResourceChange) -> str:
    return f"{safe(str(change.address))} {_HAPPENED.get(change.action, 'has changed')}"


def _remarks(change: ResourceChange, lossy: tuple[str, ...], *, drift: bool) -> Iterable[str]:
    if change.reason and change.action is not Action.ADOPT and not drift:
        yield f"({safe(change.reason)})"
    if change.moved_from is not None and change.action is not Action.MOVE:
        yield f"({_how_moved(change)} from {safe(str(change.moved_from))})"
    for author in change.authors:
        yield f"{_BY.get(change.action, 'Changed')} by {safe(str(author))}"
    for text in dict.fromkeys(lossy):
        yield f"{LOST}{safe(text)}"
    for text in change.notes:
        if text not in lossy:
            yield f"Note: {safe(text)}"
    if change.left:
        fields = ", ".join(dotted_path(path) for path in change.left)
        yield f"No longer managed, left as it is: {fields}"
