"""Printing what a view gives."""

from collections.abc import Iterable

import click

from kcplan.views.pieces import Err, Piece


def emit(pieces: Iterable[Piece]) -> None:
    """Print the pieces, each where it belongs."""
    for piece in pieces:
        click.echo(piece.text, nl=False, err=isinstance(piece, Err))


def notify(line: str) -> None:
    """Tell in a line what a command waits for."""
    emit([Err(f"{line}\n")])
