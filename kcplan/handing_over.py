"""What one object gives up and another of its type takes, in one plan: it is given up first. Pure.

An organization's domain is an example: Keycloak refuses it to a second one. Where an object gives
up one thing and takes another, the two are written apart, as two objects may swap.
"""

from collections.abc import Iterator, Mapping

from attrs import evolve

from kcplan.diagnostics import Path
from kcplan.path_patterns import Pattern
from kcplan.plan import Operation, Step
from kcplan.resource import Registry

_Sole = tuple[str, str, Path]
"""The type, the realm, and the entry that only one object of the type in the realm can have."""


def given_up_first(steps: Mapping[str, Step], registry: Registry) -> dict[str, Step]:
    """The steps, where what takes such an entry waits for what gives it up."""
    result = dict(steps)
    takers = [(key, step.id) for step in steps.values() for key in _taken(step, registry)]
    wanted = {key for key, _ in takers}
    givers: dict[_Sole, str] = {}
    for step in steps.values():
        if given := {key: path for key, path in _given(step, registry) if key in wanted}:
            giver = _apart(result, step, set(given.values()))
            givers |= dict.fromkeys(given, giver)
    for key, taker in takers:
        if key in givers and result[givers[key]].address != result[taker].address:
            step = result[taker]
            result[taker] = evolve(step, needs=tuple(sorted({*step.needs, givers[key]})))
    return result


def _apart(result: dict[str, Step], step: Step, paths: set[Path]) -> str:
    """Have these fields written by a step of their own, if the step writes others; gives its id."""
    rest = {path: value for path, value in step.after.items() if path not in paths}
    if step.operation is Operation.DELETE or not rest:
        return step.id
    own = evolve(
        step,
        id=f"{step.id} (given up)",
        before={path: value for path, value in step.before.items() if path in paths},
        after=dict.fromkeys(paths),
    )
    before = {path: value for path, value in step.before.items() if path not in paths}
    needs = tuple(sorted({*step.needs, own.id}))
    result[own.id] = own
    result[step.id] = evolve(step, before=before, after=rest, needs=needs)
    return own.id


def _taken(step: Step, registry: Registry) -> Iterator[_Sole]:
    """The entries that an object gets."""
    if step.operation is not Operation.DELETE:
        for path, value in step.after.items():
            if value is not None and step.before.get(path) is None:
                yield from _sole(step, path, registry)


def _given(step: Step, registry: Registry) -> Iterator[tuple[_Sole, Path]]:
    """The entries that an object loses, each with the field that says so."""
    goes = step.operation is Operation.DELETE
    leaves = step.before if goes else {p: v for p, v in step.after.items() if v is None}
    for path in leaves:
        for key in _sole(step, path, registry):
            if goes or path == key[2]:
                yield key, path


def _sole(step: Step, path: Path, registry: Registry) -> Iterator[_Sole]:
    for pattern in registry[step.type].sole:
        if len(path) >= len(pattern) and _fits(path, pattern):
            yield step.type, step.address.realm, path[: len(pattern)]


def _fits(path: Path, pattern: Pattern) -> bool:
    return all(want in ("*", part) for part, want in zip(path, pattern, strict=False))
