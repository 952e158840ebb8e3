"""Writes docs/performance.md: the tables, and a plot as SVG."""

import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from attrs import frozen
from goals import goals
from measure import Cost, middle
from plot import Series, plot

COMMANDS = (
    "first apply",
    "plan, nothing to do",
    "plan, nothing to do, cold",
    "plan, nothing to do, 20 ms away",
    "refresh",
    "plan one change",
    "apply one change (saved plan)",
    "plan five clients",
    "destroy",
)
OTHERS = "## Realms with more in them\n"
"""The heading of the section that `make bench-others` writes."""

ENGINE = "## kcplan's own work\n"
"""The heading of the last section, which `make bench-engine` writes."""

ABOUT_ENGINE = """
Written by `make bench-engine SIZES="{sizes}" RUNS={runs}` ({when}, {machine}):
seconds of processor time without any server, the best of {runs} runs. The services have mappers,
redirects, attributes and accounts, all of them may exchange tokens, and every tenth has a
permission for it: {weight:.1f} MB of JSON at N = {size:,}. What Keycloak would have is taken
from the types' defaults. *A service takes* says how much longer one takes at the largest N than at
the smallest. The peak of memory is that of a process that reads files and state, makes a plan with
nothing to do, and shows it.
{busy}
"""

ABOUT_OTHERS = """
Written by `make bench-others SIZES={size}` ({when}): how many requests the commands take for realms
whose services have what people really write: mappers, redirects, accounts with `enabled` and
attributes. Requests that are about one kind of object are divided by the number of those, pages of
lists too. Groups lie in each other to three levels.
"""

START_UP = ("python -c 'import click'", "kcplan --version", "kcplan --help")

BUSY_LOAD = 2.5  # what the benchmark itself comes to, for each processor
BUSY = """
The machine was busy with other work as well: the ratios say more than the seconds.
"""

INTRODUCTION = """\
# Performance

Written by `make bench` ({when}, {machine}, load {load:.1f} at the end).{busy}
{medians} of the real command line, each a process of its own, against a real Keycloak
on the same machine, which takes its share of the processors.

The realm has N services: each is a client with a secret, three attributes, two client roles and a
service account that has one role of the realm and one of another client; and there are N realm
roles. Together that is 1 + 6N objects.

The *floor* is a small program that sends only the requests that anything would have to send, ten at
a time, with a bare HTTP client; it starts Python as well. For the first apply that is all creates
and one read to confirm them, for a plan one read of all that is managed. *Cold* is after Keycloak
was made to forget its caches. *20 ms away* has so much added to each request.

![Seconds by number of services](performance.svg)
"""


PROFILE = """\
## Where the time goes

A plan is bound by Python's one processor, not by Keycloak, and so is the floor. A profile of a plan
with nothing to do at N = 1,000 (2.9 s of processor time) gives about 1.8 s to 2,045 requests, most
of it in the HTTP client; 0.35 s to the plan itself, 0.2 s to the files, 0.18 s to the state,
0.2 s to turning answers into values, 0.2 s to the start of Python and its imports. The floor has
only the first and the last of these. So kcplan logs in before it imports the rest, and asks for
what the state knows before it parses files: those parts run while Keycloak works.

At N = 1,000 the ratios are at their goals, and on either side of them from run to run: two runs on
one day gave 1.57 and 1.62 for the plan, 1.36 and 1.57 for the first apply. What is left above the
floor is kcplan's own work in Python.
"""


@frozen
class Result:
    """All that was measured: costs by size and by what was run, sizes of states, requests."""

    sizes: Sequence[int]
    runs: int
    costs: Mapping[tuple[int, str], Sequence[Cost]]
    states: Mapping[int, int]
    requests: Mapping[str, Mapping[str, int]]

    def cost(self, size: int, what: str) -> Cost | None:
        """The median cost, if it was measured."""
        found = self.costs.get((size, what))
        return middle(found) if found else None


def write(result: Result, folder: Path) -> None:
    """Write the page and its plot."""
    page = folder / "performance.md"
    before = page.read_text(encoding="utf-8")
    kept = [_section(before, heading) for heading in (OTHERS, ENGINE)]
    text = "\n".join(["\n".join(_page(result)), *filter(None, kept)])
    page.write_text(text, encoding="utf-8")
    (folder / "performance.svg").write_text(plot(_series(result)), encoding="utf-8")


def write_others(tables: str, size: int, folder: Path) -> None:
    """Write the section about other realms anew; the rest of the page stays."""
    page = folder / "performance.md"
    text = page.read_text(encoding="utf-8")
    about = ABOUT_OTHERS.format(size=size, when=datetime.now(UTC).date().isoformat())
    section = f"{OTHERS}{about}{tables}\n"
    first = text.partition(OTHERS)[0].partition(ENGINE)[0].rstrip()
    kept = filter(None, [section, _section(text, ENGINE)])
    page.write_text("\n\n".join([first, "\n".join(kept)]), encoding="utf-8")


def write_engine(tables: str, sizes: Sequence[int], runs: int, weight: int, folder: Path) -> None:
    """Write the section about kcplan's own work anew; the rest of the page stays.

    `weight` are the bytes of the largest file.
    """
    page = folder / "performance.md"
    text = page.read_text(encoding="utf-8").partition(ENGINE)[0].rstrip()
    about = ABOUT_ENGINE.format(
        sizes=" ".join(map(str, sizes)),
        runs=runs,
        when=datetime.now(UTC).date().isoformat(),
        machine=f"{os.cpu_count()} processors, Python {platform.python_version()}",
        weight=weight / 1e6,
        busy=BUSY if os.getloadavg()[0] > BUSY_LOAD * (os.cpu_count() or 1) else "",
        size=sizes[-1],
    )
    page.write_text(f"{text}\n\n{ENGINE}{about}{tables}\n", encoding="utf-8")


def _section(page: str, heading: str) -> str:
    """A section of the page, up to the next one; nothing where there is none."""
    _, found, after = page.partition(heading)
    return f"{found}{after.partition(chr(10) + '## ')[0].rstrip()}\n" if found else ""


def _page(result: Result) -> Iterator[str]:
    load = os.getloadavg()[0]
    yield INTRODUCTION.format(
        when=datetime.now(UTC).date().isoformat(),
        machine=f"{os.cpu_count()} processors, Python {platform.python_version()}",
        load=load,
        busy=BUSY if load > BUSY_LOAD * (os.cpu_count() or 1) else "",
        medians=f"Medians of {result.runs} runs (one above N = 1,000)"
        if result.runs > 1
        else "One run",
    )
    yield "## Goals\n"
    yield from _goals(result)
    yield "\n## Seconds\n"
    yield from _seconds(result)
    yield "\n## Milliseconds for each service\n"
    yield "What grows in proportion stays the same from left to right.\n"
    yield from _each(result)
    yield "\n## Processor time, memory, state\n"
    yield from _resources(result)
    yield f"\n## Requests at N = {result.sizes[0]}\n"
    yield from _requests(result)
    yield ""
    yield PROFILE
    yield "## Start-up\n"
    yield from _start_up(result)
    yield ""


def _goals(result: Result) -> Iterator[str]:
    yield "| goal | at most |" + "".join(f" N = {size:,} |" for size in result.sizes)
    yield "|---|---|" + "---|" * len(result.sizes)
    for goal in goals(result.sizes, result.costs, result.states, result.requests):
        blank = [""] * (len(result.sizes) - len(goal.measured))
        cells = "".join(f" {cell} |" for cell in (*goal.measured, *blank))
        yield f"| {goal.name} | {goal.limit} |{cells}"


def _header(first: str, sizes: Sequence[int]) -> Iterator[str]:
    yield f"| {first} |" + "".join(f" N = {size:,} |" for size in sizes)
    yield "|---|" + "---|" * len(sizes)


def _seconds(result: Result) -> Iterator[str]:
    yield from _header("seconds (floor, ratio)", result.sizes)
    for what in COMMANDS:
        cells = (_cell(result, size, what) for size in result.sizes)
        yield f"| {what} |" + "".join(f" {cell} |" for cell in cells)


def _cell(result: Result, size: int, what: str) -> str:
    cost, floor = result.cost(size, what), result.cost(size, f"floor: {what}")
    if cost is None:
        return ""
    beside = f" ({floor.wall:.2f}, {cost.wall / floor.wall:.2f} times)" if floor else ""
    return f"{cost.wall:.2f}{beside}"


def _each(result: Result) -> Iterator[str]:
    yield from _header("", result.sizes)
    for what in ("first apply", "plan, nothing to do", "refresh"):
        costs = [(size, result.cost(size, what)) for size in result.sizes]
        cells = (f" {cost.wall / size * 1e3:.2f} |" for size, cost in costs if cost)
        yield f"| {what} |" + "".join(cells)


def _resources(result: Result) -> Iterator[str]:
    yield from _header("", result.sizes)
    for what in ("first apply", "plan, nothing to do"):
        costs = [result.cost(size, what) for size in result.sizes]
        cells = (f" {c.cpu:.2f} s, {c.memory:.0f} MB |" for c in costs if c)
        yield f"| {what}: processor time, peak memory |" + "".join(cells)
    weights = (f" {result.states[size] / 1e6:.2f} MB |" for size in result.sizes)
    yield "| state file |" + "".join(weights)


def _requests(result: Result) -> Iterator[str]:
    yield "| command | requests | of which |"
    yield "|---|---|---|"
    for what, counts in result.requests.items():
        parts = ", ".join(f"{number} of `{path}`" for path, number in counts.items())
        yield f"| {what} | {sum(counts.values())} | {parts} |"


def _start_up(result: Result) -> Iterator[str]:
    yield "| | seconds |"
    yield "|---|---|"
    for what in START_UP:
        cost = result.cost(0, what)
        if cost is not None:
            yield f"| `{what}` | {cost.wall:.3f} |"


def _series(result: Result) -> list[Series]:
    series = []
    for what in ("first apply", "plan, nothing to do"):
        for name in (what, f"floor: {what}"):
            costs = [(size, result.cost(size, name)) for size in result.sizes]
            points = tuple((size, cost.wall) for size, cost in costs if cost is not None)
            series.append(Series(name, points, dashed=name != what))
    return series
