"""What the project set itself, beside what was measured."""

from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen
from measure import Cost, middle

PLAN, APPLY = "plan, nothing to do", "first apply"
GROWTH = 20  # per cent
PAGE = 50


@frozen
class Goal:
    """A limit, and what was measured for each size."""

    name: str
    limit: str
    measured: tuple[str, ...]


def goals(
    sizes: Sequence[int],
    costs: Mapping[tuple[int, str], Sequence[Cost]],
    states: Mapping[int, int],
    requests: Mapping[str, Mapping[str, int]],
) -> Iterator[Goal]:
    """All of them. Requests are counted at the first size only."""
    cost = {key: middle(found) for key, found in costs.items()}

    def times(size: int, what: str) -> str:
        return f"{cost[size, what].wall / cost[size, f'floor: {what}'].wall:.2f}"

    def memory(size: int) -> str:
        return f"{max(cost[size, what].memory for what in (PLAN, APPLY)):.0f}"

    def growth(size: int) -> str:
        first, this = (cost[n, APPLY].wall / n for n in (sizes[0], size))
        return f"{(this / first - 1) * 100:+.0f} %"

    size = sizes[0]
    change = sum(requests["apply one change (saved plan)"].values())
    five = sum(requests["plan five clients"].values())
    plan = sum(requests[PLAN].values())
    plans, applies = ([times(n, what) for n in sizes] for what in (PLAN, APPLY))
    yield Goal("plan with nothing to do: times the floor", "1.6", tuple(plans))
    yield Goal("first apply: times the floor", "1.5", tuple(applies))
    yield Goal("plan: requests", f"{2 * size + size // PAGE + 10} at N = {size:,}", (str(plan),))
    yield Goal("apply of a saved plan with one change: requests", "10", (str(change),))
    yield Goal("plan of five clients among all: requests", "40", (str(five),))
    yield Goal("peak memory, in MB", "150 at N = 1,000", tuple(map(memory, sizes)))
    weights = tuple(f"{states[n] / 1e6:.2f}" for n in sizes)
    yield Goal("state file, in MB", "4 at N = 1,000", weights)
    yield Goal("first apply: time for each service", f"±{GROWTH} %", tuple(map(growth, sizes)))
