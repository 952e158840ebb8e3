"""Diagrams as SVG and as a self-contained HTML page.

Boxes stand in columns, each one right of what points to it. Arrows that close a circle run back
below all boxes, and so do those with a label that would run through a box. That is enough for small
diagrams; Graphviz draws all of them better, and alone the ones above `LARGE`.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from kcplan.classes import frozen
from kcplan.render.diagram import Diagram, Edge
from kcplan.render.values import safe

LARGE: Final = 50
"""So many boxes are readable in plain columns."""

_CHARACTER: Final = 7.5
_HEIGHT: Final = 32
_ROW: Final = 56
_GAP: Final = 120
_MARGIN: Final = 48
_LANE: Final = 24
"""How far arrows below the boxes are apart."""

_STYLE: Final = """
svg { --fg: #1c2128; --bg: #fff; --line: #57606a; --loud: #cf222e; --box: #f6f8fa; }
@media (prefers-color-scheme: dark) { svg { --fg: #e6edf3; --bg: #0d1117; --line: #9198a1;
  --loud: #ff7b72; --box: #161b22; } }
text { font: 13px system-ui, sans-serif; fill: var(--fg); }
rect { fill: var(--box); stroke: var(--line); }
path { fill: none; stroke: var(--line); stroke-width: 1.4; }
path.loud { stroke: var(--loud); stroke-width: 2; stroke-dasharray: 6 3; }
text.label { font-size: 11px; text-anchor: middle; }
text.loud { fill: var(--loud); }
marker path { fill: var(--line); stroke: none; }
""".strip()

_TIP: Final = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" '
    'markerHeight="8" orient="auto"><path d="M0,0 L8,4 L0,8 z"/></marker></defs>'
)


@frozen
class _Box:
    x: float
    y: float
    width: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def middle(self) -> float:
        return self.y + _HEIGHT / 2


def svg(diagram: Diagram) -> str:
    """The diagram as an SVG image."""
    boxes = _placed(diagram)
    below = [edge for edge in diagram.edges if _runs_below(edge, boxes)]
    floor = max((box.y + _HEIGHT for box in boxes.values()), default=0)
    arrows = [_beside(edge, boxes, apart) for edge, apart in _apart(diagram) if edge not in below]
    arrows += [_below(edge, boxes, floor + n * _LANE) for n, edge in enumerate(below, start=1)]
    width = max((box.right for box in boxes.values()), default=0) + _MARGIN
    height = floor + len(below) * _LANE + 2 * _MARGIN
    size = f'viewBox="0 0 {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img">',
        f"<title>{_text(diagram.title)}</title>",
        f"<style>{_STYLE}</style>",
        _TIP,
        *arrows,
        *(_drawn_box(text, boxes[name]) for name, text in diagram.nodes.items()),
        "</svg>",
    ]
    return "\n".join(parts) + "\n"


def html(diagram: Diagram, picture: str) -> str:
    """The diagram as an HTML page that loads nothing, with its arrows as a table as well.

    Args:
        diagram: What is shown.
        picture: Its SVG; empty where nothing can draw it, and the page has the table alone.
    """
    figure = f"<figure>\n{picture}</figure>\n" if picture else ""
    rows = "\n".join(_table_row(diagram, edge) for edge in diagram.edges)
    legend = "\n".join(f"<p>{_text(line)}</p>" for line in diagram.legend)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{_text(diagram.title)}</title>\n<style>\n"
        ":root { color-scheme: light dark; }\n"
        "body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem; }\n"
        "figure { overflow-x: auto; margin: 1rem 0; }\n"
        "table { border-collapse: collapse; } td { padding: .2rem .8rem; }\n"
        ".loud { color: #cf222e; font-weight: 600; }\n</style>\n</head>\n<body>\n"
        f"<h1>{_text(diagram.title)}</h1>\n{legend}\n{figure}"
        f"<table>\n{rows}\n</table>\n</body>\n</html>\n"
    )


def _text(text: str) -> str:
    return escape(safe(text))


def _table_row(diagram: Diagram, edge: Edge) -> str:
    start, end = diagram.nodes[edge.start], diagram.nodes[edge.end]
    kind = ' class="loud"' if edge.stands_out else ""
    cells = "".join(f"<td>{_text(cell)}</td>" for cell in (start, edge.label or "→", end))
    return f"<tr{kind}>{cells}</tr>"


def _drawn_box(text: str, box: _Box) -> str:
    return (
        f'<rect x="{box.x:.0f}" y="{box.y:.0f}" width="{box.width:.0f}" height="{_HEIGHT}" '
        f'rx="5"/><text x="{box.x + 10:.0f}" y="{box.middle + 4.5:.0f}">{_text(text)}</text>'
    )


def _apart(diagram: Diagram) -> Iterator[tuple[Edge, int]]:
    """Each arrow, and how many others there are already between the same two boxes."""
    seen: Counter[tuple[str, str]] = Counter()
    for edge in diagram.edges:
        yield edge, seen[edge.start, edge.end]
        seen[edge.start, edge.end] += 1


def _runs_below(edge: Edge, boxes: Mapping[str, _Box]) -> bool:
    """Whether an arrow goes back, or has a label and goes past a column."""
    start, end = boxes[edge.start], boxes[edge.end]
    between = any(start.right < box.x < end.x for box in boxes.values())
    return end.x <= start.x or (bool(edge.label) and between)


def _beside(edge: Edge, boxes: Mapping[str, _Box], apart: int) -> str:
    """An arrow to the right, lower the more there are between the same boxes."""
    start, end = boxes[edge.start], boxes[edge.end]
    bend, sag = max(40.0, (end.x - start.right) / 2), apart * 24
    curve = (
        f"M{start.right:.0f},{start.middle:.0f} "
        f"C{start.right + bend:.0f},{start.middle + sag:.0f} "
        f"{end.x - bend:.0f},{end.middle + sag:.0f} {end.x:.0f},{end.middle:.0f}"
    )
    at = (start.right + end.x) / 2, (start.middle + end.middle) / 2 - 5 + sag
    return _arrow(edge, curve, at)


def _below(edge: Edge, boxes: Mapping[str, _Box], y: float) -> str:
    """An arrow that runs at this height, below all boxes, and in the gaps between columns."""
    start, end = boxes[edge.start], boxes[edge.end]
    step = _GAP / 6 if end.x > start.x else -_GAP / 6
    curve = (
        f"M{start.right:.0f},{start.middle:.0f} "
        f"C{start.right + 40:.0f},{start.middle:.0f} {start.right + 20 - step:.0f},{y:.0f} "
        f"{start.right + 20 + step:.0f},{y:.0f} L{end.x - 20 - step:.0f},{y:.0f} "
        f"C{end.x - 20 + step:.0f},{y:.0f} {end.x - 40:.0f},{end.middle:.0f} "
        f"{end.x:.0f},{end.middle:.0f}"
    )
    return _arrow(edge, curve, ((start.right + end.x) / 2, y - 5))


def _arrow(edge: Edge, curve: str, at: tuple[float, float]) -> str:
    """An arrow along a curve, and its label in this place."""
    kind = " loud" if edge.stands_out else ""
    x, y = at
    label = (
        f'<text class="label{kind}" x="{x:.0f}" y="{y:.0f}">{_text(edge.label)}</text>'
        if edge.label
        else ""
    )
    return f'<path class="edge{kind}" d="{curve}" marker-end="url(#tip)"/>{label}'


def _placed(diagram: Diagram) -> dict[str, _Box]:
    """A place for each box: its column by what points to it, its row in order of appearance."""
    columns = _columns(diagram)
    boxes: dict[str, _Box] = {}
    x = float(_MARGIN)
    for column in sorted(set(columns.values())):
        names = [name for name in diagram.nodes if columns[name] == column]
        width = max(len(safe(diagram.nodes[name])) for name in names) * _CHARACTER + 20
        for row, name in enumerate(names):
            boxes[name] = _Box(x, _MARGIN + row * _ROW, width)
        x += width + _GAP
    return boxes


def _columns(diagram: Diagram) -> dict[str, int]:
    """The longest way to each box, not counting arrows that close a circle."""
    onward = list(_onward(diagram))
    columns = dict.fromkeys(diagram.nodes, 0)
    for _ in diagram.nodes:
        moved = False
        for edge in onward:
            if columns[edge.end] <= columns[edge.start]:
                columns[edge.end] = columns[edge.start] + 1
                moved = True
        if not moved:
            break
    return columns


def _onward(diagram: Diagram) -> Iterator[Edge]:
    """The arrows without those that close a circle, found by walking along them."""
    following: dict[str, list[Edge]] = {name: [] for name in diagram.nodes}
    for edge in diagram.edges:
        following[edge.start].append(edge)
    done: set[str] = set()

    def walk(name: str, path: frozenset[str]) -> Iterator[Edge]:
        for edge in following[name]:
            if edge.end in path:
                continue
            yield edge
            if edge.end not in done:
                yield from walk(edge.end, path | {edge.end})
        done.add(name)

    for root in diagram.nodes:
        if root not in done:
            yield from walk(root, frozenset({root}))
