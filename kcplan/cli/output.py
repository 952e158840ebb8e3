"""The way out: everything that kcplan prints goes through here, and nothing of it stops kcplan.

Who reads the output may go away (`| head`), the disk of a log may be full, the terminal closed, a
name not to be had in the output's encoding. An apply goes on all the same, and its exit code says
what it did. So the standard streams are replaced, while a command runs, by streams that never fail.
"""

import errno
import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, TextIO, cast

from kcplan import known_secrets

_PASSING: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EAGAIN, errno.EINTR})
"""Troubles of a stream that may take the next text; after any other it is given up."""

_NUMBERS: Final = {"stdin": 0, "stdout": 1, "stderr": 2}


@contextmanager
def guarded() -> Iterator[None]:
    """Meanwhile printing never fails; what a dead stream did not take is dropped.

    Nor does it print a secret that the run has come across.
    """
    _open_missing()
    known_secrets.forget()
    before = sys.stdout, sys.stderr
    # The type of the standard streams has more to it than anybody uses.
    sys.stderr = cast("TextIO", Guarded(before[1]))
    sys.stdout = cast("TextIO", Guarded(before[0], complain=True))
    try:
        yield
    finally:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, Guarded):
                stream.finish()
        sys.stdout, sys.stderr = before


def _open_missing() -> None:
    """Give closed standard streams something to be: else the next file gets their number."""
    for name, number in _NUMBERS.items():
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # takes the lowest number that is free
        if getattr(sys, name) is None:
            mode = "r" if name == "stdin" else "w"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: SIM115, PTH123


class Guarded(io.TextIOBase):
    """A stream that writes to another one as long as that takes anything.

    Args:
        stream: The other one.
        complain: Whether to say on stderr that something is missing, unless its reader is gone.
    """

    def __init__(self, stream: TextIO, *, complain: bool = False) -> None:
        self._stream = stream
        self._complain = complain
        self._lost = False

    @property
    def encoding(self) -> str:  # type: ignore[override]  # a plain attribute there
        """The encoding of the other stream."""
        return self._stream.encoding or "utf-8"

    @property
    def errors(self) -> str:  # type: ignore[override]  # a plain attribute there
        """What happens to characters that the encoding does not have."""
        return "backslashreplace"

    def fileno(self) -> int:
        """The number of the other stream's file."""
        return self._stream.fileno()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        try:
            return self._stream.isatty()
        except ValueError:  # it is closed
            return False

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, text: str | bytes) -> int:
        """Write what the stream takes. Never fails."""
        if isinstance(text, bytes):
            # Click finds out in this way whether bytes may be written. It writes them all the same
            # where it completes a command line for a shell.
            if not text:
                raise TypeError("text is written here")
            text = text.decode("utf-8", "replace")
        if not self._lost:
            self._try(self._stream.write, self._encodable(known_secrets.hidden(text)))
        return len(text)

    def flush(self) -> None:
        """Flush. Never fails."""
        if not self._lost:
            self._try(self._stream.flush)

    def finish(self) -> None:
        """Flush for the last time, so that nothing is left that fails when the process ends."""
        try:
            self._stream.flush()
        except (OSError, ValueError):
            self._give_up()

    def _encodable(self, text: str) -> str:
        """The text, with escapes for what the encoding does not have; all have ASCII."""
        if text.isascii():
            return text
        try:
            return text.encode(self.encoding, "backslashreplace").decode(self.encoding)
        except (LookupError, UnicodeError):
            return text.encode("ascii", "backslashreplace").decode()

    def _try(self, function: Any, *arguments: str) -> None:
        try:
            function(*arguments)
        except (OSError, ValueError) as problem:  # a closed stream is a ValueError
            number = getattr(problem, "errno", None)
            if number not in _PASSING:
                self._give_up()
            if self._complain and number != errno.EPIPE:
                self._complain = False
                reason = getattr(problem, "strerror", None) or "it is closed"
                sys.stderr.write(f"Warning: the output is not complete: {reason}.\n")

    def _give_up(self) -> None:
        """Let whatever is still buffered go nowhere, now and when the process ends."""
        self._lost = True
        with suppress(OSError, ValueError):
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, self._stream.fileno())
            os.close(nowhere)
