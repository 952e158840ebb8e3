r"""A file of variables, such as `.env`, as shells read it: `set -a; . ./.env; set +a`.

A value stands in single quotes, in which nothing has a meaning and lines may end:

    SHOP_APP_SECRET='s3cr$t'

One with a single quote in it has double quotes where that does, and else `'\''` for each.
"""

import re
import shlex
from collections.abc import Mapping
from typing import Final

_ASSIGNMENT: Final = re.compile(
    r"""^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)="""
    r"""((?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.|[^\s'"\\])*)""",
    re.MULTILINE | re.DOTALL | re.ASCII,
)
_QUOTED: Final = re.compile(r"""'[^']*'|\\.|"((?:[^"\\]|\\.)*)\"""", re.DOTALL)
_WITHOUT_MEANING: Final = re.compile(r"\\.|~", re.DOTALL)
"""What stands for itself in double quotes, and not outside of them."""
_COMPUTED: Final = re.compile("[$`~]")
_NOT_IN_DOUBLE: Final = re.compile(r'["$`\\!]')


def variables(text: str) -> dict[str, str | None]:
    """The variables that a file sets, with their values; None for one that a shell computes."""
    return {found[1]: _value(found[2]) for found in _ASSIGNMENT.finditer(text)}


def _value(written: str) -> str | None:
    if _COMPUTED.search(_QUOTED.sub(_with_meaning, written)):
        return None
    try:
        return "".join(shlex.split(written))
    except ValueError:
        return None


def _with_meaning(quoted: re.Match[str]) -> str:
    return _WITHOUT_MEANING.sub("", quoted[1] or "")


def extended(text: str, values: Mapping[str, str]) -> str:
    """The file with these variables as well. What is in it stays as it is."""
    known = variables(text)
    lines = [f"{name}={_quoted(value)}\n" for name, value in values.items() if name not in known]
    gap = "\n" if lines and text and not text.endswith("\n") else ""
    return "".join([text, gap, *lines])


def _quoted(value: str) -> str:
    if "'" not in value:
        return f"'{value}'"
    if not _NOT_IN_DOUBLE.search(value):
        return f'"{value}"'
    return "'" + value.replace("'", "'\\''") + "'"
