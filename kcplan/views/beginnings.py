"""What `kcplan init` writes."""

from collections.abc import Iterator

from kcplan.first_files import Written
from kcplan.render.values import safe
from kcplan.views.pieces import Err, Out, Piece


def written(message: Written) -> Iterator[Piece]:
    """What became of a file."""
    if not message.new:
        yield Out(f"{safe(str(message.file))} exists and stays as it is.\n")
    elif message.ignores:
        yield Out(f"{safe(str(message.file))} now leaves out the state and saved plans.\n")
    else:
        yield Out(f"{safe(str(message.file))} is written.\n")


def what_next() -> Iterator[Piece]:
    """What to do with the files."""
    yield Err("\nNext: kcplan sandbox up, then kcplan plan.\n")
