"""A plan as Markdown, for a comment on a pull request.

Everything that comes from files or from Keycloak stands in fenced blocks or in `<code>`, so that
it can neither add markup nor mention anybody. The text stays below what GitHub takes.
"""

import re
from collections.abc import Iterable, Sequence
from html import escape

from kcplan.drift import Drift
from kcplan.plan import Action, Plan, ResourceChange
from kcplan.render.attention import ATTENTION, HINT, attention_text
from kcplan.render.blocks import Block, drift_blocks, plan_blocks
from kcplan.render.diagnostics import render_diagnostics
from kcplan.render.lines import Line
from kcplan.render.palette import Palette
from kcplan.render.totals import APPEARED, DRIFT, OUTSIDE, drift_line, headline, totals
from kcplan.render.values import safe
from kcplan.risk import Risk

GITHUB_LIMIT = 65_536
_RESERVE = 600
_MARKS = {"+": "+", "-": "-", "~": "!", "-/+": "!", "&": "!", ">": "!", ".": "!"}

# What is hardest to undo comes first, so that cutting never hides it.
_GROUPS = (
    (Action.DELETE, "Destroy"),
    (Action.REPLACE, "Replace"),
    (Action.UPDATE, "Change"),
    (Action.MOVE, "Rename"),
    (Action.ADOPT, "Adopt"),
    (Action.RELEASE, "Release"),
    (Action.CREATE, "Add"),
    (Action.NOOP, "Leave as it is"),
)


class _Page:
    """A text that grows up to a limit."""

    def __init__(self, limit: int) -> None:
        self.parts: list[str] = []
        self.left = limit - _RESERVE
        self.omitted = 0

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.left -= len(text) + 1

    def text(self, hint: str) -> str:
        if self.omitted:
            self.add(
                f"> **Left out here: {self.omitted:,}**, because a comment holds no more. {hint}"
            )
        return "\n".join(self.parts).rstrip() + "\n"


def markdown_plan(plan: Plan, *, limit: int = GITHUB_LIMIT) -> str:
    """A plan as Markdown of at most `limit` characters."""
    page = _Page(limit)
    blocks = plan_blocks(plan)
    page.add("## kcplan\n")
    page.add(f"**{headline(plan)}**\n")
    _add_risks(page, plan.risks)
    if not plan.is_empty:
        page.add(_table(plan.changes))
    if plan.diagnostics:
        _add_diagnostics(page, plan)
    for action, title in _GROUPS:
        _add_group(page, title, [block for block in blocks if block.action is action])
    _add_group(page, DRIFT, drift_blocks(plan.drift))
    _add_group(page, OUTSIDE, drift_blocks(plan.outside))
    return page.text("`kcplan show` of the saved plan shows all of them.")


def markdown_drift(found: Drift, *, limit: int = GITHUB_LIMIT) -> str:
    """Drift as Markdown of at most `limit` characters."""
    page = _Page(limit)
    page.add("## kcplan\n")
    page.add(f"**{drift_line(found.changed, found.outside)}**\n")
    _add_risks(page, found.risks)
    _add_group(page, DRIFT, drift_blocks(found.changed))
    _add_group(page, OUTSIDE, drift_blocks(found.outside))
    _add_group(page, APPEARED, drift_blocks(found.appeared))
    return page.text("`kcplan refresh` shows all of them.")


def _table(changes: Iterable[ResourceChange]) -> str:
    found = totals(changes)
    counts = (found.add, found.change, found.destroy, found.adopt, found.release)
    numbers = " | ".join(f"{count:,}" for count in counts)
    return (
        f"| add | change | destroy | adopt | release |\n|---:|---:|---:|---:|---:|\n| {numbers} |\n"
    )


def _add_risks(page: _Page, risks: Sequence[Risk]) -> None:
    if risks:
        text = attention_text(risks, Palette(color=False))
        page.add(f"### {ATTENTION}\n")
        page.add(_fence("text", _fitting(text, page)))
        page.add(f"{HINT}\n")


def _add_diagnostics(page: _Page, plan: Plan) -> None:
    text = _fitting(render_diagnostics(plan.diagnostics), page)
    page.add(_details(f"Diagnostics: {len(plan.diagnostics):,}", _fence("text", text), open_=True))


def _fitting(text: str, page: _Page) -> str:
    """The text, cut where it is more than half of what there is room for."""
    room = page.left // 2
    return text if len(text) <= room else text[: max(room, 0)] + "…\n"


def _add_group(page: _Page, title: str, blocks: Sequence[Block]) -> None:
    """One collapsible group, with as many of its resources as there is room for."""
    if not blocks:
        return
    heading = f"{title}: {len(blocks):,}"
    left = page.left - len(_details(heading, _fence("diff", "")))
    kept: list[str] = []
    for block in blocks:
        text = _block(block)
        if len(text) < left:
            left -= len(text) + 1
            kept.append(text)
    page.omitted += len(blocks) - len(kept)
    if kept:
        page.add(_details(heading, _fence("diff", "\n".join(kept))))


def _details(heading: str, body: str, *, open_: bool = False) -> str:
    mark = " open" if open_ else ""
    return f"<details{mark}><summary>{escape(heading)}</summary>\n\n{body}\n</details>\n"


def _fence(language: str, text: str) -> str:
    """A fenced block whose fence is longer than any run of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def _block(block: Block) -> str:
    lines = [f"# {block.heading}", *(f"# {remark}" for remark in block.remarks)]
    mark = _MARKS.get(block.sign, " ")
    if block.lines:
        lines += [f"{mark} {block.opening} {{", *map(_line, block.lines), "  }"]
    elif block.action is not Action.NOOP:
        lines.append(f"{mark} {block.opening}")
    return "\n".join(lines) + "\n"


def _line(line: Line) -> str:
    comment = f"# {line.comment}" if line.comment else ""
    text = " ".join(part for part in (line.text, comment) if part)
    return f"{_MARKS.get(line.sign, ' ')} {'    ' * line.depth}{safe(text)}"
