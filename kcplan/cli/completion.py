"""`kcplan completion`: the script that has a shell complete kcplan's command lines."""

from typing import Final

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from kcplan.cli.command import Command

_SHELLS: Final = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}
_VARIABLE: Final = "_KCPLAN_COMPLETE"


@click.command(
    cls=Command,
    examples=[
        ("kcplan completion bash >~/.local/share/bash-completion/completions/kcplan", "for good"),
        ('eval "$(kcplan completion zsh)"', "in this shell"),
    ],
)
@click.argument("shell", type=click.Choice(list(_SHELLS)))
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that completes commands, options, addresses, realms and codes.

    Addresses and realms are those in the state; no server is asked.
    """
    click.echo(_SHELLS[shell](ctx.find_root().command, {}, "kcplan", _VARIABLE).source())
