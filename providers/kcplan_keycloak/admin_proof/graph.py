"""Who may do what to whom: the admin permissions of the files as a diagram."""

from collections.abc import Iterable, Iterator

from attrs import evolve

from kcplan.classes import frozen
from kcplan.render.diagram import Diagram, Edge
from kcplan_keycloak.admin_proof.conditions import (
    Literal,
    TooManyWaysError,
    subject_of,
    ways,
)
from kcplan_keycloak.admin_proof.deciding import Rules, Target
from kcplan_keycloak.admin_proof.declaration import Permission
from kcplan_keycloak.admin_proof.words import callers, object_words, provisos


@frozen
class _Arrow:
    """That somebody may do something to an object.

    Attributes:
        who: The callers, in words.
        proviso: What else must be so.
        what: The object, in words.
        scopes: What may be done.
        shut_out: Whether another permission keeps these callers from it.
    """

    who: str
    proviso: str
    what: str
    scopes: tuple[str, ...]
    shut_out: bool


def diagram(permissions: Iterable[Permission]) -> Diagram:
    """The admin permissions of all realms, from the callers to the objects."""
    known = tuple(permissions)
    realms = sorted({permission.realm for permission in known})
    nodes: dict[str, str] = {}
    edges: list[Edge] = []
    for realm in realms:
        prefix = f"{realm}/" if len(realms) > 1 else ""
        for arrow in _merged(_arrows([p for p in known if p.realm == realm])):
            start, end = f"who: {prefix}{arrow.who}", f"what: {prefix}{arrow.what}"
            nodes |= {start: f"{prefix}{arrow.who}", end: f"{prefix}{arrow.what}"}
            label = ", ".join(arrow.scopes)
            label += f" ({arrow.proviso})" if arrow.proviso else ""
            edges.append(Edge(start, end, label, stands_out=arrow.shut_out))
    title = f"Admin permissions in {realms[0]}" if len(realms) == 1 else "Admin permissions"
    return Diagram(title, nodes, edges, _legend(edges))


def _legend(edges: Iterable[Edge]) -> tuple[str, ...]:
    lines = ["An arrow points from who may do something to the objects, with the scopes."]
    if any(edge.stands_out for edge in edges):
        lines.append(
            "Arrows that stand out are not enough: Keycloak also asks another permission for these "
            "objects, which does not let the caller in, or the scope has no effect without `view`."
        )
    return tuple(lines)


def _arrows(permissions: Iterable[Permission]) -> Iterator[_Arrow]:
    known = tuple(permissions)
    rules = Rules(known)
    for permission in known:
        for way in _ways(permission):
            for name in permission.resources or (None,):
                target = Target(permission.resource_type, name)
                yield from _from_way(rules, permission, way, target)


def _from_way(
    rules: Rules, permission: Permission, way: frozenset[Literal] | None, target: Target
) -> Iterator[_Arrow]:
    """One arrow for what is allowed, and one for what others forbid."""
    what = object_words(target.resource_type, target.name)
    if way is None:
        yield _Arrow(f"who meets {permission.name}", "", what, permission.scopes, shut_out=False)
        return
    caller = subject_of(way)
    shut = tuple(s for s in permission.scopes if rules.allowed(caller, target, s) is False)
    free = tuple(s for s in permission.scopes if s not in shut)
    for scopes in filter(None, (free, shut)):
        yield _Arrow(callers(way), provisos(way), what, scopes, shut_out=scopes is shut)


def _ways(permission: Permission) -> list[frozenset[Literal]] | list[None]:
    """The ways to meet its policies; None where there are too many to draw."""
    try:
        return ways(permission.condition)
    except TooManyWaysError:
        return [None]


def _merged(arrows: Iterable[_Arrow]) -> list[_Arrow]:
    """Arrows between the same boxes under the same proviso as one."""
    found: dict[tuple[str, str, str, bool], _Arrow] = {}
    for arrow in arrows:
        key = (arrow.who, arrow.proviso, arrow.what, arrow.shut_out)
        earlier = found.get(key)
        scopes = (*earlier.scopes, *arrow.scopes) if earlier else arrow.scopes
        found[key] = evolve(arrow, scopes=tuple(dict.fromkeys(scopes)))
    return list(found.values())
