"""A line plot as SVG text."""

from collections.abc import Iterator, Sequence
from html import escape

from attrs import frozen

WIDTH, HEIGHT, MARGIN, LEGEND = 640, 360, 50, 220
COLOURS = ("#1f6feb", "#1f6feb", "#bf4b00", "#bf4b00")
STEPS = 4


@frozen
class Series:
    """A named line through points (number of services, seconds)."""

    name: str
    points: tuple[tuple[float, float], ...]
    dashed: bool = False


def plot(series: Sequence[Series]) -> str:
    """The plot; both axes begin at zero, so that a straight line means linear growth."""
    right = max(x for line in series for x, _ in line.points)
    top = max(y for line in series for _, y in line.points)
    parts = [*_axes(right, top)]
    for number, line in enumerate(series):
        parts += _line(line, COLOURS[number % len(COLOURS)], number, right, top)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        'font-family="sans-serif" font-size="12">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n'
        + "\n".join(parts)
        + "\n</svg>\n"
    )


def _at(x: float, y: float, right: float, top: float) -> tuple[float, float]:
    across, up = WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN
    return MARGIN + across * x / right, HEIGHT - MARGIN - up * y / top


def _axes(right: float, top: float) -> Iterator[str]:
    for step in range(STEPS + 1):
        value = top * step / STEPS
        x, y = _at(0, value, right, top)
        yield f'<path d="M{x:.0f} {y:.0f}H{WIDTH - MARGIN}" stroke="#ddd"/>'
        yield f'<text x="{x - 6:.0f}" y="{y + 4:.0f}" text-anchor="end">{value:.1f} s</text>'
        number = right * step / STEPS
        x, y = _at(number, 0, right, top)
        yield f'<text x="{x:.0f}" y="{y + 18:.0f}" text-anchor="middle">{number:.0f}</text>'
    middle = WIDTH / 2
    yield f'<text x="{middle:.0f}" y="{HEIGHT - 10}" text-anchor="middle">N (services)</text>'


def _line(line: Series, colour: str, number: int, right: float, top: float) -> Iterator[str]:
    places = [_at(x, y, right, top) for x, y in ((0.0, 0.0), *line.points)]
    way = " ".join(f"{x:.1f},{y:.1f}" for x, y in places[1:] if len(places) > 1)
    dashes = ' stroke-dasharray="5 4"' if line.dashed else ""
    stroke = f'fill="none" stroke="{colour}" stroke-width="2"{dashes}'
    yield f'<polyline points="{way}" {stroke}/>'
    for x, y in places[1:]:
        yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>'
    y = MARGIN - 30 + 16 * number
    yield f'<path d="M{MARGIN + 10} {y}h30" {stroke}/>'
    yield f'<text x="{MARGIN + 46}" y="{y + 4}">{escape(line.name)}</text>'
