"""What a value means where its field takes another type.

Keycloak takes the text `"true"` for a boolean, `"301"` for an integer, and booleans and numbers
for texts. So does kcplan, where the meaning is certain; what is compared is always the value that
Keycloak keeps. Each function gives the value itself where it makes no sense.
"""

import math
import re
from typing import Any, Final, Self

from kcplan.secret import Secret

MAX_INTEGER: Final = 2**63 - 1
"""The largest integer of Keycloak's (Java's) longest integer type."""

_JSON_NUMBER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")
_INTEGER: Final = re.compile(r"[-+]?[0-9]+", re.ASCII)
_BOOLEANS: Final = {"true": True, "false": False}


class WrittenFloat(float):
    """A number with the text that stands for it in the file: 1.50 is the text `1.50`."""

    text: str

    def __new__(cls, text: str) -> Self:
        """The number that a text stands for. Raises ValueError."""
        number = super().__new__(cls, text)
        number.text = text
        return number


class WrittenInteger(int):
    """The same for an integer in another form than JSON's, such as `0x1F` or `+49`."""

    text: str

    def __new__(cls, text: str) -> Self:
        """The number that a text stands for. Raises ValueError."""
        number = super().__new__(cls, text, 0)
        number.text = text
        return number


def boolean(value: Any) -> Any:
    """`"true"` and `"false"`, in any case, as booleans."""
    text = _text_of(value)
    return value if text is None else _BOOLEANS.get(text.strip().lower(), value)


def integer(value: Any) -> Any:
    """`"301"` and 301.0 as the integer 301."""
    if isinstance(value, float) and value.is_integer() and abs(value) <= MAX_INTEGER:
        return int(value)
    text = _text_of(value)
    if text is None or not _INTEGER.fullmatch(text.strip()):
        return value
    try:
        number = int(text)
    except ValueError:  # more digits than Python converts
        return value
    return number if abs(number) <= MAX_INTEGER else value


def number(value: Any) -> Any:
    """`"1.5"` as the number 1.5."""
    text = _text_of(value)
    try:
        found = value if text is None else float(text)
    except ValueError:
        return value
    return found if math.isfinite(found) else value


def text(value: Any) -> Any:
    """Booleans and numbers as the texts that JSON has for them: `true`, `587`, `1.50`."""
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, int | float):
        return value
    written = value.text if isinstance(value, WrittenFloat | WrittenInteger) else repr(value)
    return written if _JSON_NUMBER.fullmatch(written) else value


def unchanged(value: Any) -> Any:
    """The value itself."""
    return value


def _text_of(value: Any) -> str | None:
    """The text of a value, also of a secret; None where it is no text."""
    if isinstance(value, Secret):
        return value.value
    return value if isinstance(value, str) else None
