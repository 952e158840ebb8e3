r"""A reader for `.env` files, strict where programs read such a file differently.

    NAME=value                  up to the end of the line, or to a blank and a `#`
    export NAME='s3cr$t'        in single quotes nothing has a meaning, and lines may end
    NAME="it's"                 in double quotes `\"`, `\\`, `\$` and a backslash before a backquote

Nothing in it is computed: what a shell would compute is an error.
"""

import re
from typing import Final

from kcplan.config.positions import Mark
from kcplan.config.syntax import Parsed, SyntaxProblemError

_NOTHING: Final = re.compile(r"[ \t]*(?:#[^\n]*)?(?:\n|\Z)")
_NAME: Final = re.compile(r"[ \t]*(?:export[ \t]+)?([^\s=#'\"]+)=[ \t]*")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_QUOTED: Final = re.compile(
    r"""((?:'[^']*'|"(?:[^"\\]|\\.)*"|\\.)+)[ \t]*(?:[ \t]#[^\n]*)?(?:\n|\Z)""", re.DOTALL
)
_PLAIN: Final = re.compile(r"([^\n]*?)[ \t]*(?:[ \t]#[^\n]*)?(?:\n|\Z)")
_PIECE: Final = re.compile(r"""'[^']*'|\\.|"((?:[^"\\]|\\.)*)\"""", re.DOTALL)
_ESCAPED: Final = re.compile(r"\\.", re.DOTALL)
_UNCLEAR: Final = re.compile(r"""[$`\\'"]""")
_IN_DOUBLE: Final = re.compile(r'\\(["\\$`])')
"""What a backslash in double quotes is for; it stands for itself before anything else."""
_COMPUTED: Final = re.compile("[$`]")


NO_NAME: Final = (
    "A name has letters of ASCII, digits and underscores, and does not begin with a digit."
)
"""What to do where something is no name of a variable. It may be a secret: it is not repeated."""


def is_variable_name(name: str) -> bool:
    """Whether a placeholder can name the variable."""
    return _VARIABLE.fullmatch(name) is not None


def read_env(text: str) -> Parsed:
    """The variables of a file. Raises SyntaxProblemError."""
    data: dict[str, str] = {}
    marks = Mark(0)
    position = 0
    while position < len(text):
        if found := _NOTHING.match(text, position):
            position = found.end()
            continue
        name = _NAME.match(text, position)
        if name is None:
            raise SyntaxProblemError(
                "a line is no `NAME=VALUE`",
                "Each line is a variable, empty, or a comment that begins with `#`.",
                offset=position,
            )
        if not is_variable_name(name[1]):
            raise SyntaxProblemError(
                "what stands before the `=` is no name of a variable",
                NO_NAME,
                offset=position,
                code="wrong-variable",
            )
        if name[1] in data:
            raise SyntaxProblemError(
                f"the variable {name[1]} is set twice",
                "Remove one of the lines.",
                offset=position,
                code="duplicate-definition",
            )
        marks.set(name[1], Mark(position))
        data[name[1]], position = _value(text, name.end(), name[1])
    return Parsed(data, lambda: marks)


def _value(text: str, start: int, name: str) -> tuple[str, int]:
    """The value that begins there, and where the next line does."""
    quoted = _QUOTED.match(text, start) if text[start : start + 1] in {"'", '"'} else None
    if quoted is not None:
        if _COMPUTED.search(_PIECE.sub(_with_meaning, quoted[1])):
            raise _unclear(start, name)
        return _PIECE.sub(_unquoted, quoted[1]), quoted.end()
    plain = _PLAIN.match(text, start)
    if plain is None or _UNCLEAR.search(plain[1]):
        raise _unclear(start, name)
    return plain[1], plain.end()


def _with_meaning(piece: re.Match[str]) -> str:
    """What a shell would look at in a quoted piece."""
    return _ESCAPED.sub("", piece[1] or "")


def _unquoted(piece: re.Match[str]) -> str:
    if piece[1] is not None:
        return _IN_DOUBLE.sub(r"\1", piece[1])
    return piece[0][1:] if piece[0].startswith("\\") else piece[0][1:-1]


def _unclear(offset: int, name: str) -> SyntaxProblemError:
    return SyntaxProblemError(
        f"the value of {name} means something else to each program that reads it",
        "Put it into single quotes, in which nothing has a meaning. A single quote in it is "
        "written `'\\''`. JSON is another way to give such a value.",
        offset=offset,
    )


def looks_like_json(text: str) -> bool:
    """Whether a text of which nobody knows the format is JSON, and no `.env`."""
    return text.lstrip().startswith(("{", "["))
