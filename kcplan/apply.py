"""The applier: executes a plan's steps, and undoes them when one fails.

Nothing is decided here that the plan does not say:

    perform (`execution`)  ─▶  read back what was written (`confirm`)  ─▶  the outcome
    a step failed:   schedule no more ─▶ let running ones end ─▶ undo backwards (`rollback`)

A step whose answer was lost is settled by reading Keycloak, before anything is decided.
"""

from collections.abc import Callable, Mapping

from kcplan.address import Address
from kcplan.errors import KcplanError
from kcplan.events import Event, Failure, Outcome
from kcplan.execution import Execution
from kcplan.interrupts import orderly
from kcplan.plan import Plan, Step
from kcplan.provider import Writer
from kcplan.rollback import roll_back
from kcplan.storage import Journal


def execute(
    plan: Plan,
    writer: Writer,
    journal: Journal,
    tell: Callable[[Event], None],
    *,
    parallelism: int,
    rollback: bool = True,
    confirm: Callable[[Mapping[Address, str]], list[Failure]] | None = None,
) -> Outcome:
    """Execute a plan, and undo it when a step fails, unless `rollback` is off.

    Args:
        plan: What to do.
        writer: Performs the steps.
        journal: Remembers them.
        tell: Is told of every event, in the main thread.
        parallelism: How many steps may run at once.
        rollback: Whether to undo what was done when something fails.
        confirm: Reads back what was written and gives what Keycloak did not keep.
    """
    run = Execution(writer, journal, tell, parallelism, dict(plan.known))
    undone: list[Step] = []
    left: list[Failure] = []
    with orderly(run):
        run.run(plan.steps)
        if not run.failures and not run.interrupted and confirm is not None and plan.steps:
            run.failures.extend(_confirmed(confirm, run, plan.steps[-1]))
        if (run.failures or run.interrupted) and rollback:
            undone, left = roll_back(run)
    return run.outcome(undone, left)


def _confirmed(
    confirm: Callable[[Mapping[Address, str]], list[Failure]], run: Execution, last: Step
) -> list[Failure]:
    """What Keycloak did not keep; that it cannot be read back is a failure of the last step."""
    try:
        return confirm(run.ids)
    except KcplanError as problem:
        return [Failure(last, problem)]
