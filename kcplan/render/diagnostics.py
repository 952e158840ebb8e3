"""Diagnostics for the terminal: a terse summary, the places, then full sentences.

Findings of one kind are one block with a list of all of them. Programs get each by itself; see
`kcplan.render.json`. Beside errors the rest is brief: it matters once these are fixed.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from textwrap import fill

from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, Severity, has_errors
from kcplan.errors import ConfigError, KcplanError
from kcplan.render.palette import Palette
from kcplan.render.values import counted, dotted_path, safe

WIDTH = 88
FEW = 10
"""So many lines of a file are listed for one subject; more are counted."""

SCREEN = 20
"""So many lines fit on a screen beside what was there before."""

MANY = 50
"""So many findings may take more than that, with advice for each kind: fewer can be worked off."""

_CLOSING = 4
"""The lines that say what else there is."""

_FEW_LINES = 4
"""The lines of an overview that say where the findings of a kind are."""

_ORDER = list(Severity)

Group = Sequence[Diagnostic]
"""Findings of one kind; at least one."""


@frozen
class Report:
    """What is said of a group, before it is laid out. All texts are safe to print.

    Attributes:
        severity: How bad it is.
        code: Its stable name.
        summary: What is found.
        places: Where, one for a line.
        advice: Why, and what to do; lines that begin with a blank are pieces of a file.
    """

    severity: Severity
    code: str
    summary: str
    places: tuple[str, ...]
    advice: tuple[str, ...]


def reports(diagnostics: Iterable[Diagnostic]) -> list[Report]:
    """What is to be said of the files, errors first; nothing is left out."""
    return [_report(group) for group in grouped(diagnostics)]


def render_diagnostics(diagnostics: Iterable[Diagnostic], *, color: bool = False) -> str:
    """All diagnostics, errors first; the empty text where there are none."""
    groups = grouped(diagnostics)
    if not has_errors(group[0] for group in groups):
        return "\n".join(_block(group, color=color) for group in groups)
    notes = [group for group in groups if group[0].severity is Severity.NOTE]
    blocks = [
        _block(group, color=color, brief=group[0].severity is not Severity.ERROR)
        for group in groups
        if group[0].severity is not Severity.NOTE
    ]
    text = "\n".join(blocks + ([_later(notes, color=color)] if notes else []))
    if sum(map(len, groups)) > MANY and text.count("\n") > SCREEN:
        return _overview(groups, color=color)
    return text


def render_error(error: KcplanError, *, color: bool = False) -> str:
    """The exception that ends a command, with its diagnostics where it has any."""
    if isinstance(error, ConfigError) and error.diagnostics:
        return render_diagnostics(error.diagnostics, color=color)
    title = _title(Severity.ERROR, error.summary, color=color)
    return "\n".join([title, *_detail(error.detail)]) + "\n"


def grouped(diagnostics: Iterable[Diagnostic]) -> list[Group]:
    """Findings of one kind together: errors first, then in the order of each kind's first."""
    kinds: dict[tuple[str, ...], list[Diagnostic]] = {}
    for item in sorted(diagnostics, key=lambda item: _ORDER.index(item.severity)):
        kinds.setdefault(_kind(item), []).append(item)
    return list(kinds.values())


def _kind(item: Diagnostic) -> tuple[str, ...]:
    """What findings of one kind share: what is said of several, or else the advice."""
    return (item.severity, item.code, item.several, "" if item.several else item.detail)


# -- one kind ---------------------------------------------------------------------------------


def _later(groups: Sequence[Group], *, color: bool) -> str:
    """That there is more, which matters once the errors are fixed."""
    count = Counter(group[0].severity for group in groups)
    words = [counted(n, kind) for kind, n in count.items()]
    what = f"{' and '.join(words)} {'follows' if len(groups) == 1 else 'follow'}"
    names = ", ".join(dict.fromkeys(group[0].code for group in groups))
    title = _title(Severity.NOTE, f"{what} once the errors are fixed", color=color)
    return f"{title} [{names}]\n"


def _report(group: Group) -> Report:
    first = group[0]
    if len(group) == 1:
        places, advice = [_place(first)], [first.detail]
    else:
        places, advice = list(_listed(group, brief=False)), _advice(group)
    return Report(
        first.severity,
        safe(first.code),
        safe(_summary(group)),
        tuple(place for place in places if place),
        tuple(safe(line) for text in advice if text for line in text.split("\n")),
    )


def _block(group: Group, *, color: bool, brief: bool = False) -> str:
    first, heading = group[0], _heading(group, color=color)
    if len(group) == 1:
        place = [f"  {found}"] if (found := _place(first)) else []
        return "\n".join([heading, *place, *_detail(first.detail)]) + "\n"
    listed = (_filled(text, "  ", "    ") for text in _listed(group, brief=brief))
    advice = (line for text in _advice(group) for line in _paragraphs(text))
    return "\n".join([heading, *listed, *advice]) + "\n"


def _heading(group: Group, *, color: bool) -> str:
    first = group[0]
    return f"{_title(first.severity, _summary(group), color=color)} [{safe(first.code)}]"


def _summary(group: Group) -> str:
    first = group[0]
    if len({item.summary for item in group}) == 1 and (len(group) == 1 or not first.several):
        return first.summary
    return f"{len(group):,} {first.several or 'findings'}"


def _title(severity: Severity, summary: str, *, color: bool) -> str:
    palette = Palette(color)
    return f"{palette.severity(severity.title())} {palette.heading(safe(summary))}"


def _place(item: Diagnostic) -> str:
    parts = []
    if item.source is not None:
        parts.append(f"on {safe(str(item.source))}")
    if item.address is not None:
        parts.append(f"in {safe(str(item.address))}")
    if item.path:
        parts.append(dotted_path(item.path))
    return ", ".join(parts)


# -- more than fits on a screen ---------------------------------------------------------------


def _overview(groups: Sequence[Group], *, color: bool) -> str:
    """What is wrong, each kind in a few lines and without advice, so that it fits on a screen."""
    errors = [group for group in groups if group[0].severity is Severity.ERROR]
    lines: list[str] = []
    for number, group in enumerate(errors):
        found = _brief(group, color=color)
        if len(lines) + len(found) > SCREEN - _CLOSING:
            names = ", ".join(dict.fromkeys(item[0].code for item in errors[number:]))
            rest = counted(len(errors) - number, "other kind")
            lines.append(f"{_title(Severity.ERROR, rest, color=color)} [{names}]")
            break
        lines += found
    if others := groups[len(errors) :]:
        lines.append(_later(others, color=color).rstrip("\n"))
    lines.append(
        "`kcplan explain CODE` says what to do; "
        "`kcplan validate --format json` lists every finding."
    )
    return "\n".join(lines) + "\n"


def _brief(group: Group, *, color: bool) -> list[str]:
    """What is found of a kind, and where: names where the kind is about names, else lines."""
    first = group[0]
    if len(group) > 1 and first.several:
        for files in (_places(_by_file(group), FEW), _names(group)):
            lines = _filled("; ".join(filter(None, files)), "  ", "    ").split("\n")
            if len(lines) <= _FEW_LINES:
                break
        cut = [f"{line}…" for line in lines[_FEW_LINES - 1 : _FEW_LINES] if len(lines) > _FEW_LINES]
        return [_heading(group, color=color), *lines[: _FEW_LINES - len(cut)], *cut]
    place = str(first.source) if len(group) == 1 and first.source else "; ".join(_lines(group))
    summary = f"{_summary(group)} ({place})" if place else _summary(group)
    return [f"{_title(first.severity, summary, color=color)} [{safe(first.code)}]"]


def _names(group: Group) -> list[str]:
    return [", ".join(items) for items in _by_file(group).values()]


def _lines(group: Group) -> list[str]:
    """The lines of each file, without what is there."""
    files: dict[str, list[int]] = {}
    for file, items in _by_file(group).items():
        files[file] = sorted({line for lines in items.values() for line in lines})
    return [": ".join(filter(None, (file, _with_lines("", n, FEW)))) for file, n in files.items()]


def _places(found: Mapping[str, Mapping[str, list[int]]], most: int) -> list[str]:
    """For each file what is there, and in which lines."""
    texts = {
        file: ", ".join(_with_lines(subject, lines, most) for subject, lines in items.items())
        for file, items in found.items()
    }
    return [": ".join(filter(None, (safe(file), text))) for file, text in texts.items()]


# -- several ----------------------------------------------------------------------------------


def _listed(group: Group, *, brief: bool) -> Iterator[str]:
    """All findings: those that differ in what is said a line each, others by what they are of."""
    if not group[0].several and len({item.summary for item in group}) > 1:
        for item in group:
            place = item.source or item.address
            yield ": ".join([*([safe(str(place))] if place else []), safe(item.summary)])
        return
    places = _places(_by_file(group), FEW if brief else len(group))
    yield from (text for text in places if text)


def _by_file(group: Group) -> dict[str, dict[str, list[int]]]:
    """For each file the subjects, and for each of these the lines."""
    files: dict[str, dict[str, list[int]]] = {}
    for item in group:
        source = item.source
        file = source.file if source is not None else ""
        if source is not None and source.tenant:
            file = f"{file} (tenant {source.tenant})"
        lines = files.setdefault(file, {}).setdefault(_subject(item), [])
        line = item.source.line if item.source is not None else None
        if line is not None and line not in lines:
            lines.append(line)
    return files


def _subject(item: Diagnostic) -> str:
    """What a finding is about, for a list."""
    if item.subject:
        return safe(item.subject)
    field = dotted_path(item.path)
    address = safe(str(item.address)) if item.address is not None else ""
    return " of ".join(part for part in (field, address) if part)


def _with_lines(subject: str, lines: Sequence[int], most: int) -> str:
    if not lines:
        return subject
    if len(lines) > most:
        return f"{subject} ({len(lines):,} lines)" if subject else f"{len(lines):,} lines"
    places = f"{'line' if len(lines) == 1 else 'lines'} {', '.join(map(str, lines))}"
    return f"{subject} ({places})" if subject else places


def _advice(group: Group) -> list[str]:
    """What to do: where it differs, for each what it is about, and last for most of them."""
    if len({item.detail for item in group}) == 1:
        return [group[0].detail]
    advice: dict[str, dict[str, None]] = {}
    for item in group:
        advice.setdefault(_in_short(item.detail), {})[_subject(item)] = None
    if len(advice) == 1:
        return [*advice]
    *rest, (usual, _) = sorted(advice.items(), key=lambda item: len(item[1]))
    of_each = [f"{', '.join(subjects)}: {detail}" for detail, subjects in rest if detail]
    return [*of_each, *([f"Others: {usual}"] if usual else [])]


def _in_short(detail: str) -> str:
    """Advice without the lines to write, which are long. One finding by itself has them."""
    text, _, lines = detail.partition(":\n\n")
    *before, last = text.split(". ")
    return ". ".join(before) + "." if lines and before and last.startswith("Instead") else detail


# -- text -------------------------------------------------------------------------------------


def _detail(detail: str) -> list[str]:
    return ["", *_paragraphs(detail)] if detail else []


def _paragraphs(text: str) -> list[str]:
    """Paragraphs, wrapped; lines that are indented stay as they are."""
    lines = (safe(line) for line in text.split("\n")) if text else ()
    return [line if line.startswith(" ") else _filled(line) for line in lines]


def _filled(text: str, first: str = "", rest: str = "") -> str:
    return fill(
        text,
        WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )
