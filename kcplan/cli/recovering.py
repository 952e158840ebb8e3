"""Recovering an interrupted apply: from its journal to a state and a server that agree."""

from collections.abc import Mapping
from typing import Any

import click
from attrs import define, evolve

from kcplan.address import Address
from kcplan.cli import applying, saved
from kcplan.cli.session import Session
from kcplan.errors import StateError
from kcplan.events import Outcome
from kcplan.execution import Execution
from kcplan.outcome import state_after
from kcplan.plan import Plan
from kcplan.planconvert import converter
from kcplan.provider import UnknownOutcomeError
from kcplan.recovery import Remembered, remaining, steps_with_before
from kcplan.rollback import roll_back
from kcplan.schema import Leaves
from kcplan.snapshot import Snapshot
from kcplan.state import State
from kcplan_keycloak.api import AdminApi
from kcplan_keycloak.errors import (
    AuthenticationError,
    OverloadedError,
    UnreachableError,
    WrongServerError,
)
from kcplan_keycloak.writer import KeycloakWriter
from kcplan_state import journal, records

_PASSING = (
    UnreachableError,
    OverloadedError,
    AuthenticationError,
    WrongServerError,
    UnknownOutcomeError,
)
"""Troubles for which it is worth keeping the journal, to recover once more. What Keycloak refuses
to a recovery as well is left as it stands."""


@define
class Found:
    """An interrupted apply."""

    plan: Plan
    header: records.Header
    remembered: Remembered
    state: State
    writer: journal.Writer


def load(session: Session) -> Found | None:
    """The interrupted apply; None where there is none, or it had ended all the same.

    Raises:
        StateError: The journal or the state cannot be read.
    """
    if not journal.exists(session.state_path):
        click.echo("There is nothing to recover.")
        return None
    read, writer = journal.resume(session.state_path, session.journal_key)
    state = session.load_state(read.header.lineage)
    if state.lineage != read.header.lineage:
        raise StateError(
            "the journal belongs to another state",
            f"Its lineage is {read.header.lineage}, and that of the state is {state.lineage}. "
            "Put the state back that the journal belongs to.",
        )
    if state.serial < read.header.serial:
        raise StateError(
            "the state is older than the journal",
            f"It has serial {state.serial}, and the interrupted apply began with "
            f"{read.header.serial}. Put the state back that the journal belongs to.",
        )
    if state.serial > read.header.serial:
        # The state is written last: all that was to be done is done, and is in it.
        writer.remove()
        click.echo("The apply had ended, only its journal was left. It is removed.")
        return None
    plan = converter().structure(read.header.steps, Plan)
    return Found(plan, read.header, remember(read.records), state, writer)


def on_server(session: Session, found: Found, url: str) -> Found:
    """The interrupted apply, to be recovered on the server at this URL.

    Raises:
        StateError: It was another server's.
    """
    if found.header.server == url:
        return found
    if not session.values.get("allow_other_server"):
        raise StateError(
            f"the interrupted apply was one of {found.header.server}, and this is {url}",
            "Recover it there: correct --url. If the server only moved, add --allow-other-server.",
        )
    return evolve(found, plan=evolve(found.plan, server=evolve(found.plan.server, url=url)))


def remember(found: "tuple[records.Record, ...]") -> Remembered:
    """What the records of a journal say of each step."""
    before: dict[str, Leaves] = {}
    images: dict[str, Mapping[str, Any]] = {}
    done: dict[str, None] = {}
    doubtful: dict[str, None] = {}
    refused: set[str] = set()
    restored: dict[Address, str] = {}
    ids: dict[str, str] = {}
    for record in found:
        match record:
            case records.Intent(step, image):
                before[step] = {tuple(p): v for p, v in (image or {}).get("before", ())}
                if image and image.get("captured") is not None:
                    images[step] = image["captured"]
                doubtful[step] = None
                refused.discard(step)
            case records.Failed(step):
                refused.add(step)
            case records.Done(step, object_id):
                doubtful.pop(step, None)
                done[step] = None
                if object_id is not None:
                    ids[step] = object_id
            case records.Undone(step, back):
                restored |= {Address.parse(name): object_id for name, object_id in back.items()}
                done.pop(step, None)
                doubtful.pop(step, None)
            case _:
                # A step that was being undone is as doubtful as it was.
                pass
    return Remembered(
        before, images, tuple(done), tuple(doubtful), frozenset(refused), ids, restored
    )


def describe(found: Found) -> str:
    """What was interrupted, for whoever must decide."""
    done, total = len(found.remembered.done), len(found.plan.steps)
    lines = [
        f"A kcplan {found.header.operation} of {found.header.server} was interrupted.",
        f"It began {found.header.started}; {done} of its {total} steps were done.",
    ]
    lines += [f"  done: {name}" for name in found.remembered.done]
    lines += [f"  begun, and the end is not known: {name}" for name in found.remembered.doubtful]
    return "\n".join(lines)


def finish(session: Session, api: AdminApi, found: Found, *, forward: bool, json: bool) -> int:
    """Roll back, or forward, and save the state that comes of it; the exit code."""
    plan = _with_secrets(session, api, found) if forward else found.plan
    run = _execution(api, found, plan, json=json)
    _settle(run)
    live = None
    if forward:
        live = _go_on(session, api, found, plan, run)
    undone, left = ([], []) if forward and not run.failures else roll_back(run)
    outcome = Outcome(
        done=tuple(run.done),
        failures=tuple(run.failures),
        rolled_back=tuple(undone),
        left=tuple(left),
        ids=run.ids,
        restored=run.restored,
        interrupted=run.interrupted,
    )
    return _conclude(session, found, plan, outcome, live, forward=forward, json=json)


def _with_secrets(session: Session, api: AdminApi, found: Found) -> Plan:
    """The plan with the secrets that it writes, and with those that it is about to replace."""
    plan = saved.with_secrets(session, found.plan, session.digester(found.state))
    renamed = evolve(plan, changes=tuple(evolve(c, moved_from=None) for c in plan.changes))
    # What is to be renamed may have its new name already.
    now, then = (saved.read_live(session, api, item, found.state) for item in (renamed, plan))
    return saved.with_live(plan, evolve(now, objects={**now.objects, **then.objects}))


def _go_on(
    session: Session, api: AdminApi, found: Found, plan: Plan, run: Execution
) -> Snapshot | None:
    """Perform what was not performed, and read it all back."""
    done = {step.id for step in run.done}
    again = [step for step in remaining(plan, found.remembered) if step.id not in done]
    run.doubtful = []
    run.run(again)
    if run.failures or run.interrupted:
        return None
    confirmed = applying.confirm(session, api, plan, found.state, run.ids)
    run.failures.extend(confirmed.failures)
    return confirmed.live


def _execution(api: AdminApi, found: Found, plan: Plan, *, json: bool) -> Execution:
    """An execution that stands where the journal says that the interrupted one stood."""
    steps = steps_with_before(plan, found.remembered)
    ids = dict(plan.known)
    ids |= {steps[name].address: value for name, value in found.remembered.ids.items()}
    ids |= found.remembered.restored
    return Execution(
        writer=KeycloakWriter(api, ids),
        journal=applying.DiskJournal(found.writer),
        tell=applying.Progress(len(plan.steps), json),
        parallelism=api.connection.parallelism,
        ids=ids,
        done=[steps[name] for name in found.remembered.done],
        doubtful=[steps[name] for name in found.remembered.doubtful],
        unknown=set(found.remembered.doubtful) - found.remembered.refused,
        images=dict(found.remembered.images),
        restored=dict(found.remembered.restored),
    )


def _settle(run: Execution) -> None:
    """Ask Keycloak what became of each step whose end is not known."""
    happened = [step for step in run.doubtful if run.writer.happened(step)]
    for step in happened:
        run.journal.done(step, step.object_id)
    run.done += happened
    run.doubtful = [step for step in run.doubtful if step not in happened]


def _conclude(
    session: Session,
    found: Found,
    plan: Plan,
    outcome: Outcome,
    live: Snapshot | None,
    *,
    forward: bool,
    json: bool,
) -> int:
    if any(isinstance(failure.error, _PASSING) for failure in outcome.left):
        found.writer.close()
        done = applying.Done(outcome, applying.LEFT, recoverable=True)
        applying.report(done, plan, json=json, verb="Recover")
        return done.exit_code
    complete = forward and outcome.succeeded
    after = state_after(found.state, plan, outcome, live, session.registry, settled=complete)
    if complete or outcome.done or outcome.restored:
        applying.save(session, after, outcome)
    found.writer.remove()
    code = applying.LEFT if outcome.left else applying.ROLLED_BACK if outcome.failures else 0
    done = applying.Done(outcome, code)
    if forward or outcome.left:
        applying.report(done, plan, json=json, verb="Recover")
    elif not json:
        click.echo("Recovered: what the interrupted apply did is rolled back.")
    return code
