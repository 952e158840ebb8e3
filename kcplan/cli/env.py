"""`kcplan env`: the environments of kcplan.toml."""

from typing import Any

import click

from kcplan.cli.command import Command
from kcplan.cli.options import format_option


@click.group()
def env() -> None:
    """List the environments of kcplan.toml."""


@env.command(
    "list",
    cls=Command,
    examples=[
        ("kcplan env list", "all"),
        ("kcplan env list --format json", "for a pipeline that runs once for each"),
    ],
)
@format_option("text", "json")
def list_environments(output: str, **values: Any) -> int:
    """List the environments: where each is, its state file, and whether it is protected."""
    from kcplan.cli.printing import emit
    from kcplan.cli.session import Session
    from kcplan.config.environments import listed
    from kcplan.views import environments

    emit(environments.view(output)(listed(Session(values).all_settings)))
    return 0
