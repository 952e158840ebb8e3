"""Reading kcplan.toml, strictly: every wrong key or type is one message with its place."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from pathlib import Path
from types import GenericAlias
from typing import Any, Final, TypeVar, get_args

from attrs import evolve, fields, frozen, has
from cattrs import Converter
from cattrs.errors import (
    ClassValidationError,
    ForbiddenExtraKeysError,
    IterableValidationError,
)
from cattrs.gen import make_dict_structure_fn, override

from kcplan.address import Address
from kcplan.config import environments
from kcplan.config.discover import SETTINGS_FILE
from kcplan.config.document import READERS, Document, read_document
from kcplan.config.lints import Known, mistakes
from kcplan.config.model import ForEach, Lifecycle, Lint, Moved, Tenants
from kcplan.config.positions import Place
from kcplan.config.settings import (
    KEYCLOAK_CONFIG_CLI,
    VERSION,
    Environment,
    KeycloakSettings,
    Settings,
)
from kcplan.config.substitute import says_secret
from kcplan.config.var_files import wrong_variables
from kcplan.diagnostics import Diagnostic, Source, by_place, error, warning
from kcplan.errors import ConfigError, UsageError
from kcplan.schema import describe, dotted
from kcplan.secret import Origin, Secret

Connecting = TypeVar("Connecting", bound=KeycloakSettings)

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


@frozen
class _Rule:
    """What must hold beyond types."""

    place: Place
    holds: bool
    summary: str
    detail: str = ""


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
    broken = [_broken(rule, document) for rule in _rules(settings) if not rule.holds]
    broken += _mistakes(settings.lint, known, document)
    broken += wrong_variables(document, settings.variables, ("variables",))
    for name, environment in settings.environments.items():
        broken += _mistakes(environment.lint, known, document, ("environments", name))
        place = ("environments", name, "variables")
        broken += wrong_variables(document, environment.variables, place)
    if broken:
        raise ConfigError(broken)
    return _with_places(settings, document)


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


def _rules(settings: Settings) -> Iterator[_Rule]:
    keycloak, config, state = settings.keycloak, settings.config, settings.state
    yield _Rule(
        ("keycloak", "timeout"),
        keycloak.timeout is None or keycloak.timeout > 0,
        "must be more than 0 seconds",
    )
    yield _Rule(
        ("keycloak", "parallelism"),
        keycloak.parallelism is None or keycloak.parallelism > 0,
        "must be at least 1",
    )
    yield _Rule(
        ("keycloak", "max_answer_mib"),
        keycloak.max_answer_mib is None or keycloak.max_answer_mib > 0,
        "must be at least 1",
    )
    yield _Rule(
        ("keycloak", "version"),
        keycloak.version is None or re.fullmatch(VERSION, keycloak.version) is not None,
        "must be a version such as 26.7 or 26.7.3",
        "kcplan goes by its first two numbers.",
    )
    yield _Rule(
        ("state", "lock_timeout"),
        state.lock_timeout is None or state.lock_timeout >= 0,
        "must not be negative",
    )
    yield _Rule(
        ("refresh", "full_every"),
        settings.refresh.full_every > 0,
        "must be more than 0 hours",
    )
    yield _Rule(
        ("config", "substitution"),
        config.substitution in {"kcplan", KEYCLOAK_CONFIG_CLI},
        f'must be "kcplan" or "{KEYCLOAK_CONFIG_CLI}"',
    )
    for name in ("files", "overlays"):
        for index, path in enumerate(getattr(config, name)):
            yield _Rule(("config", name, index), bool(path), "must not be empty")
    for index, tenants in enumerate(settings.realms):
        yield _Rule(
            ("realms", index, "file"),
            tenants.file.suffix.lower() in READERS,
            f"must be a realm file: it ends with one of {', '.join(READERS)}",
        )
        yield _Rule(
            ("realms", index, "file"),
            tenants.file.name != SETTINGS_FILE,
            "must be a realm file, and this one holds kcplan's own settings",
        )
    for index, rule in enumerate(settings.lifecycle):
        yield from _lifecycle_rules(rule, ("lifecycle", index))
    for index, lint in enumerate(settings.lint):
        yield _match_rule(lint.match, ("lint", index))
    yield from _moved_rules(settings.moved)
    for name, environment in settings.environments.items():
        for own in _rules(environments.alone(environment)):
            place: Place = ("environments", name, *environments.own_place(own.place))
            yield evolve(own, place=place)
    for mistake in environments.mistakes(settings):
        yield _Rule(mistake.place, holds=False, summary=mistake.summary, detail=mistake.detail)


def _lifecycle_rules(rule: Lifecycle, place: Place) -> Iterator[_Rule]:
    yield _match_rule(rule.match, place)
    yield _Rule(
        (*place, "on_remove"),
        rule.on_remove in {None, "delete", "release"},
        'must be "delete" or "release"',
    )


def _match_rule(match: str, place: Place) -> _Rule:
    return _Rule(
        (*place, "match"),
        all(match.split("/")),
        "must be an address or a pattern of addresses",
        "As in `prod/clients/*`: `*` matches within one segment, `**` any number of segments.",
    )


def _mistakes(
    lints: Sequence[Lint],
    known: Callable[[], Known] | None,
    document: Document,
    at: Place = (),
) -> Iterator[Diagnostic]:
    names = known() if lints and known else None
    for index, rule in enumerate(lints):
        for item in mistakes(rule, names):
            place: Place = (*at, "lint", index, item.key)
            summary = f"{dotted(place)} {item.summary}"
            yield error(item.code, summary, item.detail, source=document.source(place))


def _moved_rules(moved: tuple[Moved, ...]) -> Iterator[_Rule]:
    seen: set[Address] = set()
    for index, rule in enumerate(moved):
        place: Place = ("moved", index)
        yield _Rule((*place, "to"), rule.old != rule.new, "is the same as `from`")
        yield _Rule((*place, "from"), rule.old not in seen, "is moved twice")
        seen.add(rule.old)


def _broken(rule: _Rule, document: Document) -> Diagnostic:
    return error(
        "wrong-type",
        f"{dotted(rule.place)} {rule.summary}",
        rule.detail,
        source=document.source(rule.place),
    )


def _with_places(settings: Settings, document: Document) -> Settings:
    """The settings with the places of what needs one, and warnings."""
    moved = tuple(
        evolve(rule, source=document.source(("moved", index)))
        for index, rule in enumerate(settings.moved)
    )
    realms = tuple(
        evolve(tenants, source=document.source(("realms", index, "for_each")))
        for index, tenants in enumerate(settings.realms)
    )
    found: list[Diagnostic] = []
    keycloak = _secrets_located(settings.keycloak, ("keycloak",), document, found)
    variables = _variables_located(settings.variables, ("variables",), document, found)
    named = {}
    for name, environment in settings.environments.items():
        at = ("environments", name)
        located = _secrets_located(environment, at, document, found)
        sources = _variables_located(located.variables, (*at, "variables"), document, found)
        named[name] = evolve(located, variable_sources=sources)
    return evolve(
        settings,
        keycloak=keycloak,
        environments=named,
        moved=moved,
        realms=realms,
        variable_sources=variables,
        folder=document.folder,
        diagnostics=tuple(found),
        listed=document.source(("environments",)) if named else None,
    )


def _secrets_located(
    settings: Connecting, at: Place, document: Document, found: list[Diagnostic]
) -> Connecting:
    """The settings with the places of secrets; a warning for each goes to what was found."""
    for name in ("client_secret", "password"):
        secret = getattr(settings, name)
        if secret is not None:
            source = document.source((*at, name))
            located = evolve(secret, origin=Origin("literal", "", source))
            settings = evolve(settings, **{name: located})
            cure = f"the variable KCPLAN_{name.upper()} or the key `{name}_file`"
            found.append(_in_plain_text(dotted((*at, name)), cure, source))
    return settings


def _variables_located(
    variables: Mapping[str, str], at: Place, document: Document, found: list[Diagnostic]
) -> Mapping[str, Source]:
    """The places of variables; a warning for each that is a secret goes to what was found."""
    sources = {name: document.source((*at, name)) for name in variables}
    found += [
        _in_plain_text(dotted((*at, name)), "the environment or `--var-file`", source)
        for name, source in sources.items()
        if says_secret(name)
    ]
    return sources


def _in_plain_text(name: str, cure: str, source: Source) -> Diagnostic:
    return warning(
        "own-secret-in-file",
        f"{name} is in plain text",
        f"Whoever reads the file knows it. Use {cure} instead.",
        source=source,
    )
