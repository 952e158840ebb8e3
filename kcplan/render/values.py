"""Values as text: on one line, printable, and impossible to take for anything else.

Names and values come from files and from Keycloak, where anybody may have typed them. Whatever is
not printable (control characters, terminal escapes, marks that turn the direction of writing) is
shown as an escape, and strings stand in quotes, so that no value can pass for another line.
"""

from collections.abc import Mapping
from typing import Any, Final

from kcplan.diagnostics import Place
from kcplan.secret import PLACEHOLDER, Secret, Withheld

LONG = 100
"""How many characters of a value are shown."""

_SHORT: Final = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_CONTEXT = 20
_WINDOW = 60
_BASIC_PLANE_DIGITS = 4


class KnownAfterApply:
    """A value that only Keycloak can tell, once the plan is applied."""

    def __repr__(self) -> str:
        return "(known after apply)"


KNOWN_AFTER_APPLY: Final = KnownAfterApply()


def safe(text: str) -> str:
    """The text on one line, with everything that is not printable as an escape."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else _escape(char) for char in text)


def _escape(char: str) -> str:
    if char in _SHORT:
        return _SHORT[char]
    code = f"{ord(char):04x}"
    return f"\\u{code}" if len(code) == _BASIC_PLANE_DIGITS else f"\\U{code:0>8}"


def quoted(text: str) -> str:
    """The text as a string literal."""
    return '"' + safe(text.replace("\\", "\\\\").replace('"', '\\"')) + '"'


def label(name: str, *, quote: bool = False) -> str:
    """The name of a field or entry; in quotes unless it is a plain word."""
    plain = name.isascii() and name.replace("_", "a").replace("-", "a").isalnum()
    return name if plain and not quote else quoted(name)


def counted(count: int, word: str) -> str:
    """A number of things: `1 client scope`, `3 authorization policies`."""
    return f"{count:,} {word.replace('-', ' ') if count == 1 else plural(word)}"


def plural(word: str) -> str:
    """The word for several things: `client scopes`, `authorization policies`."""
    word = word.replace("-", " ")
    several = word.endswith("y") and word[-2] not in "aeou"
    return f"{word[:-1]}ies" if several else f"{word}s"


def dotted_path(path: Place) -> str:
    """A path on one line: `attributes."access.token.lifespan"`."""
    return ".".join(label(part) if isinstance(part, str) else str(part) for part in path)


def shown(text: str) -> str:
    """A string literal, cut where it is long."""
    if len(text) <= LONG:
        return quoted(text)
    return f"{quoted(text[:LONG])}… ({len(text):,} characters)"


def shown_both(before: str, after: str) -> tuple[str, str]:
    """Two string literals, each cut around the place where they begin to differ."""
    if len(before) <= LONG and len(after) <= LONG:
        return quoted(before), quoted(after)
    same = next(
        (i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b),
        min(len(before), len(after)),
    )
    start = max(0, same - _CONTEXT)
    return _window(before, start), _window(after, start)


def _window(text: str, start: int) -> str:
    piece = text[start : start + _WINDOW]
    left = "…" if start else ""
    right = "…" if start + _WINDOW < len(text) else ""
    return f"{left}{quoted(piece)}{right}"


def inline(value: Any, *, limit: int = LONG) -> str:
    """Any value on one line. Containers are cut after `limit` characters."""
    match value:
        case Mapping():
            items = [f"{label(key)} = {inline(item)}" for key, item in sorted(value.items())]
            return _enclosed("{", items, "}", limit)
        case list() | tuple():
            return _enclosed("[", [inline(item) for item in value], "]", limit)
    return _scalar(value)


def _scalar(value: Any) -> str:
    match value:
        case Secret() | Withheld():
            return PLACEHOLDER
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case str():
            return shown(value)
    return safe(repr(value))


def _enclosed(left: str, items: list[str], right: str, limit: int) -> str:
    kept: list[str] = []
    size = 0
    for item in items:
        size += len(item) + 2
        if kept and size > limit:
            kept.append(f"… ({len(items) - len(kept)} more)")
            break
        kept.append(item)
    return left + ", ".join(kept) + right
