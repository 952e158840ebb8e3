"""Printing what a view gives."""

import codecs
import sys
from collections.abc import Iterable
from typing import Final

import click

from kcplan.views.pieces import Err, Escapes, Piece

_JSON: Final = "kcplan-json"
_ESCAPE: Final = "\x1b"
_HANDLERS: Final = {Escapes.JSON: _JSON, Escapes.MARKUP: "xmlcharrefreplace"}


def emit(pieces: Iterable[Piece]) -> None:
    """Print the pieces, each where it belongs."""
    for piece in pieces:
        if isinstance(piece, Err):
            _tell(piece.text)
        else:
            click.echo(fitting(piece.text, piece.escapes), nl=False)


def _tell(text: str) -> None:
    """Print on stderr. An apply has thousands of lines, and few have colours, as click is for."""
    if _ESCAPE in text:
        click.echo(text, nl=False, err=True)
    else:
        sys.stderr.write(text)
        sys.stderr.flush()


def notify(line: str) -> None:
    """Tell in a line what a command waits for."""
    emit([Err(f"{line}\n")])


def fitting(text: str, escapes: Escapes) -> str:
    """A document as stdout can take it, in a format that has escapes of its own.

    They are for UTF-8: where stdout has another encoding, all that is not ASCII is escaped.
    """
    error_handler = _HANDLERS.get(escapes)
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    if error_handler is None or codecs.lookup(encoding).name == "utf-8":
        return text
    return text.encode("ascii", error_handler).decode()


def _json_escapes(error: UnicodeError) -> tuple[str, int]:
    """The escapes of JSON, which stand in strings only, as everything does that is not ASCII."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass")
    pairs = (units[n : n + 2].hex() for n in range(0, len(units), 2))
    return "".join(f"\\u{pair}" for pair in pairs), error.end


codecs.register_error(_JSON, _json_escapes)
