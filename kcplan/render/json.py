"""Plans, drift, state and diagnostics as documents for programs. See docs/plan-format.md.

A sensitive value is None in every document, and marked as sensitive beside it.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from kcplan import __version__
from kcplan.authors import Author
from kcplan.diagnostics import Diagnostic, has_errors
from kcplan.drift import Drift
from kcplan.events import Applied, Event, EventType
from kcplan.plan import (
    Action,
    FieldChange,
    Operation,
    Plan,
    ResourceChange,
    count_actions,
)
from kcplan.render.tree import masked
from kcplan.risk import Risk
from kcplan.schema import Leaves
from kcplan.secret import is_sensitive
from kcplan.state import ResourceState, ServerIdentity, State, sorted_by_address

FORMAT_VERSION = 1

Document = dict[str, Any]


def plan_document(plan: Plan) -> Document:
    """A plan as `kcplan plan --format json` gives it."""
    fields = plan_fields(plan).items()
    return {key: [*value] if isinstance(value, Iterator) else value for key, value in fields}


def plan_fields(plan: Plan) -> Document:
    """The fields of that, with an iterator for each list: it need not be there as a whole."""
    unknown = frozenset(
        step.address
        for step in plan.steps
        if step.operation is Operation.CREATE and step.object_id is None
    )
    return {
        "format_version": FORMAT_VERSION,
        "kcplan_version": __version__,
        "environment": plan.environment,
        "server": server_document(plan.server),
        "state": {"lineage": plan.lineage, "serial": plan.serial},
        "summary": plan.summary,
        "errored": plan.has_errors,
        "risks": (risk_document(risk) for risk in plan.risks),
        "resource_changes": (
            change_document(change, id_unknown=change.address in unknown) for change in plan.changes
        ),
        "drift": (change_document(change, seen=True) for change in plan.drift),
        "outside": (change_document(change, seen=True) for change in plan.outside),
        "diagnostics": (diagnostic_document(item) for item in plan.diagnostics),
    }


def risk_document(risk: Risk) -> Document:
    """One risk."""
    return {
        "code": risk.code,
        "level": str(risk.level),
        "address": str(risk.address),
        "path": list(risk.path),
        "summary": risk.summary,
    }


def validate_document(diagnostics: Sequence[Diagnostic], risks: Iterable[Risk] = ()) -> Document:
    """What `kcplan validate --format json` gives."""
    return {
        "valid": not has_errors(diagnostics),
        "risks": [risk_document(risk) for risk in risks],
        "diagnostics": [diagnostic_document(item) for item in diagnostics],
    }


def refresh_document(found: Drift) -> Document:
    """What `kcplan refresh --format json` gives."""
    return {
        "environment": found.environment,
        "risks": [risk_document(risk) for risk in found.risks],
        "drift": [change_document(change, seen=True) for change in found.changed],
        "outside": [change_document(change, seen=True) for change in found.outside],
        "unmanaged": [change_document(change, seen=True) for change in found.appeared],
        "summary": count_actions(found.changed),
        "diagnostics": [diagnostic_document(item) for item in found.diagnostics],
    }


def change_document(
    change: ResourceChange, *, id_unknown: bool = False, seen: bool = False
) -> Document:
    """One resource change; where it was `seen` in Keycloak, with who made it."""
    created, deleted = change.action is Action.CREATE, change.action is Action.DELETE
    changes = {item.path: item for item in change.changes}
    before = None if created or change.before is None else masked(change.before, changes)
    after = None if deleted or change.after is None else masked(change.after, changes)
    return {
        "address": str(change.address),
        "type": change.type,
        "action": str(change.action),
        "previous_address": None if change.moved_from is None else str(change.moved_from),
        "before": None if before is None else tree(before),
        "after": None if after is None else tree(after),
        "before_sensitive": sensitive_tree(before or {}),
        "after_sensitive": sensitive_tree(after or {}),
        "after_unknown": {"id": True} if id_unknown else {},
        "changes": [_field_document(item) for item in change.changes],
        "reason": change.reason,
        "notes": list(change.notes),
        "left": [list(path) for path in change.left],
        **({"changed_by": [_author_document(item) for item in change.authors]} if seen else {}),
    }


def _author_document(author: Author) -> Document:
    """Who changed something in Keycloak."""
    return {
        "user": author.user,
        "user_id": author.user_id,
        "ip_address": author.ip_address or None,
        "time": author.moment,
    }


def _field_document(item: FieldChange) -> Document:
    sensitive = item.sensitive or is_sensitive([item.before, item.after])
    return {
        "path": list(item.path),
        "before": None if sensitive else item.before,
        "after": None if sensitive else item.after,
        "sensitive": sensitive,
        "origin": str(item.origin),
        "because": item.because,
        "forces_replacement": item.forces_replacement,
    }


def event_document(event: Event) -> Document:
    """An event of an execution, as `--format json` gives it while it runs."""
    document: Document = {
        "type": str(event.type),
        "address": str(event.step.address),
        "action": str(event.step.operation),
        "elapsed_seconds": round(event.elapsed_seconds, 3),
    }
    if event.error is not None:
        document["error"] = {"summary": event.error.summary, "detail": event.error.detail}
    return document


def planned_document(change: ResourceChange) -> Document:
    """A change that is about to be applied, as an event."""
    return _event(EventType.PLANNED_CHANGE, change_document(change))


def risk_event(risk: Risk) -> Document:
    """A risk of the plan that is about to be applied, as an event."""
    return _event(EventType.RISK, risk_document(risk))


def finding_document(item: Diagnostic) -> Document:
    """A diagnostic of the plan that is about to be applied, as an event."""
    return _event(EventType.DIAGNOSTIC, diagnostic_document(item))


def meanwhile_document(change: ResourceChange) -> Document:
    """What somebody else changed during an apply, as an event."""
    return _event(EventType.CHANGED_MEANWHILE, change_document(change))


def applied_document(applied: Applied) -> Document:
    """How an execution ended, as its last event."""
    outcome = applied.outcome
    return {
        "type": str(EventType.CHANGE_SUMMARY),
        "succeeded": outcome.succeeded,
        "exit_code": applied.exit_code,
        "changes": applied.plan.summary,
        "rolled_back": [str(step.address) for step in outcome.rolled_back],
        "left": [str(failure.step.address) for failure in outcome.left],
        "recoverable": applied.recoverable,
    }


def _event(kind: EventType, document: Document) -> Document:
    """A document as an event; `type` is the event's, so that a resource's has another name."""
    event = {key: value for key, value in document.items() if key != "type"}
    if "type" in document:
        event["resource_type"] = document["type"]
    return {"type": str(kind), **event}


def diagnostic_document(item: Diagnostic) -> Document:
    """One diagnostic."""
    source = item.source
    return {
        "severity": str(item.severity),
        "code": item.code,
        "summary": item.summary,
        "detail": item.detail,
        "address": None if item.address is None else str(item.address),
        "path": list(item.path),
        "source": None
        if source is None
        else {
            "file": source.file,
            "path": list(source.path),
            "line": source.line,
            "column": source.column,
            **({"tenant": source.tenant} if source.tenant else {}),
        },
    }


def server_document(server: ServerIdentity) -> Document:
    """The server that a plan or state belongs to."""
    return {"url": server.url, "version": server.version}


def state_document(state: State) -> Document:
    """The state as `kcplan show --format json` gives it, without digests."""
    return {
        "format_version": FORMAT_VERSION,
        "kcplan_version": __version__,
        "lineage": state.lineage,
        "serial": state.serial,
        "server": None if state.server is None else server_document(state.server),
        "resources": [resource_document(entry) for _, entry in sorted_by_address(state.resources)],
    }


def resource_document(entry: ResourceState) -> Document:
    """One resource of the state."""
    granted = {"granted": tree(entry.granted)} if entry.granted else {}
    return {
        "address": str(entry.address),
        "type": entry.type,
        "id": entry.id,
        "depends_on": [str(address) for address in entry.depends_on],
        "managed": tree(entry.managed),
        "observed": tree(entry.observed),
        "owned": [list(path) for path in entry.owned],
        "secrets": [list(path) for path in sorted(entry.secrets)],
        "adopted": entry.adopted,
        **granted,
    }


def tree(leaves: Leaves) -> Document:
    """Leaves as a tree; sensitive and absent values are None."""
    root: Document = {}
    for path, value in sorted(leaves.items(), key=lambda item: len(item[0])):
        _plant(root, path, None if is_sensitive(value) else value)
    return root


def sensitive_tree(leaves: Leaves) -> Document:
    """A tree that is true where the leaves are sensitive, and empty where none is."""
    root: Document = {}
    for path, value in leaves.items():
        if is_sensitive(value):
            _plant(root, path, True)  # noqa: FBT003 - the value of a document
    return root


def _plant(root: Document, path: Sequence[str], value: Any) -> None:
    node = root
    for part in path[:-1]:
        below = node.get(part)
        if not isinstance(below, dict):
            below = node[part] = {}
        node = below
    if value == {} and isinstance(node.get(path[-1]), dict):
        return
    node[path[-1]] = dict(value) if isinstance(value, dict) else value
