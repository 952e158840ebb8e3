"""Protected environments: only a plan that was saved, and could be reviewed, is applied there."""

import shlex
from collections.abc import Sequence
from typing import Final

from kcplan.cli.session import Session
from kcplan.errors import UsageError

_ALIKE: Final = ("delete_adopted", "delete_unmanaged", "allow_mass_delete")
"""Flags that `plan` has as well."""


def require_saved_plan(
    session: Session, operation: str, paths: Sequence[str], *, destroy: bool = False
) -> None:
    """Refuse to do something without a saved plan where the environment is protected.

    Args:
        session: The run of the command.
        operation: The command.
        paths: What it was given.
        destroy: Whether it is to destroy.

    Raises:
        UsageError: The environment is protected.
    """
    settings = session.settings
    name = settings.environment
    if not settings.protect or name is None:
        return
    file = f"{name}.kcplan"
    flags = ["--destroy"] if destroy else []
    values = session.values
    flags += [f"--{word.replace('_', '-')}" for word in _ALIKE if values.get(word)]
    flags += [f"--target={target}" for target in values.get("targets", ())]
    plan = shlex.join(["kcplan", "--env", name, "plan", *flags, "--out", file, *paths])
    apply = shlex.join(["kcplan", "--env", name, "apply", file])
    raise UsageError(
        f"the environment `{name}` is protected, and {operation} needs a saved plan there",
        f"Save a plan and review it, then apply it:\n  {plan}\n  {apply}",
    )
