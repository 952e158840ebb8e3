"""`.gitignore`: what is to stay out of a repository."""

import re
from collections.abc import Iterable
from fnmatch import fnmatchcase
from pathlib import Path

from kcplan.files import refuse_special

_ESCAPED = re.compile(r"\\(.)")
_SPECIAL = re.compile(r"([\\*?\[\]#! ])")


def covers(text: str, name: str) -> bool:
    """Whether a `.gitignore` keeps a file beside it out: the last line that fits decides."""
    covered = False
    for line in text.splitlines():
        negated = line.startswith("!")
        pattern = line[negated:].rstrip().removeprefix("**/").removeprefix("/")
        if pattern and not line.startswith("#") and _fits(name, pattern):
            covered = not negated
    return covered


def _fits(name: str, pattern: str) -> bool:
    # `fnmatch` knows no backslash: it has brackets for what stands for itself.
    return fnmatchcase(name, _ESCAPED.sub(_in_brackets, pattern))


def _in_brackets(found: re.Match[str]) -> str:
    return f"[{found[1]}]" if found[1] in "*?[" else found[1]


def line_for(name: str) -> str:
    """The line that keeps a file beside the `.gitignore` out, and no other file."""
    return "/" + _SPECIAL.sub(r"\\\1", name)


def add(file: Path, lines: Iterable[str]) -> None:
    """Add lines to a `.gitignore`, which is made where there is none. Raises OSError."""
    refuse_special(file)
    present = file.read_bytes() if file.exists() else b""
    gap = "" if not present or present.endswith(b"\n") else "\n"
    with file.open("a", encoding="utf-8") as stream:
        stream.write(gap + "".join(f"{line}\n" for line in lines))
