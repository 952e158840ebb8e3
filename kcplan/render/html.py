"""A plan as one self-contained HTML page: no script, nothing loaded, light or dark as preferred."""

from collections.abc import Iterable, Sequence
from html import escape

from kcplan.diagnostics import Diagnostic
from kcplan.drift import Drift
from kcplan.plan import Action, Plan, ResourceChange
from kcplan.render.attention import ATTENTION, HINT, findings
from kcplan.render.blocks import Block, drift_blocks, plan_blocks
from kcplan.render.diagnostics import render_diagnostics
from kcplan.render.lines import Line
from kcplan.render.totals import APPEARED, DRIFT, OUTSIDE, drift_line, headline, totals
from kcplan.render.values import safe
from kcplan.risk import Level, Risk

_OPEN_UP_TO = 40
_CLASSES = {"+": "add", "-": "del", "~": "chg", "-/+": "del", "&": "oth", ">": "oth", ".": "oth"}

_STYLE = """
:root { color-scheme: light dark; --bg: #fff; --fg: #1c2128; --dim: #57606a; --line: #d0d7de;
  --add: #116329; --del: #a40e26; --chg: #7d4e00; --oth: #0550ae; }
@media (prefers-color-scheme: dark) { :root { --bg: #0d1117; --fg: #e6edf3; --dim: #9198a1;
  --line: #30363d; --add: #56d364; --del: #ff7b72; --chg: #e3b341; --oth: #79c0ff; } }
body { background: var(--bg); color: var(--fg); font: 1rem/1.5 system-ui, sans-serif;
  max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
pre { overflow-x: auto; margin: .5rem 0; font: .875rem/1.45 ui-monospace, monospace; }
details { border: 1px solid var(--line); border-radius: .375rem; margin: .5rem 0;
  padding: .25rem .75rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
li { overflow-wrap: anywhere; }
table { border-collapse: collapse; margin: 1rem 0; }
caption { text-align: left; color: var(--dim); }
th, td { border: 1px solid var(--line); padding: .25rem .75rem; text-align: right; }
.add { color: var(--add); } .del { color: var(--del); } .chg { color: var(--chg); }
.oth { color: var(--oth); } .dim, .note { color: var(--dim); }
""".strip()


def html_plan(plan: Plan) -> str:
    """A plan as an HTML page."""
    version = f", Keycloak {escape(safe(plan.server.version))}" if plan.server.version else ""
    body = [
        f"<p><strong>{escape(headline(plan))}</strong></p>",
        f'<p class="dim">For {escape(safe(plan.server.url))}{version}</p>',
        _attention(plan.risks),
        "" if plan.is_empty else _table(plan.changes),
        _diagnostics(plan.diagnostics),
        _section(DRIFT, drift_blocks(plan.drift)),
        _section(OUTSIDE, drift_blocks(plan.outside)),
        _section("Changes", plan_blocks(plan)),
    ]
    return _page("kcplan: plan", body)


def html_drift(found: Drift) -> str:
    """Drift as an HTML page."""
    body = [
        f"<p><strong>{escape(drift_line(found.changed, found.outside))}</strong></p>",
        _attention(found.risks),
        _section(DRIFT, drift_blocks(found.changed)),
        _section(OUTSIDE, drift_blocks(found.outside)),
        _section(APPEARED, drift_blocks(found.appeared)),
    ]
    return _page("kcplan: drift", body)


def _page(title: str, body: Iterable[str]) -> str:
    content = "\n".join(part for part in body if part)
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{escape(title)}</title>
<style>
{_STYLE}
</style>
</head>
<body>
<main>
<h1>{escape(title)}</h1>
{content}
</main>
</body>
</html>
"""


def _table(changes: Iterable[ResourceChange]) -> str:
    found = totals(changes)
    rows = {
        "add": found.add,
        "change": found.change,
        "destroy": found.destroy,
        "adopt": found.adopt,
        "release": found.release,
    }
    head = "".join(f'<th scope="col">{name}</th>' for name in rows)
    cells = "".join(f"<td>{count:,}</td>" for count in rows.values())
    return (
        "<table>\n<caption>Resources</caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody><tr>{cells}</tr></tbody>\n</table>"
    )


def _attention(risks: Sequence[Risk]) -> str:
    if not risks:
        return ""
    items = []
    for found in findings(risks):
        kind = "del" if found.level is Level.DANGER else "chg"
        places = "".join(f"<li>{escape(place)}</li>" for place in found.places)
        items.append(
            f'<li><strong class="{kind}">{found.level.title()}:</strong> {escape(found.summary)} '
            f'<code>{escape(found.code)}</code>\n<ul class="dim">{places}</ul></li>'
        )
    hint = escape(HINT.replace("`", ""))
    rows = "\n".join(items)
    return f'<h2>{ATTENTION}</h2>\n<ul>\n{rows}\n</ul>\n<p class="dim">{hint}</p>'


def _diagnostics(diagnostics: Sequence[Diagnostic]) -> str:
    if not diagnostics:
        return ""
    return f"<h2>Diagnostics</h2>\n<pre>{escape(render_diagnostics(diagnostics))}</pre>"


def _section(title: str, blocks: Sequence[Block]) -> str:
    if not blocks:
        return ""
    open_ = " open" if len(blocks) <= _OPEN_UP_TO else ""
    return "\n".join([f"<h2>{escape(title)}</h2>", *(_block(block, open_) for block in blocks)])


def _block(block: Block, open_: str) -> str:
    heading = f"{_mark(block.sign)} {escape(block.heading)}"
    remarks = [f'<p class="note">{escape(remark)}</p>' for remark in block.remarks]
    lines = []
    if block.lines:
        opening = f"{_mark(block.sign)} {escape(block.opening)} {{"
        rows = "\n".join([opening, *map(_line, block.lines), f"{'}':>5}"])
        lines = [f"<pre>{rows}</pre>"]
    elif block.action is not Action.NOOP:
        lines = [f"<pre>{_mark(block.sign)} {escape(block.opening)}</pre>"]
    parts = [f"<details{open_}>", f"<summary>{heading}</summary>", *remarks, *lines, "</details>"]
    return "\n".join(parts)


def _mark(sign: str) -> str:
    padded = escape(sign.rjust(3))
    return f'<span class="{_CLASSES[sign]}">{padded}</span>' if sign in _CLASSES else padded


def _line(line: Line) -> str:
    text = f"{_mark(line.sign)} {escape(line.text)}".rstrip()
    if line.comment:
        comment = f'<span class="dim"># {escape(line.comment)}</span>'
        text = f"{text} {comment}" if line.text else f"{_mark(line.sign)} {comment}"
    return f"{'    ' * line.depth}{text}"
