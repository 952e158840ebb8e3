"""Asking whoever must decide."""

import sys

import click

from kcplan.errors import UsageError


def ask(what: str, *, auto_approve: bool) -> None:
    """Have the user say `yes`.

    Raises:
        UsageError: The user said something else, or there is nobody to ask.
    """
    if auto_approve:
        return
    if not sys.stdin.isatty():
        raise UsageError(
            "approval needs a terminal",
            "Use --auto-approve, or apply a plan that was reviewed: "
            "`kcplan plan --out FILE`, then `kcplan apply FILE`.",
        )
    click.echo(f"\nDo you want to perform {what}? Only `yes` is accepted.", err=True)
    answer = click.prompt("  Enter a value", default="", show_default=False, err=True)
    if answer != "yes":
        raise UsageError("it was not approved", "Nothing was changed.")
