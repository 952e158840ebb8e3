"""Secrets of adopted objects that Keycloak does not give back: they stay, and that is said. Pure.

An export of the server has them in clear, so that a plan cannot tell whether they are still those
of the realm. An adoption that has nothing else to change takes them as they are there.
"""

from collections.abc import Iterable, Iterator

from kcplan.diagnostics import Diagnostic, Path, note
from kcplan.diff import is_masked
from kcplan.inputs import Context
from kcplan.plan import Action, FieldChange, ResourceChange
from kcplan.schema import dotted
from kcplan.snapshot import LiveObject


def without_unseen(changes: tuple[FieldChange, ...], live: LiveObject) -> tuple[FieldChange, ...]:
    """The changes of an adoption; none where they are only secrets that are there, whichever.

    Where anything else of the object changes, its secrets are written along: the files are no
    description of what is there. What takes a secret away is a change that can be told.
    """
    unseen = all(c.after is not None and is_masked(live.leaves.get(c.path)) for c in changes)
    return () if unseen else changes


def check(context: Context, changes: Iterable[ResourceChange]) -> Iterator[Diagnostic]:
    """A note on each adopted object that has such secrets."""
    for change in changes:
        if change.action is Action.ADOPT and change.address not in context.state.resources:
            yield from _noted(context, change)


def _noted(context: Context, change: ResourceChange) -> Iterator[Diagnostic]:
    desired = context.inputs.config.resources[change.address]
    live = context.live.objects[change.address].leaves
    written = {item.path for item in change.changes}
    unseen: list[Path] = [
        path
        for path, value in desired.leaves.items()
        if value is not None and path not in written and is_masked(live.get(path))
    ]
    if unseen:
        yield note(
            "secret-not-compared",
            f"secrets of {change.address} are not compared, and not written: "
            + ", ".join(map(dotted, unseen)),
            "Keycloak does not give them back. The object is adopted as it is, and kcplan assumes "
            "that its secrets match the files. They are written when the files have others. To "
            "write them now, or later, use `--write-secrets`.",
            address=change.address,
            path=unseen[0],
            source=desired.source(unseen[0]),
            several="adopted objects have secrets that are not compared, and not written",
            subject=str(change.address),
        )
