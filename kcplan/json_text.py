"""JSON as it is read by persons: what `json.dumps` writes with `indent`, in half of the time.

The standard library writes indented JSON in Python, and passes each piece of it up through as many
generators as it is deep. Plans have millions of pieces.
"""

from json import JSONEncoder
from json.encoder import encode_basestring
from typing import Any, Final

_OTHER: Final = JSONEncoder().encode
"""For what is no text and has nothing in it."""

_WORDS: Final = ((None, "null"), (True, "true"), (False, "false"))


def indented(value: Any, indent: int) -> str:
    """The text of a value, whose tables have texts as keys.

    Args:
        value: What `json.dumps` takes.
        indent: How many spaces each level adds.

    Raises TypeError for what has no JSON.
    """
    return _written(value, "\n", " " * indent)


def _written(value: Any, line: str, step: str) -> str:
    """The text of a value that stands in a line which begins like this."""
    if isinstance(value, str):  # most are
        return encode_basestring(value)
    for known, word in _WORDS:
        if value is known:
            return word
    inner = line + step
    if isinstance(value, dict) and value:
        entries = [
            f"{encode_basestring(key)}: {_written(item, inner, step)}"
            for key, item in value.items()
        ]
        return f"{{{inner}{f',{inner}'.join(entries)}{line}}}"
    if isinstance(value, list | tuple) and value:
        items = [_written(item, inner, step) for item in value]
        return f"[{inner}{f',{inner}'.join(items)}{line}]"
    return _OTHER(value)
