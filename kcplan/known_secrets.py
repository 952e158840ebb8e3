"""The secrets that a run has come across, so that none leaves it: the one place that knows all.

Every `Secret` is noted here when it is made, and so is what placeholders put into a longer one.
What is printed goes through `hidden`, and what a server says through `hidden_from_answer`: a
server, gateway or firewall may give back what it was sent.
"""

import re
from base64 import b64encode
from collections.abc import Iterable, Iterator
from json import JSONEncoder
from typing import Final
from urllib.parse import quote, quote_plus

PLACEHOLDER: Final = "(sensitive value)"

_SHREDDING: Final = 4
"""Shorter ones are only looked for as words, or they would shred every text."""

_ENCODED: Final = 8
"""Shorter ones are not looked for within base64, where chance would find them."""

_PRINTED: Final = 16
"""Shorter ones are not looked for in what is printed: names and fields may read like them.

What kcplan prints has none anyway; this is for what nobody thought of.
"""

_ESCAPED: Final = re.compile("%[0-9A-F]{2}")
_SAME: Final = re.compile(r"[A-Za-z0-9_.~-]+")
"""What is the same in JSON, in HTML and in a URL."""
_ENCODERS: Final = (JSONEncoder().encode, JSONEncoder(ensure_ascii=False).encode)
_START: Final = 8
_FEW: Final = 200

_outside: set[str] = set()
_inside: set[str] = set()
_prepared: set[str] = set()
_printed: dict[str, dict[int, set[str]]] = {}
"""The forms that are looked for in what is printed, by how they begin and by their length."""


def note(text: str, *, outside: bool) -> None:
    """Remember a secret.

    Args:
        text: The secret.
        outside: Whether it comes from files and variables, and not (only) from Keycloak.
    """
    if text:
        (_outside if outside else _inside).add(text)


def forget() -> None:
    """Another run begins."""
    for known in (_outside, _inside, _prepared, _printed):
        known.clear()


def hidden(text: str) -> str:
    """A text that is to be printed, without the secrets of files and variables."""
    if len(_prepared) < len(_outside):
        _prepare()
    return _replaced(text, set(_printed_in(text)))


def _prepare() -> None:
    """Prepare the secrets that were noted since a text was last printed."""
    for secret in _outside - _prepared:
        for form in _forms(secret) if len(secret) >= _PRINTED else ():
            _printed.setdefault(form[:_START], {}).setdefault(len(form), set()).add(form)
        # Last: another thread that prints meanwhile has to prepare it as well.
        _prepared.add(secret)


def _printed_in(text: str) -> Iterator[str]:
    """The forms that a text has in it.

    Many lines are printed, and there may be thousands of secrets that all begin alike: so each
    place where one may begin is looked at, and not each secret.
    """
    if len(_printed) <= _FEW:
        starts = [start for start in tuple(_printed) if start in text]
    else:
        starts = [*({text[n : n + _START] for n in range(len(text))} & _printed.keys())]
    for start in starts:
        place = text.find(start)
        while place >= 0:
            for length, forms in tuple(_printed[start].items()):
                piece = text[place : place + length]
                if piece in forms:
                    yield piece
            place = text.find(start, place + 1)


def hidden_from_answer(text: str, more: Iterable[str] = ()) -> str:
    """A text from a server, without any secret: those that are known, and some more."""
    return without(text, [*_outside.copy(), *_inside.copy(), *more])


def without(text: str, secrets: Iterable[str]) -> str:
    """A text with a placeholder for each of these secrets, in whatever form it is in there."""
    forms = {form for secret in secrets if secret for form in _forms(secret)}
    return _replaced(text, [form for form in forms if form in text])


def _replaced(text: str, forms: Iterable[str]) -> str:
    for form in sorted(forms, key=len, reverse=True):
        text = _pattern(form).sub(PLACEHOLDER, text)
    return text


def _forms(secret: str) -> tuple[str, ...]:
    """The ways in which a text may have a value, in others too: a URL may have JSON in it."""
    if _SAME.fullmatch(secret):
        found = [secret]
        if len(secret) >= _ENCODED:
            found += _within_base64(secret.encode())
        return tuple(dict.fromkeys(found))
    from html import escape  # late: it brings all names of HTML's characters

    found = []
    for text in _in_json(secret):
        found += [text, escape(text)]
        for url in (quote(text, safe=""), quote_plus(text)):
            found += [url, _ESCAPED.sub(lambda match: match[0].lower(), url)]
        if len(secret) >= _ENCODED:
            found += _within_base64(text.encode(errors="replace"))
    return tuple(dict.fromkeys(found))


def _in_json(text: str) -> Iterable[str]:
    """The text, and as it is within a JSON text, and within a JSON text in another one."""
    found = [text]
    for encode in _ENCODERS:
        once = encode(text)[1:-1]
        found += [once, once.replace("/", "\\/"), encode(once)[1:-1]]
    return dict.fromkeys(found)


def _within_base64(secret: bytes) -> Iterator[str]:
    """What the base64 of something with the secret in it has in it, wherever it begins there.

    Four characters are three bytes: those at both ends that others have a part in are left out.
    """
    for before in range(3):
        encoded = b64encode(b"\0" * before + secret).decode()
        whole = (before + len(secret)) * 8 // 6
        inner = encoded[(before * 8 + 5) // 6 : whole]
        yield inner
        yield inner.replace("+", "-").replace("/", "_")


def _pattern(form: str) -> re.Pattern[str]:
    escaped = re.escape(form)
    return re.compile(rf"(?<!\w){escaped}(?!\w)" if len(form) < _SHREDDING else escaped)
