"""A plan as Markdown, for a comment on a pull request.

Everything that comes from files or from Keycloak stands in fenced blocks or in code spans, so that
it can neither add markup nor mention anybody. The text stays below what GitHub takes.
"""

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from html import escape
from urllib.parse import quote

from kcplan.diagnostics import Diagnostic
from kcplan.drift import Drift
from kcplan.plan import Action, Plan, ResourceChange
from kcplan.render.attention import ATTENTION, HINT, attention_text
from kcplan.render.blocks import Block, Group, Rank, drift_blocks, plan_groups
from kcplan.render.diagnostics import render_diagnostics
from kcplan.render.lines import Line
from kcplan.render.palette import Palette
from kcplan.render.totals import APPEARED, DRIFT, OUTSIDE, drift_line, headline
from kcplan.render.values import safe
from kcplan.risk import Risk
from kcplan.state import ServerIdentity

GITHUB_LIMIT = 65_536
_RESERVE = 600
_MARKS = {"+": "+", "-": "-", "~": "!", "-/+": "!", "&": "!", ">": "!", ".": "!"}
_NAMES = 5
"""So many realms are named in the text; the marker has all of them."""
_MARKER = 2_000
"""How long a marker with names may be."""


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
    realms = plan.realms
    _add_title(page, "kcplan", plan.environment, realms)
    page.add(f"**{headline(plan)}**\n")
    page.add(_where(plan.server, realms))
    _add_risks(page, plan.risks)
    found = _diagnostics(plan.diagnostics, page)
    if plan.has_errors:
        page.add(found)
    else:
        page.left -= len(found)
    for group in plan_groups(plan):
        loud = group.blocks[0].rank < Rank.REST
        _add_group(page, group, open_=loud)
    _add_group(page, _happened(OUTSIDE, plan.outside))
    _add_group(page, _happened(DRIFT, plan.drift))
    if found and not plan.has_errors:
        page.left += len(found)
        page.add(found)
    return page.text("`kcplan show` of the saved plan shows all of them.")


def markdown_drift(found: Drift, *, limit: int = GITHUB_LIMIT) -> str:
    """Drift as Markdown of at most `limit` characters."""
    page = _Page(limit)
    _add_title(page, "kcplan-refresh", found.environment, found.realms)
    page.add(f"**{drift_line(found.changed, found.outside)}**\n")
    if found.server is not None:
        page.add(_where(found.server, found.realms))
    _add_risks(page, found.risks)
    _add_group(page, _happened(DRIFT, found.changed))
    _add_group(page, _happened(OUTSIDE, found.outside))
    _add_group(page, _happened(APPEARED, found.appeared))
    return page.text("`kcplan refresh` shows all of them.")


def _add_title(page: _Page, word: str, environment: str | None, realms: Sequence[str]) -> None:
    """The marker, and a heading; both name the environment, so that each has its own comment."""
    page.add(_marker(f"{word}@{_quoted(environment)}" if environment else word, realms))
    page.add(f"## kcplan: {_code(environment)}\n" if environment else "## kcplan\n")


def _marker(word: str, realms: Sequence[str]) -> str:
    """A comment that no reader sees, and by which a pipeline finds its own text again.

    Names are percent-encoded, so that none can end the comment. Very many are a digest.
    """
    names = " ".join(map(_quoted, realms))
    if len(names) > _MARKER:
        names = f"{len(realms)}-realms-{sha256(names.encode()).hexdigest()[:16]}"
    return f"<!-- {' '.join(part for part in (word, names) if part)} -->"


def _quoted(name: str) -> str:
    return quote(name, safe="", errors="surrogatepass").replace("--", "%2D%2D")


def _where(server: ServerIdentity, realms: Sequence[str]) -> str:
    """The server and the realms."""
    version = f", Keycloak {_code(server.version)}" if server.version else ""
    named = ", ".join(_code(name) for name in realms[:_NAMES])
    more = f" and {len(realms) - _NAMES:,} more" if len(realms) > _NAMES else ""
    word = "realm" if len(realms) == 1 else "realms"
    return (
        f"Server {_code(server.url)}{version}" + (f", {word} {named}{more}" if named else "") + "\n"
    )


def _code(text: str) -> str:
    """A code span that nothing in the text can end."""
    shown = safe(text) or " "
    ticks = "`" * (_longest_run(shown) + 1)
    space = " " if "`" in shown or shown.startswith(" ") else ""
    return f"{ticks}{space}{shown}{space}{ticks}"


def _add_risks(page: _Page, risks: Sequence[Risk]) -> None:
    if risks:
        text = attention_text(risks, Palette(color=False))
        page.add(f"### {ATTENTION}\n")
        page.add(_fence("text", _fitting(text, page)))
        page.add(f"{HINT}\n")


def _diagnostics(diagnostics: Sequence[Diagnostic], page: _Page) -> str:
    """What is to be said of the files; the empty text where nothing is."""
    if not diagnostics:
        return ""
    text = _fitting(render_diagnostics(diagnostics), page)
    return _details(f"Diagnostics: {len(diagnostics):,}", _fence("text", text), open_=True)


def _fitting(text: str, page: _Page) -> str:
    """The text, cut where it is more than half of what there is room for."""
    room = page.left // 2
    return text if len(text) <= room else text[: max(room, 0)] + "…\n"


def _happened(title: str, changes: Iterable[ResourceChange]) -> Group:
    """What happened in Keycloak, under a title."""
    return Group(title, tuple(drift_blocks(changes)))


def _add_group(page: _Page, group: Group, *, open_: bool = False) -> None:
    """One collapsible group, with as many of its resources as there is room for."""
    blocks = group.blocks
    if not blocks:
        return
    # In HTML there are no code spans of Markdown, and outside of code a name may be a mention.
    realm = f" <code>{escape(group.realm)}</code>" if group.realm else ""
    heading = f"{escape(group.title)}{realm}: {len(blocks):,}"
    left = page.left - len(_details(heading, _fence("diff", ""), open_=open_))
    kept: list[str] = []
    for block in blocks:
        text = _block(block)
        if len(text) < left:
            left -= len(text) + 1
            kept.append(text)
    page.omitted += len(blocks) - len(kept)
    if kept:
        page.add(_details(heading, _fence("diff", "\n".join(kept)), open_=open_))


def _details(heading: str, body: str, *, open_: bool = False) -> str:
    mark = " open" if open_ else ""
    return f"<details{mark}><summary>{heading}</summary>\n\n{body}\n</details>\n"


def _fence(language: str, text: str) -> str:
    """A fenced block whose fence is longer than any run of backticks in it."""
    fence = "`" * max(3, _longest_run(text) + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}\n"


def _longest_run(text: str) -> int:
    """How many backticks stand in a row at most."""
    return max((len(run) for run in re.findall("`+", text)), default=0)


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
