"""What of a plan needs attention: its risks, the most dangerous first, each with all its places."""

from collections.abc import Iterable

from attrs import frozen

from kcplan.render.palette import Palette
from kcplan.render.values import dotted_path, safe
from kcplan.risk import Level, Risk

ATTENTION = "Needs attention"
HINT = "`kcplan explain CODE` says why, and what to do about it."


@frozen
class Finding:
    """Risks that say the same of several resources. All texts are safe to print."""

    level: Level
    code: str
    summary: str
    places: tuple[str, ...]


def findings(risks: Iterable[Risk]) -> list[Finding]:
    """The risks, those that say the same as one, in the order of the first of them."""
    places: dict[tuple[Level, str, str], list[str]] = {}
    for risk in risks:
        place = safe(str(risk.address))
        if risk.path:
            place += f": {dotted_path(risk.path)}"
        places.setdefault((risk.level, risk.code, risk.summary), []).append(place)
    return [
        Finding(level, safe(code), safe(summary), tuple(found))
        for (level, code, summary), found in places.items()
    ]


def attention_text(risks: Iterable[Risk], palette: Palette) -> str:
    """The risks for the terminal, or for a fenced block; a line for each and for each place."""
    lines = []
    for item in findings(risks):
        word = palette.severity(item.level.title())
        lines += [
            f"  {word} {palette.heading(item.summary)} [{item.code}]",
            *(f"    {place}" for place in item.places),
        ]
    return "".join(f"{line}\n" for line in lines)
