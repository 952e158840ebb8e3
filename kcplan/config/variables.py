"""The variables for placeholders, where each may come from, and what is to be said of them.

`--var` goes before `--var-file`, that before the environment, and that before `[variables]` of
kcplan.toml; a default in the text counts where none of them has the variable.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Final

from attrs import evolve, field

from kcplan.classes import define, frozen
from kcplan.config.settings import Settings
from kcplan.config.substitute import says_secret
from kcplan.diagnostics import Diagnostic, Severity, Source, warning

FROM_COMMAND: Final = "--var"

UNDEFINED: Final = "undefined-variable"

NO_DEFAULT: Final = (
    "It is for a secret: set it in the environment, or give it with `--var-file`, which also reads "
    "standard input. A default would be the secret in plain text."
)
"""What to do about a variable that is not set, and that a secret comes from."""


@frozen
class Given:
    """A variable that was given on purpose, and not just found in the environment.

    Attributes:
        value: Its value.
        by: What gave it: `--var`, or the name of a file.
        source: Its place in a file.
    """

    value: str = field(repr=False)
    by: str
    source: Source | None = None


@define(eq=False)
class Variables(Mapping[str, str]):
    """All variables, and which of them somebody asked for.

    Attributes:
        given: Those that go before the environment.
        environment: The environment.
        settings: Those that come after it, of kcplan.toml.
        used: The names of those that were asked for.
        missing: Other names that were asked for.
    """

    given: Mapping[str, Given] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)
    settings: Mapping[str, str] = field(repr=False)
    used: set[str] = field(factory=set)
    missing: set[str] = field(factory=set)

    def __getitem__(self, name: str) -> str:
        found = self._find(name)
        if found is None:
            self.missing.add(name)
            raise KeyError(name)
        self.used.add(name)
        return found

    def _find(self, name: str) -> str | None:
        if name in self.given:
            return self.given[name].value
        found = self.environment.get(name)
        return self.settings.get(name) if found is None else found

    def __contains__(self, name: object) -> bool:
        return name in self.given or name in self.environment or name in self.settings

    def __iter__(self) -> Iterator[str]:
        return iter({**self.settings, **self.environment, **self.given})

    def __len__(self) -> int:
        return sum(1 for _ in self)


def advised(findings: Iterable[Diagnostic]) -> list[Diagnostic]:
    """The findings, with the same advice wherever a variable for a secret is missing."""
    found = list(findings)
    secret = {item.subject for item in found if item.detail == NO_DEFAULT}
    return [
        evolve(item, detail=NO_DEFAULT)
        if item.code == UNDEFINED and item.subject in secret
        else item
        for item in found
    ]


def remarks(
    variables: Variables,
    secret: Collection[str],
    settings: Settings,
    findings: Collection[Diagnostic],
    *,
    whole: bool,
) -> Iterator[Diagnostic]:
    """What to say of variables once all files were read.

    Args:
        variables: The variables, all of which were asked for by now that ever are.
        secret: The names of those that a secret is.
        settings: What kcplan.toml says.
        findings: What was found in the files.
        whole: Whether these are all files of kcplan.toml, so that each of its variables has a use.
    """
    for name in sorted(secret):
        item = variables.given.get(name)
        if item is not None and item.by == FROM_COMMAND and not says_secret(name):
            yield _in_process_list(name)
    errors = {item.code for item in findings if item.severity is Severity.ERROR}
    if errors - {UNDEFINED}:
        return  # Whoever uses it may stand in what could not be read.
    for name, item in variables.given.items():
        if name not in variables.used:
            yield _unused(name, item.by, item.source, variables.missing)
    for name in _own(settings) if whole else ():
        if name not in variables.used and name not in variables.given:
            source = settings.variable_sources.get(name)
            yield _unused(name, "kcplan.toml", source, variables.missing)


def _own(settings: Settings) -> Collection[str]:
    """The variables of kcplan.toml that only these files can use.

    Those of its top level may be for the overlays of another environment.
    """
    if settings.environment is None:
        return settings.variables
    return settings.environments[settings.environment].variables


def _unused(name: str, by: str, source: Source | None, missing: Collection[str]) -> Diagnostic:
    close = get_close_matches(name, sorted(missing), n=1, cutoff=0.7)
    hint = f"; did you mean {close[0]}?" if close else ""
    return warning(
        "unused-variable",
        f"no file uses the variable {name} of {by}{hint}",
        "Nothing comes of it. Remove it, or correct its name here or in the realm files.",
        source=source,
        several="variables are not used by any file",
        subject=f"{name} of {by}{hint}" if source is None else f"{name}{hint}",
    )


def _in_process_list(name: str) -> Diagnostic:
    return warning(
        "secret-in-command",
        f"--var shows {name} in the process list, and a secret comes from it",
        "Everybody on the machine can read it there, and a shell keeps it in its history. Use "
        "--var-file or the environment.",
        several="variables of --var are secrets, and stand in the process list",
        subject=name,
    )
