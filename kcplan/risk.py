"""Risks: what of a plan is dangerous, or wants a second look. A risk stops nothing by itself."""

from collections.abc import Iterable
from enum import StrEnum
from typing import Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path


class Level(StrEnum):
    """How much a risk weighs."""

    DANGER = "danger"
    """Somebody may get in, or get at everything, or lose something for good."""
    CAUTION = "caution"
    """Protection becomes less, or somebody may be surprised."""

    @property
    def rank(self) -> int:
        """Its place among the levels; the one that weighs most is the first."""
        return list(Level).index(self)


OFF: Final = "off"
"""In kcplan.toml, in the place of a level: the risk is not named."""


@frozen
class Risk:
    """One risk.

    Attributes:
        level: How much it weighs.
        code: Its stable name, as in `kcplan explain CODE`.
        address: The resource that it is about.
        path: The field within the resource; empty where it is about all of it.
        summary: What is risky, in one line without a full stop. It holds no secret.
    """

    level: Level
    code: str
    address: Address
    path: Path
    summary: str


@frozen
class Silenced:
    """A risk that kcplan.toml says not to name, and why."""

    risk: Risk
    reason: str


def by_level(risks: Iterable[Risk]) -> tuple[Risk, ...]:
    """The risks without repetitions, the most dangerous first, else in their order."""
    return tuple(sorted(dict.fromkeys(risks), key=lambda risk: risk.level.rank))


def any_reaches(risks: Iterable[Risk], level: str | None) -> bool:
    """Whether a risk weighs as much as a level, or more; without a level none does."""
    return level is not None and any(risk.level.rank <= Level(level).rank for risk in risks)
