"""TOML, as a person would write it.

tomli-w writes keys and single values; how they stand on lines is decided here: short lists and
tables in one line, and each item of a list of tables under a heading of its own, but for those
within an item that fit on a line.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import tomli_w

_WIDTH: Final = 100


def to_toml(document: Mapping[str, Any]) -> str:
    """The document as a TOML text. Raises TypeError for a null, which TOML does not have."""
    return "".join(f"{line}\n" for line in _table((), document, may_inline=False))


def _table(name: tuple[str, ...], table: Mapping[str, Any], *, may_inline: bool) -> Iterator[str]:
    """The lines of a table without its heading: what fits on lines first, then what does not."""
    below: list[tuple[str, Any]] = []
    for key, value in table.items():
        if not _has_tables(value):
            yield from _entry(key, value)
        elif may_inline and _fits(line := f"{_key(key)} = {_inline(value)}"):
            yield line
        else:
            below.append((key, value))
    for key, value in below:
        yield from _below((*name, key), value, may_inline=may_inline)


def _below(name: tuple[str, ...], value: Any, *, may_inline: bool) -> Iterator[str]:
    """A table, or a list of tables, under headings."""
    heading = ".".join(map(_key, name))
    if isinstance(value, Mapping):
        lines = list(_table(name, value, may_inline=may_inline))
        # What only holds other headings needs none itself; each of those begins with a blank line.
        if not lines or lines[0]:
            yield from ("", f"[{heading}]")
        yield from lines
        return
    for item in value:
        yield from ("", f"[[{heading}]]")
        yield from _table(name, item, may_inline=True)


def _has_tables(value: Any) -> bool:
    """Whether a value is a table or a list of tables, which may stand under headings."""
    if isinstance(value, list):
        return bool(value) and all(isinstance(item, Mapping) for item in value)
    return isinstance(value, Mapping)


def _entry(key: str, value: Any) -> Iterator[str]:
    """A key and its value; a long list with an item a line."""
    line = f"{_key(key)} = {_inline(value)}"
    if not isinstance(value, list) or _fits(line):
        yield line
        return
    yield f"{_key(key)} = ["
    yield from (f"    {_inline(item)}," for item in value)
    yield "]"


def _fits(line: str) -> bool:
    return len(line) <= _WIDTH and "\n" not in line


def _inline(value: Any) -> str:
    match value:
        case Mapping():
            pairs = (f"{_key(key)} = {_inline(item)}" for key, item in value.items())
            return f"{{ {', '.join(pairs)} }}" if value else "{}"
        case list():
            return f"[{', '.join(map(_inline, value))}]"
        case str() if "\n" in value and "\r" not in value:
            return _value(value, multiline=True)
    return _value(value)


def _key(key: str) -> str:
    return tomli_w.dumps({key: 0}).removesuffix(" = 0\n")


def _value(value: Any, *, multiline: bool = False) -> str:
    text = tomli_w.dumps({"_": value}, multiline_strings=multiline)
    return text.removeprefix("_ = ").removesuffix("\n")
