"""Workflows as an offline export has them: as components without names.

    components    {"org.keycloak.models.workflow.WorkflowProvider": [{
                       config: {name: ["tidy"], on: ["user-created"], "schedule.after": ["1d"]},
                       subComponents: {"org.keycloak.models.workflow.WorkflowStepProvider": [
                           {providerId: "disable-user", config: {after: ["5d"], priority: ["1"]}}
                       ]}}]}

In the section `workflows` they are as Keycloak's end point for workflows has them:

    workflows     [{name: "tidy", on: "user-created", schedule: {after: "1d"},
                    steps: [{uses: "disable-user", after: "5d"}]}]

A partial export has nothing in `config`, so that nobody can tell what it is that it speaks of.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from kcplan.gathered import Place, Unsound

WORKFLOW: Final = "org.keycloak.models.workflow.WorkflowProvider"
SECTION: Final = "workflows"

_CONFIG: Final = "config"
_STEPS: Final = "org.keycloak.models.workflow.WorkflowStepProvider"
_FIELDS: Final[Mapping[str, tuple[str, ...]]] = {
    "name": ("name",),
    "enabled": ("enabled",),
    "on": ("on",),
    "conditions": ("if",),
    "schedule.after": ("schedule", "after"),
    "schedule.batch-size": ("schedule", "batch-size"),
    "cancel-in-progress": ("concurrency", "cancel-in-progress"),
    "restart-in-progress": ("concurrency", "restart-in-progress"),
}
"""The entries of a workflow's `config`, and where its representation has them."""

_AFTER: Final = "after"
_ORDER: Final = "priority"


def workflow(component: Any) -> dict[str, Any] | None:
    """The workflow that a component is; None where it does not say its name."""
    found: dict[str, Any] = {}
    for key, values in _config(component).items():
        if key in _FIELDS and (value := _value(values)) not in (None, ""):
            *above, last = _FIELDS[key]
            table = found
            for word in above:
                table = table.setdefault(word, {})
            table[last] = value
    if not isinstance(found.get("name"), str):
        return None
    return found | {"steps": [_step(step) for step in sorted(_steps(component), key=_position)]}


def nameless(places: Iterable[Place]) -> Iterable[Unsound]:
    """What is said of components that do not say which workflows they are."""
    return (
        Unsound(
            place,
            "a workflow without its name and settings is left out",
            "A partial export does not have them. Workflows in Keycloak stay untouched.",
            "left-out-of-export",
            harmless=True,
        )
        for place in places
    )


def _step(component: Mapping[str, Any]) -> dict[str, Any]:
    config = _config(component)
    step: dict[str, Any] = {"uses": component.get("providerId")}
    if _AFTER in config:
        step[_AFTER] = _value(config[_AFTER])
    settings = {k: _value(v) for k, v in config.items() if k not in (_AFTER, _ORDER)}
    return step | ({"with": settings} if settings else {})


def _steps(component: Any) -> list[Mapping[str, Any]]:
    within = component.get("subComponents") if isinstance(component, Mapping) else None
    steps = within.get(_STEPS) if isinstance(within, Mapping) else None
    return [s for s in steps if isinstance(s, Mapping)] if isinstance(steps, list) else []


def _position(step: Mapping[str, Any]) -> int:
    """Where a step comes: an export has them in any order."""
    text = str(_value(_config(step).get(_ORDER)))
    return int(text) if text.isdecimal() else 0


def _config(component: Any) -> Mapping[str, Any]:
    config = component.get(_CONFIG) if isinstance(component, Mapping) else None
    return config if isinstance(config, Mapping) else {}


def _value(values: Any) -> Any:
    """What a list of a component's `config` says: its item, unless there are several."""
    if isinstance(values, list) and len(values) <= 1:
        return values[0] if values else None
    return values
