"""Writes docs/performance.md: the tables, and a plot as SVG."""

import os
import platform
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from goals import goals
from plot import Series, plot
from results import Measured, Results
from scenarios import APPLY, EXCHANGE, ONCE, PLAN, SCENARIOS

PROFILE = "## Where the time goes\n"
"""The heading of the section that is written by hand."""

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

BUSY_LOAD = 2.5  # what the benchmark itself comes to, for each processor
BUSY = """
The machine was busy with other work as well: the ratios say more than the seconds.
"""

INTRODUCTION = """\
# Performance

Written by `make bench`, on a machine that also runs Keycloak, which takes its share of the
processors:

{measured}

Each figure is the median of the real command line, each a process of its own, against a real
Keycloak. In brackets are the medians of the best and the worst run. What a command is compared with
takes turns with it in each run{priority}.

The realm has N services. Each is a client with a secret, three attributes, a redirect URI, a
mapper, two client roles, and a service account that is enabled, has an attribute, one role of the
realm and one of another client; and there are N realm roles. Together that is 1 + 6N objects. Where
*all exchange tokens*, each client has that switched on, and every tenth has a permission for it.
*Five clients among all* is a file with five of the clients; all else is somebody else's.

The *floor* is a small program that sends only the requests that anything would have to send, ten at
a time, with a bare HTTP client; it starts Python as well. For the first apply that is all creates
and one read to confirm them, for a plan one read of all that is managed. *Cold* is after Keycloak
was made to forget its caches. *20 ms away* has so much added to each request.

![Seconds by number of services](performance.svg)
"""

PRIORITY = """. Everything that was measured, Keycloak too, had a higher priority than what else the
machine did"""


def write(results: Results, folder: Path) -> None:
    """Write the page and its plot."""
    page = folder / "performance.md"
    before = page.read_text(encoding="utf-8")
    kept = [_section(before, heading) for heading in (PROFILE, OTHERS, ENGINE)]
    text = "\n".join(["\n".join(_page(results)), *filter(None, kept)])
    page.write_text(text, encoding="utf-8")
    (folder / "performance.svg").write_text(plot(_series(results)), encoding="utf-8")


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


def _page(results: Results) -> Iterator[str]:
    yield INTRODUCTION.format(
        measured="\n".join(_measured(results)),
        priority=PRIORITY if any("nice -" in line for line in _measured(results)) else "",
    )
    yield "## Goals\n"
    yield "A median above its goal is in bold.\n"
    yield from _header("goal | at most", results.sizes)
    yield from goals(results)
    yield "\n## Seconds\n"
    yield "In brackets the seconds of what a command takes turns with.\n"
    yield from _seconds(results)
    yield "\n## Milliseconds for each service\n"
    yield "What grows in proportion stays the same from left to right.\n"
    yield from _each(results)
    yield "\n## Processor time, memory, state\n"
    yield from _resources(results)
    yield "\n## Requests\n"
    yield from _requests(results)
    yield "\n## Start-up\n"
    yield from _start_up(results)
    yield ""


def _measured(results: Results) -> Iterator[str]:
    for size in results.sizes:
        found = results.by_size[size]
        runs = f"{len(found.rounds)} run" + "s" * (len(found.rounds) > 1)
        yield f"- N = {size:,}: {runs}, {found.when}, {found.machine}"


def _header(first: str, sizes: Sequence[int]) -> Iterator[str]:
    yield f"| {first} |" + "".join(f" N = {size:,} |" for size in sizes)
    yield "|" + "---|" * (len(sizes) + first.count("|") + 1)


def _seconds(results: Results) -> Iterator[str]:
    yield from _header("seconds", results.sizes)
    for scenario in SCENARIOS:
        beside = f" ({scenario.beside.name})" if scenario.beside else ""
        cells = results.cells(partial(_cell, scenario.name))
        yield f"| {scenario.name}{beside} |{cells}"


def _cell(what: str, found: Measured) -> str:
    cost, beside = found.cost(what), found.cost(f"{what} | beside")
    if cost is None:
        return ""
    return f"{cost.wall:.2f}" + (f" ({beside.wall:.2f})" if beside else "")


def _each(results: Results) -> Iterator[str]:
    yield from _header("", results.sizes)
    for scenario in (APPLY, PLAN, EXCHANGE):
        costs = ((size, results.by_size[size].cost(scenario.name)) for size in results.sizes)
        cells = (f" {cost.wall / size * 1000:.2f} |" if cost else " |" for size, cost in costs)
        yield f"| {scenario.name} |" + "".join(cells)


def _resources(results: Results) -> Iterator[str]:
    yield from _header("processor time, peak memory", results.sizes)
    for scenario in SCENARIOS:
        cells = results.cells(partial(_taken, scenario.name))
        yield f"| {scenario.name} |{cells}"
    yield "| state file |" + results.cells(lambda found: f"{found.weight / 1e6:.2f} MB")


def _taken(what: str, found: Measured) -> str:
    cost = found.cost(what)
    return f"{cost.cpu:.2f} s, {cost.memory:.0f} MB" if cost else ""


def _requests(results: Results) -> Iterator[str]:
    size = results.sizes[0]
    yield f"| command, at N = {size:,} | requests | of which |"
    yield "|---|---|---|"
    for what, counts in results.by_size[size].requests.items():
        parts = ", ".join(f"{number} of `{path}`" for path, number in counts.items())
        yield f"| {what} | {sum(counts.values())} | {parts} |"


def _start_up(results: Results) -> Iterator[str]:
    yield "| | seconds |"
    yield "|---|---|"
    for what in ONCE:
        cost = results.by_size[0].cost(what) if 0 in results.by_size else None
        if cost is not None:
            yield f"| `{what}` | {cost.wall:.3f} |"


def _series(results: Results) -> list[Series]:
    series = []
    for what in (APPLY.name, PLAN.name):
        for name, key in ((what, what), (f"floor: {what}", f"{what} | beside")):
            costs = [(size, results.by_size[size].cost(key)) for size in results.sizes]
            points = tuple((size, cost.wall) for size, cost in costs if cost is not None)
            series.append(Series(name, points, dashed=name != what))
    return series
