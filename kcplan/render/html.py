"""A plan as one self-contained HTML page for reviewers: no script, nothing loaded.

What is dangerous comes first, then what is destroyed, then the rest. What is hardly worth a look is
folded. Buttons show one kind of change only; a browser that cannot do that shows no buttons.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import count, groupby
from textwrap import dedent

from kcplan.classes import frozen
from kcplan.diagnostics import Severity
from kcplan.drift import Drift
from kcplan.plan import Action, Plan, ResourceChange
from kcplan.render.attention import ATTENTION, HINT, Finding, Spot, findings
from kcplan.render.blocks import Block, drift_blocks, plan_groups
from kcplan.render.diagnostics import Report, reports
from kcplan.render.html_changes import KINDS, LEVEL_COLORS, RISKY, change_card
from kcplan.render.stylesheet import STYLE, filter_rules
from kcplan.render.totals import (
    APPEARED,
    APPEARED_INTRODUCTION,
    DRIFT,
    DRIFT_INTRODUCTION,
    OUTSIDE,
    OUTSIDE_INTRODUCTION,
    drift_line,
    headline,
)
from kcplan.render.values import safe
from kcplan.risk import Level, Risk

_CROWDED = 40
"""With more changes than these, those that only add something are folded."""
_NAMES = 3
"""So many realms are named in the title."""
_SEVERITIES = {Severity.ERROR: "del", Severity.WARNING: "chg", Severity.NOTE: "oth"}


@frozen
class _Section:
    """Blocks under a title. Filtered ones follow the buttons."""

    title: str
    blocks: Sequence[Block]
    introduction: str = ""
    filtered: bool = False


def html_plan(plan: Plan) -> str:
    """A plan as an HTML page."""
    groups = plan_groups(plan)
    sections = [_Section(group.heading, group.blocks, filtered=True) for group in groups]
    sections += [
        _happened(OUTSIDE, OUTSIDE_INTRODUCTION, plan.outside),
        _happened(DRIFT, DRIFT_INTRODUCTION, plan.drift),
    ]
    found = reports(plan.diagnostics)
    errors = [report for report in found if report.severity is Severity.ERROR]
    others = [report for report in found if report.severity is not Severity.ERROR]
    body = [
        *_header("Plan", plan),
        _total(headline(plan), error=plan.has_errors),
        _attention(plan.risks, sections),
        _reports("Errors", errors),
        _filters(sections, plan.risks),
        *_sections(sections, plan.risks),
        _reports("Warnings and notes", others),
    ]
    return _page(_title("Plan", plan.realms), body)


def html_drift(found: Drift) -> str:
    """Drift as an HTML page."""
    sections = [
        _happened(DRIFT, "", found.changed),
        _happened(OUTSIDE, OUTSIDE_INTRODUCTION, found.outside),
        _happened(APPEARED, APPEARED_INTRODUCTION, found.appeared),
    ]
    body = [
        *_header("Drift", found),
        _total(drift_line(found.changed, found.outside)),
        _attention(found.risks, sections),
        *_sections(sections, found.risks),
    ]
    return _page(_title("Drift", found.realms), body)


def _page(title: str, body: Iterable[str]) -> str:
    content = "\n".join(part for part in body if part)
    rules = filter_rules([*KINDS.values(), RISKY])
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(title)} - kcplan</title>
<style>
{STYLE}
{rules}
</style>
</head>
<body>
<main>
{content}
</main>
</body>
</html>
"""


# -- above the changes ------------------------------------------------------------------------


def _title(word: str, realms: Sequence[str]) -> str:
    if not realms:
        return word
    if len(realms) > _NAMES:
        return f"{word} for {len(realms):,} realms"
    *first, last = map(safe, realms)
    return f"{word} for {', '.join(first)} and {last}" if first else f"{word} for {last}"


def _header(word: str, of: Plan | Drift) -> Iterator[str]:
    """What the page is about: the realms, the environment, and the server."""
    realms, server = of.realms, of.server
    yield f"<h1>{escape(_title(word, realms))}</h1>"
    if of.environment is not None:
        yield f'<p class="dim">Environment: {escape(safe(of.environment))}</p>'
    if server is not None:
        version = f", Keycloak {escape(safe(server.version))}" if server.version else ""
        yield f'<p class="dim">For {escape(safe(server.url))}{version}</p>'
    if len(realms) > _NAMES:
        yield f'<p class="dim">Realms: {escape(", ".join(map(safe, realms)))}</p>'


def _total(text: str, *, error: bool = False) -> str:
    return f'<p class="total{" error" if error else ""}">{escape(text)}</p>'


def _attention(risks: Sequence[Risk], sections: Sequence[_Section]) -> str:
    if not risks:
        return ""
    names = _names(sections)
    cards = "\n".join(_finding(found, names) for found in findings(risks))
    return f"<section>\n<h2>{ATTENTION}</h2>\n{cards}\n<p>{_prose(HINT)}</p>\n</section>"


def _finding(found: Finding, names: Mapping[str, str]) -> str:
    color = LEVEL_COLORS[found.level]
    places = "".join(f"<li>{_place(place, names)}</li>" for place in found.places)
    return (
        f'<div class="card {color}">\n<p><strong class="{color}">{found.level.title()}:</strong> '
        f'{escape(found.summary)} <span class="dim">[{escape(found.code)}]</span></p>\n'
        f"<ul>{places}</ul>\n</div>"
    )


def _place(spot: Spot, names: Mapping[str, str]) -> str:
    """A place, with a link to the change where the page shows it."""
    where = escape(spot.address)
    if spot.address in names:
        where = f'<a href="#{names[spot.address]}">{where}</a>'
    return f"{where}: <code>{escape(spot.field)}</code>" if spot.field else where


def _reports(title: str, found: Sequence[Report]) -> str:
    if not found:
        return ""
    return "\n".join(["<section>", f"<h2>{title}</h2>", *map(_report, found), "</section>"])


def _report(report: Report) -> str:
    color = _SEVERITIES[report.severity]
    places = "".join(f"<li>{escape(place)}</li>" for place in report.places)
    heading = (
        f'<p><strong class="{color}">{report.severity.title()}:</strong> '
        f'{escape(report.summary)} <span class="dim">[{escape(report.code)}]</span></p>'
    )
    parts = [
        heading,
        f"<ul>{places}</ul>" if places else "",
        *_paragraphs(report.advice),
    ]
    inside = "\n".join(part for part in parts if part)
    return f'<div class="card {color}">\n{inside}\n</div>'


def _paragraphs(lines: Iterable[str]) -> Iterator[str]:
    """Prose a paragraph each, pieces of a file as they are."""
    for is_piece, group in groupby(lines, key=lambda line: line.startswith(" ")):
        if is_piece:
            yield f"<pre>{escape(dedent(chr(10).join(group)))}</pre>"
        else:
            yield from (f"<p>{_prose(line)}</p>" for line in group if line)


def _prose(text: str) -> str:
    """Text in which what stands between backticks is code."""
    parts = [escape(part) for part in text.split("`")]
    if len(parts) % 2 == 0:  # one is left over: it stands for itself
        return escape(text)
    return "".join(
        f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts)
    )


# -- the changes ------------------------------------------------------------------------------


def _happened(title: str, introduction: str, changes: Iterable[ResourceChange]) -> _Section:
    return _Section(title, drift_blocks(changes), introduction)


def _names(sections: Iterable[_Section]) -> dict[str, str]:
    """What links call each resource: its first card."""
    names: dict[str, str] = {}
    blocks = (block for section in sections for block in section.blocks)
    for number, block in enumerate(blocks, 1):
        names.setdefault(block.address, f"c{number}")
    return names


def _filters(sections: Iterable[_Section], risks: Iterable[Risk]) -> str:
    """Buttons for what the changes differ in; none where all are alike."""
    blocks = [block for section in sections if section.filtered for block in section.blocks]
    used = {block.action for block in blocks}
    risky = {safe(str(risk.address)) for risk in risks}
    marked = sum(block.address in risky for block in blocks)
    buttons = [_button(RISKY, "needs attention")] if 0 < marked < len(blocks) else []
    if len(used) > 1:
        buttons += [_button(kind, kind) for action, kind in KINDS.items() if action in used]
    if not buttons:
        return ""
    buttons.insert(0, _button("all", "everything", checked=" checked"))
    unfold = '<label class="unfold"><input type="checkbox" id="unfold"> unfold all</label>'
    return "\n".join(
        ['<fieldset class="filters">', "<legend>Show</legend>", *buttons, unfold, "</fieldset>"]
    )


def _button(kind: str, words: str, checked: str = "") -> str:
    return f'<label><input type="radio" name="show" id="show-{kind}"{checked}> {words}</label>'


def _sections(sections: Sequence[_Section], risks: Iterable[Risk]) -> Iterator[str]:
    levels: dict[str, Level] = {}
    for risk in risks:
        levels.setdefault(safe(str(risk.address)), risk.level)
    crowded = sum(len(section.blocks) for section in sections) > _CROWDED
    names, numbers = _names(sections), count(1)
    for section in sections:
        cards = []
        for block in section.blocks:
            name = f"c{next(numbers)}"
            level = levels.get(block.address) if names[block.address] == name else None
            open_ = _is_open(block, level, crowded=crowded)
            cards.append(change_card(block, name, level, open_=open_))
        if cards:
            yield _section(section, cards)


def _section(section: _Section, cards: Iterable[str]) -> str:
    kind = ' class="filtered"' if section.filtered else ""
    parts = [f"<section{kind}>", f"<h2>{escape(section.title)}</h2>"]
    if section.introduction:
        parts.append(f'<p class="dim">{_prose(section.introduction)}</p>')
    return "\n".join([*parts, *cards, "</section>"])


def _is_open(block: Block, level: Level | None, *, crowded: bool) -> bool:
    """Whether a card is unfolded: what is dangerous or lost always, what is trivial never."""
    if level is not None or block.lossy or block.action.takes_away:
        return True
    if block.trivial:
        return False
    return not crowded or block.action is not Action.CREATE
