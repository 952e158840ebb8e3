"""Whether editors and `validate` say the same of a file: a schema refuses what has a wrong shape."""

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, Final

from jsonschema import Draft202012Validator

from kcplan.config.load import load_text
from kcplan.diagnostics import Diagnostic, Severity
from kcplan.editors import OF_SHAPE
from kcplan.editors.files import realm_schema
from kcplan.editors.settings import settings_schema
from kcplan.errors import ConfigError
from kcplan.resource import Registry
from kcplan.state import State
from kcplan_keycloak.resources import registry
from kcplan_keycloak.token_exchange.preparing import prepare
from support.misshapen import as_text

VARIABLES: Final = {"CLIENT_SECRET": "hidden"}

_ACROSS: Final = ("is moved twice", "is the same as `from`", "and another server")
"""Rules across two values of kcplan.toml, which share a code with rules for one."""

_OWN: dict[int, Draft202012Validator] = {}


@cache
def of_realms() -> Draft202012Validator:
    """Judges realm files."""
    return Draft202012Validator(realm_schema(registry()))


@cache
def of_settings() -> Draft202012Validator:
    """Judges kcplan.toml."""
    return Draft202012Validator(settings_schema())


def of_types(types: Registry) -> Draft202012Validator:
    """Judges realm files with other types."""
    return _OWN.setdefault(id(types), Draft202012Validator(realm_schema(types)))


def in_editor(judge: Draft202012Validator, document: Any) -> list[str]:
    """What an editor finds in a document."""
    return [f"{list(item.absolute_path)}: {item.message}" for item in judge.iter_errors(document)]


def validated(document: Any) -> list[Diagnostic]:
    """The errors that `validate` finds in a document."""
    try:
        config = load_text(Path("r.json"), as_text(document), registry(), VARIABLES)
        found = prepare(config, State(""), lint=False).config.diagnostics
    except ConfigError as problem:
        found = tuple(problem.diagnostics)
    return errors(found)


def errors(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Those of them that are errors."""
    return [item for item in found if item.severity is Severity.ERROR]


def require_agreement(judge: Draft202012Validator, document: Any, found: list[Diagnostic]) -> None:
    """Fail where a sound file is refused by an editor, or one of a wrong shape is not."""
    refused = in_editor(judge, document)
    of_shape = [
        item
        for item in found
        if item.code in OF_SHAPE
        and not item.summary.endswith(_ACROSS)
        and _is_written_out(document, item)
    ]
    told = f"{json.dumps(document, default=str)[:2000]}"
    assert found or not refused, f"only the editor refuses: {refused[:3]}\n{told}"
    assert refused or not of_shape, f"only validate refuses: {of_shape[:3]}\n{told}"


def _is_written_out(document: Any, finding: Diagnostic) -> bool:
    """Whether what is wrong stands in the document itself: in no variable, and no JSON text.

    A field that is null does not count: an overlay takes one out so, and no editor knows which
    files are overlays.
    """
    value, key = document, None
    for key in finding.source.path if finding.source else ():
        if isinstance(value, str):
            return False
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            break
    if value is None and isinstance(key, str):
        return False
    return not (isinstance(value, str) and "$" in value)


def require_agreement_of_files(
    judge: Draft202012Validator, files: Mapping[str, Any], found: Iterable[Diagnostic]
) -> None:
    """The same for each of several files, with what was found in all of them."""
    wrong = errors(found)
    for name, document in files.items():
        here = [item for item in wrong if item.source is not None and item.source.file == name]
        if all(item.code in OF_SHAPE for item in here):
            require_agreement(judge, document, here)


@contextmanager
def settled_by(judge: Draft202012Validator, files: Mapping[str, Any]) -> Iterator[list[Diagnostic]]:
    """Hold what is found in files against what an editor finds; takes what was found in sound ones."""
    found: list[Diagnostic] = []
    try:
        yield found
    except ConfigError as problem:
        require_agreement_of_files(judge, files, problem.diagnostics)
        raise
    require_agreement_of_files(judge, files, found)
