"""Showing a plan to whoever must decide on it, and asking."""

import json as jsonlib
import sys

import click

from kcplan.cli import planning
from kcplan.errors import UsageError
from kcplan.events import EventType
from kcplan.plan import Action, Plan
from kcplan.render.json import change_document, diagnostic_document


def show(plan: Plan, *, json: bool, color: bool) -> None:
    """Show the plan: as text, or as one JSON event for each change."""
    if json:
        for change in plan.changes:
            if change.action is not Action.NOOP:
                _event(EventType.PLANNED_CHANGE, change_document(change))
        for item in plan.diagnostics:
            _event(EventType.DIAGNOSTIC, diagnostic_document(item))
        return
    click.echo(planning.render(plan, "text", color=color), nl=False)
    planning.show_diagnostics(plan, color=color)
    if not plan.is_empty and not plan.diagnostics:
        click.echo(err=True)  # the progress stands apart, as it does after diagnostics


def _event(kind: EventType, document: dict[str, object]) -> None:
    event = {key: value for key, value in document.items() if key != "type"}
    if "type" in document:
        event["resource_type"] = document["type"]
    click.echo(jsonlib.dumps({"type": str(kind), **event}, ensure_ascii=False))


def ask(what: str, *, auto_approve: bool) -> None:
    """Have the user say `yes`.

    Raises:
        UsageError: The user said something else, or there is nobody to ask.
    """
    if auto_approve:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "there is nobody to ask for approval",
            "Without a terminal, add --auto-approve, or apply a plan that was reviewed: "
            "`kcplan plan --out FILE`, then `kcplan apply FILE`.",
        )
    click.echo(f"\nDo you want to perform {what}? Only `yes` is accepted.", err=True)
    answer = click.prompt("  Enter a value", default="", show_default=False, err=True)
    if answer != "yes":
        raise UsageError("it was not approved", "Nothing was changed.")
