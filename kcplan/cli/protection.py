"""Protected environments: only a plan that was saved, and could be reviewed, is applied there."""

import shlex
from collections.abc import Sequence
from typing import Final

from kcplan.cli.options import Values
from kcplan.cli.session import Session
from kcplan.config.environments import bare
from kcplan.errors import UsageError

_ALIKE: Final = (
    "delete_adopted",
    "delete_unmanaged",
    "allow_mass_delete",
    "write_secrets",
    "allow_other_server",
)
"""Flags that `plan` has as well."""

_WHERE: Final = {
    "state_path": "--state",
    "url": "--url",
    "auth_realm": "--auth-realm",
    "client_id": "--client-id",
    "client_secret_file": "--client-secret-file",
    "username": "--username",
    "password_file": "--password-file",
    "ca_file": "--ca-file",
    "client_cert": "--client-cert",
    "client_key": "--client-key",
}
"""Options that say which state and which server, by the names of their values."""


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
    both = _of_both(values)
    flags += [f"--{word.replace('_', '-')}" for word in _ALIKE if values.get(word)]
    flags += [f"--target={target}" for target in values.get("targets", ())]
    plan = shlex.join(["kcplan", "--env", name, "plan", *flags, *both, "--out", file, *paths])
    apply = shlex.join(["kcplan", "--env", name, "apply", *both, file])
    raise UsageError(
        f"the environment `{name}` is protected, and {operation} needs a saved plan there",
        f"Save a plan and review it, then apply it:\n  {plan}\n  {apply}",
    )


def _of_both(values: Values) -> list[str]:
    """What plan and apply need alike: where, as whom, and all that a file's text depends on."""
    found = [
        f"{flag}={bare(values[name]) if name == 'url' else values[name]}"
        for name, flag in _WHERE.items()
        if values.get(name) is not None
    ]
    if values.get("insecure") is not None:
        found.append("--insecure" if values["insecure"] else "--no-insecure")
    # The value of a variable may be a secret.
    pairs = values.get("variables", ())
    found += [f"--var={pair.partition('=')[0]}=…" for pair in pairs]
    found += [f"--var-file={file}" for file in values.get("var_files", ())]
    ignored = values.get("ignore_unsupported", ())
    return found + [f"--ignore-unsupported={section}" for section in ignored]
