"""Diagrams of what needs what, for Mermaid and Graphviz; `drawing` draws them itself."""

from collections.abc import Mapping, Sequence
from typing import Final

from attrs import field

from kcplan.classes import frozen
from kcplan.render.values import safe


@frozen
class Edge:
    """An arrow. One that `stands_out` is what the reader should look at first."""

    start: str
    end: str
    label: str = ""
    stands_out: bool = False


@frozen
class Diagram:
    """Boxes and arrows.

    Attributes:
        title: What is shown.
        nodes: The text of each box by its name, in order.
        edges: The arrows.
        legend: What must be known to read it, one sentence each.
    """

    title: str
    nodes: Mapping[str, str] = field(factory=dict)
    edges: Sequence[Edge] = ()
    legend: Sequence[str] = ()


_MERMAID_ESCAPES: Final = str.maketrans({'"': "#quot;", "<": "&lt;", ">": "&gt;", "#": "#35;"})
_DOT_STYLE: Final = (
    "  rankdir=LR;",
    '  node [shape=box, style=rounded, fontname="sans-serif"];',
    '  edge [fontname="sans-serif", fontsize=11];',
)
_DOT_ESCAPES: Final = str.maketrans({'"': '\\"', "\\": "\\\\"})


def mermaid(diagram: Diagram) -> str:
    """The diagram for Mermaid, as GitHub and GitLab show it in Markdown."""
    names = _short_names(diagram)
    lines = [f"%% {safe(diagram.title)}", "flowchart LR"]
    lines += [f'  {names[name]}["{_mermaid_text(text)}"]' for name, text in diagram.nodes.items()]
    for edge in diagram.edges:
        arrow = "-.->" if edge.stands_out else "-->"
        label = f'|"{_mermaid_text(edge.label)}"|' if edge.label else ""
        lines.append(f"  {names[edge.start]} {arrow}{label} {names[edge.end]}")
    loud = [str(index) for index, edge in enumerate(diagram.edges) if edge.stands_out]
    if loud:
        lines.append(f"  linkStyle {','.join(loud)} stroke:#d1242f,stroke-width:2px")
    return "\n".join([*lines, *(f"%% {safe(line)}" for line in diagram.legend)]) + "\n"


def _mermaid_text(text: str) -> str:
    return safe(text).translate(_MERMAID_ESCAPES)


def _short_names(diagram: Diagram) -> dict[str, str]:
    return {name: f"n{index}" for index, name in enumerate(diagram.nodes)}


def dot(diagram: Diagram) -> str:
    """The diagram for Graphviz."""
    lines = [f'digraph "{_dot_text(diagram.title)}" {{', *_DOT_STYLE]
    lines += [
        f'  "{_dot_text(name)}" [label="{_dot_text(text)}"];'
        for name, text in diagram.nodes.items()
    ]
    for edge in diagram.edges:
        options = [f'label="{_dot_text(edge.label)}"'] if edge.label else []
        options += ['color="#d1242f"', "style=dashed"] if edge.stands_out else []
        shown = f" [{', '.join(options)}]" if options else ""
        lines.append(f'  "{_dot_text(edge.start)}" -> "{_dot_text(edge.end)}"{shown};')
    legend = (f"  // {safe(line)}" for line in diagram.legend)
    return "\n".join([*lines, *legend, "}"]) + "\n"


def _dot_text(text: str) -> str:
    return safe(text).translate(_DOT_ESCAPES)
