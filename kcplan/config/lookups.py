"""The placeholders of keycloak-config-cli, for `[config] substitution = "keycloak-config-cli"`.

    $(NAME)  $(env:NAME)          the environment variable NAME
    $(some.name-of-spring)        the variable SOME_NAME_OF_SPRING
    $(file:UTF-8:PATH)            the content of a file
    $(base64Decoder:TEXT)         and base64Encoder, urlDecoder, urlEncoder, xmlDecoder, xmlEncoder
    $(…:-default)                 the default where the value is not there
    $$(                           stands for $(

That tool puts values in before it parses a file. So a variable may hold a list as JSON, where
nothing else is in its place: `redirectUris: $(env:URIS)`. See `written_out`.

They nest: `$(base64Decoder:$(env:NAME))`. Lookups that read other things of a Java machine
(`sys`, `script`, `url`, …) are errors.
"""

import base64
import html
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote_plus, unquote_plus

from attrs import evolve

from kcplan.config.substitute import (
    Piece,
    PlaceholderError,
    Problem,
    Substitution,
)
from kcplan.shapes import ListOf, Shape

_MAX_NESTING: Final = 20
_NEXT: Final = re.compile(r"\$\$\(|\$\(|\)")
_VARIABLE: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_TRANSFORMS: Final[Mapping[str, Callable[[str], str]]] = {
    "base64Decoder": lambda text: base64.b64decode(text, validate=True).decode(),
    "base64Encoder": lambda text: base64.b64encode(text.encode()).decode(),
    "urlDecoder": unquote_plus,
    "urlEncoder": quote_plus,
    "xmlDecoder": html.unescape,
    "xmlEncoder": lambda text: html.escape(text).replace("&#x27;", "&apos;"),
}


def keycloak_config_cli(
    substitution: Substitution, text: str, folder: Path
) -> tuple[list[Piece], list[Problem]]:
    """Substitute `$(…)` in a text."""
    pieces: list[Piece] = []
    try:
        _read(_Context(substitution, folder), text, 0, 0, pieces)
    except PlaceholderError as error:
        return [], [error.problem]
    return [piece for piece in pieces if piece.value or piece.kind != "literal"], []


def written_out(written: str, text: str, shape: Shape) -> Any:
    """The list, or the text in quotes, that a placeholder stands for; else its text.

    Args:
        written: What the file has.
        text: What that stands for.
        shape: What the field takes.
    """
    if not (written.startswith("$(") and written.endswith(")")):
        return text
    wanted = (list,) if isinstance(shape, ListOf) else (str,) if text.startswith('"') else ()
    try:
        found = json.loads(text) if wanted else text
    except (ValueError, RecursionError):
        return text
    plain = not isinstance(found, list) or all(isinstance(item, str) for item in found)
    return found if isinstance(found, wanted) and plain else text


class _Context:
    def __init__(self, substitution: Substitution, folder: Path) -> None:
        self.substitution = substitution
        self.folder = folder


def _read(context: _Context, text: str, start: int, depth: int, pieces: list[Piece]) -> int:
    """Read up to the end of the text or, within a placeholder, its closing parenthesis.

    Gives the offset after it; -1 where the parenthesis never comes.
    """
    if depth > _MAX_NESTING:
        raise PlaceholderError(
            "unknown-placeholder", f"placeholders are nested more than {_MAX_NESTING} deep"
        )
    position = start
    while (match := _NEXT.search(text, position)) is not None:
        pieces.append(Piece(text[position : match.start()]))
        position = match.end()
        if match[0] == ")" and depth:
            return position
        if match[0] == "$(":
            position = _placeholder(context, text, position, depth, pieces)
        else:
            pieces.append(Piece(match[0].removeprefix("$")))
    pieces.append(Piece(text[position:]))
    return -1 if depth else len(text)


def _placeholder(context: _Context, text: str, start: int, depth: int, pieces: list[Piece]) -> int:
    """Read what follows a `$(`, and add what it stands for."""
    inner: list[Piece] = []
    end = _read(context, text, start, depth + 1, inner)
    if end < 0:
        pieces.extend([Piece("$("), *inner])
        return len(text)
    sensitive = any(piece.sensitive for piece in inner)
    content = "".join(piece.value for piece in inner)
    if sensitive and content.partition(":")[0] not in _TRANSFORMS:
        raise PlaceholderError(
            "unknown-placeholder",
            "a secret cannot be part of the name of a variable or file",
            "Names are shown in messages and plans.",
        )
    found = _evaluate(context, content)
    if any(piece.kind != "literal" for piece in inner) and found.kind == "literal":
        found = evolve(found, kind="computed")
    pieces.append(evolve(found, sensitive=sensitive or found.sensitive))
    return end


def _evaluate(context: _Context, content: str) -> Piece:
    word, _, argument = content.partition(":")
    transform = _TRANSFORMS.get(word)
    if transform is not None:
        return _transform(word, transform, argument)
    lookup, has_default, default = content.partition(":-")
    try:
        return _look_up(context, lookup)
    except PlaceholderError as error:
        if has_default and error.problem.code in {"undefined-variable", "unreadable-file"}:
            return Piece(default)
        raise


def _transform(word: str, transform: Callable[[str], str], argument: str) -> Piece:
    try:
        return Piece(transform(argument))
    except ValueError:
        raise PlaceholderError(
            "unknown-placeholder", f"what `$({word}:…)` is given cannot be decoded"
        ) from None


def _look_up(context: _Context, lookup: str) -> Piece:
    word, has_word, argument = lookup.partition(":")
    if not has_word and _VARIABLE.fullmatch(word):
        return context.substitution.variable(_name_of(word, context.substitution.environment))
    if word == "env":
        return context.substitution.variable(argument)
    if word != "file":
        raise _not_supported(
            f"$({word}:…)" if has_word else f"$({word})",
            "kcplan has the lookups env, file, base64Decoder, base64Encoder, urlDecoder, "
            "urlEncoder, xmlDecoder and xmlEncoder. Use a variable of the environment. "
            "For the text itself, write `$$(`.",
        )
    charset, _, path = argument.partition(":")
    if charset.lower().replace("-", "") not in {"utf8", "usascii"}:
        raise _not_supported(f"$(file:{charset}:…)", "Files are read as UTF-8.")
    return context.substitution.file(path, context.folder)


def _name_of(written: str, environment: Mapping[str, str]) -> str:
    """The variable that Spring takes for a property: `a.b-c` is A_B_C, if nothing comes closer."""
    plain = re.sub("[.-]", "_", written)
    return next((name for name in (written, plain) if name in environment), _usual(written, plain))


def _usual(written: str, plain: str) -> str:
    return written if written == plain else plain.upper()


def _not_supported(written: str, detail: str) -> PlaceholderError:
    return PlaceholderError("unknown-placeholder", f"`{written}` is not supported", detail)
