"""A strict reader for JSON: no duplicate keys, no NaN, and the place of every value.

The values come from the standard library's fast parser. The marks come from a second, thin walk
over the tokens, which may trust that the text is well-formed because the parser accepted it.

A placeholder without quotes, `"enabled": $(env:ENABLED)`, is no JSON. keycloak-config-cli takes it,
so it is read as if it had quotes: what it stands for takes the type of its field.
"""

import json
import re
from bisect import bisect_left
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from kcplan.config.positions import Mark
from kcplan.config.syntax import Parsed, SyntaxProblemError, too_deep
from kcplan.conversion import WrittenFloat

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\]]|[^\s{}\[\],:"]+')

_UNQUOTED = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|\$\(')
_PARENTHESIS = re.compile(r"\$\(|[)\n\"\\]")

_LONG = 4000


def read_json(text: str) -> Parsed:
    """The values of a JSON text. Raises SyntaxProblemError."""
    try:
        return _read(text)
    except SyntaxProblemError:
        quoted, added = _with_quotes(text)
        if not added:
            raise
    try:
        found = _read(quoted)
    except SyntaxProblemError as problem:
        if problem.offset is not None:
            problem.offset = _offset_before(problem.offset, added)
        raise
    unquoted = tuple(_offset_before(offset, added) for offset in added[::2])
    return Parsed(found.data, lambda: _moved(found.marks(), added), unquoted)


def _with_quotes(text: str) -> tuple[str, list[int]]:
    """A text with quotes around placeholders that have none, and where those quotes are."""
    pieces: list[str] = []
    added: list[int] = []
    position = size = 0
    for match in _UNQUOTED.finditer(text):
        end = _closing(text, match.end()) if match.group() == "$(" else -1
        if end < 0 or match.start() < position:
            continue
        before = text[position : match.start()]
        added += (size + len(before), size + len(before) + 1 + end - match.start())
        pieces.append(f'{before}"{text[match.start() : end]}"')
        size += len(pieces[-1])
        position = end
    return "".join([*pieces, text[position:]]), added


def _closing(text: str, start: int) -> int:
    """The offset after the parenthesis that closes a placeholder; -1 where that needs quotes."""
    depth = 1
    for match in _PARENTHESIS.finditer(text, start):
        piece = match.group()
        if piece not in {"$(", ")"}:
            return -1
        depth += 1 if piece == "$(" else -1
        if not depth:
            return match.end()
    return -1


def _offset_before(offset: int, added: Sequence[int]) -> int:
    return offset - bisect_left(added, offset)


def _moved(mark: Mark, added: Sequence[int]) -> Mark:
    """The marks of a text with quotes, as those of the text without."""
    children = {key: _moved(child, added) for key, child in (mark.children or {}).items()}
    return Mark(_offset_before(mark.offset, added), None if mark.children is None else children)


def _read(text: str) -> Parsed:
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
