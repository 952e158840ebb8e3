"""Graphviz draws large diagrams, where it is installed: laying them out well is its business."""

import shutil
import subprocess

from kcplan.errors import UsageError


def is_installed() -> bool:
    """Whether its program `dot` is on the PATH."""
    return shutil.which("dot") is not None


def svg(text: str) -> str:
    """The SVG element that `dot` makes of a diagram in its language.

    Raises:
        UsageError: It fails.
    """
    done = subprocess.run(
        ["dot", "-Tsvg"],  # noqa: S607 - as found on the user's own PATH
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    said = done.stdout.decode(errors="replace")
    start = said.find("<svg")
    if done.returncode or start < 0:
        why = done.stderr.decode(errors="replace").strip() or "It gave no picture."
        raise UsageError(f"Graphviz's `dot` ended with exit code {done.returncode}", why)
    # What stands before the element names a place in the web, and does not belong into a page.
    return said[start:]
