"""Verdicts for people and for programs: a table, Markdown, JSON, JUnit XML."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from textwrap import wrap
from typing import Any, Final
from xml.etree import ElementTree as ET

from kcplan.render.diagnostics import WIDTH
from kcplan.views import pieces
from kcplan.views.pieces import Err, Escapes, Out, Piece, View
from kcplan_keycloak.token_exchange.attempts import Attempt, Outcome, Verdict, Way
from kcplan_keycloak.token_exchange.verifying import Verification

_HEADS: Final = ("RESULT", "REQUESTER", "TOKEN OF", "AUDIENCE", "")

_WAYS: Final = {
    Way.EXCHANGE: "",
    Way.IMPERSONATION: "for a token of another user",
    Way.USERS: "a user's token, in exchange for none",
    Way.EXTERNAL: "a token of an identity provider",
}


def _row(verdict: Verdict) -> tuple[str, ...]:
    attempt = verdict.attempt
    must_fail = attempt.permission is None
    return (
        str(verdict.outcome),
        attempt.requester,
        attempt.subject,
        attempt.audience or "-",
        "not declared: must be refused" if must_fail else _WAYS[attempt.way],
    )


def summary(verdicts: Sequence[Verdict]) -> str:
    """The result in one line."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    words = [f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]]
    tried = "1 exchange" if len(verdicts) == 1 else f"{len(verdicts)} exchanges"
    return f"{tried} tried: {', '.join(words)}." if words else "No token exchange is declared."


def text(verdicts: Sequence[Verdict]) -> str:
    """A table, then what is wrong, exchange by exchange."""
    if not verdicts:
        return f"{summary(verdicts)}\n"
    rows = [_HEADS, *(_row(verdict) for verdict in verdicts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADS))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    for verdict in verdicts:
        if verdict.outcome is not Outcome.PASSED:
            lines += ["", *_explanation(verdict)]
    return "\n".join([*lines, "", summary(verdicts)]) + "\n"


def _explanation(verdict: Verdict) -> list[str]:
    lines = [f"{title(verdict.attempt)}: {verdict.outcome}"]
    lines += [line for problem in verdict.problems for line in _wrapped(problem)]
    if verdict.advice:
        code = f" [{verdict.code}]" if verdict.code else ""
        lines += _wrapped(f"{verdict.advice}{code}")
    return lines


def _wrapped(text: str) -> list[str]:
    return wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ", break_on_hyphens=False)


def title(attempt: Attempt) -> str:
    """An exchange in a few words."""
    if attempt.way is Way.USERS:
        return f"{attempt.realm}: {attempt.requester} gets a user's token"
    target = f" for {attempt.audience}" if attempt.audience else ""
    if attempt.way is Way.IMPERSONATION:
        target = " for one of another user"
    whose = (
        "its own token"
        if attempt.subject == attempt.requester
        else (f"a token of {attempt.subject}")
    )
    return f"{attempt.realm}: {attempt.requester} exchanges {whose}{target}"


def markdown(verdicts: Sequence[Verdict]) -> str:
    """A table for a comment on a pull request."""
    lines = [
        "| result | requester | token of | audience | |",
        "|---|---|---|---|---|",
    ]
    for verdict in verdicts:
        *cells, remark = _row(verdict)
        remarks = " ".join(part for part in (remark, *verdict.problems, verdict.advice) if part)
        shown = remarks.replace("|", "\\|").replace("\n", " ")
        names = " | ".join(f"`{cell}`" for cell in cells[1:])
        lines.append(f"| {cells[0]} | {names} | {shown} |")
    return "\n".join([*lines, "", summary(verdicts)]) + "\n"


def document(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """The verdicts as a JSON document."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    return {
        "summary": {str(outcome): counts[outcome] for outcome in Outcome},
        "exchanges": [
            {
                "realm": verdict.attempt.realm,
                "requester": verdict.attempt.requester,
                "subject": verdict.attempt.subject,
                "audience": verdict.attempt.audience,
                "way": str(verdict.attempt.way),
                "declared": verdict.attempt.permission is not None,
                "outcome": str(verdict.outcome),
                "problems": list(verdict.problems),
                "code": verdict.code or None,
                "advice": verdict.advice or None,
            }
            for verdict in verdicts
        ],
    }


def junit(verdicts: Sequence[Verdict]) -> str:
    """The verdicts as JUnit XML, for the test report of a CI system."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    suite = ET.Element(
        "testsuite",
        name="kcplan verify",
        tests=str(len(verdicts)),
        failures=str(counts[Outcome.FAILED]),
        errors=str(counts[Outcome.UNPROVEN]),
    )
    for verdict in verdicts:
        case = ET.SubElement(
            suite, "testcase", classname=verdict.attempt.realm, name=title(verdict.attempt)
        )
        if verdict.outcome is not Outcome.PASSED:
            kind = "failure" if verdict.outcome is Outcome.FAILED else "error"
            message = " ".join(verdict.problems)
            ET.SubElement(case, kind, message=message).text = verdict.advice
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def view(output: str) -> View[Verification]:
    """The view of a verification for a format: text, markdown, json or junit."""
    match output:
        case "markdown":
            return partial(_shown, report=lambda verdicts: Out(markdown(verdicts)))
        case "json":
            return partial(_shown, report=lambda verdicts: pieces.document(document(verdicts)))
        case "junit":
            return partial(_shown, report=lambda verdicts: Out(junit(verdicts), Escapes.MARKUP))
    return partial(_shown, report=lambda verdicts: Out(text(verdicts)))


def _shown(
    verification: Verification, *, report: Callable[[Sequence[Verdict]], Out]
) -> Iterator[Piece]:
    for names in verification.skipped:
        way = "has no way" if len(names) == 1 else "have no way"
        yield Err(
            f"Skipped: {', '.join(names)} {way} to obtain a token. Use `--sandbox` or "
            "`--subject-token-file`.\n"
        )
    yield report(verification.verdicts)
