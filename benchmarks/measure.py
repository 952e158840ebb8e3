"""Runs programs and says what they took."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Final

from attrs import frozen

LAUNCH: Final = (sys.executable, "-I", "-S", str(Path(__file__).with_name("launch.py").resolve()))
MEGABYTE: Final = 1024  # ru_maxrss is in KiB


@frozen
class Cost:
    """What a run took: seconds of wall time and of CPU, and megabytes at its peak."""

    wall: float
    cpu: float
    memory: float


def run(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Cost:
    """Run a program. Raises SystemExit with its output where it fails."""
    launched = subprocess.run(
        [*LAUNCH, *command],
        cwd=folder,
        env={**os.environ, **environment, "PYTHONDONTWRITEBYTECODE": ""},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    code, wall, cpu, peak = map(float, launched.stdout.split())
    if code:
        said = (folder / "output.txt").read_text(encoding="utf-8")
        sys.exit(f"{' '.join(command)} failed:\n{said[-3000:]}")
    return Cost(wall, cpu, peak / MEGABYTE)


def middle(costs: Sequence[Cost]) -> Cost:
    """The median of each figure."""
    return Cost(
        median(cost.wall for cost in costs),
        median(cost.cpu for cost in costs),
        max(cost.memory for cost in costs),
    )
