"""What was measured, kept from one run to the next: build/benchmark.json."""

import json
import os
import platform
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Self

import cattrs
from attrs import evolve, frozen
from measure import Cost, middle

FILE = Path("build/benchmark.json")


@frozen
class Measured:
    """What was measured for a size.

    Attributes:
        rounds: For each run the costs of each scenario, and of what took turns with it.
        requests: By scenario, and by method and path; counted once.
        weight: The bytes of the state, or of the file that is validated.
        when: The day.
        machine: What it was measured on, with its load then.
    """

    rounds: tuple[Mapping[str, Sequence[Cost]], ...]
    requests: Mapping[str, Mapping[str, int]]
    weight: int
    when: str
    machine: str

    @classmethod
    def of_round(
        cls,
        costs: Mapping[str, Sequence[Cost]],
        requests: Mapping[str, Mapping[str, int]],
        weight: int,
    ) -> Self:
        """One run that has just ended."""
        machine = (
            f"{os.cpu_count()} processors, Python {platform.python_version()}, "
            f"nice {os.getpriority(os.PRIO_PROCESS, 0)}, load {os.getloadavg()[0]:.1f}"
        )
        return cls((costs,), requests, weight, datetime.now(UTC).date().isoformat(), machine)

    def after(self, earlier: "Measured | None") -> "Measured":
        """This run together with the earlier ones."""
        if earlier is None:
            return self
        rounds = (*earlier.rounds, *self.rounds)
        return evolve(self, rounds=rounds, requests=earlier.requests or self.requests)

    def cost(self, what: str) -> Cost | None:
        """The medians of all runs, if it was measured."""
        found = [cost for one in self.rounds for cost in one.get(what, ())]
        return middle(found) if found else None

    def ratios(self, what: str) -> list[float]:
        """For each run how many times as long it took as what it stands beside."""
        pairs = [(one[what], one[f"{what} | beside"]) for one in self.rounds if what in one]
        return [_wall(ours) / _wall(theirs) for ours, theirs in pairs]

    def walls(self, what: str) -> list[float]:
        """For each run the seconds that it took."""
        return [_wall(one[what]) for one in self.rounds if what in one]


def _wall(costs: Sequence[Cost]) -> float:
    return median(cost.wall for cost in costs)


@frozen
class Results:
    """All that was measured, by size; 0 is what needs no server."""

    by_size: Mapping[int, Measured]

    @classmethod
    def kept(cls) -> Self:
        """The results of earlier runs."""
        if not FILE.exists():
            return cls({})
        return cattrs.structure(json.loads(FILE.read_text(encoding="utf-8")), cls)

    def replaced(self, found: Mapping[int, Measured]) -> "Results":
        """These with others for some sizes."""
        return Results({**self.by_size, **found})

    def keep(self) -> None:
        """Write them for later runs."""
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(json.dumps(cattrs.unstructure(self)), encoding="utf-8")

    @property
    def sizes(self) -> list[int]:
        """The numbers of services, in order."""
        return sorted(size for size in self.by_size if size)

    def cells(self, one: Callable[[Measured], str]) -> str:
        """The cells of a row: one for each size."""
        return "".join(f" {one(self.by_size[size])} |" for size in self.sizes)
