"""Executing a plan: the journal, the progress that a person sees, the state as it comes about."""

import gc
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click
from attrs import define, evolve, frozen

from kcplan.address import Address
from kcplan.apply import execute
from kcplan.cli.planning import Planned
from kcplan.cli.session import Session
from kcplan.errors import StateError, UnfinishedError
from kcplan.events import Event, EventType, Failure, Outcome, describe_event
from kcplan.fingerprints import secret_digests
from kcplan.outcome import not_kept, state_after, written_entries
from kcplan.plan import Operation, Plan, Step
from kcplan.planconvert import converter
from kcplan.provider import Image
from kcplan.reading import for_confirmation
from kcplan.secret import reveal
from kcplan.snapshot import Snapshot
from kcplan.state import State
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.reader import KeycloakReader
from kcplan_keycloak.writer import KeycloakWriter
from kcplan_state import disk, journal, records

ROLLED_BACK = 3
LEFT = 4


@define
class DiskJournal:
    """The applier's journal, on disk."""

    writer: journal.Writer

    def intend(self, steps: Iterable[tuple[Step, Image | None]]) -> None:
        """These steps are about to be performed. Their before-images may hold secrets."""
        found = [records.Intent(step.id, _before(step, image)) for step, image in steps]
        if found:
            self.writer.append(found)

    def done(self, step: Step, object_id: str | None) -> None:
        """The step has been performed. Lost with the power, this is asked of Keycloak."""
        self.writer.append([records.Done(step.id, object_id)], sync=False)

    def failed(self, step: Step) -> None:
        """Keycloak refused the step, or a part of it."""
        self.writer.append([records.Failed(step.id)])

    def undoing(self, step: Step) -> None:
        """The step is about to be undone."""
        self.writer.append([records.Undoing(step.id)])

    def undone(self, step: Step, restored: Mapping[Address, str]) -> None:
        """The step has been undone; these objects have new ids since."""
        ids = {str(address): object_id for address, object_id in restored.items()}
        self.writer.append([records.Undone(step.id, ids)])


def _before(step: Step, image: Image | None) -> dict[str, Any]:
    before = [[list(path), reveal(value)] for path, value in step.before.items()]
    return {"before": before, "captured": image}


@define
class Progress:
    """Tells what happens, a line for each step on stderr, with a count on a terminal."""

    total: int
    json: bool = False
    finished: int = 0

    def __call__(self, event: Event) -> None:
        """Tell of an event."""
        if event.type in (EventType.APPLY_COMPLETE, EventType.APPLY_ERRORED):
            self.finished += 1
        if self.json:
            import json

            click.echo(json.dumps(describe_event(event), ensure_ascii=False))
            return
        for line in progress_lines(event):
            click.echo(f"{self._bar()}{line}", err=True)

    def _bar(self) -> str:
        if not sys.stderr.isatty():
            return ""
        width = 20
        filled = width * self.finished // max(1, self.total)
        return f"[{'█' * filled}{'·' * (width - filled)}] {self.finished}/{self.total} "


_DOING = {
    Operation.CREATE: ("Creating...", "Creation complete"),
    Operation.UPDATE: ("Modifying...", "Modifications complete"),
    Operation.DELETE: ("Destroying...", "Destruction complete"),
}


def progress_lines(event: Event) -> list[str]:
    """An event as a person reads it."""
    from kcplan.render.values import safe

    doing, done = _DOING[event.step.operation]
    after = f"after {event.elapsed_seconds:.0f}s"
    words = {
        EventType.APPLY_START: doing,
        EventType.APPLY_COMPLETE: f"{done} {after}",
        EventType.APPLY_ERRORED: f"failed {after}: {_said(event)}",
        EventType.ROLLBACK_START: f"Rolling back ({event.step.operation})...",
        EventType.ROLLBACK_COMPLETE: f"Rolled back {after}",
        EventType.ROLLBACK_ERRORED: f"could not be rolled back: {_said(event)}",
    }
    said = words.get(event.type)
    return [f"{safe(str(event.step.address))}: {said}"] if said else []


def _said(event: Event) -> str:
    return event.error.summary if event.error else ""


@frozen
class Done:
    """What an execution did, and with which exit code the command ends.

    Where something is left for `kcplan recover`, the journal stays, and the state is as before.
    """

    outcome: Outcome
    exit_code: int
    recoverable: bool = False


def run(
    session: Session,
    api: AdminApi,
    plan: Plan,
    state: State,
    *,
    operation: str,
    rollback: bool,
    json: bool,
) -> Done:
    """Execute a plan under the state's lock, and save the state that comes of it.

    Raises:
        KcplanError: The journal or the state could not be written.
    """
    writer = _begin(session, plan, state, operation) if plan.steps else None
    confirmed: list[Confirmed] = []

    def confirm_once(ids: Mapping[Address, str]) -> list[Failure]:
        confirmed.append(confirm(session, api, plan, state, ids))
        return list(confirmed[-1].failures)

    # Here garbage does come about: each request leaves some behind.
    gc.set_threshold(50_000, 50, 100)
    outcome = execute(
        plan,
        KeycloakWriter(api, plan.known),
        DiskJournal(writer) if writer else _NoJournal(),
        Progress(len(plan.steps), json),
        parallelism=api.connection.parallelism,
        rollback=rollback,
        confirm=confirm_once,
    )
    if writer is not None and outcome.recoverable:
        writer.close()
        return Done(outcome, LEFT, recoverable=True)
    live = confirmed[-1].live if confirmed else None
    after = state_after(
        state,
        plan,
        outcome,
        live,
        session.registry,
        settled=outcome.succeeded or not rollback,
    )
    if outcome.succeeded or outcome.done or outcome.restored:
        save(session, after, outcome)
    if writer is not None:
        writer.remove()
    return Done(outcome, exit_code(outcome, rollback=rollback))


def save(session: Session, state: State, outcome: Outcome) -> None:
    """Save the state that comes of an outcome.

    Raises:
        UnfinishedError: It cannot be written, and Keycloak was changed.
    """
    try:
        session.state_file.save(state)
    except StateError as problem:
        if not session.has_journal:
            raise
        ways = "`kcplan recover` takes it back"
        if outcome.succeeded:
            ways += ", `kcplan recover --forward` enters it in the state"
        raise UnfinishedError(
            problem.summary,
            f"{problem.detail} What was done in Keycloak is in the journal, which stays: {ways}.",
        ) from None


@frozen
class Confirmed:
    """What was read back after the last step, and what of it is not as it was declared."""

    live: Snapshot
    failures: Sequence[Failure]


def confirm(
    session: Session, api: AdminApi, plan: Plan, state: State, ids: Mapping[Address, str]
) -> Confirmed:
    """Read back all that a plan wrote. Raises ServerError."""
    entries = written_entries(plan, plan.steps)
    live = KeycloakReader(api).read(for_confirmation(entries, ids, session.registry))
    found = not_kept(plan, live, session.registry, session.digester(state))
    return Confirmed(live, found)


def exit_code(outcome: Outcome, *, rollback: bool) -> int:
    """0 done · 3 failed and as before · 4 failed and something is left · 130 interrupted."""
    if outcome.succeeded:
        return 0
    if outcome.left or (not rollback and outcome.done):
        return LEFT
    return 130 if outcome.interrupted and not outcome.failures else ROLLED_BACK


def _begin(session: Session, plan: Plan, state: State, operation: str) -> journal.Writer:
    digests = secret_digests(plan, session.digester(state))
    header = records.Header(
        lineage=state.lineage,
        serial=state.serial,
        server=plan.server.url,
        operation=operation,
        started=disk.now(),
        steps=converter().unstructure(evolve(plan, digests=digests), Plan),
    )
    return journal.begin(session.state_path, header, session.journal_key)


class _NoJournal:
    """Where no step is executed, nothing is to be remembered."""

    def intend(self, steps: Iterable[tuple[Step, Image | None]]) -> None:
        """Nothing happens."""

    def done(self, step: Step, object_id: str | None) -> None:
        """Nothing happens."""

    def failed(self, step: Step) -> None:
        """Nothing happens."""

    def undoing(self, step: Step) -> None:
        """Nothing happens."""

    def undone(self, step: Step, restored: Mapping[Address, str]) -> None:
        """Nothing happens."""


def report(done: Done, plan: Plan, *, json: bool, verb: str) -> None:
    """Print how it ended."""
    outcome = done.outcome
    if json:
        from json import dumps

        click.echo(dumps({"type": str(EventType.CHANGE_SUMMARY), **_summary(done, plan)}))
    for failure in outcome.failures:
        _complain(failure, f"{failure.step.address} failed")
    for failure in outcome.left:
        _complain(failure, f"{failure.step.address} could not be rolled back")
    if json:
        return
    if outcome.succeeded:
        click.echo(_success_line(plan, verb))
    else:
        click.echo("\n".join(_failure_lines(done, verb)), err=True)


def _summary(done: Done, plan: Plan) -> dict[str, Any]:
    return {
        "succeeded": done.outcome.succeeded,
        "exit_code": done.exit_code,
        "changes": plan.summary,
        "rolled_back": [str(step.address) for step in done.outcome.rolled_back],
        "left": [str(failure.step.address) for failure in done.outcome.left],
        "recoverable": done.recoverable,
    }


def _complain(failure: Failure, title: str) -> None:
    from kcplan.render.diagnostics import render_error

    error = failure.error
    error.detail = f"{title}. {error.detail}".strip()
    click.echo(render_error(error), err=True)


def _success_line(plan: Plan, verb: str) -> str:
    from kcplan.render.totals import done_line, totals

    return done_line(totals(plan.changes), verb)


_LOOK = "Look at them in Keycloak, then run `kcplan plan`."
_RECOVER = (
    "The journal keeps what it takes: when the cause is mended, `kcplan recover` rolls them back."
)


def _failure_lines(done: Done, verb: str) -> Sequence[str]:
    outcome = done.outcome
    lines = [f"{verb} was interrupted." if outcome.interrupted else f"{verb} failed."]
    if outcome.left:
        lines.append("These could not be rolled back and stand as the failed apply left them:")
        lines += [f"  {f.step.address} ({f.step.operation})" for f in outcome.left]
        lines.append(_RECOVER if done.recoverable else _LOOK)
    elif outcome.done:
        lines.append("What was done is kept, and is in the state. `kcplan plan` shows the rest.")
    else:
        lines.append("Every completed step was rolled back: Keycloak is as it was before.")
    return lines


def finish(
    session: Session,
    api: AdminApi,
    planned: Planned,
    values: Mapping[str, Any],
    *,
    json: bool,
    verb: str,
) -> int:
    """Execute an approved plan, report, and give the exit code."""
    done = run(
        session,
        api,
        planned.plan,
        planned.state,
        operation=verb.lower(),
        rollback=not values["no_rollback"],
        json=json,
    )
    report(done, planned.plan, json=json, verb=verb)
    return done.exit_code
