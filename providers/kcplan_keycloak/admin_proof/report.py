"""Verdicts on admin permissions for people and for programs.

Requests that differ in the scope only, and went the same way, are one line.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final
from xml.etree import ElementTree as ET

from kcplan.classes import frozen
from kcplan_keycloak.admin_proof.attempts import Attempt, Reason
from kcplan_keycloak.admin_proof.conditions import Literal
from kcplan_keycloak.admin_proof.verdicts import Verdict
from kcplan_keycloak.admin_proof.words import another_object, callers, object_words
from kcplan_keycloak.token_exchange.attempts import Outcome

HEADS: Final = ("RESULT", "PERMISSION", "WHO", "MAY", "WHOM OR WHAT", "")


@frozen
class Line:
    """Verdicts that differ in the scope only."""

    verdict: Verdict
    scopes: tuple[str, ...]

    @property
    def attempt(self) -> Attempt:
        """One of the attempts."""
        return self.verdict.attempt

    @property
    def who(self) -> str:
        """Who tried."""
        attempt = self.attempt
        if not attempt.caller and attempt.reason is Reason.CALLER:
            return "anybody else"
        return callers(map(Literal, attempt.caller))

    @property
    def what(self) -> str:
        """The scopes; of the many that a permission does not name, only how many they are."""
        if self.attempt.reason is Reason.SCOPE and len(self.scopes) > 1:
            return f"{len(self.scopes)} other scopes"
        return ", ".join(self.scopes)

    @property
    def remark(self) -> str:
        """What the answer must be, where it is not to be done."""
        match self.attempt.reason:
            case Reason.DECLARED:
                return ""
            case Reason.TIME:
                return "must be refused at this time"
        return "must be refused"

    @property
    def whom(self) -> str:
        """The object."""
        kind, name = self.attempt.place
        if self.attempt.reason is Reason.OBJECT:
            return another_object(kind)
        return object_words(kind, name)

    @property
    def title(self) -> str:
        """What was tried, in a few words."""
        may = "may" if self.attempt.reason is Reason.DECLARED else "must not"
        permission = self.attempt.permission
        what = ", ".join(self.scopes)
        return f"{permission.realm}: {self.who} {may} {what} {self.whom} ({permission.name})"


def lines(verdicts: Iterable[Verdict]) -> list[Line]:
    """The verdicts, those that differ in the scope only together, in order."""
    found: dict[object, list[Verdict]] = {}
    for verdict in verdicts:
        attempt = verdict.attempt
        same = (attempt.permission.realm, attempt.permission.name, attempt.caller, attempt.name)
        how = (attempt.reason, verdict.outcome, verdict.problems, verdict.advice)
        found.setdefault((same, how), []).append(verdict)
    return [
        Line(group[0], tuple(dict.fromkeys(v.attempt.scope for v in group)))
        for group in found.values()
    ]


def row(line: Line) -> tuple[str, ...]:
    """The cells of a table."""
    name = line.attempt.permission.name
    return (str(line.verdict.outcome), name, line.who, line.what, line.whom, line.remark)


def summary(verdicts: Sequence[Verdict]) -> str:
    """The result in one line."""
    counts = Counter(verdict.outcome for verdict in verdicts)
    words = [f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]]
    names = {(v.attempt.permission.realm, v.attempt.permission.name) for v in verdicts}
    many = "1 admin permission" if len(names) == 1 else f"{len(names)} admin permissions"
    requests = "1 request" if len(verdicts) == 1 else f"{len(verdicts)} requests"
    return f"{requests} for {many}: {', '.join(words)}."


def entries(verdicts: Iterable[Verdict]) -> list[dict[str, Any]]:
    """The verdicts for a JSON document, one for each request."""
    return [
        {
            "realm": verdict.attempt.permission.realm,
            "permission": verdict.attempt.permission.name,
            "caller": [
                {"kind": str(trait.kind), "name": trait.name}
                for trait in sorted(verdict.attempt.caller, key=str)
            ],
            "resourceType": verdict.attempt.permission.resource_type,
            "resource": verdict.attempt.name,
            "scope": verdict.attempt.scope,
            "reason": str(verdict.attempt.reason),
            "allowed": verdict.attempt.reason is Reason.DECLARED,
            "outcome": str(verdict.outcome),
            "problems": list(verdict.problems),
            "code": verdict.code or None,
            "advice": verdict.advice or None,
        }
        for verdict in verdicts
    ]


def cases(verdicts: Iterable[Verdict]) -> Iterator[ET.Element]:
    """The verdicts as test cases of JUnit."""
    for line in lines(verdicts):
        verdict = line.verdict
        realm = verdict.attempt.permission.realm
        case = ET.Element("testcase", classname=realm, name=line.title)
        if verdict.outcome is not Outcome.PASSED:
            kind = "failure" if verdict.outcome is Outcome.FAILED else "error"
            message = " ".join(verdict.problems)
            ET.SubElement(case, kind, message=message).text = verdict.advice
        yield case
