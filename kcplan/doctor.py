"""What `kcplan doctor` finds, as values, and what can be told without Keycloak. Pure."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from difflib import get_close_matches
from enum import StrEnum

from kcplan.address import Address, matches
from kcplan.classes import frozen
from kcplan.config.model import Lifecycle
from kcplan.config.settings import Settings
from kcplan.errors import KcplanError
from kcplan.resource import Registry, spec_at


class Verdict(StrEnum):
    """What a check comes to."""

    OK = "ok"
    CAUTION = "caution"
    """It works, and should be looked at."""
    FAILS = "fails"
    """A command would fail."""
    UNKNOWN = "unknown"
    """The check could not be made; `found` says why."""


@frozen
class Check:
    """One check.

    Attributes:
        name: What was looked at, such as `clock`.
        verdict: What it comes to.
        found: What was found, in one line.
        advice: What to do, in full sentences; empty where nothing is to be done.
    """

    name: str
    verdict: Verdict
    found: str
    advice: str = ""


def failed(name: str, error: KcplanError) -> Check:
    """A check that ended with an error."""
    return Check(name, Verdict.FAILS, error.summary, error.detail)


def fails(checks: Iterable[Check]) -> bool:
    """Whether something would fail."""
    return any(check.verdict is Verdict.FAILS for check in checks)


PREFIX = "KCPLAN_"


def check_variables(given: Iterable[str], known: Collection[str], read: Collection[str]) -> Check:
    """Whether all variables that look like kcplan's own are.

    Args:
        given: The names of the variables that are set.
        known: Those that kcplan knows.
        read: Those that the files name.
    """
    strange = sorted(
        name for name in given if name.startswith(PREFIX) and name not in {*known, *read}
    )
    if not strange:
        return Check("variables", Verdict.OK, f"kcplan knows all that begin with {PREFIX}")
    shown = ", ".join(f"{name}{_meant(name, known)}" for name in strange)
    return Check(
        "variables",
        Verdict.CAUTION,
        f"kcplan does not read {shown}",
        "Correct the name, or remove the variable. What only your own scripts read is fine.",
    )


def _meant(name: str, known: Collection[str]) -> str:
    close = get_close_matches(name, sorted(known), n=1, cutoff=0.8)
    return f" (did you mean {close[0]}?)" if close else ""


def check_rules(
    settings: Settings,
    addresses: Collection[Address],
    state: Collection[Address],
    registry: Registry,
) -> Check:
    """Whether every rule of kcplan.toml is about something.

    Args:
        settings: What kcplan.toml says.
        addresses: What files and state have.
        state: What the state has.
        registry: The resource types.
    """
    idle = [*_idle_rules(settings, addresses, registry), *_idle_moves(settings, state)]
    if not idle:
        return Check("rules", Verdict.OK, "every rule of kcplan.toml is about something")
    return Check(
        "rules",
        Verdict.CAUTION,
        f"of the rules in kcplan.toml, {len(idle)} can do nothing: {'; '.join(idle)}",
        "Correct the address or the field, or remove the rule.",
    )


def _idle_rules(
    settings: Settings, addresses: Collection[Address], registry: Registry
) -> Iterator[str]:
    for rule in settings.lifecycle:
        found = [address for address in addresses if matches(address, rule.match)]
        if not found:
            yield f"[[lifecycle]] {rule.match} matches nothing"
        else:
            yield from _idle_fields(rule, found, registry)
    for lint in settings.lint:
        if not any(matches(address, lint.match) for address in addresses):
            yield f"[[lint]] {lint.code} matches nothing at {lint.match}"


def _idle_fields(rule: Lifecycle, found: Iterable[Address], registry: Registry) -> Iterator[str]:
    """The ignored fields that nothing of what the rule matches can have."""
    specs = {spec.name: spec for address in found if (spec := spec_at(registry, address))}
    names: set[str] = set()
    for spec in specs.values():
        names |= set(spec.schema.fields)
    for field in rule.ignore_changes:
        if names.isdisjoint({field, field.partition(".")[0]}):
            yield f"[[lifecycle]] {rule.match} ignores {field}, which nothing there has"


def _idle_moves(settings: Settings, state: Collection[Address]) -> Iterator[str]:
    for rule in settings.moved:
        if not any(address.within(rule.old) for address in state):
            yield f"[[moved]] {rule.old} is not in the state (any more)"


class Recorder(Mapping[str, str]):
    """The environment, which remembers what was asked of it.

    Args:
        environment: The variables.
        kept: Is told each name.
    """

    def __init__(self, environment: Mapping[str, str], kept: Callable[[str], object]) -> None:
        self._environment = environment
        self._kept = kept

    def __getitem__(self, name: str) -> str:
        self._kept(name)
        return self._environment[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._environment)

    def __len__(self) -> int:
        return len(self._environment)
