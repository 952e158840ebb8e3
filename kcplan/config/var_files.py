"""Variables that a command is given: `--var NAME=VALUE` and `--var-file FILE`."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

from attrs import evolve

from kcplan.config.document import (
    Document,
    decoded,
    parse_document,
    read_document,
    read_text,
    without_quotes,
)
from kcplan.config.env_file import NO_NAME, is_variable_name, looks_like_json, read_env
from kcplan.config.json_reader import read_json
from kcplan.config.substitute import OWN_CREDENTIALS
from kcplan.config.variables import FROM_COMMAND, Given
from kcplan.diagnostics import Diagnostic, by_place, error
from kcplan.errors import ConfigError, UsageError
from kcplan.schema import describe

STANDARD_INPUT: Final = "-"

_WHAT: Final = 'It is one table of variables, without others in it: `{"NAME": "value"}`.'


def given(pairs: Sequence[str], files: Sequence[str]) -> Mapping[str, Given]:
    """The variables of a command line: a pair goes before a file, and the later before the earlier.

    Args:
        pairs: What `--var` was given, each `NAME=VALUE`.
        files: What `--var-file` was given; `-` is standard input.

    Raises:
        UsageError: A pair is none, or a file is none of variables.
        ConfigError: What is in a file is wrong.
    """
    if files.count(STANDARD_INPUT) > 1:
        raise UsageError(
            "--var-file - stands there twice",
            "Standard input can be read once. Name it once, and other sources as files.",
        )
    found: dict[str, Given] = {}
    for file in files:
        found |= _of_file(file)
    return {**found, **dict(map(_of_pair, pairs))}


def _of_pair(pair: str) -> tuple[str, Given]:
    name, equals, value = pair.partition("=")
    if not equals or not name:
        # What was meant for a value may be a secret: it is not repeated.
        raise UsageError(
            "--var takes NAME=VALUE",
            "Write a name, `=` and the value, and put all of it into quotes.",
        )
    if problem := _unusable(name):
        raise UsageError(f"--var: {problem[0]}", problem[1])
    try:
        value.encode()
    except UnicodeEncodeError:
        raise UsageError(
            f"--var {name}: the value is not text in UTF-8", "Encode it, as with base64."
        ) from None
    return name, Given(value, FROM_COMMAND)


def _unusable(name: str) -> tuple[str, str] | None:
    """Why no variable can have this name, and what to do."""
    if name in OWN_CREDENTIALS:
        return (
            f"{name} is kcplan's own credential, and no variable for files",
            "Set it in the environment of kcplan.",
        )
    if not is_variable_name(name):
        return "what stands before the value is no name of a variable", NO_NAME
    return None


def _of_file(file: str) -> dict[str, Given]:
    document = _document(file)
    found = (*without_quotes(document), *wrong_variables(document, document.data))
    wrong = sorted(found, key=by_place)
    if wrong:
        raise ConfigError(wrong)
    return {
        name: Given(value, document.file, document.source((name,)))
        for name, value in document.data.items()
    }


def _document(file: str) -> Document:
    """A file of variables as a document. Raises ConfigError, UsageError."""
    path = Path(file)
    if file == STANDARD_INPUT:
        return _piped(Path("standard input"), sys.stdin.buffer.read())
    with suppress(OSError):  # which the ordinary way tells better
        if path.is_fifo():
            return _piped(path, path.read_bytes())
    if path.suffix.lower() in {".toml", ".json"}:
        return read_document(path, may_be_empty=True, what=_WHAT)
    if path.suffix.lower() == ".env" or path.name.startswith(".env"):
        return parse_document(path, read_text(path), may_be_empty=True, read=read_env, what=_WHAT)
    raise UsageError(
        f"the file {file!r} has no ending that says its format",
        "--var-file takes files that end with .toml, .json or .env, and `-` for standard input.",
    )


def _piped(path: Path, content: bytes) -> Document:
    text = decoded(path, content)
    if not text.strip():
        raise UsageError(
            f"{path} has no variables: nothing came",
            "--var-file reads what another program writes. That program probably failed.",
        )
    read = read_json if looks_like_json(text) else read_env
    document = parse_document(path, text, read=read, what=_WHAT)
    if read is read_env and [value.strip("=") for value in document.data.values()] == [""]:
        # It may be base64, which ends with `=`: what would be the name is not repeated.
        raise UsageError(
            f"what {path} has is one text, and no table of variables",
            "Give it a name, as with `jq --raw-input --slurp '{NAME: rtrimstr(\"\\n\")}'`.",
        )
    return document


def wrong_variables(
    document: Document, table: Mapping[str, object], place: tuple[str, ...] = ()
) -> Iterator[Diagnostic]:
    """What is wrong with the variables in a table of a document."""
    for name, value in table.items():
        source = document.source((*place, name))
        if problem := _unusable(name):
            hidden = evolve(source, path=place)  # what is no name may be a secret
            yield error("wrong-variable", problem[0], problem[1], source=hidden)
        if not isinstance(value, str):
            yield error(
                "wrong-type",
                f"the variable {name} must be a string, not {describe(value)}"
                if isinstance(value, dict | list | None)
                else f"the variable {name} must be a string",
                "Variables are texts, and take the type of the field that they stand in. Put the "
                "value into quotes.",
                source=source,
                several="variables are no strings",
                subject=name,
            )
