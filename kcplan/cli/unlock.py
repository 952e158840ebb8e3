"""`kcplan unlock`: remove a lock whose owner is gone."""

from typing import Any

import click

from kcplan.cli.options import state_options


@click.command()
@state_options
def unlock(**values: Any) -> int:
    """Remove the lock of the state, after saying whose it was.

    It is refused while that process runs on this machine.
    """
    from kcplan.cli.session import Session
    from kcplan_state.lock import unlock as remove

    holder = remove(Session(values).state_path)
    if holder is None:
        click.echo("The state is not locked.")
    else:
        click.echo(f"The lock is removed. It was held by {holder} since {holder.since}.")
    return 0
