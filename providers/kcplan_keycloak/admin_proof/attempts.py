"""What is tried to prove admin permissions, and what must be refused."""

from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum

from attrs import evolve

from kcplan.classes import frozen
from kcplan_keycloak.admin_proof.calls import CALLS, Found
from kcplan_keycloak.admin_proof.conditions import (
    Hours,
    Literal,
    Subject,
    TooManyWaysError,
    Trait,
    ways,
)
from kcplan_keycloak.admin_proof.deciding import Rules, Target
from kcplan_keycloak.admin_proof.declaration import Permission
from kcplan_keycloak.admin_proof.words import provisos

Traits = frozenset[Trait]
"""What a caller has; the empty set is somebody whom no policy names."""

Place = tuple[str, str | None]
"""The type and the name of an object; None for one that no permission names."""


class Reason(StrEnum):
    """Why something is tried."""

    DECLARED = "declared"
    CALLER = "other-caller"
    OBJECT = "other-object"
    SCOPE = "other-scope"
    TIME = "other-time"


@frozen
class Attempt:
    """One request that is tried.

    Attributes:
        permission: What declares it, or what it is a neighbour of.
        caller: Who tries it.
        name: The name of the object; None for one that no permission names.
        scope: What is done.
        reason: Why it is tried. Only what is declared must be allowed.
        unproven: Why it cannot be tried.
    """

    permission: Permission
    caller: Traits
    name: str | None
    scope: str
    reason: Reason = Reason.DECLARED
    unproven: str = ""

    @property
    def place(self) -> Place:
        """The object."""
        return self.permission.resource_type, self.name


def cast(permission: Permission) -> Iterator[Traits]:
    """Who is needed to try a permission: who meets its policies, and who almost does."""
    for way in _ways(permission):
        traits = _held(way)
        yield traits
        if len(traits) > 1:
            yield from (traits - {trait} for trait in sorted(traits, key=str))
        for item in sorted(way, key=str):
            if not item.holds and isinstance(item.leaf, Trait):
                yield traits | {item.leaf}
    yield frozenset()


def _ways(permission: Permission) -> list[frozenset[Literal]]:
    try:
        return ways(permission.condition)
    except TooManyWaysError:
        return []


def _held(way: Iterable[Literal]) -> Traits:
    return frozenset(i.leaf for i in way if i.holds and isinstance(i.leaf, Trait))


@frozen
class Scene:
    """All that is known when attempts are chosen.

    Attributes:
        rules: The permissions, at the time of the server.
        callers: Who can call, or why they cannot.
        objects: What can be called for, or why it cannot.
    """

    rules: Rules
    callers: Mapping[Traits, Subject | str]
    objects: Mapping[Place, Found | str]

    def target(self, place: Place) -> Target:
        """An object, as the rules know it."""
        found = self.objects[place]
        groups = found.groups if isinstance(found, Found) else ()
        role = found.role if isinstance(found, Found) else None
        of_client = place[0] == "Roles" and bool(role and role.get("clientRole"))
        holder = place[1].partition("/")[0] if of_client and place[1] else None
        return Target(*place, groups=groups, holder=holder, of_client=of_client)

    def refused(self, caller: Traits, place: Place, scope: str) -> bool:
        """Whether it is certain that the permissions do not allow something."""
        subject = self.callers.get(caller)
        if not isinstance(subject, Subject) or not isinstance(self.objects[place], Found):
            return False
        apart = evolve(self.rules, blended=False)
        return apart.allowed(subject, self.target(place), scope) is False


def attempts(scene: Scene) -> list[Attempt]:
    """Everything that is tried, permission by permission, each request once."""
    todo = [a for p in scene.rules.permissions for a in _of_permission(scene, p)]
    found: dict[tuple[Traits, Place, str, bool], Attempt] = {}
    for attempt in todo:
        declared = attempt.reason is Reason.DECLARED
        found.setdefault((attempt.caller, attempt.place, attempt.scope, declared), attempt)
    return list(found.values())


def _of_permission(scene: Scene, permission: Permission) -> Iterator[Attempt]:
    playing: list[Traits] = []
    known: list[frozenset[Literal] | None] = [*_ways(permission)]
    for way in known or [None]:
        caller = _held(way or ())
        problem = _problem(scene, way)
        for name in permission.resources or (None,):
            missing = scene.objects[permission.resource_type, name]
            words = problem or (missing if isinstance(missing, str) else "")
            for scope in permission.scopes:
                yield Attempt(permission, caller, name, scope, unproven=words)
        if not problem:
            playing.append(caller)
        elif way is not None and _closed(scene, way):
            yield from _refusals(scene, permission, caller, Reason.TIME)
    yield from _other_callers(scene, permission)
    for caller in playing[:1]:
        yield from _neighbours(scene, permission, caller)


def _problem(scene: Scene, way: frozenset[Literal] | None) -> str:
    """Why nobody can be shown to be let in this way; empty where somebody can."""
    if way is None:
        return "There is nobody to try it: its policies let nobody in, or in too many ways."
    subject = scene.callers[_held(way)]
    if isinstance(subject, str):
        return subject
    now = scene.rules.now
    if _closed(scene, way):
        return (
            f"It is the wrong time: allowed {provisos(way)}, and the server's clock says "
            f"{now:%Y-%m-%d %H:%M}. Verify again at such a time."
        )
    unknown = sorted(str(i.leaf) for i in way if i.leaf.met(subject, now) is None)
    if unknown:
        return f"Allowed only {unknown[0]}, which kcplan cannot tell. Try it by hand."
    return ""


def _closed(scene: Scene, way: Iterable[Literal]) -> bool:
    """Whether it is not the time for a way to meet policies."""
    times = [item for item in way if isinstance(item.leaf, Hours)]
    return any(item.met(Subject(), scene.rules.now) is False for item in times)


def _refusals(
    scene: Scene, permission: Permission, caller: Traits, reason: Reason
) -> Iterator[Attempt]:
    """What a caller must be refused of all that the permission allows others."""
    for name in (permission.resources or (None,))[:1]:
        for scope in permission.scopes:
            if scene.refused(caller, (permission.resource_type, name), scope):
                yield Attempt(permission, caller, name, scope, reason)


def _other_callers(scene: Scene, permission: Permission) -> Iterator[Attempt]:
    """Somebody whom the policies do not let in, whatever the time, must be refused."""
    timeless = evolve(scene, rules=evolve(scene.rules, now=None))
    own = [traits for traits in cast(permission) if traits]
    for caller in dict.fromkeys((*own, frozenset(), *scene.callers)):
        subject = scene.callers[caller]
        if isinstance(subject, str) or permission.condition.met(subject, None) is not False:
            continue
        found = list(_refusals(timeless, permission, caller, Reason.CALLER))
        if found:
            yield from found
            return
    yield Attempt(
        permission,
        frozenset(),
        permission.resources[0] if permission.resources else None,
        permission.scopes[0] if permission.scopes else "",
        Reason.CALLER,
        "kcplan found nobody whom the permissions of this realm keep from it.",
    )


def _neighbours(scene: Scene, permission: Permission, caller: Traits) -> Iterator[Attempt]:
    """An object and scopes that the permission does not name, for somebody whom it lets in."""
    kind = permission.resource_type
    if permission.resources:
        for scope in permission.scopes:
            if scene.refused(caller, (kind, None), scope):
                yield Attempt(permission, caller, None, scope, Reason.OBJECT)
    name = permission.resources[0] if permission.resources else None
    for scope in CALLS.get(kind, {}):
        if scope not in permission.scopes and scene.refused(caller, (kind, name), scope):
            yield Attempt(permission, caller, name, scope, Reason.SCOPE)
