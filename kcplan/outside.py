"""What somebody changed in Keycloak and a plan leaves as it is, since no file mentions it. Pure."""

from collections.abc import Iterable

from attrs import evolve

from kcplan.diagnostics import Diagnostic, warning
from kcplan.inputs import Context
from kcplan.path_patterns import path_matches
from kcplan.plan import Action, FieldChange, ResourceChange
from kcplan.schema import dotted, lies_in


def left_alone(
    context: Context, found: Iterable[ResourceChange], changes: Iterable[ResourceChange]
) -> tuple[ResourceChange, ...]:
    """What changed in fields that no file mentions, of what the plan leaves as it is."""
    planned = {change.address: change for change in changes}
    return tuple(
        evolve(item, changes=left)
        for item in found
        if (left := _left_as_it_is(context, item, planned.get(item.address)))
    )


def _left_as_it_is(
    context: Context, item: ResourceChange, planned: ResourceChange | None
) -> tuple[FieldChange, ...]:
    if planned is None or planned.action in (Action.CREATE, Action.REPLACE, Action.DELETE):
        return ()
    resource = context.inputs.config.resources.get(item.address)
    taken = {change.path for change in planned.changes} | set(resource.leaves if resource else ())
    return tuple(change for change in item.changes if not lies_in(change.path, taken))


def watched(context: Context, drift: Iterable[ResourceChange]) -> Iterable[ResourceChange]:
    """Changes of watched fields that the files say nothing about."""
    for change in drift:
        fields = context.spec(change.type).watched
        declared = context.inputs.config.resources.get(change.address)
        mentioned = {path[:1] for path in declared.leaves} if declared is not None else set()
        left = tuple(
            item
            for item in change.changes
            if path_matches(item.path, fields) and item.path[:1] not in mentioned
        )
        if left:
            yield evolve(change, changes=left)


def granted(changes: Iterable[ResourceChange]) -> Iterable[Diagnostic]:
    """Watched fields that somebody changed and the files say nothing about: they are said."""
    for change in changes:
        for item in change.changes:
            yield warning(
                "roles-changed-outside",
                f"{dotted(item.path)} of {change.address} was changed in Keycloak",
                "The files do not mention it, so kcplan leaves it as it is. Declare the field "
                "to have it managed, or accept the change with "
                "`kcplan refresh --accept`.",
                address=change.address,
                path=item.path,
            )


def administered(found: Iterable[ResourceChange]) -> Iterable[Diagnostic]:
    """Accounts that no file declares and that somebody lets administer a realm: they are said."""
    for change in found:
        for item in change.changes:
            yield warning(
                "administration-granted-outside",
                f"{change.address} was given {dotted(item.path)}: {', '.join(item.after)}",
                "Whoever has the client's secret may administer the realm with it. No file "
                "declares the account, so kcplan leaves it as it is. Take the role away in "
                "Keycloak, declare the account's roles to have that done, or take it as it is "
                "with `kcplan refresh --accept`.",
                address=change.address,
                path=item.path,
            )
