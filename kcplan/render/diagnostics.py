"""Diagnostics for the terminal: a terse summary, the place, then full sentences."""

from collections import Counter
from collections.abc import Iterable
from textwrap import fill

from kcplan.diagnostics import Diagnostic, Severity
from kcplan.errors import ConfigError, KcplanError
from kcplan.render.palette import Palette
from kcplan.render.values import dotted_path, safe

WIDTH = 88
REPEATED = 10
"""How many diagnostics of one code are shown in full."""

_ORDER = list(Severity)


def render_diagnostics(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """All diagnostics, errors first; the empty text where there are none."""
    items = sorted(diagnostics, key=lambda item: _ORDER.index(item.severity))
    total = Counter((item.severity, item.code) for item in items)
    seen: Counter[tuple[Severity, str]] = Counter()
    parts = []
    for item in items:
        kind = (item.severity, item.code)
        seen[kind] += 1
        if seen[kind] <= REPEATED:
            parts.append(_diagnostic(item, color=color))
        if seen[kind] == REPEATED and total[kind] > REPEATED:
            parts.append(_more(item, total[kind] - REPEATED, color=color))
    return "\n".join(parts)


def render_error(error: KcplanError, *, color: bool = False) -> str:
    """The exception that ends a command, with its diagnostics where it has any."""
    if isinstance(error, ConfigError) and error.diagnostics:
        return render_diagnostics(error.diagnostics, color=color)
    title = _title(Severity.ERROR, error.summary, color=color)
    return "\n".join([title, *_detail(error.detail)]) + "\n"


def _diagnostic(item: Diagnostic, *, color: bool) -> str:
    lines = [f"{_title(item.severity, item.summary, color=color)} [{safe(item.code)}]"]
    if place := _place(item):
        lines.append(f"  {place}")
    return "\n".join([*lines, *_detail(item.detail)]) + "\n"


def _title(severity: Severity, summary: str, *, color: bool) -> str:
    palette = Palette(color)
    return f"{palette.severity(severity.title())} {palette.heading(safe(summary))}"


def _place(item: Diagnostic) -> str:
    parts = []
    if item.source is not None:
        parts.append(f"on {safe(str(item.source))}")
    if item.address is not None:
        parts.append(f"in {safe(str(item.address))}")
    if item.path:
        parts.append(dotted_path(item.path))
    return ", ".join(parts)


def _detail(detail: str) -> list[str]:
    """Paragraphs, wrapped; lines that are indented stay as they are."""
    if not detail:
        return []
    return ["", *(_wrapped(safe(line)) for line in detail.split("\n"))]


def _wrapped(line: str) -> str:
    if line.startswith(" "):
        return line
    return fill(line, WIDTH, break_long_words=False, break_on_hyphens=False)


def _more(item: Diagnostic, count: int, *, color: bool) -> str:
    title = _title(item.severity, f"and {count:,} more like this", color=color)
    return f"{title} [{safe(item.code)}]\n"
