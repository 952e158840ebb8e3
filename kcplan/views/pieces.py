"""What a view gives: text, and where it belongs."""

import json
from collections.abc import Iterable
from enum import Enum
from typing import Any, Protocol, TypeVar

from kcplan.classes import frozen
from kcplan.json_text import indented

Message_contra = TypeVar("Message_contra", contravariant=True)


class Escapes(Enum):
    """How a character is written where the output's encoding does not have it."""

    TEXT = "text"
    """As in Python, for people."""
    JSON = "json"
    MARKUP = "markup"
    """As in HTML and SVG."""


@frozen
class Out:
    """Text for stdout, with its line ends: what the user asked for."""

    text: str
    escapes: Escapes = Escapes.TEXT


@frozen
class Err:
    """Text for stderr, with its line ends: what the user should know besides."""

    text: str


Piece = Out | Err


class View(Protocol[Message_contra]):
    """Says what a command has to say. A command may have several things to say, one by one."""

    def __call__(self, message: Message_contra, /) -> Iterable[Piece]:
        """What to print for this."""


def document(value: Any) -> Out:
    """The one JSON document of a command."""
    return Out(indented(value, 2) + "\n", Escapes.JSON)


def json_line(value: Any) -> Out:
    """One of many JSON documents, a line each."""
    return Out(json.dumps(value, ensure_ascii=False) + "\n", Escapes.JSON)
