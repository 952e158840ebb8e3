"""How the page of a plan looks: light or dark as preferred, as wide as a telephone or a desk.

The colours of text have a contrast of at least 4.5:1 on every background that they stand on.
"""

from collections.abc import Iterable
from typing import Final

STYLE: Final = """
:root { color-scheme: light dark; --bg: #fff; --soft: #f6f8fa; --fg: #1f2328; --dim: #59636e;
  --line: #d1d9e0; --edge: #818b98; --add: #116329; --del: #a40e26; --chg: #7d4e00; --oth: #0550ae;
  --add-bg: #e6ffec; --del-bg: #ffebe9; --chg-bg: #fff8d6; --oth-bg: #e4f3ff; }
@media (prefers-color-scheme: dark) { :root { --bg: #0d1117; --soft: #151b23; --fg: #e6edf3;
  --dim: #9aa2ab; --line: #30363d; --edge: #768390; --add: #56d364; --del: #ff8a80; --chg: #e3b341;
  --oth: #79c0ff; --add-bg: #10261a; --del-bg: #321618; --chg-bg: #2a2110; --oth-bg: #0f2440; } }
* { box-sizing: border-box; }
body { background: var(--bg); color: var(--fg); margin: 0; overflow-wrap: anywhere;
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.625rem; line-height: 1.25; margin: 0 0 .25rem; }
h2 { font-size: 1.1875rem; line-height: 1.3; margin: 2rem 0 .5rem; }
p { margin: .375rem 0; }
code, .lines, pre { font-family: ui-monospace, "Cascadia Mono", Menlo, Consolas, monospace; }
code { font-size: .875em; background: var(--soft); border-radius: .25rem; padding: .1em .3em; }
a { color: var(--oth); }
:focus-visible { outline: 2px solid var(--oth); outline-offset: 2px; }
.dim { color: var(--dim); }
.total { font-size: 1.125rem; font-weight: 600; margin: 1rem 0; padding: .75rem 1rem;
  background: var(--soft); border: 1px solid var(--line); border-radius: .375rem; }
.total.error { border-color: var(--del); color: var(--del); background: var(--del-bg); }
.add { color: var(--add); } .del { color: var(--del); } .chg { color: var(--chg); }
.oth { color: var(--oth); }

.card { border: 1px solid var(--line); border-left: .25rem solid var(--edge);
  border-radius: .375rem; margin: .5rem 0; padding: .5rem .75rem; background: var(--bg); }
.card.del { border-left-color: var(--del); } .card.chg { border-left-color: var(--chg); }
.card.add { border-left-color: var(--add); } .card.oth { border-left-color: var(--oth); }
.card, .card summary { color: var(--fg); }
.card p:first-child { margin-top: 0; }
.card ul { margin: .25rem 0; padding-left: 1.25rem; }
.card pre { margin: .375rem 0; white-space: pre-wrap; font-size: .8125rem;
  background: var(--soft); padding: .5rem .75rem; border-radius: .25rem; }

.filters { border: 1px solid var(--line); border-radius: .375rem; margin: 2rem 0 0;
  padding: .25rem .75rem .5rem; display: none; flex-wrap: wrap; gap: .375rem; }
.filters legend { color: var(--dim); font-size: .875rem; padding: 0 .25rem; }
.filters label { border: 1px solid var(--edge); border-radius: 1rem; cursor: pointer;
  padding: .25rem .75rem; font-size: .875rem; display: inline-flex; align-items: center;
  gap: .375rem; }
.filters label:hover { background: var(--soft); }
.filters input { margin: 0; accent-color: var(--oth); }
.filters .unfold { display: none; }

.change > summary, .change > .heading { display: flex; gap: .5rem; align-items: baseline; }
.change > summary { cursor: pointer; list-style: none; }
.change > summary::-webkit-details-marker { display: none; }
.change > summary::after { content: "+"; color: var(--dim); margin-left: auto; flex: none;
  width: 1ch; font-family: ui-monospace, monospace; }
.change[open] > summary::after { content: "\\2212"; }
.sign { font-family: ui-monospace, monospace; font-weight: 700; flex: none; min-width: 1.25rem; }
.mark { border: 1px solid currentColor; border-radius: 1rem; font-size: .75rem; font-weight: 600;
  padding: 0 .5rem; white-space: nowrap; }
.remark { color: var(--dim); font-size: .875rem; }
.remark.loud { color: var(--del); font-weight: 600; }
.lines { font-size: .8125rem; line-height: 1.5; margin: .5rem 0 .125rem; background: var(--soft);
  border-radius: .25rem; padding: .375rem 0; }
.l { white-space: pre-wrap; min-height: 1.5em; padding: 0 .5rem 0 calc(var(--in) + .5rem);
  text-indent: calc(0px - var(--in)); --in: calc(var(--d) * 2ch); }
.l.add { background: var(--add-bg); } .l.del { background: var(--del-bg); }
.l.chg { background: var(--chg-bg); }
.l > .text { color: var(--fg); }

@supports selector(:has(*)) { .filters { display: flex; } }
@supports selector(:has(*)) and selector(::details-content) {
  .filters .unfold { display: inline-flex; margin-left: auto; }
  main:has(#unfold:checked) .change::details-content { content-visibility: visible;
    block-size: auto; }
}
@media (max-width: 30rem) { main { padding: 1rem .75rem 3rem; } .card { padding: .5rem; }
  .filters .unfold { margin-left: 0; } }
@media print { .filters { display: none; } .card { break-inside: avoid; }
  .change::details-content { content-visibility: visible; block-size: auto; } }
""".strip()


def filter_rules(kinds: Iterable[str]) -> str:
    """What hides everything but the changes of a kind, where its button is chosen."""
    return "\n".join(
        f"main:has(#show-{kind}:checked) .filtered .change:not(.is-{kind}), "
        f"main:has(#show-{kind}:checked) .filtered:not(:has(.is-{kind})) {{ display: none; }}"
        for kind in kinds
    )
