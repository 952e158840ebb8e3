"""What `kcplan doctor` found."""

from collections.abc import Iterator, Sequence
from functools import partial
from textwrap import fill

from kcplan.doctor import Check, Verdict, fails
from kcplan.render.palette import Palette
from kcplan.render.values import safe
from kcplan.views.pieces import Out, Piece, View, document

_WIDTH = 88
_INDENT = " " * 9
_ENDS = {
    Verdict.FAILS: "Something would fail.",
    Verdict.CAUTION: "Nothing would fail, and something should be looked at.",
}


def view(output: str, *, color: bool) -> View[Sequence[Check]]:
    """The view for a format: text or json."""
    return json if output == "json" else partial(text, color=color)


def text(checks: Sequence[Check], *, color: bool) -> Iterator[Piece]:
    """A line for each check, and what to do below it."""
    palette = Palette(color)
    for check in checks:
        word = palette.verdict(check.verdict.value.ljust(len(_INDENT)))
        line = fill(
            f"{safe(check.name)}: {safe(check.found)}",
            _WIDTH - len(_INDENT),
            subsequent_indent="  ",
            break_long_words=False,
            break_on_hyphens=False,
        )
        yield Out(word + line.replace("\n", f"\n{_INDENT}") + "\n")
        if check.advice:
            indent = f"{_INDENT}    "
            advice = fill(
                safe(check.advice.replace("\n", " ")),
                _WIDTH,
                initial_indent=indent,
                subsequent_indent=indent,
                break_long_words=False,
                break_on_hyphens=False,
            )
            yield Out(advice + "\n")
    found = {check.verdict for check in checks}
    end = next((text for verdict, text in _ENDS.items() if verdict in found), "All is well.")
    yield Out(f"\n{end}\n")


def json(checks: Sequence[Check]) -> Iterator[Piece]:
    """The checks for programs."""
    listed = [
        {
            "name": check.name,
            "verdict": check.verdict.value,
            "found": check.found,
            "advice": check.advice,
        }
        for check in checks
    ]
    yield document({"ok": not fails(checks), "checks": listed})
