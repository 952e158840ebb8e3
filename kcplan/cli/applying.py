"""Applying a plan: it is shown, approved, executed and reported, in the words of one view."""

import gc

from kcplan.cli import approval
from kcplan.cli.live import telling
from kcplan.cli.options import Values, use_color
from kcplan.cli.planning import Planned
from kcplan.cli.printing import emit
from kcplan.cli.session import Session
from kcplan.events import Applied
from kcplan.transaction import apply_plan
from kcplan.views import applies
from kcplan.views.pieces import View
from kcplan_keycloak.api import AdminApi


def view_of(values: Values, output: str, verb: str) -> View[applies.Message]:
    """The view of a command that applies."""
    color = use_color(no_color=values["no_color"])
    return applies.view(output, verb=verb, color=color)


def is_approved(
    planned: Planned, view: View[applies.Message], what: str, *, auto_approve: bool
) -> bool:
    """Show a plan and have the user approve it; false where it has errors.

    Raises:
        UsageError: The user does not approve it.
    """
    plan = planned.plan
    emit(view(plan))
    if plan.has_errors:
        return False
    if not plan.is_empty:
        place = f" in the environment `{plan.environment}`" if plan.environment else ""
        approval.ask(f"{what}{place}", auto_approve=auto_approve)
    return True


def execute(
    session: Session,
    api: AdminApi,
    planned: Planned,
    view: View[applies.Message],
    *,
    operation: str,
    rollback: bool,
) -> Applied:
    """Execute a plan under the state's lock, and save the state that comes of it.

    Raises:
        KcplanError: The journal or the state could not be written.
    """
    plan, state = planned.plan, planned.state
    journal = session.begin_journal(plan, state, operation) if plan.steps else None
    # Here garbage does come about: each request leaves some behind.
    gc.set_threshold(50_000, 50, 100)
    is_text = isinstance(view, applies.Text)
    with telling(view, live=is_text and not session.values.get("verbose")) as tell:
        return apply_plan(session.site(api, state), plan, state, journal, tell, rollback=rollback)


def finish(
    session: Session,
    api: AdminApi,
    planned: Planned,
    view: View[applies.Message],
    operation: str,
) -> int:
    """Execute an approved plan, report, and give the exit code."""
    rollback = not session.values["no_rollback"]
    applied = execute(session, api, planned, view, operation=operation, rollback=rollback)
    session.keep_offered(api)
    emit(view(applied))
    return applied.exit_code
