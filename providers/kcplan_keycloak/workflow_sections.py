"""Workflows as an export has them: components, with a component for each step.

An export of the whole server has all of a workflow in lists of texts, its name too. One that the
console makes has ids and nothing else. Here both are as the Admin API has workflows. Pure.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from kcplan.gathered import Place
from kcplan_keycloak.bodies import Body

COMPONENT: Final = "org.keycloak.models.workflow.WorkflowProvider"
STEP: Final = "org.keycloak.models.workflow.WorkflowStepProvider"
_WITHIN: Final = "subComponents"
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
"""Where the Admin API has what the configuration of a component says."""

_PLACE: Final = "priority"
_AFTER: Final = "after"


def workflow(component: Any) -> Body | None:
    """The workflow that a component is; None where the component does not say what it does."""
    settings = _settings(component)
    if not settings.get("name"):
        return None
    found: Body = {}
    for key, place in _FIELDS.items():
        if texts := settings.get(key):
            table = found.setdefault(place[0], {}) if len(place) > 1 else found
            table[place[-1]] = texts[0]
    steps = sorted(_components(component), key=_position)
    return {**found, "steps": list(map(_step, steps))}


def _settings(component: Any) -> Mapping[str, list[Any]]:
    config = component.get("config") if isinstance(component, Mapping) else None
    pairs = config.items() if isinstance(config, Mapping) else ()
    # Whoever writes by hand may leave out the brackets around a single text.
    lists = ((key, value if isinstance(value, list) else [value]) for key, value in pairs)
    return {key: value for key, value in lists if value and value != [None]}


def _components(component: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    steps = _listed_steps(component)
    items = steps if isinstance(steps, list) else ()
    yield from (item for item in items if isinstance(item, Mapping))


def _listed_steps(component: Any) -> Any:
    within = component.get(_WITHIN) if isinstance(component, Mapping) else None
    return within.get(STEP) if isinstance(within, Mapping) else None


def misshapen(component: Any) -> Iterator[tuple[Place, str]]:
    """What cannot be a step of the workflow, or steps: where it is in it, and what is wanted."""
    steps = _listed_steps(component)
    if steps is not None and not isinstance(steps, list):
        yield (_WITHIN, STEP), "a list"
    for index, step in enumerate(steps if isinstance(steps, list) else ()):
        if not isinstance(step, Mapping):
            yield (_WITHIN, STEP, index), "a table"


def _position(step: Mapping[str, Any]) -> int:
    text = str(_settings(step).get(_PLACE, ["0"])[0])
    return int(text) if text.isdecimal() and text.isascii() else 0


def _step(component: Mapping[str, Any]) -> Body:
    settings = {key: texts for key, texts in _settings(component).items() if key != _PLACE}
    after = settings.pop(_AFTER, None)
    return {
        "uses": component.get("providerId"),
        **({_AFTER: after[0]} if after else {}),
        **({"with": settings} if settings else {}),
    }
