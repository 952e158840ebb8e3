"""JSON of another shape than anybody expects: values replaced, lost, doubled and nested at random.

The same seed makes the same changes, so that what a test finds can be looked at again.
"""

import copy
import json
from collections.abc import Iterator
from random import Random
from typing import Any, Final

TOO_LARGE: Final = "a number beyond all bounds"

_DEEP: Final = 400

ODD: Final[tuple[Any, ...]] = (
    None,
    True,
    False,
    0,
    -1,
    10**30,
    1.5,
    TOO_LARGE,
    "",
    "x",
    "\0",
    "\ud800",
    "\x1b[31m",
    "[]",
    "[1]",
    '[{"id": null}]',
    "[" * 5000,
    "null",
    "x" * 5000,
    [],
    {},
    [None],
    [[]],
    [{}],
    ["x", 1],
    {"": ""},
    {"a": {}},
    {"name": []},
    {"name": {}, "id": [], "clientId": None, "type": {}},
)
"""Values that take another's place."""

Spot = tuple[Any, Any]
"""A container, and a key or an index in it."""


def seeded(number: int) -> Random:
    """The same choices for the same number."""
    return Random(number)  # noqa: S311 - nothing secret comes of it


def spots(value: Any) -> Iterator[Spot]:
    """Where there is a value that may be changed."""
    keys = (
        value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    )
    for key in list(keys):
        yield value, key
        yield from spots(value[key])


def misshapen(document: Any, random: Random) -> Any:
    """The document with a few changes of its shape; another document is left as it is."""
    top = [copy.deepcopy(document)]
    for _ in range(random.choice((1, 1, 1, 2, 4))):
        spot = random.choice(list(spots(top))) if random.randrange(2) else _met(top, random)
        _change(*spot, random)
    return top[0]


def _met(container: Any, random: Random) -> Spot:
    """A spot on a random way down, so that a small branch is as likely as a large one."""
    spot: Spot = (container, 0)
    while random.randrange(6):
        value = spot[0][spot[1]]
        keys = (
            list(value if isinstance(value, dict) else range(len(value)))
            if isinstance(value, dict | list)
            else []
        )
        if not keys:
            break
        spot = value, random.choice(keys)
    return spot


def _change(container: Any, key: Any, random: Random) -> None:
    match random.randrange(8):
        case 0 if len(container) > 1:
            del container[key]
        case 1 if isinstance(container, list):
            container.append(copy.deepcopy(container[key]))
        case 2:
            container[key] = [container[key]]
        case 3:
            container[key] = {random.choice(("a", "name", "type", "")): container[key]}
        case 4 if isinstance(container, dict):
            container[random.choice(("", "name", "type", "x", "\x1b"))] = container.pop(key)
        case 5 if random.randrange(10) == 0:
            container[key] = _deep(random)
        case _:
            container[key] = copy.deepcopy(random.choice(ODD))


def _deep(random: Random) -> Any:
    value: Any = []
    for _ in range(_DEEP):
        value = [value] if random.randrange(2) else {"a": value}
    return value


def as_text(document: Any) -> str:
    """The document as JSON; what no float can hold stands in it as such a number."""
    return json.dumps(document).replace(json.dumps(TOO_LARGE), "1e400")
