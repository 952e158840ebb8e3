"""Secrets: values that are used and never shown.

A secret travels through the same values as everything else, wrapped, so that no renderer, log or
JSON encoder can print it by accident: its text is `(sensitive value)` and `json` refuses it.
"""

import json
from collections.abc import Mapping
from typing import Final, NoReturn, TypeVar

from attrs import field

from kcplan import known_secrets
from kcplan.classes import frozen
from kcplan.diagnostics import Source
from kcplan.known_secrets import PLACEHOLDER

__all__ = [
    "MASK",
    "PLACEHOLDER",
    "Origin",
    "Secret",
    "Withheld",
    "conceal",
    "filled",
    "is_sensitive",
    "is_withheld",
    "reveal",
    "secret_text",
    "secrets_in",
]


MASK: Final = "**********"
"""What Keycloak gives in the place of a secret, and takes as "keep the one that is there"."""


_Key = TypeVar("_Key")

_OPEN: Final = frozenset({str, bool, int, type(None)})
"""What most values are, and what no secret is."""


@frozen
class Origin:
    """Where a secret came from, so that a saved plan can have it read again.

    Attributes:
        kind: `environment` (key is the variable), `file` (key is the secret's file), `literal`
            (it stands in a configuration file in plain text), or `mixed` (only parts of it come
            from somewhere else, or it is computed from those).
        key: The variable's name or the file's path, where the whole value comes from there.
        source: The place in the configuration file, without a line: most plans never need it.
    """

    kind: str
    key: str
    source: Source | None = None


@frozen(repr=False)
class Secret:
    """A sensitive value. Two are equal when their values are. Each is noted, to be kept in."""

    value: str
    origin: Origin | None = field(default=None, eq=False)

    def __attrs_post_init__(self) -> None:
        known_secrets.note(self.value, outside=self.origin is not None)

    def __repr__(self) -> str:
        return PLACEHOLDER

    __str__ = __repr__

    def __format__(self, format_spec: str) -> str:
        return format(PLACEHOLDER, format_spec)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not pickled")


@frozen(repr=False)
class Withheld:
    """A secret that a saved plan leaves out.

    Attributes:
        origin: Where it can be read again; None for one that is only shown, such as the value
            that Keycloak has now.
    """

    origin: Origin | None = None

    def __repr__(self) -> str:
        return PLACEHOLDER

    __str__ = __repr__


def reveal(value: object) -> object:
    """The value for a request to Keycloak: every secret in it in clear.

    Raises TypeError for a withheld one, which must have been read again before.
    """
    if isinstance(value, Secret):
        return value.value
    if isinstance(value, Withheld):
        raise TypeError("a secret of a saved plan was not read again from where it comes from")
    if isinstance(value, dict):
        return {key: reveal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [reveal(item) for item in value]
    return value


def conceal(value: object) -> object:
    """The value with every text in it wrapped."""
    if isinstance(value, str):
        return Secret(value)
    if isinstance(value, dict):
        return {key: conceal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [conceal(item) for item in value]
    return value


def is_sensitive(value: object) -> bool:
    """Whether the value is a secret or holds one, withheld ones among them."""
    if type(value) in _OPEN:
        return False
    if isinstance(value, dict):
        return any(map(is_sensitive, value.values()))
    if isinstance(value, list | tuple):
        return not _OPEN.issuperset(map(type, value)) and any(map(is_sensitive, value))
    return isinstance(value, Secret | Withheld)


def secrets_in(fields: Mapping[_Key, object]) -> dict[_Key, object]:
    """The fields whose value is a secret or holds one, withheld ones among them."""
    return {
        key: value
        for key, value in fields.items()
        if type(value) not in _OPEN and is_sensitive(value)
    }


def is_withheld(value: object) -> bool:
    """Whether the value is a withheld secret or holds one, so that nobody can compare it."""
    if type(value) in _OPEN:
        return False
    if isinstance(value, dict):
        return any(map(is_withheld, value.values()))
    if isinstance(value, list | tuple):
        return not _OPEN.issuperset(map(type, value)) and any(map(is_withheld, value))
    return isinstance(value, Withheld)


def filled(value: object, again: object) -> object:
    """The value with what it withholds taken from the same places of another one.

    Raises ValueError where the other one is not the same apart from that.
    """
    if isinstance(value, Withheld):
        return again if isinstance(again, Secret) else Secret(str(again), value.origin)
    if isinstance(value, dict) and isinstance(again, dict) and value.keys() == again.keys():
        return {key: filled(item, again[key]) for key, item in value.items()}
    if isinstance(value, list) and isinstance(again, list) and len(value) == len(again):
        return [filled(*items) for items in zip(value, again, strict=True)]
    if type(value) is type(again) and value == again:
        return value
    raise ValueError("it is another value")


def secret_text(value: object) -> str:
    """A sensitive value as one text, for comparing and for digests."""
    clear = reveal(value)
    return clear if isinstance(clear, str) else json.dumps(clear, sort_keys=True)
