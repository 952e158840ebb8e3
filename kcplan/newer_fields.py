"""Fields and types that the server is too old for: said when planning, since it refuses them. Pure.

It would refuse the whole request, in the middle of an apply. Not every account is told the version:
then a field counts that newer servers always give, and that is missing in what is there.
"""

from collections.abc import Iterable, Iterator

from kcplan.diagnostics import Diagnostic, Path, error
from kcplan.diff import is_off
from kcplan.inputs import Context
from kcplan.path_patterns import Pattern, path_matches
from kcplan.plan import ResourceChange
from kcplan.resource import (
    Resource,
    TypeSpec,
)
from kcplan.schema import dotted
from kcplan.snapshot import LiveObject
from kcplan.versions import numbers, tells


def check(context: Context, changes: Iterable[ResourceChange]) -> Iterator[Diagnostic]:
    """Fields that the plan would write, and objects, that the server does not know yet."""
    version = context.server_version
    strange: dict[str, list[Resource]] = {}
    for change in changes:
        spec = context.spec(change.type)
        desired = context.inputs.config.resources.get(change.address)
        if not spec.lacked or desired is None:
            continue
        missing = unknown(spec, version, context.live.objects.get(change.address))
        if () in missing:
            strange.setdefault(spec.name, []).append(desired)
            continue
        written = (item.path for item in change.changes if item.after is not None)
        if paths := [path for path in written if path_matches(path, missing)]:
            yield _refused(desired, version, paths)
    for name, resources in strange.items():
        yield _without(name, version, resources)


def unknown(spec: TypeSpec, version: str | None, live: LiveObject | None) -> tuple[Pattern, ...]:
    """The fields that the server does not know, as far as that can be told.

    Args:
        spec: The type.
        version: The server's version; None where nobody tells it.
        live: The object as it is there; None where there is none.
    """
    this = numbers(version)[:2] if tells(version) else _newest(spec, live)
    return tuple(p for p, last in spec.lacked.items() if this is not None and this <= last)


def _newest(spec: TypeSpec, live: LiveObject | None) -> tuple[int, ...] | None:
    """The newest version that gives such an object; None for any."""
    if live is None:
        return None
    # A switch that is off may be missing in any version.
    given = {path for path, value in spec.defaults(live.leaves).items() if not is_off(value)}
    missing = spec.lacked.keys() & given - live.leaves.keys()
    return min((spec.lacked[path] for path in missing), default=None)


def _without(name: str, version: str | None, resources: list[Resource]) -> Diagnostic:
    first, *others = resources
    more = f" and {len(others)} more" if others else ""
    it = "them" if others else "it"
    return error(
        "field-of-newer-version",
        f"Keycloak {version} has no {name}, and the files declare {first.address}{more}",
        f"Remove {it}, or upgrade the server first.",
        address=first.address,
        source=first.source(),
    )


def _refused(desired: Resource, version: str | None, paths: list[Path]) -> Diagnostic:
    names = ", ".join(map(dotted, paths))
    it = "it" if len(paths) == 1 else "them"
    this = f"Keycloak {version}" if version else "this version of Keycloak"
    return error(
        "field-of-newer-version",
        f"{this} does not know {names} of {desired.address}",
        f"It refuses the whole request. Remove {it}, or upgrade the server first.",
        address=desired.address,
        path=paths[0],
        source=desired.source(paths[0]),
    )
