"""Runs programs and says what they took."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from attrs import frozen

MEGABYTE = 1024  # ru_maxrss is in KiB


@frozen
class Cost:
    """What a run took: seconds of wall time and of CPU, and megabytes at its peak."""

    wall: float
    cpu: float
    memory: float


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Run a program. Raises SystemExit with its output where it fails."""
    with (folder / "output.txt").open("w+b") as output:
        began = time.perf_counter()
        process = subprocess.Popen(
            command,
            cwd=folder,
            env={**os.environ, **environment, "PYTHONDONTWRITEBYTECODE": ""},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            output.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{output.read().decode()[-3000:]}")
    return Cost(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / MEGABYTE)


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(
        median(cost.wall for cost in costs),
        median(cost.cpu for cost in costs),
        max(cost.memory for cost in costs),
    )
