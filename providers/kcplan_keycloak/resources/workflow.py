"""Workflows: steps that Keycloak takes with a user or a client, some of them after a while.

A `PUT` replaces everything. While somebody waits for a step, Keycloak refuses another `on` and
other steps, and takes new settings of those that are there. An answer has neither the switch of
a workflow that nobody switched, nor the order of several values of a setting.

Only who has the role `realm-admin` may see workflows: `manage-realm` is not enough.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from kcplan import conversion
from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, error
from kcplan.offered import Listed
from kcplan.resource import Resource, TypeSpec
from kcplan.secret import is_withheld, reveal
from kcplan.shapes import BOOLEAN, INTEGER, STRING, ListOf, Object, Scalar
from kcplan.snapshot import LiveObject, PassedOver
from kcplan_keycloak.bodies import Body
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.resource_type import Reading, Writing
from kcplan_keycloak.rest import RestType
from kcplan_keycloak.server_info import WORKFLOW_CONDITION, WORKFLOW_EVENT, WORKFLOW_STEP

_SETTINGS: Final = "with"
_OF_STEP: Final = ("uses", "after", _SETTINGS)
_SEEN_OF_STEP: Final = frozenset({"id", "priority", "scheduled-at", "status"})
"""What an answer may say of a step, and nobody configures."""


def _as_kept(step: Any) -> Any:
    """A step as Keycloak keeps it: without what is empty, and its settings as texts."""
    if not isinstance(step, Mapping):
        return step
    kept = {key: value for key, value in step.items() if key not in _SEEN_OF_STEP}
    if "after" in kept:
        kept["after"] = conversion.text(kept["after"])
    settings = kept.get(_SETTINGS)
    if isinstance(settings, Mapping):
        found = {key: _setting(value) for key, value in settings.items()}
        kept[_SETTINGS] = {key: value for key, value in found.items() if value is not None}
    return {key: value for key, value in kept.items() if value not in (None, "", {})}


def _setting(value: Any) -> Any:
    """A value of a setting: a text, or where there are several a list, whose order is lost."""
    if not isinstance(value, list):
        return conversion.text(value)
    items = [conversion.text(item) for item in value]
    if len(items) > 1:
        return sorted(items, key=_in_clear)
    return items[0] if items else None


def _in_clear(item: Any) -> str:
    """What orders values. All secrets have one text, so it takes what is in them."""
    return str(item if is_withheld(item) else reveal(item))


@frozen
class _Step(Scalar):
    """A step, which comes and goes as a whole."""


_STEP: Final = _Step("a table", (dict,), _as_kept)


def _steps(resource: Resource) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The steps by their number, from 1."""
    found = resource.leaves.get(("steps",))
    for number, step in enumerate(found if isinstance(found, list) else (), 1):
        if isinstance(step, Mapping):
            yield number, step


def _check(workflow: Resource) -> Iterator[Diagnostic]:
    """Steps that Keycloak refuses, or takes for something else."""
    for number, step in _steps(workflow):
        which = f"step {number} of {workflow.address}"
        if not isinstance(step.get("uses"), str):
            yield _wrong(f"{which} does not say what it does", "Say it in `uses`.")
        if not isinstance(step.get(_SETTINGS, {}), Mapping):
            yield _wrong(f"`with` of {which} must be a table", "It has the step's settings.")
        for key in step.keys() - set(_OF_STEP):
            yield _wrong(
                f"{which} has the unknown field `{key}`",
                "A step has `uses`, `after` and `with`. Settings belong into `with`.",
            )


def _wrong(summary: str, detail: str) -> Diagnostic:
    return error("wrong-step", summary, detail, path=("steps",))


def _uses(steps: Any) -> Iterable[str]:
    """What the steps of a workflow use."""
    tables = steps if isinstance(steps, list) else ()
    found = (step.get("uses") for step in tables if isinstance(step, Mapping))
    return (name for name in found if isinstance(name, str))


_TOKEN: Final = re.compile(r"'[^']*'|\"[^\"]*\"|[A-Za-z][\w-]*\(?|[()]")
_BETWEEN: Final = frozenset({"and", "not", "or"})


def _called(expression: Any) -> Iterator[str]:
    """The events or conditions that an expression names, as Keycloak lists them."""
    depth = 0
    for token in _TOKEN.findall(expression) if isinstance(expression, str) else ():
        name = token.rstrip("(")
        if depth or not name[:1].isalpha():
            # Within the brackets after a name stands what it is asked about.
            inside = depth and token[:1] not in "'\""
            depth += (token.count("(") - token.count(")")) if inside else 0
        elif name.lower() not in _BETWEEN:
            depth = token.count("(")
            yield name.lower().replace("_", "-")


SPEC: Final = TypeSpec(
    name="workflow",
    pattern="REALM/workflows/NAME",
    rank=100,
    where="workflows[name]",
    told_at=None,
    schema=Object(
        {
            "enabled": BOOLEAN,
            "on": STRING,
            "if": STRING,
            "schedule": Object({"after": STRING, "batch-size": INTEGER}),
            "concurrency": Object({"cancel-in-progress": STRING, "restart-in-progress": STRING}),
            "steps": ListOf(_STEP, ordered=True),
        }
    ),
    key=("name",),
    # What it supports follows from its steps, and Keycloak says it nowhere.
    ignored=(("id",), ("state",), ("supports",), ("with",)),
    listed=(
        Listed(("steps",), WORKFLOW_STEP, names=_uses),
        Listed(("on",), WORKFLOW_EVENT, names=_called),
        Listed(("if",), WORKFLOW_CONDITION, names=_called),
    ),
    feature="WORKFLOWS",
    # In 26.4 they were an experiment, and had another form.
    lacked={("steps",): (26, 4)},
    seen_by="realm-admin",
    chooses_id=True,
    check=_check,
    defaults=lambda _: {("enabled",): True},
    lossy_delete=("users and clients who wait for its next step no longer wait",),
)


def _to_server(_: Writing, body: Body) -> Body:
    """A workflow that is on says nothing of it, as one that nobody ever switched."""
    return {key: value for key, value in body.items() if (key, value) != ("enabled", True)}


class WorkflowType(RestType):
    """Workflows, which not everybody sees who may see the rest of a realm."""

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The workflows; where the account may not see them, that is remembered."""
        try:
            return super().read(reading)
        except ForbiddenError:
            unseen = [] if reading.everything else [*reading.wanted]
            if reading.everything or reading.unmanaged:
                unseen.append(Address.of(reading.realm).child(self.at.path))
            reading.passed_over.update(dict.fromkeys(unseen, PassedOver.BARRED))
            return ()


TYPES: Final = (
    WorkflowType(
        spec=SPEC,
        at=Collection(
            path="workflows",
            single="{path}?search={name}&exact=true",
            page=100,
            located=True,
        ),
        absent={"enabled": True},
        to_server=_to_server,
    ),
)
