"""What Keycloak does not take: fields that it gives, and changes. Said when planning. Pure."""

from collections.abc import Iterable, Iterator

from kcplan.diagnostics import Diagnostic, Path, error
from kcplan.inputs import Context
from kcplan.plan import Action, ResourceChange
from kcplan.schema import dotted
from kcplan.versions import numbers, tells


def check(context: Context, changes: Iterable[ResourceChange]) -> Iterator[Diagnostic]:
    """Fields that the plan would write, and that stay as they are."""
    version = context.server_version
    for change in changes:
        for path, rule in context.spec(change.type).read_only.items():
            taken = tells(version) and numbers(version) < rule.since
            if taken or not _is_wanted(context, change, path):
                continue
            desired = context.inputs.config.resources[change.address]
            yield error(
                "read-only-field",
                f"Keycloak does not take {dotted(path)} of {change.address}",
                rule.advice,
                address=change.address,
                path=path,
                source=desired.source(path),
            )


def forbidden(context: Context, changes: Iterable[ResourceChange]) -> Iterator[Diagnostic]:
    """Changes that the plan would make, and that Keycloak does not make."""
    for change in changes:
        live = context.live.objects.get(change.address)
        if live is None or not change.changes or change.action is Action.REPLACE:
            continue
        after = {**live.leaves, **{item.path: item.after for item in change.changes}}
        desired = context.inputs.config.resources.get(change.address)
        for item in context.spec(change.type).forbids(change.address, live.leaves, after):
            yield error(
                "forbidden-change",
                item.summary,
                item.advice,
                address=change.address,
                path=item.path,
                source=desired.source(item.path) if desired else None,
            )


def _is_wanted(context: Context, change: ResourceChange, path: Path) -> bool:
    """Whether the files say of the field what the object does not have, or will have lost."""
    desired = context.inputs.config.resources.get(change.address)
    if desired is None or desired.leaves.get(path) is None:
        return False
    if change.action is Action.CREATE and context.spec(change.type).read_only[path].at_birth:
        return False
    return change.action is Action.REPLACE or any(item.path == path for item in change.changes)
