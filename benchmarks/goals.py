"""What the project set itself, beside what was measured."""

from collections.abc import Callable, Iterator, Sequence
from statistics import median

from results import Measured, Results
from scenarios import GROWTH, MEMORY, MIDDLE, ONCE, PLAN, SCENARIOS, Limit, Scenario

Cells = Callable[[int, Measured], str]


def goals(results: Results) -> Iterator[str]:
    """The rows of the table: what is limited, the limit, and what was measured for each size.

    A figure above its limit is in bold.
    """
    for scenario in SCENARIOS:
        for name, limit, cell in _of(scenario):
            yield _row(results, f"{scenario.name}: {name}", limit, cell)
    yield _row(results, "peak memory of any of them, in MB", MEMORY.words, _memory)
    yield _row(
        results,
        f"{PLAN.name}: time for each service",
        f"±{GROWTH} % of N = {MIDDLE:,}",
        lambda size, _: _growth(results, size),
    )
    once = results.by_size.get(0)
    for name, limit in ONCE.items():
        if once is not None and limit is not None:
            cells = figure(once.walls(name), limit) + " |" * len(results.sizes)
            yield f"| {name}: seconds | {limit:g} | {cells}"


def _of(scenario: Scenario) -> Iterator[tuple[str, str, Cells]]:
    """The goals of a scenario."""
    if (most := scenario.most) is not None and scenario.beside is not None:
        yield (
            f"times {scenario.beside.name}",
            f"{most:g}",
            lambda _, found: figure(found.ratios(scenario.name), most),
        )
    if (seconds := scenario.seconds) is not None:
        yield "seconds", f"{seconds:g}", lambda _, one: figure(one.walls(scenario.name), seconds)
    if (limit := scenario.requests) is not None:
        yield "requests", limit.words, lambda size, one: _count(one, scenario, limit, size)


def _row(results: Results, name: str, limit: str, cell: Cells) -> str:
    cells = (f" {cell(size, results.by_size[size])} |" for size in results.sizes)
    return f"| {name} | {limit} |" + "".join(cells)


def figure(values: Sequence[float], limit: float, digits: int = 2) -> str:
    """The median of all runs, and the least and the greatest."""
    if not values:
        return ""
    text = f"{median(values):.{digits}f}"
    text = _bold(text, above=round(median(values), digits) > limit)
    least, greatest = min(values), max(values)
    return text if len(values) == 1 else f"{text} ({least:.{digits}f} to {greatest:.{digits}f})"


def _count(one: Measured, scenario: Scenario, limit: Limit, size: int) -> str:
    if scenario.name not in one.requests:
        return ""
    count, most = sum(one.requests[scenario.name].values()), limit.at(size)
    return _bold(f"{count:,}", above=most is not None and count > most)


def _memory(size: int, found: Measured) -> str:
    costs = filter(None, (found.cost(scenario.name) for scenario in SCENARIOS))
    peak, most = max(cost.memory for cost in costs), MEMORY.at(size)
    return _bold(f"{peak:.0f}", above=most is not None and peak > most)


def _growth(results: Results, size: int) -> str:
    if MIDDLE not in results.by_size or size == MIDDLE:
        return ""
    ours, middle = (results.by_size[n].cost(PLAN.name) for n in (size, MIDDLE))
    if ours is None or middle is None:
        return ""
    growth = (ours.wall / size / (middle.wall / MIDDLE) - 1) * 100
    return _bold(f"{growth:+.0f} %", above=size > MIDDLE and abs(growth) > GROWTH)


def _bold(text: str, *, above: bool) -> str:
    return f"**{text}**" if above else text
