"""One change as a card of the page: a heading, remarks, and its fields, which unfold."""

from html import escape

from kcplan.plan import Action
from kcplan.render.blocks import LOST, Block
from kcplan.render.lines import Line
from kcplan.risk import Level

KINDS = {
    Action.DELETE: "destroy",
    Action.REPLACE: "replace",
    Action.UPDATE: "change",
    Action.CREATE: "add",
    Action.MOVE: "rename",
    Action.ADOPT: "adopt",
    Action.RELEASE: "release",
    Action.NOOP: "leave",
}
"""The words for the buttons that choose what is shown."""
RISKY = "risky"
"""What the page calls changes with a risk."""

_COLORS = {"+": "add", "-": "del", "~": "chg", "-/+": "del", "&": "oth", ">": "oth", ".": "oth"}
LEVEL_COLORS = {Level.DANGER: "del", Level.CAUTION: "chg"}


def change_card(block: Block, name: str, level: Level | None, *, open_: bool) -> str:
    """A change. `name` is what links call it, `level` the worst of its risks."""
    kinds = ["card", "change", _COLORS.get(block.sign, ""), f"is-{KINDS[block.action]}"]
    if level is not None:
        kinds.append(f"is-{RISKY}")
    attributes = f'class="{" ".join(filter(None, kinds))}" id="{name}"'
    heading, body = _heading(block, level), [*map(_remark, block.remarks), *_lines(block)]
    if not body:
        return f'<div {attributes}>\n<div class="heading">{heading}</div>\n</div>'
    fold = f"<details {attributes}{' open' if open_ else ''}>"
    return "\n".join([fold, f"<summary>{heading}</summary>", *body, "</details>"])


def _heading(block: Block, level: Level | None) -> str:
    before, found, after = block.heading.partition(block.address)
    what = f"{escape(before)}<strong>{escape(found)}</strong>{escape(after)}"
    mark = ""
    if level is not None:
        mark = f' <span class="mark {LEVEL_COLORS[level]}">{level.title()}</span>'
    color = _COLORS.get(block.sign, "dim")
    return f'<span class="sign {color}">{escape(block.sign)}</span> <span>{what}{mark}</span>'


def _remark(text: str) -> str:
    loud = " loud" if text.startswith(LOST) else ""
    return f'<p class="remark{loud}">{escape(text)}</p>'


def _lines(block: Block) -> list[str]:
    if not block.lines:
        return []
    return ['<div class="lines">', *map(_line, block.lines), "</div>"]


def _line(line: Line) -> str:
    """A line; what does not fit goes on below, as deep as the line began."""
    color = _COLORS.get(line.sign, "")
    start = f"{'  ' * (line.depth - 1)}{escape(line.sign)} "
    parts = [escape(line.text)] if line.text else []
    if line.comment:
        parts.append(f'<span class="dim"># {escape(line.comment)}</span>')
    text = f'<span class="text">{" ".join(parts)}</span>'
    kinds = " ".join(part for part in ("l", color) if part)
    return f'<div class="{kinds}" style="--d:{line.depth}">{start}{text}</div>'
