"""How many resources a plan adds, changes and destroys, in Terraform's words."""

from collections.abc import Iterable, Sequence

from kcplan.classes import frozen
from kcplan.plan import Action, Plan, ResourceChange

HAS_ERRORS = "The plan has errors and cannot be applied."
NO_CHANGES = "No changes. Your Keycloak matches the configuration."
NO_DRIFT = "No drift. Keycloak is as kcplan left it."
DRIFT = "Objects have changed outside of kcplan"
APPEARED = "Not managed by kcplan"
MEANWHILE = "Changed during the apply"
OUTSIDE = "Changed outside of the files, left as it is"
DRIFT_INTRODUCTION = (
    "Keycloak is no longer as kcplan left it. Where the files declare such a field, the plan "
    "brings it back to what they say."
)
OUTSIDE_INTRODUCTION = (
    "No file mentions these fields, so kcplan leaves them as they are. Declare them, or accept "
    "them with `kcplan refresh --accept`. Until then they are reported."
)
MEANWHILE_INTRODUCTION = (
    "Somebody else changed these fields after the plan was made. They are reported as drift until "
    "they are declared, or accepted with `kcplan refresh --accept`."
)
APPEARED_INTRODUCTION = "No file has these objects. kcplan leaves them as they are."


@frozen
class Totals:
    """Counts of resources. A replaced one is added and destroyed."""

    add: int = 0
    change: int = 0
    destroy: int = 0
    adopt: int = 0
    release: int = 0


def totals(changes: Iterable[ResourceChange]) -> Totals:
    """Count what the changes do. An adoption that changes fields is also a change."""
    items = list(changes)

    def count(*actions: Action) -> int:
        return sum(item.action in actions for item in items)

    adapted = sum(item.action is Action.ADOPT and bool(item.changes) for item in items)
    return Totals(
        add=count(Action.CREATE, Action.REPLACE),
        change=count(Action.UPDATE, Action.MOVE) + adapted,
        destroy=count(Action.DELETE, Action.REPLACE),
        adopt=count(Action.ADOPT),
        release=count(Action.RELEASE),
    )


def headline(plan: Plan) -> str:
    """What a plan comes to, in one line. It never says that all is well where there are errors."""
    if plan.is_empty:
        return HAS_ERRORS if plan.has_errors else _no_changes(plan.outside)
    line = plan_line(totals(plan.changes))
    return f"{line} {HAS_ERRORS}" if plan.has_errors else line


def _no_changes(outside: Sequence[ResourceChange]) -> str:
    if not outside:
        return NO_CHANGES
    return f"No changes. Keycloak has what the files say, but {_unmentioned(outside)} changed."


def drift_line(drift: Sequence[ResourceChange], outside: Sequence[ResourceChange]) -> str:
    """What `refresh` found, in one line. It never says that all is well where something changed."""
    if not drift and not outside:
        return NO_DRIFT
    if not drift:
        return f"No managed field changed, but {_unmentioned(outside)} did."
    count = len(drift)
    line = f"Drift: {count} resource{'' if count == 1 else 's'} changed outside of kcplan"
    return f"{line}, and {_unmentioned(outside)}." if outside else f"{line}."


def _unmentioned(outside: Iterable[ResourceChange]) -> str:
    count = sum(len(change.changes) for change in outside)
    return f"{count} field{'' if count == 1 else 's'} that no file mentions"


def plan_line(found: Totals) -> str:
    """`Plan: 1 to add, 0 to change, 0 to destroy.`."""
    parts = [
        f"{found.add} to add",
        f"{found.change} to change",
        f"{found.destroy} to destroy",
        *([f"{found.adopt} to adopt"] if found.adopt else []),
        *([f"{found.release} to release"] if found.release else []),
    ]
    return f"Plan: {', '.join(parts)}."


def done_line(found: Totals, verb: str = "Apply") -> str:
    """`Apply complete! Resources: 1 added, 0 changed, 0 destroyed.`."""
    parts = [
        f"{found.add} added",
        f"{found.change} changed",
        f"{found.destroy} destroyed",
        *([f"{found.adopt} adopted"] if found.adopt else []),
        *([f"{found.release} released"] if found.release else []),
    ]
    return f"{verb} complete! Resources: {', '.join(parts)}."
