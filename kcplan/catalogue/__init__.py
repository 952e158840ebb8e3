"""The catalogue of diagnostics: what each code means, why it matters, and how to fix it.

`kcplan explain CODE` prints an explanation, and docs/diagnostics.md is made from all of them:

    python -m kcplan.catalogue > docs/diagnostics.md
"""

from collections.abc import Iterable, Mapping
from functools import cache
from textwrap import fill

from kcplan.catalogue import administration, exchange, files, planning, requirements
from kcplan.explanation import Explanation

__all__ = ["Explanation", "explain", "explanations", "markdown", "suggest"]

_INTRODUCTION = """\
What kcplan says of a configuration has a code. An error stops the command before it changes
anything; a warning or a note does not. `kcplan explain CODE` prints the same text as this page."""

_SECTIONS: tuple[tuple[str, tuple[Explanation, ...]], ...] = (
    ("The files", files.EXPLANATIONS),
    ("The plan", (*planning.EXPLANATIONS, *requirements.EXPLANATIONS)),
    ("Token exchange", exchange.EXPLANATIONS),
    ("Admin permissions", administration.EXPLANATIONS),
)


@cache
def explanations() -> Mapping[str, Explanation]:
    """All explanations by code, in the order of the documentation."""
    return {item.code: item for _, items in _SECTIONS for item in items}


def explain(code: str) -> Explanation | None:
    """The explanation of a code; None for one that there is not."""
    return explanations().get(code)


def suggest(code: str, known: Iterable[str] | None = None) -> str | None:
    """The code that was probably meant, among those of diagnostics or the known ones."""
    from difflib import get_close_matches

    codes = list(explanations() if known is None else known)
    close = get_close_matches(code.lower(), codes, n=1, cutoff=0.5)
    return close[0] if close else None


def markdown() -> str:
    """The documentation page with all explanations."""
    return page("Diagnostics", _INTRODUCTION, "severity", _SECTIONS)


def page(
    title: str,
    introduction: str,
    weight: str,
    sections: Iterable[tuple[str, tuple[Explanation, ...]]],
) -> str:
    """A documentation page with explanations; `weight` is what their severity is called.

    A section without a title has its explanations directly below the page's.
    """
    known = list(sections)
    parts = [f"# {title}", _wrapped(introduction), _contents(weight, known)]
    for heading, items in known:
        parts.extend([f"## {heading}"] if heading else [])
        sign = "###" if heading else "##"
        parts.extend(part for item in items for part in _entry(item, sign))
    return "\n\n".join(parts) + "\n"


def _contents(weight: str, sections: Iterable[tuple[str, tuple[Explanation, ...]]]) -> str:
    rows = [
        f"| [`{item.code}`](#{item.code}) | {item.severity} | {item.title} |"
        for _, items in sections
        for item in items
    ]
    return "\n".join([f"| code | {weight} | |", "|---|---|---|", *rows])


def _entry(item: Explanation, sign: str) -> Iterable[str]:
    yield f"{sign} {item.code}"
    yield f"**{item.title}** ({item.severity})"
    yield _wrapped(item.meaning)
    yield _wrapped(f"*Why it matters.* {item.why}")
    yield _wrapped(f"*How to fix it.* {item.fix}")
    if item.example:
        yield f"```\n{item.example}\n```"


def _wrapped(text: str) -> str:
    """Paragraphs in lines that end at 120 characters."""
    return "\n\n".join(
        fill(part, 120, break_long_words=False, break_on_hyphens=False)
        for part in text.split("\n\n")
    )
