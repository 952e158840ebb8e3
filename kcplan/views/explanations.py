"""What `kcplan explain` says of one code, or of all."""

import json as jsonlib
from collections.abc import Iterator, Sequence
from textwrap import fill, indent
from typing import Any

from attrs import asdict

from kcplan.explanation import Explanation
from kcplan.render.diagnostics import WIDTH
from kcplan.views.pieces import Out, Piece, View


def list_view(output: str) -> View[Sequence[Explanation]]:
    """The view of all explanations: text or json."""
    return list_json if output == "json" else list_text


def list_text(known: Sequence[Explanation]) -> Iterator[Piece]:
    """A code a line."""
    width = max(len(item.code) for item in known)
    for item in known:
        yield Out(f"{item.code:<{width}}  {item.severity:<7}  {item.title}\n")


def list_json(known: Sequence[Explanation]) -> Iterator[Piece]:
    """All explanations for programs."""
    yield _document([asdict(item) for item in known])


def view(output: str) -> View[Explanation]:
    """The view of one explanation: text or json."""
    return json if output == "json" else text


def text(item: Explanation) -> Iterator[Piece]:
    """The explanation in paragraphs."""
    parts = [
        f"{item.code} ({item.severity})",
        item.title,
        item.meaning,
        f"Why it matters: {item.why}",
        f"How to fix it: {item.fix}",
    ]
    paragraphs = [fill(part, WIDTH, break_on_hyphens=False) for part in parts]
    if item.example:
        paragraphs.append(indent(item.example, "    "))
    yield Out("\n\n".join(paragraphs) + "\n")


def json(item: Explanation) -> Iterator[Piece]:
    """The explanation for programs."""
    yield _document(asdict(item))


def _document(value: Any) -> Out:
    return Out(jsonlib.dumps(value, indent=2) + "\n")
