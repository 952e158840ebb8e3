"""What of a plan needs attention: its risks, the most dangerous first, each with all its places."""

from collections.abc import Iterable, Iterator
from textwrap import wrap

from kcplan.classes import frozen
from kcplan.render.palette import Palette
from kcplan.render.values import dotted_path, safe
from kcplan.risk import Level, Risk

ATTENTION = "Needs attention"
HINT = "`kcplan explain CODE` says why, and what to do about it."
WIDTH = 80
"""How wide prose is in the terminal."""


@frozen
class Spot:
    """A resource, and the field of it that a risk is about; empty where it is about all of it."""

    address: str
    field: str

    def __str__(self) -> str:
        return f"{self.address}: {self.field}" if self.field else self.address


@frozen
class Finding:
    """Risks that say the same of several resources. All texts are safe to print."""

    level: Level
    code: str
    summary: str
    places: tuple[Spot, ...]


def findings(risks: Iterable[Risk]) -> list[Finding]:
    """The risks, those that say the same as one, in the order of the first of them."""
    places: dict[tuple[Level, str, str], list[Spot]] = {}
    for risk in risks:
        spot = Spot(safe(str(risk.address)), dotted_path(risk.path))
        places.setdefault((risk.level, risk.code, risk.summary), []).append(spot)
    return [
        Finding(level, safe(code), safe(summary), tuple(found))
        for (level, code, summary), found in places.items()
    ]


def attention_text(risks: Iterable[Risk], palette: Palette) -> str:
    """The risks for the terminal, or for a fenced block; a line for each place."""
    lines: list[str] = []
    for item in findings(risks):
        lines += _said(item, palette)
        lines += (f"    {place}" for place in item.places)
    return "".join(f"{line}\n" for line in lines)


def _said(item: Finding, palette: Palette) -> Iterator[str]:
    """What a risk is, on as many lines as it takes."""
    code = f"[{item.code}]"
    start = " " * len(f"  {item.level.title()}: ")
    texts = wrap(
        f"{item.summary} {code}",
        WIDTH - len(start),
        break_long_words=False,
        break_on_hyphens=False,
    )
    beginning = f"  {palette.severity(item.level.title())} "
    for text in texts:
        said = text.removesuffix(code).rstrip()
        bold = palette.heading(said) if said else ""
        yield f"{beginning}{bold}{text[len(said) :]}"
        beginning = start
