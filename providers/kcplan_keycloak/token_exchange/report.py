"""Verdicts for people and for programs: a table, Markdown, JSON, JUnit XML."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from textwrap import wrap
from typing import Any, Final
from xml.etree import ElementTree as ET

from kcplan.classes import frozen
from kcplan.render.diagnostics import WIDTH
from kcplan.views import pieces
from kcplan.views.pieces import Err, Escapes, Out, Piece, View
from kcplan_keycloak.admin_proof import report as admin
from kcplan_keycloak.admin_proof.verdicts import Verdict as PermissionVerdict
from kcplan_keycloak.token_exchange.attempts import Attempt, Outcome, Verdict, Way
from kcplan_keycloak.token_exchange.verifying import Verification


@frozen
class Proof:
    """What `kcplan verify` found out.

    Attributes:
        verification: What came of trying exchanges.
        permissions: What came of trying admin permissions.
        untried: How many admin permissions were not tried, as that takes a sandbox.
    """

    verification: Verification
    permissions: tuple[PermissionVerdict, ...] = ()
    untried: int = 0

    @property
    def exchanges(self) -> tuple[Verdict, ...]:
        """The verdicts on exchanges."""
        return self.verification.verdicts

    @property
    def outcomes(self) -> list[Outcome]:
        """How everything went."""
        tried = [verdict.outcome for verdict in self.exchanges]
        return tried + [verdict.outcome for verdict in self.permissions]

    @property
    def passed(self) -> bool:
        """Whether everything went as declared."""
        return all(outcome is Outcome.PASSED for outcome in self.outcomes)


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


def text(proof: Proof) -> str:
    """Tables, each followed by what is wrong, one by one."""
    parts = []
    if proof.exchanges or not proof.permissions:
        parts.append(_exchanges(proof.exchanges))
    if proof.permissions:
        parts.append(_permissions(proof.permissions))
    return "\n".join(parts)


def _exchanges(verdicts: Sequence[Verdict]) -> str:
    if not verdicts:
        return f"{summary(verdicts)}\n"
    lines = _table([_HEADS, *(_row(verdict) for verdict in verdicts)])
    for verdict in verdicts:
        if verdict.outcome is not Outcome.PASSED:
            lines += ["", *_explanation(verdict)]
    return "\n".join([*lines, "", summary(verdicts)]) + "\n"


def _permissions(verdicts: Sequence[PermissionVerdict]) -> str:
    found = admin.lines(verdicts)
    lines = _table([admin.HEADS, *map(admin.row, found)])
    for line in found:
        if line.verdict.outcome is not Outcome.PASSED:
            lines += ["", f"{line.title}: {line.verdict.outcome}"]
            lines += _words(line.verdict)
    return "\n".join([*lines, "", admin.summary(verdicts)]) + "\n"


def _table(rows: Sequence[Sequence[str]]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _explanation(verdict: Verdict) -> list[str]:
    return [f"{title(verdict.attempt)}: {verdict.outcome}", *_words(verdict)]


def _words(verdict: Verdict | PermissionVerdict) -> list[str]:
    lines = [line for problem in verdict.problems for line in _wrapped(problem)]
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


_MARKDOWN_HEADS: Final = ("result", "requester", "token of", "audience", "")


def markdown(proof: Proof) -> str:
    """Tables for a comment on a pull request."""
    parts = []
    if proof.exchanges or not proof.permissions:
        exchanges = [(_row(v), v.problems, v.advice) for v in proof.exchanges]
        parts.append(_markdown_table(_MARKDOWN_HEADS, exchanges, summary(proof.exchanges)))
    if proof.permissions:
        found = admin.lines(proof.permissions)
        rows = [(admin.row(line), line.verdict.problems, line.verdict.advice) for line in found]
        heads = [head.lower() for head in admin.HEADS]
        parts.append(_markdown_table(heads, rows, admin.summary(proof.permissions)))
    return "\n".join(parts)


def _markdown_table(
    heads: Sequence[str],
    rows: Iterable[tuple[Sequence[str], Sequence[str], str]],
    last: str,
) -> str:
    lines = [f"| {' | '.join(heads)} |".replace("|  |", "| |"), "|---" * len(heads) + "|"]
    for (outcome, *cells, remark), problems, advice in rows:
        remarks = " ".join(part for part in (remark, *problems, advice) if part)
        shown = remarks.replace("|", "\\|").replace("\n", " ")
        names = " | ".join(f"`{cell}`" for cell in cells)
        lines.append(f"| {outcome} | {names} | {shown} |")
    return "\n".join([*lines, "", last]) + "\n"


def document(proof: Proof) -> dict[str, Any]:
    """The verdicts as a JSON document."""
    counts = Counter(proof.outcomes)
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
            for verdict in proof.exchanges
        ],
        "adminPermissions": admin.entries(proof.permissions),
    }


def junit(proof: Proof) -> str:
    """The verdicts as JUnit XML, for the test report of a CI system."""
    cases = [*map(_case, proof.exchanges), *admin.cases(proof.permissions)]
    suite = ET.Element(
        "testsuite",
        name="kcplan verify",
        tests=str(len(cases)),
        failures=str(sum(case.find("failure") is not None for case in cases)),
        errors=str(sum(case.find("error") is not None for case in cases)),
    )
    suite.extend(cases)
    ET.indent(suite)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _case(verdict: Verdict) -> ET.Element:
    case = ET.Element("testcase", classname=verdict.attempt.realm, name=title(verdict.attempt))
    if verdict.outcome is not Outcome.PASSED:
        kind = "failure" if verdict.outcome is Outcome.FAILED else "error"
        message = " ".join(verdict.problems)
        ET.SubElement(case, kind, message=message).text = verdict.advice
    return case


def view(output: str) -> View[Proof]:
    """The view of a proof for a format: text, markdown, json or junit."""
    match output:
        case "markdown":
            return partial(_shown, report=lambda proof: Out(markdown(proof)))
        case "json":
            return partial(_shown, report=lambda proof: pieces.document(document(proof)))
        case "junit":
            return partial(_shown, report=lambda proof: Out(junit(proof), Escapes.MARKUP))
    return partial(_shown, report=lambda proof: Out(text(proof)))


def _shown(proof: Proof, *, report: Callable[[Proof], Out]) -> Iterator[Piece]:
    for names in proof.verification.skipped:
        way = "has no way" if len(names) == 1 else "have no way"
        yield Err(
            f"Skipped: {', '.join(names)} {way} to obtain a token. Use `--sandbox` or "
            "`--subject-token-file`.\n"
        )
    if proof.untried:
        many = f"{proof.untried} admin permission{'' if proof.untried == 1 else 's'}"
        yield Err(f"Skipped: {many}. Trying them takes throw-away users: use `--sandbox`.\n")
    yield report(proof)
