"""A plan as blocks, one for each resource: a heading, remarks, and the lines of its fields."""

from collections.abc import Iterable, Mapping

from attrs import frozen

from kcplan.plan import Action, Operation, Plan, ResourceChange
from kcplan.render.lines import Line, lines_of
from kcplan.render.tree import grow
from kcplan.render.values import dotted_path, quoted, safe

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
_NOT_IN_STATE = "it exists in Keycloak and is not in the state"


@frozen
class Block:
    """What is shown of one resource.

    Attributes:
        action: What happens.
        address: Its address, safe to print.
        heading: What happens to it, with its address.
        remarks: What the reader must know of it, one line each.
        opening: Its type and name, before the lines of its fields.
        lines: Its fields.
    """

    action: Action
    address: str
    heading: str
    remarks: tuple[str, ...]
    opening: str
    lines: tuple[Line, ...]

    @property
    def sign(self) -> str:
        """The sign of what happens."""
        return SIGNS[self.action][0]


def plan_blocks(plan: Plan) -> list[Block]:
    """What is shown of a plan: the resources that something happens to, or is to be said of."""
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
    """What is shown of what happened in Keycloak."""
    return [_block(change, drift=True) for change in drift if change.action is not Action.NOOP]


def _block(
    change: ResourceChange,
    *,
    drift: bool = False,
    id_unknown: bool = False,
    lossy: tuple[str, ...] = (),
) -> Block:
    root = grow(change, drift=drift, id_unknown=id_unknown)
    return Block(
        action=change.action,
        address=safe(str(change.address)),
        heading=_happened(change) if drift else _planned(change),
        remarks=tuple(_remarks(change, lossy, drift=drift)),
        opening=f"{safe(change.type)} {quoted(change.address.title(change.type))}",
        lines=lines_of(root, compact=change.action is Action.DELETE),
    )


def _planned(change: ResourceChange) -> str:
    address = safe(str(change.address))
    if change.action is Action.ADOPT:
        return f"{address} will be adopted: {safe(change.reason) or _NOT_IN_STATE}"
    if change.action is Action.MOVE:
        return f"{safe(str(change.moved_from))} will be renamed to {address}"
    return f"{address} {_PLANNED[change.action]}"


def _happened(change: ResourceChange) -> str:
    return f"{safe(str(change.address))} {_HAPPENED.get(change.action, 'has changed')}"


def _remarks(change: ResourceChange, lossy: tuple[str, ...], *, drift: bool) -> Iterable[str]:
    if change.reason and change.action is not Action.ADOPT and not drift:
        yield f"({safe(change.reason)})"
    if change.moved_from is not None and change.action is not Action.MOVE:
        yield f"(renamed from {safe(str(change.moved_from))})"
    for text in dict.fromkeys(lossy):
        yield f"Cannot be undone: {safe(text)}"
    for text in change.notes:
        if text not in lossy:
            yield f"Note: {safe(text)}"
    if change.left:
        fields = ", ".join(dotted_path(path) for path in change.left)
        yield f"No longer managed, left as it is: {fields}"
