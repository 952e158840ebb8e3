"""An execution of `kcplan apply` or `kcplan destroy`: the plan, what happens, how it ended."""

import json
from collections.abc import Iterable, Iterator

from kcplan.classes import frozen
from kcplan.errors import StoppedError
from kcplan.events import Applied, Failure, Progress
from kcplan.plan import Action, Plan
from kcplan.render.json import (
    applied_document,
    event_document,
    finding_document,
    meanwhile_document,
    planned_document,
    risk_event,
)
from kcplan.render.progress import (
    event_line,
    failure_lines,
    failure_text,
    success_line,
)
from kcplan.views import plans
from kcplan.views.pieces import Err, Out, Piece, View, json_line

Message = Plan | Progress | Applied
"""What an execution has to say: once what is planned, then every event, then how it ended."""


def view(output: str, *, verb: str, color: bool) -> View[Message]:
    """The view for a format: text or json.

    Args:
        output: The format.
        verb: What the command does, such as `Apply`.
        color: Whether to colour the plan.
    """
    return Json() if output == "json" else Text(verb, color=color)


@frozen
class Text:
    """An execution for people: the plan and the end on stdout, what happens on stderr."""

    verb: str
    color: bool = False

    def __call__(self, message: Message) -> Iterator[Piece]:
        """What to print."""
        match message:
            case Plan():
                yield from self._plan(message)
            case Progress():
                yield from self._progress(message)
            case Applied():
                yield from self._applied(message)

    def _plan(self, plan: Plan) -> Iterator[Piece]:
        yield from plans.text(plan, color=self.color)
        if not plan.is_empty and not plan.diagnostics:
            yield Err("\n")  # the progress stands apart, as it does after diagnostics

    def _progress(self, progress: Progress) -> Iterator[Piece]:
        line = event_line(progress.event)
        if line is not None:
            yield Err(f"{line}\n")

    def _applied(self, applied: Applied) -> Iterator[Piece]:
        yield from failures(applied)
        if applied.outcome.succeeded:
            yield from self._meanwhile(applied)
            yield Out(success_line(applied.plan, self.verb) + "\n")
        else:
            yield Err("\n".join(failure_lines(applied, self.verb)) + "\n")

    def _meanwhile(self, applied: Applied) -> Iterator[Piece]:
        """What somebody else changed during the apply."""
        if applied.meanwhile:
            from kcplan.render.text import render_meanwhile

            yield Out(render_meanwhile(applied.meanwhile, color=self.color) + "\n")


@frozen
class Json:
    """An execution for programs: each event is a JSON document in a line of its own."""

    def __call__(self, message: Message) -> Iterator[Piece]:
        """What to print."""
        match message:
            case Plan():
                for risk in message.risks:
                    yield json_line(risk_event(risk))
                for change in message.changes:
                    if change.action is not Action.NOOP:
                        yield json_line(planned_document(change))
                for item in message.diagnostics:
                    yield json_line(finding_document(item))
            case Progress():
                yield json_line(event_document(message.event))
            case Applied():
                for change in message.meanwhile:
                    yield json_line(meanwhile_document(change))
                yield Out(json.dumps(applied_document(message)) + "\n")
                yield from failures(message)


def _reasons(left: Iterable[Failure]) -> list[Failure]:
    """Of failures with the same reason the first; that the user wanted it needs no words."""
    found: dict[int, Failure] = {}
    for failure in left:
        if not isinstance(failure.error, StoppedError):
            found.setdefault(id(failure.error), failure)
    return list(found.values())


def failures(applied: Applied) -> Iterator[Piece]:
    """What failed, and what could not be undone; on stderr, whatever the format."""
    for failure in applied.outcome.failures:
        yield Err(failure_text(failure, "failed") + "\n")
    for failure in _reasons(applied.outcome.left):
        yield Err(failure_text(failure, "could not be rolled back") + "\n")
