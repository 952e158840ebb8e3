"""Who gets to do more with clients, groups, roles, users and organizations of a realm."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.resource import TypeSpec
from kcplan.risk import Level
from kcplan.risk_rules import Found, RiskRule, Subject, World
from kcplan.schema import Leaves
from kcplan_keycloak.resources.admin_permission import SPEC as PERMISSION
from kcplan_keycloak.resources.admin_policy import SPEC as POLICY

_HARMLESS: Final = frozenset({"view", "view-members"})
"""What lets nobody change anything. All other scopes lead to more."""

_RESOURCES: Final = "resources"
_TYPE: Final = ("resourceType",)


def _names(leaves: Leaves, field: str) -> frozenset[str]:
    value = leaves.get((field,))
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset()


def _objects(leaves: Leaves) -> frozenset[str] | None:
    """The objects that a permission is for; None where it is for all of its type."""
    value = leaves.get((_RESOURCES, str(leaves.get(_TYPE))))
    return frozenset(map(str, value)) if value and isinstance(value, list) else None


def _before(subject: Subject) -> Leaves:
    return {} if subject.is_new else subject.world.live.get(subject.address, {})


def _widened(subject: Subject) -> Iterator[tuple[Path, frozenset[str], str]]:
    """Each field of a permission that permits more: the scopes, and for what."""
    before, after = _before(subject), subject.world.after(subject.address)
    if not after or subject.is_deleted:
        return
    scopes = _names(after, "scopes")
    if before.get(_TYPE) != after.get(_TYPE):
        before = {}  # names of one type say nothing about those of another
    if not before:
        yield ("scopes",), scopes, _what(after, _objects(after))
        return
    if more := scopes - _names(before, "scopes"):
        yield ("scopes",), more, _what(after, _objects(after))
    had, has = _objects(before), _objects(after)
    if had is not None and (has is None or has - had):
        yield (_RESOURCES,), scopes, _what(after, None if has is None else has - had)
    asked, asks = _names(before, "policies"), _names(after, "policies")
    if lost := asked - asks:
        title = "without asking " + ", ".join(sorted(lost))
        yield ("policies",), scopes, f"{_what(after, has)}, {title}"
    elif asks and not asked:  # without any policy it permitted nothing
        yield ("policies",), scopes, f"{_what(after, has)} to whoever meets its policies"
    if before.get(("logic",)) != after.get(("logic",)):
        yield ("logic",), scopes, f"{_what(after, has)}, to others than before"


def _what(leaves: Leaves, objects: frozenset[str] | None) -> str:
    kind = str(leaves.get(_TYPE)).lower()
    return f"all {kind}" if objects is None else f"the {kind} {', '.join(sorted(objects))}"


def _permits(
    chosen: Callable[[Iterable[str]], list[str]],
) -> Callable[[Subject], Iterator[Found]]:
    def find(subject: Subject) -> Iterator[Found]:
        for path, scopes, what in _widened(subject):
            if found := chosen(scopes):
                yield path, f"it permits {', '.join(found)} for {what}"

    return find


def _strong(scopes: Iterable[str]) -> list[str]:
    return sorted(set(scopes) - _HARMLESS)


def _weak(scopes: Iterable[str]) -> list[str]:
    return [] if _strong(scopes) else sorted(scopes)


# -- policies -----------------------------------------------------------------------------------

_LISTS: Final = ("users", "clients")
_SWITCHED: Final = ("roles", "clientScopes")
"""What a policy may require of everybody."""
_TABLES: Final = (("groups", "path"), *((field, "id") for field in _SWITCHED))
_COMPARED: Final = frozenset({*_LISTS, "groups", *_SWITCHED, "applyPolicies"})
"""What of a `config` is compared by what it names."""
_OTHERS: Final = "is met by others"


def _lets_in(subject: Subject) -> Iterator[Found]:
    """What lets more administrators meet a policy that a permission asks."""
    permissions = sorted(asking(subject.world, subject.address))
    if subject.is_new or subject.is_deleted or not permissions:
        return
    whose = ", ".join(item.name for item in permissions)
    before, after = _before(subject), _left(subject.world.after(subject.address))
    for path, who in _more(before, after):
        yield path, f"{who}, for the admin permissions {whose}"


def _left(leaves: Leaves) -> Leaves:
    """The fields without those of an entry that goes: a plan says of it only that it goes."""
    gone = {path for path, value in leaves.items() if value is None}
    return {
        path: value
        for path, value in leaves.items()
        if not any(path[:size] in gone for size in range(1, len(path) + 1))
    }


def _more(before: Leaves, after: Leaves) -> Iterator[tuple[Path, str]]:
    if before.get(("type",), after.get(("type",))) != after.get(("type",)):
        yield ("type",), f"it {_OTHERS} than before"
        return
    if before.get(("logic",)) != after.get(("logic",)):
        yield ("logic",), "whoever did not meet it does now"
        return
    negative = after.get(("logic",)) == "NEGATIVE"
    old, new = (after, before) if negative else (before, after)
    verb = "no longer keeps out" if negative else "lets in"
    for field in _LISTS:
        path = ("config", field)
        had, has = (_list(leaves, path) for leaves in (old, new))
        if more := has - had:
            yield path, f"it {verb} {', '.join(sorted(more))}"
    yield from _more_of_tables(old, new, verb)
    yield from _of_others(before, after)


def _list(leaves: Leaves, path: Path) -> frozenset[str]:
    value = leaves.get(path)
    return frozenset(map(str, value)) if isinstance(value, list) else frozenset()


def _more_of_tables(old: Leaves, new: Leaves, verb: str) -> Iterator[tuple[Path, str]]:
    """Groups and roles that come in, and what of them counts for more people."""
    for field, key in _TABLES:
        had, has = _entries(old, field, key), _entries(new, field, key)
        if more := has - had:
            yield ("config", field), f"it {verb} {', '.join(sorted(more))}"
    for path, value in new.items():
        if path[:1] != ("config",) or path not in old or old[path] == value:
            continue
        if (path[-1], value) in (("extendChildren", True), ("required", False)):
            yield path, f"it {verb} more of {path[-2]}"
    for field in _SWITCHED:
        needed, left = _required(old, field), _entries(new, field, "id")
        if left and (lost := needed - left):
            yield ("config", field), f"it {verb} whoever lacks {', '.join(sorted(lost))}"


def _required(leaves: Leaves, field: str) -> frozenset[str]:
    wanted = ("config", field)
    return frozenset(
        str(path[2])
        for path, value in leaves.items()
        if path[:2] == wanted and path[-1] == "required" and value is True
    )


def _entries(leaves: Leaves, field: str, key: str) -> frozenset[str]:
    return frozenset(
        str(path[2])
        for path, value in leaves.items()
        if len(path) > len((field, key)) and path[1] == field and path[-1] == key and value
    )


def _of_others(before: Leaves, after: Leaves) -> Iterator[tuple[Path, str]]:
    """What an aggregate asks of other policies, what a time is, and what nothing else compares."""
    path = ("config", "applyPolicies")
    had, has = _list(before, path), _list(after, path)
    if had != has:
        yield path, "it asks other policies than before"
    elif before.get(("decisionStrategy",)) != after.get(("decisionStrategy",)) and has:
        yield ("decisionStrategy",), "it asks its policies in another way"
    if _config(before) != _config(after):
        is_time = after.get(("type",)) == "time"
        yield ("config",), f"it {'lets in at other times' if is_time else _OTHERS} than before"


def _config(leaves: Leaves) -> dict[Path, Any]:
    """The fields of a `config` that say who meets the policy and name no objects."""
    return {
        path: value
        for path, value in leaves.items()
        if value and path[0] == "config" and path[1:2] and path[1] not in _COMPARED
    }


def asking(world: World, policy: Address) -> set[Address]:
    """The permissions that ask a policy, by itself or through aggregates, as far as is known."""
    known = {
        address: world.after(address)
        for address in {*world.live, *world.changes}
        if _fits(address, PERMISSION, POLICY) and address.realm == policy.realm
    }
    asking, found = {policy.name}, set[Address]()
    more = True
    while more:
        aggregates = {
            address.name
            for address, leaves in known.items()
            if POLICY.fits(address) and asking & _list(leaves, ("config", "applyPolicies"))
        }
        more = not aggregates <= asking
        asking |= aggregates
    for address, leaves in known.items():
        if PERMISSION.fits(address) and asking & _names(leaves, "policies"):
            found.add(address)
    return found


def _fits(address: Address, *specs: TypeSpec) -> bool:
    return any(spec.fits(address) for spec in specs)


_FIX: Final = (
    "Permit single objects by `resources`, and only the scopes that are needed. Where it is as it "
    "should be, silence the rule for it, with a reason."
)

RULES: Final = (
    RiskRule(
        code="admin-permission-strong",
        level=Level.DANGER,
        on=(PERMISSION,),
        title="Administrators may change more, or act as others",
        meaning="An admin permission comes, or is for more objects, more scopes, or asks fewer "
        "policies, and one of its scopes is more than `view`.",
        why="Who may `impersonate` acts as another user. Who may `map-roles`, `map-role`, `manage` "
        "or `manage-membership` may often give roles or groups to himself, or set the password of "
        "somebody who has them with `reset-password`.",
        fix=_FIX,
        find=_permits(_strong),
    ),
    RiskRule(
        code="admin-permission-view",
        level=Level.CAUTION,
        on=(PERMISSION,),
        title="Administrators may see more",
        meaning="An admin permission comes, or is for more objects or asks fewer policies, and it "
        "permits nothing but to look.",
        why="Who may view users sees their names and addresses, who may view clients their "
        "secrets.",
        fix=_FIX,
        find=_permits(_weak),
    ),
    RiskRule(
        code="admin-policy-wider",
        level=Level.DANGER,
        on=(POLICY,),
        title="More administrators meet a policy",
        meaning="A policy that an admin permission asks lets in more roles, groups, users or "
        "clients, or is otherwise met by others than before.",
        why="They may at once do what the permission permits.",
        fix="Look at the permissions that the risk names: whoever comes in may do all of that.",
        find=_lets_in,
    ),
)
