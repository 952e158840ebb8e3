"""An execution for the terminal: a line for each event, and how it ended."""

from collections.abc import Iterator, Sequence

from kcplan.errors import KcplanError
from kcplan.events import Applied, Event, EventType, Failure
from kcplan.plan import Operation, Plan
from kcplan.render.diagnostics import render_error
from kcplan.render.totals import done_line, totals
from kcplan.render.values import safe
from kcplan.schema import dotted

_BAR_WIDTH = 20

_DOING = {
    Operation.CREATE: ("Creating...", "Creation complete"),
    Operation.UPDATE: ("Modifying...", "Modifications complete"),
    Operation.DELETE: ("Destroying...", "Destruction complete"),
}

_WORDS = {
    EventType.APPLY_START: "{doing}",
    EventType.APPLY_STILL: "Still {still} [{seconds} elapsed]",
    EventType.APPLY_COMPLETE: "{done} after {seconds}",
    EventType.APPLY_ERRORED: "failed after {seconds}: {message}",
    EventType.ROLLBACK_START: "Rolling back ({operation})...",
    EventType.ROLLBACK_COMPLETE: "Rolled back after {seconds}",
    EventType.ROLLBACK_ERRORED: "could not be rolled back: {message}",
}

_LOOK = "Look at them in Keycloak, then run `kcplan plan`."
_RECOVER = "The journal is kept. Once the problem is fixed, run `kcplan recover` to roll them back."

_AWAY = (
    "Keycloak does not answer, so the rollback stopped. The journal is kept: run "
    "`kcplan recover` when it is back."
)
_STOPPED = "The journal is kept: run `kcplan recover` to roll them back."


_INTERRUPTED = (
    "Interrupted. Nothing new begins; what runs now ends first. Press Ctrl-C again to leave the "
    "rest to `kcplan recover`."
)


def event_line(event: Event) -> str | None:
    """An event as a person reads it; None for one that needs no words."""
    if event.type is EventType.INTERRUPTED:
        return _INTERRUPTED
    words = _WORDS.get(event.type)
    if words is None:
        return None
    doing, done = _DOING[event.step.operation]
    text = words.format(
        doing=doing,
        still=_still(doing),
        done=done,
        seconds=f"{event.elapsed_seconds:.0f}s",
        operation=event.step.operation,
        message=event.error.summary if event.error else "",
    )
    return f"{safe(str(event.step.address))}: {text}"


def _still(doing: str) -> str:
    return doing[0].lower() + doing[1:]


def running_line(event: Event, seconds: float) -> str:
    """What runs now, and for how long."""
    return f"{event_line(event)} {seconds:.0f}s"


def bar(finished: int, total: int) -> str:
    """How far an execution is."""
    filled = _BAR_WIDTH * finished // max(1, total)
    return f"[{'█' * filled}{'·' * (_BAR_WIDTH - filled)}] {finished:,} of {total:,}"


def failure_text(failure: Failure, title: str) -> str:
    """Why a step failed, or could not be undone."""
    error = failure.error
    detail = f"{failure.step.address} {title}. {error.detail}".strip()
    return render_error(KcplanError(error.summary, detail))


def success_line(plan: Plan, verb: str) -> str:
    """That all was done, and how much."""
    return done_line(totals(plan.changes), verb)


def _what_now(applied: Applied) -> str:
    """What to do about what is left."""
    if not applied.recoverable:
        return _LOOK
    if applied.outcome.is_away:
        return _AWAY
    return _STOPPED if applied.outcome.is_stopped else _RECOVER


def failure_lines(applied: Applied, verb: str) -> Sequence[str]:
    """What a failed execution leaves, and what to do now."""
    outcome = applied.outcome
    lines = [f"{verb} was interrupted." if outcome.interrupted else f"{verb} failed."]
    if outcome.left:
        lines.append("These could not be rolled back:")
        # One resource may have several steps of a kind.
        left = [f"  {safe(str(f.step.address))} ({f.step.operation})" for f in outcome.left]
        lines += dict.fromkeys(left)
        lines.append(_what_now(applied))
    elif applied.recoverable:
        lines.append("The journal is kept: run `kcplan recover` again.")
    elif outcome.done:
        lines.append("What was done is kept, and is in the state. `kcplan plan` shows the rest.")
    elif applied.traces:
        lines.append(
            "Every completed step was rolled back: Keycloak is as it was before, but for "
            "empty values."
        )
        lines += trace_lines(applied)
    else:
        lines.append("Every completed step was rolled back: Keycloak is as it was before.")
    return lines


def trace_lines(applied: Applied) -> Iterator[str]:
    """Where Keycloak differs by what is empty now, and was not there."""
    if applied.traces:
        yield "These fields may now be empty instead of absent, which means the same:"
    for address, paths in applied.traces.items():
        yield f"  {safe(str(address))}: {safe(', '.join(map(dotted, paths)))}"
