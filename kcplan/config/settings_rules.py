"""What must hold in kcplan.toml beyond keys and types."""

import re
from collections.abc import Callable, Iterator, Sequence

from attrs import evolve

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.config import environments
from kcplan.config.discover import SETTINGS_FILE
from kcplan.config.document import READERS, Document
from kcplan.config.lints import Known, mistakes
from kcplan.config.model import Lifecycle, Lint, Moved
from kcplan.config.positions import Place
from kcplan.config.settings import KEYCLOAK_CONFIG_CLI, VERSION, Settings
from kcplan.config.var_files import wrong_variables
from kcplan.diagnostics import Diagnostic, error
from kcplan.schema import dotted


@frozen
class _Rule:
    """What must hold beyond types."""

    place: Place
    holds: bool
    summary: str
    detail: str = ""


def broken_rules(
    settings: Settings, document: Document, known: Callable[[], Known] | None
) -> Iterator[Diagnostic]:
    """What is wrong with settings whose keys and types are right.

    Args:
        settings: The settings.
        document: Where they stand.
        known: Gives what `[[lint]]` rules may name; asked only where there is one.
    """
    yield from (_broken(rule, document) for rule in _rules(settings) if not rule.holds)
    yield from _mistakes(settings.lint, known, document)
    yield from wrong_variables(document, settings.variables, ("variables",))
    for name, environment in settings.environments.items():
        yield from _mistakes(environment.lint, known, document, ("environments", name))
        place = ("environments", name, "variables")
        yield from wrong_variables(document, environment.variables, place)


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
