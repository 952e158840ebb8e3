"""Reading kcplan.toml, strictly: every wrong key or type is one message with its place."""

from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from types import GenericAlias
from typing import Any, Final, get_args

from attrs import fields, has
from cattrs import Converter
from cattrs.errors import (
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.gen import make_dict_structure_fn, override

from kcplan.address import Address
from kcplan.config import environments
from kcplan.config.document import Document, read_document
from kcplan.config.lints import Known
from kcplan.config.model import ForEach, Moved, Tenants
from kcplan.config.positions import Place
from kcplan.config.settings import Environment, Settings
from kcplan.config.settings_places import with_places
from kcplan.config.settings_rules import broken_rules
from kcplan.diagnostics import Diagnostic, by_place, error
from kcplan.errors import ConfigError, UsageError
from kcplan.schema import describe, dotted
from kcplan.secret import Secret

_KEYS: Final[Mapping[type, Mapping[str, str]]] = {Moved: {"old": "from", "new": "to"}}
"""Keys that are named otherwise than the attribute."""

_INTERNAL: Final[Mapping[type, frozenset[str]]] = {
    Moved: frozenset({"source"}),
    Tenants: frozenset({"source"}),
    Environment: frozenset({"variable_sources"}),
    Settings: frozenset({"folder", "diagnostics", "own_files", "file_folders", "variable_sources"})
    | environments.INTERNAL,
}
"""Attributes that are no keys."""


def keys(kind: type) -> Mapping[str, str]:
    """The keys of a table of kcplan.toml, by the attributes that they become."""
    renamed = _KEYS.get(kind, {})
    hidden = _INTERNAL.get(kind, frozenset())
    return {a.name: renamed.get(a.name, a.name) for a in fields(kind) if a.name not in hidden}


class _WrongValueError(Exception):
    """A value is not what its key wants."""


def load_settings(
    path: Path, *, required: bool = False, known: Callable[[], Known] | None = None
) -> Settings:
    """Read kcplan.toml.

    Args:
        path: The file.
        required: Whether it must be there; otherwise a missing one means the defaults.
        known: Gives what its `[[lint]]` rules may name; asked only where it has one.

    Raises:
        UsageError: It is required and not there.
        ConfigError: Something in it is wrong.
    """
    if not path.exists() and not path.is_symlink():
        if required:
            raise UsageError(f"{str(path)!r} does not exist", "`kcplan init` makes a first one.")
        return Settings(folder=path.parent)
    document = read_document(path, may_be_empty=True)
    try:
        settings = _converter(document.folder).structure(document.data, Settings)
    except (ClassValidationError, IterableValidationError, _WrongValueError) as problem:
        raise ConfigError(sorted(_explain(problem, (), document), key=by_place)) from None
    broken = list(broken_rules(settings, document, known))
    if broken:
        raise ConfigError(broken)
    return with_places(settings, document)


def _converter(folder: Path) -> Converter:
    """A converter that takes nothing for what it is not."""
    converter = Converter(detailed_validation=True)
    for kind, wanted in ((str, "a string"), (bool, "true or false"), (int, "an integer")):
        converter.register_structure_hook(kind, _exactly(kind, wanted))
    converter.register_structure_hook(float, _number)
    converter.register_structure_hook(Path, lambda value, _: folder / _text(value))
    converter.register_structure_hook_factory(_is_tuple, lambda kind: _items(converter, kind))
    converter.register_structure_hook_func(
        lambda kind: kind == ForEach, lambda value, _: _for_each(converter, value)
    )
    converter.register_structure_hook_factory(_is_mapping, lambda kind: _mapping(converter, kind))
    converter.register_structure_hook_factory(has, lambda kind: _table(converter, kind))
    converter.register_structure_hook(Secret, lambda value, _: Secret(_secret_text(value)))
    converter.register_structure_hook(Address, lambda value, _: _address(value))
    return converter


def _is_tuple(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is tuple


def _is_mapping(kind: Any) -> bool:
    return getattr(kind, "__origin__", None) is Mapping


def _exactly(kind: type, wanted: str) -> Callable[[Any, Any], Any]:
    def structure(value: Any, _: Any) -> Any:
        if type(value) is not kind:
            raise _WrongValueError(f"must be {wanted}, not {describe(value)}")
        return value

    return structure


def _number(value: Any, _: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _WrongValueError(f"must be a number, not {describe(value)}")
    return float(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise _WrongValueError(f"must be a string, not {describe(value)}")
    if not value:
        raise _WrongValueError("must not be empty")
    return value


def _secret_text(value: Any) -> str:
    if not isinstance(value, str):
        raise _WrongValueError("must be a string")
    return value


def _address(value: Any) -> Address:
    try:
        return Address.parse(_text(value))
    except ValueError as problem:
        raise _WrongValueError(f"must be an address: {problem}") from None


def _items(converter: Converter, kind: Any) -> Callable[[Any, Any], Any]:
    item: Any = get_args(kind)[0]
    items: Any = GenericAlias(list, (item,))
    wanted = "a list of tables" if has(item) else "a list of strings"

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, list):
            raise _WrongValueError(f"must be {wanted}, not {describe(value)}")
        return tuple(converter.structure(value, items))

    return structure


def _mapping(converter: Converter, kind: Any) -> Callable[[Any, Any], Any]:
    entries: Any = GenericAlias(dict, get_args(kind))

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise _WrongValueError(f"must be a table, not {describe(value)}")
        return converter.structure(value, entries)

    return structure


def _for_each(converter: Converter, value: Any) -> ForEach:
    kinds: Mapping[type, Any] = dict(zip((list, dict, str), get_args(ForEach), strict=True))
    if type(value) in kinds:
        tenants: ForEach = converter.structure(value, kinds[type(value)])
        return tenants
    raise _WrongValueError(
        f"must be a list of names, a table of tenants or the name of a file, not {describe(value)}"
    )


def _table(converter: Converter, kind: Any) -> Callable[[Any, Any], Any]:
    overrides: dict[str, Any] = {
        old: override(rename=new) for old, new in _KEYS.get(kind, {}).items()
    }
    overrides |= {name: override(omit=True) for name in _INTERNAL.get(kind, ())}
    make = make_dict_structure_fn(kind, converter, _cattrs_forbid_extra_keys=True, **overrides)

    def structure(value: Any, _: Any) -> Any:
        if not isinstance(value, dict):
            raise _WrongValueError(f"must be a table, not {describe(value)}")
        return make(value, kind)

    return structure


def _explain(problem: BaseException, place: Place, document: Document) -> Iterator[Diagnostic]:
    """The diagnostics for what cattrs found wrong."""
    if isinstance(problem, ClassValidationError):
        keys = _KEYS.get(problem.cl, {})
        noted, others = problem.group_exceptions()
        for inner, attribute in noted:
            key = keys.get(attribute.name, attribute.name)
            yield from _explain(inner, (*place, key), document)
        for inner in others:
            yield from _explain(inner, place, document)
    elif isinstance(problem, IterableValidationError):
        for inner, item in problem.group_exceptions()[0]:
            yield from _explain(inner, (*place, item.index), document)
    elif isinstance(problem, ForbiddenExtraKeysError):
        for key in sorted(problem.extra_fields):
            yield _unknown(key, problem.cl, place, document)
    elif isinstance(problem, KeyError):
        yield _missing(place, document)
    else:
        yield error("wrong-type", f"{dotted(place)} {problem}", source=document.source(place))


def _missing(place: Place, document: Document) -> Diagnostic:
    return error(
        "missing-name",
        f"the key `{place[-1]}` is missing in {dotted(place[:-1])}",
        source=document.source(place),
    )


def _unknown(key: str, kind: type, place: Place, document: Document) -> Diagnostic:
    known = list(keys(kind).values())
    elsewhere = _elsewhere(key, kind)
    close = [] if elsewhere else get_close_matches(key, known, n=1, cutoff=0.6)
    hint = f"; did you mean `{close[0]}`?" if close else ""
    where = f" in {dotted(place)}" if place else ""
    return error(
        "unknown-field",
        f"unknown key `{key}`{where}{hint}",
        f"{elsewhere}Allowed here: " + ", ".join(f"`{name}`" for name in known) + ".",
        source=document.source((*place, key)),
    )


def _elsewhere(key: str, kind: type) -> str:
    """Where a key belongs that stands in the wrong table; nothing where nobody knows."""
    if kind is Environment:
        if key in {table for table, _ in environments.TABLES.values()}:
            return f"An environment has the keys of `[{key}]` itself, without that table. "
        own = {inner: name for name, (_, inner) in environments.TABLES.items() if name != inner}
        if key in own:
            return f"In an environment its name is `{own[key]}`. "
        if key in keys(Settings).values():
            return f"`{key}` stands at the top level, and is for all environments. "
    elif kind is not Settings and key in keys(Settings).values():
        return f"`{key}` stands at the top level: above the first table, or as a table itself. "
    return ""
