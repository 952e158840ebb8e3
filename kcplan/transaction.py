"""Applying a plan: it is executed, and the state that comes of it is saved; or all is taken back.

    journal ─▶ execute ─▶ read back ─▶ the state after it ─▶ save ─▶ remove the journal

Where something could not be taken back and may be at another time, the journal stays for
`kcplan recover`, and the state stays as it was.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from attrs import evolve

from kcplan.address import Address
from kcplan.apply import execute
from kcplan.authors import OwnAccount, with_account
from kcplan.classes import define, frozen
from kcplan.digests import Digester
from kcplan.errors import StateError, UnfinishedError
from kcplan.events import Applied, Event, EventType, Failure, Outcome, Progress
from kcplan.grants import joining_accounts, with_what_was_joined
from kcplan.interrupts import SIGNALLED, handled_by, later
from kcplan.lifecycle import Rules
from kcplan.meanwhile import changed_meanwhile
from kcplan.outcome import adopted_entries, not_kept, state_after, written_entries
from kcplan.plan import Plan, ResourceChange
from kcplan.provider import Reader, Writer
from kcplan.reading import for_confirmation
from kcplan.resource import Registry
from kcplan.snapshot import Snapshot
from kcplan.state import State
from kcplan.storage import JournalFile, NoJournal, StateStore
from kcplan.traces import traces

ROLLED_BACK = 3
"""The exit code for "it failed, and everything is as before"."""
LEFT = 4
"""The exit code for "it failed, and something is left"."""


_NO_RULES = Rules(())


@frozen
class Site:
    """Where plans are executed: a Keycloak, and the state of what kcplan manages there.

    Attributes:
        reader: Gives a reader that remembers nothing of earlier reads.
        writer: Gives a writer that knows the ids of these objects, and which others are managed.
        store: Where the state is saved.
        registry: The resource types.
        digester: Digests under the state's key.
        parallelism: How many steps may run at once.
        account: The account that writes, as one that has written just now, if that matters in
            what was read back.
        rules: What `ignore_changes` leaves alone.
    """

    reader: Callable[[], Reader]
    writer: Callable[[Mapping[Address, str], frozenset[Address]], Writer]
    store: StateStore
    registry: Registry
    digester: Digester
    parallelism: int
    account: Callable[[Snapshot | None], OwnAccount | None] = lambda _: None
    rules: Rules = _NO_RULES


@frozen
class Confirmed:
    """What was read back after the last step, and what of it is not as it was declared."""

    live: Snapshot
    failures: Sequence[Failure]


@define
class Counting:
    """Tells how far an execution of `total` steps is, with each event."""

    total: int
    tell: Callable[[Progress], None]
    finished: int = 0

    def __call__(self, event: Event) -> None:
        """Tell of an event."""
        if event.type in (EventType.APPLY_COMPLETE, EventType.APPLY_ERRORED):
            self.finished += 1
        self.tell(Progress(event, self.finished, self.total))


def apply_plan(
    site: Site,
    plan: Plan,
    state: State,
    journal: JournalFile | None,
    tell: Callable[[Progress], None],
    *,
    rollback: bool,
) -> Applied:
    """Execute a plan, and save the state that comes of it.

    Args:
        site: Keycloak and the state's place.
        plan: What to do.
        state: The state that the plan was made from.
        journal: The journal that was begun for the plan; None where it has no steps.
        tell: Is told of every event, in the main thread.
        rollback: Whether to undo what was done when something fails.

    Raises:
        KcplanError: The journal or the state could not be written.
    """
    confirmed: list[Confirmed] = []
    if not plan.steps and adopted_entries(plan):
        confirmed.append(confirm(site, plan, plan.known))

    def confirm_once(ids: Mapping[Address, str]) -> list[Failure]:
        confirmed.append(confirm(site, plan, ids))
        return list(confirmed[-1].failures)

    with leaving_journal(journal):
        outcome = execute(
            plan,
            site.writer(plan.known, plan.managed(state.resources)),
            journal or NoJournal(),
            Counting(len(plan.steps), tell),
            parallelism=site.parallelism,
            rollback=rollback,
            confirm=confirm_once,
        )
    if journal is not None and outcome.recoverable:
        journal.close()
        return Applied(plan, outcome, LEFT, recoverable=True)
    live = confirmed[-1].live if confirmed else None
    settled = outcome.succeeded or not rollback
    after = state_after(state, plan, outcome, live, site.registry, settled=settled)
    with handled_by(later):
        if outcome.succeeded or outcome.done or outcome.restored:
            after = knowing_account(site, after, live) if plan.steps else after
            save(site.store, after, outcome, journalled=journal is not None)
        if journal is not None:
            journal.remove()
    meanwhile: tuple[ResourceChange, ...] = ()
    if live is not None and outcome.succeeded:
        meanwhile = changed_meanwhile(plan, after, live, site.registry, site.digester, site.rules)
    return Applied(
        plan,
        outcome,
        exit_code(outcome, rollback=rollback),
        traces=traces(outcome.rolled_back, site.registry),
        meanwhile=meanwhile,
    )


@contextmanager
def leaving_journal(journal: JournalFile | None) -> Iterator[None]:
    """Where a signal ends the execution at once, say that its journal is left.

    Raises:
        UnfinishedError: A signal did, and there is a journal.
    """
    try:
        yield
    except KeyboardInterrupt:
        if journal is None:
            raise
        journal.close()
        raise UnfinishedError(
            "interrupted before it was done",
            "Some steps may be done. The journal is kept: run `kcplan recover` to roll back, or "
            "`kcplan recover --forward` to finish.",
        ) from None


def confirm(site: Site, plan: Plan, ids: Mapping[Address, str]) -> Confirmed:
    """Read back all that a plan wrote, and what it adopts. Raises ServerError."""
    written, adopted = written_entries(plan, plan.steps), adopted_entries(plan)
    request = for_confirmation([*written, *adopted], ids, site.registry)
    granted = frozenset(entry.address for entry in adopted)
    joining = joining_accounts(plan, site.registry)
    live = site.reader().read(evolve(request, granted=granted | joining.keys()))
    live = with_what_was_joined(live, joining)
    return Confirmed(live, not_kept(plan, live, site.registry, site.digester))


def knowing_account(site: Site, state: State, live: Snapshot | None) -> State:
    """The state, which knows the account that has written what was read back."""
    account = site.account(live)
    if account is None:
        return state
    return evolve(state, own_accounts=with_account(state.own_accounts, account))


def save(store: StateStore, state: State, outcome: Outcome, *, journalled: bool) -> None:
    """Save the state that comes of an outcome.

    Raises:
        UnfinishedError: It cannot be written, and only the journal knows what was done.
        StateError: It cannot be written, and nothing was done.
    """
    try:
        store.save(state)
    except StateError as problem:
        if not journalled:
            raise
        ways = "`kcplan recover` takes it back"
        if outcome.succeeded:
            ways += ", `kcplan recover --forward` enters it in the state"
        raise UnfinishedError(
            problem.summary,
            f"{problem.detail} What was done in Keycloak is in the journal, which stays: {ways}.",
        ) from None


def exit_code(outcome: Outcome, *, rollback: bool) -> int:
    """0 done · 3 failed and as before · 4 failed and something is left · else a signal's."""
    if outcome.succeeded:
        return 0
    if outcome.left or (not rollback and outcome.done):
        return LEFT
    if outcome.interrupted and not outcome.failures:
        return SIGNALLED + outcome.interrupted
    return ROLLED_BACK
