"""Environments: several sets of settings in one kcplan.toml, of which a command takes one.

One rule: an environment has the keys of `[keycloak]`, `[config]`, `[state]` and `[refresh]` itself,
without these tables. What it sets goes before the top level, and what it does not is as there. Only
the state's path is called `state`, and is another one by default. Pure.
"""

import os
import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import combinations
from pathlib import Path
from typing import Any, Final

from attrs import evolve, fields

from kcplan.classes import frozen
from kcplan.config.positions import Place
from kcplan.config.settings import ENVIRONMENT, Environment, KeycloakSettings, Settings
from kcplan.diagnostics import error
from kcplan.errors import ConfigError, UsageError

TABLES: Final[Mapping[str, tuple[str, str]]] = {
    **{attribute.name: ("keycloak", attribute.name) for attribute in fields(KeycloakSettings)},
    "state": ("state", "path"),
    "lock_timeout": ("state", "lock_timeout"),
    "files": ("config", "files"),
    "overlays": ("config", "overlays"),
    "substitution": ("config", "substitution"),
    "ignore_unsupported": ("config", "ignore_unsupported"),
    "full_every": ("refresh", "full_every"),
}
"""Keys of an environment that stand in tables at the top level: the table, and the key there."""

INTERNAL: Final = frozenset({"environment", "protect", "set_aside", "alone", "listed"})
"""Attributes of the settings that are no keys: what follows from environments."""

_SECRETS: Final = ("client_secret", "password")


@frozen
class Mistake:
    """What is wrong with an environment, and where."""

    place: Place
    summary: str
    detail: str = ""


def default_state(name: str) -> Path:
    """The state file of an environment where kcplan.toml names none."""
    return Path(f"kcplan.{name}.state.json")


def chosen(settings: Settings, name: str | None) -> Settings:
    """The settings of an environment; without a name the top level's, if there are no others.

    Raises:
        ConfigError: There is no such environment.
        UsageError: There are environments, and none is named.
    """
    if name is None:
        if not settings.environments:
            return settings
        names = ", ".join(f"`{known}`" for known in settings.environments)
        raise UsageError(
            f"kcplan.toml has environments, and none is named: {names}",
            "Name one with `--env NAME`, or set KCPLAN_ENV. Without it, kcplan could change the "
            "wrong one.",
        )
    environment = settings.environments.get(name)
    if environment is None:
        raise _unknown(name, settings)
    found = _overlaid(settings, environment)
    patterns = [settings.config.overlays]
    patterns += [other.overlays or () for other in settings.environments.values()]
    return evolve(
        found,
        environment=name,
        state=evolve(found.state, path=_state(settings, name)),
        variables={**settings.variables, **environment.variables},
        variable_sources={**settings.variable_sources, **environment.variable_sources},
        lifecycle=(*environment.lifecycle, *settings.lifecycle),
        lint=(*environment.lint, *settings.lint),
        protect=environment.protect,
        set_aside=tuple(pattern for some in patterns for pattern in some),
    )


def _unknown(name: str, settings: Settings) -> Exception:
    if not settings.environments:
        return UsageError(
            f"there is no environment `{name}`: kcplan.toml has none",
            "kcplan reads the kcplan.toml of the current folder, or that of `-C DIR`. Where there "
            "are no environments, leave out --env and KCPLAN_ENV.",
        )
    close = get_close_matches(name, settings.environments, n=1, cutoff=0.5)
    hint = f"; did you mean `{close[0]}`?" if close else ""
    names = ", ".join(f"`{known}`" for known in settings.environments)
    return ConfigError(
        [
            error(
                "unknown-environment",
                f"there is no environment `{name}`{hint}",
                f"kcplan.toml has {names}. Correct --env or KCPLAN_ENV.",
                source=settings.listed,
            )
        ]
    )


def alone(environment: Environment) -> Settings:
    """What an environment sets, as settings of the top level."""
    found = _overlaid(Settings(), environment)
    return evolve(found, lifecycle=environment.lifecycle, lint=environment.lint)


def own_place(place: Place) -> Place:
    """Where an environment has what stands at this place of the top level."""
    own: dict[Place, str] = {at: key for key, at in TABLES.items()}
    key = own.get(place[:2])
    return place if key is None else (key, *place[2:])


def _overlaid(settings: Settings, environment: Environment) -> Settings:
    """The tables of the top level with what an environment sets."""
    found: dict[str, dict[str, Any]] = {}
    for key, (table, inner) in TABLES.items():
        if (value := getattr(environment, key)) is not None:
            found.setdefault(table, {})[inner] = value
    keycloak = found.get("keycloak", {})
    for name in _SECRETS:
        # Of the two ways to give a secret, that of the environment counts.
        if name in keycloak:
            keycloak.setdefault(f"{name}_file", None)
    tables = {table: evolve(getattr(settings, table), **keys) for table, keys in found.items()}
    return evolve(settings, **tables)


def _state(settings: Settings, name: str) -> Path:
    """The state file of an environment."""
    own = settings.environments[name].state or settings.state.path
    return own or settings.folder / default_state(name)


def states(settings: Settings) -> list[Path]:
    """The state files of all environments."""
    return [_state(settings, name) for name in settings.environments]


def mistakes(settings: Settings) -> Iterator[Mistake]:
    """What is wrong with the environments together, and with their names."""
    for name in settings.environments:
        if not re.fullmatch(ENVIRONMENT, name):
            yield Mistake(
                ("environments", name),
                "is no name of an environment",
                "Names have letters, digits, `-`, `_` and `.` only, as they are given to `--env`.",
            )
    urls = {
        name: environment.url or settings.keycloak.url
        for name, environment in settings.environments.items()
    }
    states = {name: os.path.realpath(_state(settings, name)) for name in settings.environments}
    for one, other in combinations(settings.environments, 2):
        if states[one] == states[other] and _server(urls[one]) != _server(urls[other]):
            key = ("state",) if settings.environments[other].state else ()
            yield Mistake(
                ("environments", other, *key),
                f"has the state file of environments.{one}, and another server",
                "A state belongs to one server. Give each environment its own `state`.",
            )


def _server(url: str | None) -> str:
    return (url or "").rstrip("/")


@frozen
class Listed:
    """What anybody may see of an environment: no account, no secret, no variables."""

    name: str
    url: str | None
    auth_realm: str | None
    state: Path
    files: tuple[str, ...]
    overlays: tuple[str, ...]
    protect: bool


def listed(settings: Settings) -> list[Listed]:
    """The environments, in the order of their names."""
    found = [chosen(settings, name) for name in sorted(settings.environments)]
    return [
        Listed(
            str(item.environment),
            bare(item.keycloak.url) if item.keycloak.url else None,
            item.keycloak.auth_realm,
            item.state.path or default_state(str(item.environment)),
            item.config.files,
            item.config.overlays,
            item.protect,
        )
        for item in found
    ]


def bare(url: str) -> str:
    """A URL without what somebody may have put before its host."""
    return re.sub(r"(?<=//).*@", "", url, flags=re.DOTALL)
