"""How deeply JSON is nested: what kcplan reads is walked by recursion, which has an end."""

from typing import Any, Final

DEEPEST: Final = 250
"""More levels than kcplan ever writes: values have 100 of them at most, and stand in a few more."""


def is_too_deep(value: Any) -> bool:
    """Whether lists and tables, as `json.loads` makes them, are nested more than `DEEPEST` deep."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(DEEPEST):
        # `type`, since this is four times as fast as `isinstance`, and states are large.
        level = [
            inner
            for outer in level
            for inner in (outer.values() if type(outer) is dict else outer)
            if type(inner) is dict or type(inner) is list
        ]
        if not level:
            return False
    return True
