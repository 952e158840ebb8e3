"""`kcplan unlock`: remove a lock whose owner is gone."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from kcplan.cli.command import Command
from kcplan.cli.options import state_options

if TYPE_CHECKING:
    from kcplan.views.pieces import Piece
    from kcplan_state.lock import Holder


@click.command(
    cls=Command,
    examples=[
        ("kcplan unlock", "the lock of kcplan.state.json"),
        ("kcplan unlock --state prod.state.json", "of another state"),
    ],
)
@state_options
def unlock(**values: Any) -> int:
    """Remove the lock of the state, and say whose it was.

    It is refused while that process runs on this machine.
    """
    from kcplan.cli.printing import emit
    from kcplan.cli.session import Session
    from kcplan_state.lock import unlock as remove

    emit(_text(remove(Session(values).state_path)))
    return 0


def _text(holder: "Holder | None") -> "Iterator[Piece]":
    from kcplan.views.pieces import Out

    if holder is None:
        yield Out("The state is not locked.\n")
    else:
        yield Out(f"The lock is removed. It was held by {holder} since {holder.since}.\n")
