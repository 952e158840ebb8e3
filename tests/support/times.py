"""Where the time of a test session went."""

import os
from collections import defaultdict
from pathlib import Path

import pytest
from attrs import define, field

from support import tiers

LONG = 30.0
"""Seconds from which on a test says why with `@pytest.mark.long("…")`."""

_SHOWN = 10


@define(eq=False)
class Times:
    """Gathers how long tests take, their fixtures included; a plugin of pytest."""

    seconds: dict[str, float] = field(factory=lambda: defaultdict(float))
    itself: dict[str, float] = field(factory=dict)
    tier: dict[str, str] = field(factory=dict)
    reasoned: set[str] = field(factory=set)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.seconds[report.nodeid] += report.duration
        if report.when == "call":
            # Fixtures are shared: the first test that asks for a server is not slow itself.
            self.itself[report.nodeid] = report.duration
        self.tier[report.nodeid] = tiers.of(report.keywords)
        if "long" in report.keywords:
            self.reasoned.add(report.nodeid)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        lines = [*self._by_tier(), *self._slowest(), *self._without_reason()]
        if not lines or terminalreporter.config.option.verbose < 0:
            return
        terminalreporter.section("where the time went")
        for line in lines:
            terminalreporter.write_line(line)
        if target := os.environ.get("KCPLAN_TEST_TIMES"):
            Path(target).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")

    def _by_tier(self) -> list[str]:
        """Of all workers together, so that it is more than the session took."""
        lines = []
        for name in tiers.TIERS:
            tests = [test for test, tier in self.tier.items() if tier == name]
            if tests:
                total = sum(self.seconds[test] for test in tests)
                lines.append(f"{total:7.1f} s  {len(tests):5} tests {name}")
        return lines

    def _slowest(self) -> list[str]:
        slowest = sorted(self.seconds.items(), key=lambda item: -item[1])[:_SHOWN]
        return [f"{seconds:7.1f} s  {test}" for test, seconds in slowest if seconds >= 1]

    def _without_reason(self) -> list[str]:
        return [
            f"longer than {LONG:g} s, and does not say why: {test}"
            for test, seconds in self.itself.items()
            if seconds > LONG and test not in self.reasoned
        ]
