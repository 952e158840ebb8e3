"""How a saved plan is laid out as JSON, in pieces.

    {"format_version": 1,                      a field a line,
    "resource_changes": [
    {"action":"update",…},                     an item of a list a line,
    …],
    "execution": {                             and the same in the table `execution`
    "changes": [
    …

Its checksum is of the canonical form, of which the lines are pieces: what is encoded once serves
for both, and neither is put together to one text.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_AT_ONCE: Final = 200
"""So many items of a list make a piece."""


def canonical(value: object) -> str:
    """JSON with sorted keys and no white space, so that equal values have equal texts."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def each_encoded(
    table: Mapping[str, Any], encode: Callable[[Any], str] = canonical, levels: int = 2
) -> dict[str, Any]:
    """A table with the text of each value, and in lists of each item; `execution` is another."""
    return {
        key: [*map(encode, value)]
        if isinstance(value, list | Iterator)
        else each_encoded(value, encode, levels - 1)
        if isinstance(value, dict) and levels > 1
        else encode(value)
        for key, value in table.items()
    }


def spread(
    table: Mapping[str, Any], encode: Callable[[Any], str], line: str = "", levels: int = 2
) -> Iterator[str]:
    """A table as JSON, in pieces: as it is with a `line` feed, else in canonical form.

    Args:
        table: The table, or what `each_encoded` makes of one.
        encode: Gives the text of a value.
        line: What ends a line.
        levels: How many tables in each other are not encoded as a whole.
    """
    comma, colon = f",{line}", ": " if line else ":"
    yield "{" + line
    for number, key in enumerate(table if line else sorted(table)):
        yield (comma if number else "") + json.dumps(key, ensure_ascii=False) + colon
        match table[key]:
            case list() as items if items:
                yield "[" + line
                for start in range(0, len(items), _AT_ONCE):
                    yield comma if start else ""
                    yield comma.join(map(encode, items[start : start + _AT_ONCE]))
                yield line + "]"
            case list():
                yield "[]"
            case dict() as inner if inner and levels > 1:
                yield from spread(inner, encode, line, levels - 1)
            case dict() as inner if levels > 1:
                yield "{}"
            case value:
                yield encode(value)
    yield line + "}"
