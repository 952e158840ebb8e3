"""What the readers of the three formats have in common: their error, and what a value may be."""

import math
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from attrs import field

from kcplan.classes import frozen
from kcplan.config.positions import Mark, Place
from kcplan.conversion import MAX_INTEGER

NULL: Final = "\0"
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
NO_NULL: Final = "Keycloak's database cannot keep it. Remove the character."

MAX_DEPTH: Final = 100
"""How deeply tables and lists may be nested. Keycloak's own representations need about ten."""


class SyntaxProblemError(Exception):
    """A text is not what its format wants.

    Args:
        summary: What is wrong, in one line without a full stop.
        detail: How to fix it, in full sentences.
        offset: Where in the text; None where that is not known.
        place: The value, where one can be named; it goes before `offset`.
        code: The diagnostic's code.
    """

    def __init__(
        self,
        summary: str,
        detail: str = "",
        *,
        offset: int | None = None,
        place: Place | None = None,
        code: str = "syntax-error",
    ) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.offset = offset
        self.place = place
        self.code = code


@frozen(eq=False)
class Parsed:
    """The values of a text.

    Attributes:
        data: The values.
        marks: Builds the tree of their marks.
        unquoted: The offsets of placeholders that were read as if they had quotes.
    """

    data: Any = field(repr=False)
    marks: Callable[[], Mark]
    unquoted: tuple[int, ...] = ()


def too_deep(offset: int | None = None) -> SyntaxProblemError:
    """The error about nesting, with where it is if that is known."""
    return SyntaxProblemError(
        f"tables and lists are nested more than {MAX_DEPTH} deep",
        "No configuration of Keycloak needs that. Check for brackets that are never closed.",
        offset=offset,
    )


def check_values(data: Any) -> None:
    """Refuse what JSON, and so Keycloak, has no value for. Raises SyntaxProblemError."""
    if _is_sound(data):
        return
    level: list[tuple[Place, Any]] = [((), data)]
    for _ in range(MAX_DEPTH + 1):
        level = [item for place, container in level for item in _containers(place, container)]
        if not level:
            return
    raise too_deep()


def _is_sound(data: Any) -> bool:
    """Whether there is certainly nothing to refuse; where something is, is another question."""
    texts: set[str] = set()
    level = [data]
    for _ in range(MAX_DEPTH + 1):
        deeper: list[Any] = []
        for container in level:
            values = container
            if type(container) is dict:
                texts.update(container)
                values = container.values()
            for value in values:
                kind = type(value)
                if kind is str:
                    texts.add(value)
                elif kind is dict or kind is list:
                    deeper.append(value)
                elif not (value is None or kind is bool or _is_small(value)):
                    return False
        if not deeper:
            return all(map(_is_text, texts))
        level = deeper
    return False


def _is_small(value: Any) -> bool:
    return type(value) is int and abs(value) <= MAX_INTEGER


def _is_text(text: str) -> bool:
    return NULL not in text and (text.isascii() or not _SURROGATE.search(text))


def _containers(place: Place, container: Any) -> Iterator[tuple[Place, Any]]:
    """The tables and lists directly in a container, after a look at everything else in it."""
    pairs = container.items() if isinstance(container, dict) else enumerate(container)
    for key, value in pairs:
        if type(key) is str and not (key.isascii() and NULL not in key):
            _check_text(key, (*place, key))
        if type(value) is str:
            if not (value.isascii() and NULL not in value):
                _check_text(value, (*place, key))
        elif isinstance(value, dict | list):
            yield (*place, key), value
        elif value is not None and not isinstance(value, bool):
            _check_number(value, (*place, key))


def _check_text(text: str, place: Place) -> None:
    if NULL in text:
        raise SyntaxProblemError("a text has a null character", NO_NULL, place=place)
    try:
        text.encode()
    except UnicodeEncodeError:
        raise SyntaxProblemError(
            "a text has half of a surrogate pair, which is no character",
            "Write the character itself, or both of its `\\u` escapes.",
            place=place,
        ) from None


def _check_number(value: object, place: Place) -> None:
    if isinstance(value, int):
        if abs(value) > MAX_INTEGER:
            raise SyntaxProblemError(
                "an integer is too large",
                f"Keycloak's integers end at {MAX_INTEGER}.",
                place=place,
            )
    elif not isinstance(value, float):
        raise SyntaxProblemError(
            f"a {type(value).__name__} without quotes is no value that Keycloak knows",
            "Put dates and times into quotes.",
            place=place,
        )
    elif not math.isfinite(value):
        raise SyntaxProblemError(
            "a number must be finite",
            "Infinity, NaN and numbers beyond 1.8e308 have no place in Keycloak's JSON.",
            place=place,
        )
