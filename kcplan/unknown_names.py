"""Names that the server does not have: said when planning, since it refuses few of them. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, Path, error, warning
from kcplan.offered import Fields, Listed, Offered, Seen
from kcplan.resource import Registry, Resource
from kcplan.schema import Leaves

CODE = "unknown-to-server"
_FEW = 20
"""So many names are listed in full."""

Before = Callable[[Address], Leaves | None]
"""The fields of the object that a resource describes as they are; None where it is made anew."""


@frozen
class _Finding:
    """Names in a field that the server does not have."""

    resource: Resource
    path: Path
    listed: Listed
    missing: tuple[str, ...]
    known: frozenset[str]
    group: str = ""


def unknown(
    resources: Iterable[Resource],
    registry: Registry,
    offered: Offered | None,
    before: Before,
    left_alone: Callable[[Address, Path], bool],
) -> Iterator[Diagnostic]:
    """Names that are declared and that the server does not have.

    Args:
        resources: What is planned.
        registry: The resource types.
        offered: What the server offers; None where nobody knows.
        before: Gives the fields of the objects as they are. A name that the server has kept so
            far is a warning.
        left_alone: Whether a field of an existing object is not written.
    """
    offered = offered or Offered()
    about = _named(offered)
    for item in _findings(resources, registry, offered):
        address = item.resource.address
        there = before(address)
        if there is not None and left_alone(address, item.path):
            continue
        kept = item.listed.names_at(item.path, there.get(item.path)) if there else ()
        news = tuple(name for name in item.missing if name not in kept)
        binds = news and item.listed.binding
        say = error if binds else warning
        detail = _advice(item) if news else f"Keycloak has kept it so far. {_advice(item)}"
        yield _said(say, item, news or item.missing, about, detail)


def unknown_offline(
    resources: Iterable[Resource], registry: Registry, seen: Seen | None
) -> Iterator[Diagnostic]:
    """Names that are declared and that the server did not have when it was asked last."""
    offered = Offered() if seen is None else seen.offered
    about = _named(offered)
    since = ""
    if seen is not None:
        since = f"As of {about} at {seen.url}, seen {seen.day}. `kcplan plan` asks it again. "
    for item in _findings(resources, registry, offered):
        yield _said(warning, item, item.missing, about, since + _advice(item))


def _named(offered: Offered) -> str:
    return f"Keycloak {offered.version}" if offered.version else "Keycloak"


def _findings(
    resources: Iterable[Resource], registry: Registry, offered: Offered
) -> Iterator[_Finding]:
    fields = {
        name: Fields(known)
        for name, spec in registry.items()
        if (known := [item for item in spec.listed if item.always or item.kind in offered.names])
    }
    for resource in resources:
        at = fields.get(resource.type)
        if at is None:
            continue
        for path, value in resource.leaves.items():
            listed = at.at(path) if path[0] in at.first else None
            if listed is not None:
                yield from _in_field(resource, path, listed, value, offered)


def _in_field(
    resource: Resource, path: Path, listed: Listed, value: Any, offered: Offered
) -> Iterator[_Finding]:
    says = (listed.of,) if listed.of else (*path[:-1], listed.beside)
    group = resource.leaves.get(says)
    known = listed.always or offered.of(listed.kind, group)
    if known is None:
        return
    missing = tuple(name for name in listed.names_at(path, value) if name not in known)
    if missing:
        found = isinstance(group, str) and group in offered.names.get(listed.kind, ())
        yield _Finding(resource, path, listed, missing, known, str(group) if found else "")


def _said(
    say: Callable[..., Diagnostic],
    item: _Finding,
    names: tuple[str, ...],
    about: str,
    detail: str,
) -> Diagnostic:
    kind = item.listed.kind if len(names) == 1 else _plural(item.listed.kind)
    group = f" for {item.group}" if item.group else ""
    return say(
        CODE,
        f"{about} has no {kind} {_listing(names, group, item.known)}",
        detail,
        address=item.resource.address,
        path=item.path,
        source=item.resource.source(item.path),
    )


def _plural(kind: str) -> str:
    return f"{kind[:-1]}ies" if kind.endswith("y") else f"{kind}s"


def _listing(names: tuple[str, ...], group: str, known: Iterable[str]) -> str:
    """The names, each with the one that was probably meant."""
    meant = {name: _closest(name, known) for name in names}
    if len(names) == 1:
        hint = f"; did you mean `{meant[names[0]]}`?" if meant[names[0]] else ""
        return f"`{names[0]}`{group}{hint}"
    hints = {name: f" (did you mean `{close}`?)" for name, close in meant.items() if close}
    return ", ".join(f"`{name}`{hints.get(name, '')}" for name in names) + group


def _closest(name: str, known: Iterable[str]) -> str | None:
    from difflib import get_close_matches

    lower: Mapping[str, str] = {item.lower(): item for item in sorted(known)}
    begun = [item for item in lower if item.startswith(name.lower())]
    close = get_close_matches(name.lower(), lower, n=1, cutoff=0.7) or begun
    return lower[close[0]] if close else None


def _advice(item: _Finding) -> str:
    names = ", ".join(sorted(item.known))
    if item.listed.always:
        return f"Correct the name. Keycloak would keep this one and never use it; it uses: {names}."
    advice = (
        "Correct the name. If an extension or a feature of the server brings it, install or enable "
        "that first."
    )
    return advice if len(item.known) > _FEW else f"{advice} The server has: {names}."
