"""A strict reader for JSON: no duplicate keys, no NaN, and the place of every value.

The values come from the standard library's fast parser. The marks come from a second, thin walk
over the tokens, which may trust that the text is well-formed because the parser accepted it.
"""

import json
import re
from collections.abc import Callable
from typing import Any, NoReturn

from kcplan.config.positions import Mark
from kcplan.config.syntax import Parsed, SyntaxProblemError, too_deep
from kcplan.conversion import WrittenFloat

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|[^\s{}\[\],:"]+')

_LONG = 4000


def read_json(text: str) -> Parsed:
    """The values of a JSON text. Raises SyntaxProblemError."""
    duplicates: list[str] = []

    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) < len(pairs):
            duplicates.append("seen")
        return result

    try:
        data = json.loads(
            text,
            object_pairs_hook=table,
            parse_float=WrittenFloat,
            parse_constant=lambda word: _no_value(word, text),
        )
    except json.JSONDecodeError as problem:
        raise SyntaxProblemError(
            _plain(problem.msg), _hint(text, problem.pos), offset=problem.pos
        ) from None
    except RecursionError:
        raise too_deep() from None
    except ValueError:  # the only one left: more digits than Python converts
        raise SyntaxProblemError(
            "a number has too many digits", offset=_find(text, lambda piece: len(piece) > _LONG)
        ) from None
    if duplicates:
        _refuse_duplicates(text)
    return Parsed(data, lambda: json_marks(text))


def _no_value(word: str, text: str) -> NoReturn:
    raise SyntaxProblemError(
        f"{word} is not a JSON value",
        "A number must be finite. Leave the field out, or use `null`.",
        offset=_find(text, lambda piece: piece == word),
    )


def _find(text: str, wanted: Callable[[str], bool]) -> int | None:
    """The offset of the first piece of the text, other than a string, that is wanted."""
    pieces = (match for match in _TOKEN.finditer(text) if not match.group().startswith('"'))
    return next((match.start() for match in pieces if wanted(match.group())), None)


def _plain(message: str) -> str:
    """The parser's message in the middle of a sentence."""
    return f"the JSON is broken: {message[:1].lower()}{message[1:].removesuffix(' at')}"


def _hint(text: str, offset: int) -> str:
    before = text[:offset].rstrip()
    found = text[offset : offset + 1]
    if before.endswith(",") and found in {"}", "]"}:
        return "Remove the comma before the closing bracket."
    if found == "'":
        return "JSON has double quotes only."
    if text[offset : offset + 2] in {"//", "/*"} or found == "#":
        return "JSON has no comments. TOML and YAML do."
    if found in {",", "}", "]", ":"} and text[offset - 1 : offset] == found:
        return f"Remove the second `{found}`."
    return ""


def json_marks(text: str, duplicates: list[tuple[str, int, int]] | None = None) -> Mark:
    """The tree of marks of a well-formed JSON text.

    Args:
        text: The text.
        duplicates: Takes each key that a table has twice, with both offsets.
    """
    top = Mark(0, {})
    stack = [(top, False)]
    key: tuple[str, int] | None = None
    for match in _TOKEN.finditer(text):
        piece, offset = match.group(), match.start()
        parent, is_table = stack[-1]
        if piece in "}]":
            stack.pop()
        elif is_table and key is None:
            key = (_unquote(piece), offset)
        else:
            mark = Mark(offset)
            if key is None:
                parent.append(mark)
            else:
                mark.offset = key[1]
                _set(parent, key[0], mark, duplicates)
                key = None
            if piece in "{[":
                mark.children = {}
                stack.append((mark, piece == "{"))
    return top.last() or top


def _set(table: Mark, key: str, mark: Mark, duplicates: list[tuple[str, int, int]] | None) -> None:
    earlier = table.get(key) if duplicates is not None else None
    if duplicates is not None and earlier is not None:
        duplicates.append((key, earlier.offset, mark.offset))
    table.set(key, mark)


def _unquote(token: str) -> str:
    return str(json.loads(token)) if "\\" in token else token[1:-1]


def _refuse_duplicates(text: str) -> NoReturn:
    duplicates: list[tuple[str, int, int]] = []
    json_marks(text, duplicates)
    key, first, second = duplicates[0]
    line = text.count("\n", 0, first) + 1
    raise SyntaxProblemError(
        f"the key {key!r} stands twice in one table",
        f"It stands in line {line} already. Remove one of them.",
        offset=second,
        code="duplicate-definition",
    )
