"""TOML: the values from the standard library, and the place of every value.

`tomllib` keeps no places. The scanner here finds them; it reads only what `tomllib` has accepted,
so it can be simple: it has to find keys, and to get past values.
"""

import re
import tomllib
from typing import Final

from kcplan.config.positions import Mark
from kcplan.config.syntax import MAX_DEPTH, Parsed, SyntaxProblemError, too_deep
from kcplan.conversion import WrittenFloat

_PLACE = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)


# A key as the parser takes it; broken ones end with their line, so that any text is read once.
_SEGMENT: Final = r"""(?:[A-Za-z0-9_-]++|"(?:[^"\\\n]++|\\.)*+"?+|'[^'\n]*+'?+)"""
_NEXT: Final = r"[ \t]*+\.[ \t]*+"
_SHALLOW: Final = re.compile(
    r"(?:#[^\n]*+"
    r'|"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+(?:"{3,5}|\\?\Z)'
    r"|'''(?:[^']++|'{1,2}(?!'))*+(?:'{3,5}|\Z)"
    rf"|{_SEGMENT}(?:{_NEXT}{_SEGMENT}){{0,{MAX_DEPTH}}}+(?!{_NEXT}{_SEGMENT})"
    r"""|[^A-Za-z0-9_"'#-]++)*+""",
    re.DOTALL,
)
"""As much of a text as has no dotted key that nests more than `MAX_DEPTH` deep."""


def read_toml(text: str) -> Parsed:
    """The values of a TOML text. Raises SyntaxProblemError."""
    _refuse_long_keys(text)
    try:
        data = tomllib.loads(text, parse_float=WrittenFloat)
    except tomllib.TOMLDecodeError as problem:
        raise _problem(str(problem), text) from None
    except RecursionError:
        raise too_deep() from None
    except ValueError:  # the only one left: more digits than Python converts
        raise SyntaxProblemError("a number has too many digits") from None
    return Parsed(data, lambda: toml_marks(text))


def _refuse_long_keys(text: str) -> None:
    """Raise SyntaxProblemError for a dotted key that nests too deeply.

    The parser takes time by the square of the parts of a key: a minute for 50,000.
    """
    if text.count(".") < MAX_DEPTH:
        return
    shallow = _SHALLOW.match(text)
    end = shallow.end() if shallow else 0
    if end < len(text):
        raise too_deep(end)


def _problem(message: str, text: str) -> SyntaxProblemError:
    match = _PLACE.fullmatch(message)
    what = match[1] if match else message
    offset = len(text)
    if match and match[2]:
        lines = text.split("\n")
        offset = sum(len(line) + 1 for line in lines[: int(match[2]) - 1]) + int(match[3]) - 1
    if what.startswith(("Cannot overwrite", "Cannot declare", "Duplicate inline", "Cannot mutate")):
        return SyntaxProblemError(
            "a key or table is defined twice",
            f"TOML: {what[:1].lower()}{what[1:]}. Remove one of the two, or merge them.",
            offset=offset,
            code="duplicate-definition",
        )
    return SyntaxProblemError(
        f"the TOML is broken: {what[:1].lower()}{what[1:]}",
        "Texts stand in quotes, each key once, and each entry on a line of its own.",
        offset=offset,
    )


_BLANK: Final = re.compile(r"(?:[ \t\n]+|#[^\n]*)*+")
_KEY: Final = re.compile(r'[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|\'[^\']*\'')
_DOT: Final = re.compile(r"[ \t]*\.[ \t]*")
_MULTILINE: Final = {
    '"""': re.compile(r'"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{3,5}', re.DOTALL),
    "'''": re.compile(r"'''(?:[^']++|'{1,2}(?!'))*+'{3,5}", re.DOTALL),
}
_TEXT: Final = re.compile(r'"(?:[^"\\]++|\\.)*+"|\'[^\']*\'')
_SCALAR: Final = re.compile(r"[^,\]}#\n]+")


def toml_marks(text: str) -> Mark:
    """The tree of marks of a well-formed TOML text."""
    return _Scanner(text).document()


class _Scanner:
    """Reads a TOML text from the beginning to the end, once."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._offset = 0

    def document(self) -> Mark:
        root = table = Mark(0, {})
        while True:
            self._skip_blank()
            if self._offset >= len(self._text):
                return root
            start = self._offset
            if self._take("[["):
                table = _add_item(root, self._keys(), start)
                self._take("]]")
            elif self._take("["):
                table = _descend(root, self._keys(), start)
                table.offset = start
                self._take("]")
            else:
                self._entry(table)
            if self._offset == start:
                raise AssertionError(f"the scanner is stuck at {start}")

    def _take(self, token: str) -> bool:
        """Go past a token, if it comes next."""
        found = self._text.startswith(token, self._offset)
        if found:
            self._offset += len(token)
        return found

    def _take_next(self, token: str) -> bool:
        """The same after blanks."""
        self._skip_blank()
        return self._take(token)

    def _match(self, pattern: re.Pattern[str]) -> str:
        """Go past what matches, and give it."""
        match = pattern.match(self._text, self._offset)
        if match is None:
            return ""
        self._offset = match.end()
        return match.group()

    def _skip_blank(self) -> None:
        self._match(_BLANK)

    def _keys(self) -> list[str]:
        """A dotted key."""
        self._skip_blank()
        keys = [_unquote(self._match(_KEY))]
        while self._match(_DOT):
            keys.append(_unquote(self._match(_KEY)))
        self._skip_blank()
        return keys

    def _entry(self, table: Mark) -> None:
        """A `key = value`."""
        start = self._offset
        keys = self._keys()
        self._take("=")
        _descend(table, keys[:-1], start).set(keys[-1], self._value(start))

    def _value(self, start: int) -> Mark:
        """Go past a value; its mark gets the offset `start`."""
        mark = Mark(start)
        self._skip_blank()
        if self._take("["):
            mark.children = {}
            while not self._take_next("]"):
                mark.append(self._value(self._offset))
                self._take_next(",")
        elif self._take("{"):
            mark.children = {}
            while not self._take_next("}"):
                self._entry(mark)
                self._take_next(",")
        else:
            multiline = _MULTILINE.get(self._text[self._offset : self._offset + 3])
            if multiline is not None:
                self._match(multiline)
            elif not self._match(_TEXT):
                self._match(_SCALAR)
        return mark


def _descend(table: Mark, keys: list[str], offset: int) -> Mark:
    """The table at a dotted key, made where it is not there; of a list, its last table."""
    for key in keys:
        child = table.get(key)
        if child is None:
            child = Mark(offset, {})
            table.set(key, child)
        table = child.last() or child
    return table


def _add_item(root: Mark, keys: list[str], offset: int) -> Mark:
    """A new table at the end of the list at a dotted key."""
    parent = _descend(root, keys[:-1], offset)
    items = parent.get(keys[-1])
    if items is None:
        items = Mark(offset, {})
        parent.set(keys[-1], items)
    item = Mark(offset, {})
    items.append(item)
    return item


def _unquote(token: str) -> str:
    if token[:1] == "'":
        return token[1:-1]
    if token[:1] != '"':
        return token
    if "\\" not in token:
        return token[1:-1]
    return str(tomllib.loads(f"key = {token}")["key"])
