"""The environments of kcplan.toml, as `kcplan env list` shows them."""

from collections.abc import Iterator, Sequence

from kcplan.config.environments import Listed
from kcplan.render.values import safe
from kcplan.views.pieces import Out, Piece, View, document


def view(output: str) -> View[Sequence[Listed]]:
    """The view of the environments: text or json."""
    return as_json if output == "json" else as_text


def as_text(environments: Sequence[Listed]) -> Iterator[Piece]:
    """An environment a line, in columns."""
    rows = [
        (safe(item.name), safe(item.url or "-"), safe(str(item.state)), _mark(item))
        for item in environments
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield Out("  ".join(cells).rstrip() + "\n")


def _mark(item: Listed) -> str:
    return "protected" if item.protect else ""


def as_json(environments: Sequence[Listed]) -> Iterator[Piece]:
    """The environments for programs."""
    yield document(
        [
            {
                "name": item.name,
                "url": item.url,
                "auth_realm": item.auth_realm,
                "state": str(item.state),
                "files": list(item.files),
                "overlays": list(item.overlays),
                "protect": item.protect,
            }
            for item in environments
        ]
    )
