"""Recovery: an interrupted execution is rolled back, or finished, and the state is saved.

    what the journal says ─▶ ask Keycloak about doubtful steps ─▶ back, or forward ─▶ save

It may itself be interrupted and run again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from attrs import evolve

from kcplan.classes import frozen
from kcplan.errors import ServerError, UnavailableError, UnfinishedError
from kcplan.events import Applied, Failure, Progress
from kcplan.execution import Execution
from kcplan.interrupted import Interrupted, Recovered, remaining, steps_with_before
from kcplan.interrupts import handled_by, later, orderly
from kcplan.older_plans import opened, step_opened
from kcplan.outcome import state_after
from kcplan.plan import Plan, Step
from kcplan.planfile import Resolver
from kcplan.rollback import roll_back
from kcplan.saved_plan import read_live, with_live, with_secrets
from kcplan.snapshot import Snapshot
from kcplan.state import State
from kcplan.storage import JournalFile
from kcplan.traces import traces
from kcplan.transaction import (
    LEFT,
    ROLLED_BACK,
    Counting,
    Site,
    confirm,
    knowing_account,
    leaving_journal,
    save,
)


@frozen
class Recovery:
    """The recovery of an interrupted execution.

    Attributes:
        site: Keycloak and the state's place.
        interrupted: What was interrupted.
        state: The state that it began with.
        journal: Its journal, which the recovery goes on with.
        tell: Is told of every event, in the main thread.
    """

    site: Site
    interrupted: Interrupted
    state: State
    journal: JournalFile
    tell: Callable[[Progress], None]

    def back(self) -> Recovered:
        """Undo what was done.

        Raises:
            UnfinishedError: Keycloak does not answer, or a signal ended it at once.
            KcplanError: Journal or state cannot be written.
        """
        with self._leaving_journal():
            plan = opened(self.interrupted.plan, self.site.registry)
            run = self._execution(plan)
            # There is nothing before the undoing that a first signal could end.
            run.undoing = True
            with orderly(run):
                settle(run)
                undone, left = roll_back(run)
            return Recovered(self._conclude(plan, run, undone, left), forward=False)

    def forward(self, secrets: Resolver) -> Recovered:
        """Do what was not done; the plan's secrets come from `secrets`.

        Raises:
            UnfinishedError: Keycloak does not answer, or a signal ended it at once.
            KcplanError: Journal or state cannot be written, or a secret is another one now.
        """
        with self._leaving_journal():
            plan = self._complete(secrets)
            run = self._execution(plan)
            undone: list[Step] = []
            left: list[Failure] = []
            with orderly(run):
                settle(run)
                live = self._go_on(plan, run)
                if run.failures:
                    undone, left = roll_back(run)
            if run.interrupted and not run.failures:
                self.journal.close()
                applied = Applied(plan, run.outcome(), LEFT, recoverable=True)
                return Recovered(applied, forward=True)
            return Recovered(self._conclude(plan, run, undone, left, live), forward=True)

    @contextmanager
    def _leaving_journal(self) -> Iterator[None]:
        """Where it ends early, say that the journal is left. Raises UnfinishedError."""
        try:
            with leaving_journal(self.journal):
                yield
        except UnavailableError as problem:
            raise unfinished(problem, self.journal) from None

    def _complete(self, secrets: Resolver) -> Plan:
        """The plan with the secrets that it writes, and with those that it is about to replace."""
        site = self.site
        plan = opened(self.interrupted.plan, site.registry)
        plan = with_secrets(plan, site.digester, secrets)
        renamed = evolve(plan, changes=tuple(evolve(c, moved_from=None) for c in plan.changes))
        # What is to be renamed may have its new name already.
        now, then = (
            read_live(site.reader(), item, self.state, site.registry) for item in (renamed, plan)
        )
        found = evolve(now, objects={**now.objects, **then.objects})
        return with_live(plan, found, site.registry)

    def _execution(self, plan: Plan) -> Execution:
        """An execution that stands where the journal says that the interrupted one stood."""
        remembered = self.interrupted.remembered
        steps = {
            name: step_opened(step, self.site.registry)
            for name, step in steps_with_before(plan, remembered).items()
        }
        ids = dict(plan.known)
        ids |= {steps[name].address: value for name, value in remembered.ids.items()}
        ids |= remembered.restored
        return Execution(
            writer=self.site.writer(ids, plan.managed(self.state.resources)),
            journal=self.journal,
            tell=Counting(len(plan.steps), self.tell),
            parallelism=self.site.parallelism,
            ids=ids,
            done=[steps[name] for name in remembered.done],
            doubtful=[steps[name] for name in remembered.doubtful],
            unknown=set(remembered.doubtful) - remembered.refused,
            images=dict(remembered.images),
            restored=dict(remembered.restored),
            came=set(remembered.came),
        )

    def _go_on(self, plan: Plan, run: Execution) -> Snapshot | None:
        """Perform what was not performed, and read it all back."""
        done = {step.id for step in run.done}
        again = [s for s in remaining(plan, self.interrupted.remembered) if s.id not in done]
        run.doubtful = []
        run.run(again)
        if run.failures or run.interrupted:
            return None
        confirmed = confirm(self.site, plan, run.ids)
        run.failures.extend(confirmed.failures)
        return confirmed.live

    def _conclude(
        self,
        plan: Plan,
        run: Execution,
        undone: list[Step],
        left: list[Failure],
        live: Snapshot | None = None,
    ) -> Applied:
        """Save the state that comes of it; `live` is what was read after it was finished."""
        outcome = run.outcome(undone, left)
        # What Keycloak refuses to a recovery as well is left as it stands.
        if any(failure.error.passing for failure in left):
            self.journal.close()
            return Applied(plan, outcome, LEFT, recoverable=True)
        complete = live is not None and outcome.succeeded
        after = state_after(self.state, plan, outcome, live, self.site.registry, settled=complete)
        with handled_by(later):
            if complete or outcome.done or outcome.restored:
                after = knowing_account(self.site, after, live)
                save(self.site.store, after, outcome, journalled=True)
            self.journal.remove()
        return Applied(
            plan,
            outcome,
            LEFT if left else ROLLED_BACK if run.failures else 0,
            traces=traces(outcome.rolled_back, self.site.registry),
        )


def unfinished(problem: ServerError, journal: JournalFile) -> UnfinishedError:
    """The error for a recovery that Keycloak does not let begin or end. Closes the journal."""
    journal.close()
    return UnfinishedError(
        problem.summary,
        f"{problem.detail} The journal is kept: run `kcplan recover` again when Keycloak is back, "
        "or `kcplan recover --wait`.",
    )


def settle(run: Execution) -> None:
    """Ask Keycloak what became of each step whose end is not known. Raises ServerError."""
    happened = [s for s in run.doubtful if not run.interrupted and run.writer.happened(s)]
    for step in happened:
        run.journal.done(step, step.object_id)
    run.done += happened
    run.doubtful = [step for step in run.doubtful if step not in happened]
