"""Plans of kcplan 0.1.0, with their fields as today's types have them. Pure.

A plan outlives its kcplan: it was saved, or its apply was killed and is recovered by a newer one.
What was one whole value then, such as a realm's client profiles, is named entries now, a leaf for
each field.
"""

from collections.abc import Mapping
from typing import Any

from attrs import evolve

from kcplan.diagnostics import Path
from kcplan.plan import Plan, ResourceChange, Step
from kcplan.resource import Registry, TypeSpec
from kcplan.schema import Leaves, flatten
from kcplan.shapes import MapOf, Named, Object, entry_of, is_entry, shape_at


def opened(plan: Plan, registry: Registry) -> Plan:
    """The plan with no whole values where its types have fields."""

    def change_opened(change: ResourceChange) -> ResourceChange:
        entry = change.entry
        if entry is None:
            return change
        spec = registry[entry.type]
        managed, observed = _opened(spec, entry.managed), _opened(spec, entry.observed)
        return evolve(change, entry=evolve(entry, managed=managed, observed=observed))

    return evolve(
        plan,
        changes=tuple(map(change_opened, plan.changes)),
        steps=tuple(step_opened(step, registry) for step in plan.steps),
    )


def step_opened(step: Step, registry: Registry) -> Step:
    """The step with no whole values, before it and after it.

    A whole value had nothing else in it: what only one side has is absent on the other.
    """
    spec = registry[step.type]
    whole = [path for path in (*step.before, *step.after) if _is_whole(spec, path, step)]
    if not whole:
        return step
    before, after = _opened(spec, step.before), _opened(spec, step.after)
    return evolve(
        step,
        before={**before, **_missing(spec, after, before, whole)},
        after={**after, **_missing(spec, before, after, whole)},
    )


def _is_whole(spec: TypeSpec, path: Path, step: Step) -> bool:
    return any(_has_fields(spec, path, leaves.get(path)) for leaves in (step.before, step.after))


def _has_fields(spec: TypeSpec, path: Path, value: Any) -> bool:
    """Whether a leaf is a value that the type has fields in.

    Entries, which come and go as a whole, are values at any time.
    """
    if is_entry(spec.schema, path):
        return False
    inner = isinstance(shape_at(spec.schema, path), Object | MapOf | Named)
    return inner and isinstance(value, Mapping) and bool(value)


def _opened(spec: TypeSpec, leaves: Leaves) -> Leaves:
    found: dict[Path, Any] = {}
    for path, value in leaves.items():
        if not _has_fields(spec, path, value):
            found[path] = value
            continue
        document = value
        for part in reversed(path):
            document = {part: document}
        found |= flatten(spec.schema, document)
    return found


def _missing(spec: TypeSpec, one: Leaves, other: Leaves, whole: list[Path]) -> dict[Path, None]:
    """The entries within these paths that one side has and the other has not."""

    def entries(leaves: Leaves) -> set[Path]:
        inside = (p for p in leaves if any(p[: len(w)] == w and p != w for w in whole))
        return {entry_of(spec.schema, p) for p in inside if leaves[p] != {}}

    return dict.fromkeys(sorted(entries(one) - entries(other)))
