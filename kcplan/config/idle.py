"""Fields that do nothing beside another one, as exports have them: left out, and said."""

from collections.abc import Iterator, Mapping
from itertools import groupby

from attrs import evolve

from kcplan.address import Address
from kcplan.diagnostics import Diagnostic, Source, by_place
from kcplan.resource import Idle, Registry, Resource
from kcplan.schema import dotted

_SHOWN = 10
"""How many findings of one kind are listed."""


def without_idle(
    resources: Mapping[Address, Resource], registry: Registry, findings: list[Diagnostic]
) -> dict[Address, Resource]:
    """The resources without fields that do nothing. One finding for each kind is added."""
    result = dict(resources)
    found: list[tuple[Idle, Diagnostic]] = []
    for address, resource in resources.items():
        for idle in registry[resource.type].idle(resource):
            found.append((idle, _finding(idle, resource)))
            kept = {p: v for p, v in result[address].leaves.items() if p != idle.path}
            result[address] = evolve(result[address], leaves=kept)
    findings.extend(_joined(found))
    return result


def _finding(idle: Idle, resource: Resource) -> Diagnostic:
    return Diagnostic(
        idle.severity,
        idle.code,
        idle.summary,
        idle.detail,
        resource.address,
        idle.path,
        resource.source(idle.path),
    )


def _joined(found: list[tuple[Idle, Diagnostic]]) -> Iterator[Diagnostic]:
    """One note for each code and file."""
    in_order = sorted(found, key=lambda item: (item[0].code, by_place(item[1])))
    for (code, file), group in groupby(in_order, lambda i: (i[0].code, by_place(i[1])[0])):
        items = [*group]
        idle, first = items[0]
        if len(items) == 1:
            yield first
            continue
        shown = [
            f"  {item.source}: {item.address}, {dotted(item.path)}" for _, item in items[:_SHOWN]
        ]
        more = [f"  and {len(items) - _SHOWN} more"] if len(items) > _SHOWN else []
        detail = "\n".join([idle.detail, "", *shown, *more])
        summary = f"{len(items)} {idle.several}"
        yield Diagnostic(idle.severity, code, summary, detail, source=Source(file))
