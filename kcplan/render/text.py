"""Plans, drift and state for the terminal, as Terraform users know them.

Colours are ANSI codes around signs and headings, and only where asked for.
"""

from collections.abc import Iterable, Sequence
from textwrap import fill, wrap
from typing import TYPE_CHECKING

from kcplan.plan import Action, Plan, ResourceChange
from kcplan.render.attention import ATTENTION, HINT, WIDTH, attention_text
from kcplan.render.blocks import SIGNS, Block, drift_blocks, plan_blocks
from kcplan.render.lines import Line, lines_of
from kcplan.render.palette import Palette
from kcplan.render.totals import (
    APPEARED,
    APPEARED_INTRODUCTION,
    DRIFT,
    DRIFT_INTRODUCTION,
    MEANWHILE,
    MEANWHILE_INTRODUCTION,
    OUTSIDE,
    OUTSIDE_INTRODUCTION,
    drift_line,
    headline,
)
from kcplan.render.tree import Delta, tree_of
from kcplan.render.values import quoted, safe
from kcplan.risk import Risk
from kcplan.state import ResourceState, State, sorted_by_address

if TYPE_CHECKING:
    from kcplan.drift import Drift


def render_plan(plan: Plan, *, color: bool = False, show_drift: bool = True) -> str:
    """A plan for the terminal: risks, each change, drift, then how many changes there are."""
    palette = Palette(color)
    parts = _attention(plan.risks, palette)
    blocks = plan_blocks(plan)
    if not plan.is_empty:
        will = "would" if plan.has_errors else "will"
        parts += [
            f"kcplan {will} perform the following actions. Symbols:",
            _legend(blocks, palette),
        ]
    parts += _texts(blocks, palette)
    if show_drift:
        parts += _section(OUTSIDE, OUTSIDE_INTRODUCTION, plan.outside, palette)
        parts += _section(DRIFT, DRIFT_INTRODUCTION, plan.drift, palette)
    parts += [*_environment(plan.environment), palette.heading(headline(plan))]
    return "\n".join(parts) + "\n"


def render_drift(found: "Drift", *, color: bool = False) -> str:
    """What `refresh` found: risks, then changes of what is managed, then of all other fields."""
    palette = Palette(color)
    parts = [
        *_attention(found.risks, palette),
        *_section(DRIFT, "", found.changed, palette),
        *_section(OUTSIDE, OUTSIDE_INTRODUCTION, found.outside, palette),
        *_section(APPEARED, APPEARED_INTRODUCTION, found.appeared, palette),
        *_environment(found.environment),
        palette.heading(drift_line(found.changed, found.outside)),
    ]
    return "\n".join(parts) + "\n"


def render_meanwhile(changes: Sequence[ResourceChange], *, color: bool = False) -> str:
    """What somebody else changed during an apply, for the terminal."""
    parts = _section(MEANWHILE, MEANWHILE_INTRODUCTION, changes, Palette(color))
    return "\n".join(parts)


def render_risks(risks: Sequence[Risk], *, color: bool = False) -> str:
    """What needs attention, for the terminal."""
    return "\n".join(_attention(risks, Palette(color))) + "\n"


def _environment(name: str | None) -> list[str]:
    """Where that is, right before what it comes to: it is read last, before the approval."""
    return [] if name is None else [f"Environment: {safe(name)}"]


def _attention(risks: Sequence[Risk], palette: Palette) -> list[str]:
    if not risks:
        return []
    return [palette.heading(f"{ATTENTION}\n"), attention_text(risks, palette), f"{HINT}\n"]


def _section(
    title: str, introduction: str, changes: Sequence[ResourceChange], palette: Palette
) -> list[str]:
    """What happened in Keycloak, under a title; nothing where nothing did."""
    blocks = drift_blocks(changes)
    if not blocks:
        return []
    said = [f"{fill(introduction, WIDTH)}\n"] if introduction else []
    return [palette.heading(f"{title}\n"), *said, *_texts(blocks, palette)]


def render_state(state: State, *, color: bool = False) -> str:
    """What the state knows: each resource with its id and the fields that kcplan manages."""
    if not state.resources:
        return "The state is empty: kcplan manages nothing yet.\n"
    return "\n".join(
        render_resource(entry, color=color) for _, entry in sorted_by_address(state.resources)
    )


def render_resource(entry: ResourceState, *, color: bool = False) -> str:
    """One resource of the state."""
    palette = Palette(color)
    root = tree_of(entry.managed)
    root.at(("id",)).delta = Delta(None, entry.id)
    for path in entry.secrets:
        root.at(path).delta = Delta(None, None, hidden=True)
    origin = "adopted" if entry.adopted else "created by kcplan"
    lines = [
        palette.heading(f"# {safe(str(entry.address))} ({origin})"),
        f"{safe(entry.type)} {quoted(entry.address.title(entry.type))} {{",
        *(f"{'    ' * line.depth}{_with_comment(line, palette)}" for line in lines_of(root)),
        "}\n",
    ]
    return "\n".join(lines)


def _legend(blocks: Iterable[Block], palette: Palette) -> str:
    """The signs that the blocks use, each with its meaning."""
    used = {block.action for block in blocks} - {Action.NOOP}
    return "".join(
        f"{palette.sign(sign)} {meaning}\n"
        for action, (sign, meaning) in SIGNS.items()
        if action in used
    )


def _texts(blocks: Iterable[Block], palette: Palette) -> list[str]:
    return [_block(block, palette) for block in blocks]


def _block(block: Block, palette: Palette) -> str:
    """One resource: its heading, remarks and fields."""
    sign = palette.sign(block.sign)
    lines = [palette.heading(f"  # {block.heading}")]
    for remark in block.remarks:
        lines += wrap(
            remark,
            WIDTH,
            initial_indent="  # ",
            subsequent_indent="  #   ",
            break_long_words=False,
            break_on_hyphens=False,
        )
    if block.lines:
        lines.append(f"{sign} {block.opening} {{")
        lines += [
            f"{'    ' * line.depth}{palette.sign(line.sign)} {_with_comment(line, palette)}"
            for line in block.lines
        ]
        lines.append("    }")
    elif block.action is not Action.NOOP:
        lines.append(f"{sign} {block.opening}")
    return "\n".join(lines) + "\n"


def _with_comment(line: Line, palette: Palette) -> str:
    """What a line says, with its comment."""
    comment = palette.comment(f"# {line.comment}") if line.comment else ""
    return " ".join(part for part in (line.text, comment) if part)
