"""What the admin permissions of a realm do to each other: all of them that count must agree."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.resource import Resource, TypeSpec
from kcplan.risk import Level
from kcplan.risk_rules import Found, RiskRule, Subject, World
from kcplan.schema import Leaves
from kcplan_keycloak.resources.admin_permission import SPEC as PERMISSION
from kcplan_keycloak.resources.admin_policy import SPEC as POLICY
from kcplan_keycloak.risks.admin_permissions import asking

if TYPE_CHECKING:
    # Imported where a plan changes permissions: few do.
    from kcplan_keycloak.admin_proof.consequences import Clash, Opening
    from kcplan_keycloak.admin_proof.deciding import Rules


@frozen
class _Together:
    """What changes between the permissions of a realm.

    Attributes:
        changed: The permissions that the plan changes, by name.
        permitting: Who is kept out who was not before, by the permission that lets them in.
        refusing: The same by the permission that does not.
        openings: Who gets in since a permission counts no longer.
    """

    changed: frozenset[str]
    permitting: "Mapping[str, list[Clash]]"
    refusing: "Mapping[str, list[Clash]]"
    openings: "tuple[Opening, ...]"


def _together(subject: Subject) -> _Together:
    realm, world = subject.address.realm, subject.world
    return world.once(("admin permissions", realm), lambda: _compared(world, realm))


def _compared(world: World, realm: str) -> _Together:
    from kcplan_keycloak.admin_proof.consequences import clashes, openings

    known = {
        address: spec
        for address in dict.fromkeys((*world.live, *world.changes))
        if address.realm == realm and (spec := _spec(address)) is not None
    }
    before = _rules(known, {a: world.before(a) for a in known})
    after = _rules(known, {a: world.after(a) for a in known})
    old = frozenset(clashes(before))
    permitting: dict[str, list[Clash]] = {}
    refusing: dict[str, list[Clash]] = {}
    for item in dict.fromkeys(clashes(after)):
        if item not in old:
            permitting.setdefault(item.permits, []).append(item)
            refusing.setdefault(item.refuses, []).append(item)
    return _Together(
        frozenset(a.name for a in known if PERMISSION.fits(a) and a in world.changes),
        permitting,
        refusing,
        tuple(dict.fromkeys(openings(before, after))),
    )


def _spec(address: Address) -> TypeSpec | None:
    return next((spec for spec in (PERMISSION, POLICY) if spec.fits(address)), None)


def _rules(known: Mapping[Address, TypeSpec], leaves: Mapping[Address, Leaves]) -> "Rules":
    from kcplan_keycloak.admin_proof.deciding import Rules
    from kcplan_keycloak.admin_proof.declaration import permissions_of

    found = {
        address: Resource(address, spec.name, present)
        for address, spec in known.items()
        if (present := _present(leaves[address]))
    }
    return Rules(permissions_of(found))


def _present(leaves: Leaves) -> Leaves:
    """The fields without those that go, and what lies in them."""
    gone = {path for path, value in leaves.items() if value is None}
    return {
        path: value
        for path, value in leaves.items()
        if not any(path[:size] in gone for size in range(1, len(path) + 1))
    }


# -- what is said ---------------------------------------------------------------------------------


def _shuts_out(subject: Subject) -> Iterator[Found]:
    """Each clash once: where its permission changes, or the other one, or a policy of that."""
    together, name = _together(subject), subject.address.name
    if POLICY.fits(subject.address):
        yield from _by_policy(subject, together)
        return
    for clashes_of, what in _merged(together.permitting.get(name, ())):
        others = sorted({clash.refuses for clash in clashes_of})
        verb = "must let it in as well"
        who = clashes_of[0].who
        yield ("policies",), f"{who} gets no {what}: {_permissions(others)} {verb}"
    found = together.refusing.get(name, ())
    yield from _kept([c for c in found if c.permits not in together.changed], "it", "policies")


def _by_policy(subject: Subject, together: _Together) -> Iterator[Found]:
    """The clashes between permissions that stay as they are."""
    if not together.refusing or subject.is_new:
        return
    for name in sorted(address.name for address in asking(subject.world, subject.address)):
        found = () if name in together.changed else together.refusing.get(name, ())
        refused = [clash for clash in found if clash.permits not in together.changed]
        yield from _kept(refused, f"the admin permission {name}", "config")


def _kept(found: "Iterable[Clash]", who: str, field: str) -> Iterator[Found]:
    for items, what in _merged(found):
        permits = _permissions(sorted({clash.permits for clash in items}))
        yield (field,), f"{who} keeps {items[0].who} from {what}, in spite of {permits}"


def _permissions(names: Sequence[str]) -> str:
    return f"the admin permission{'s' if len(names) > 1 else ''} {_listed(names)}"


def _listed(words: Sequence[str]) -> str:
    """The words, but no more than somebody reads."""
    more = len(words) - _SHOWN
    return f"{', '.join(words[:_SHOWN])} and {more} more" if more > 0 else ", ".join(words)


_SHOWN: Final = 5


def _merged(found: "Iterable[Clash]") -> "Iterator[tuple[list[Clash], str]]":
    """Clashes of the same callers, each with the words for what they may not do."""
    by_object: dict[tuple[str, str], list[Clash]] = {}
    for item in found:
        by_object.setdefault((item.who, item.what), []).append(item)
    alike: dict[tuple[str, str], list[Clash]] = {}
    for (who, _), items in by_object.items():
        scopes = ", ".join(dict.fromkeys(item.scope for item in items))
        alike.setdefault((who, scopes), []).extend(items)
    for (_, scopes), items in alike.items():
        yield items, f"{scopes} of {_listed(list(dict.fromkeys(item.what for item in items)))}"


def _opens(subject: Subject) -> Iterator[Found]:
    """Whom a permission kept out that goes, or is for less than before."""
    groups: dict[tuple[str, str, tuple[str, ...]], list[str]] = {}
    for item in _together(subject).openings:
        if item.refused == subject.address.name:
            groups.setdefault((item.who, item.what, item.permits), []).append(item.scope)
    path: Path = () if subject.is_deleted else ("scopes",)
    for (who, what, permits), scopes in groups.items():
        listed = ", ".join(dict.fromkeys(scopes))
        verb = "permit" if len(permits) > 1 else "permits"
        limits = f"it no longer limits {listed} of {what} for {who}"
        yield path, f"{limits}, which {_permissions(permits)} {verb}"


RULES: Final = (
    RiskRule(
        code="admin-permissions-shut-out",
        level=Level.CAUTION,
        on=(PERMISSION, POLICY),
        title="An admin permission keeps out whom another one lets in",
        meaning="Two admin permissions are for the same objects, and one of them does not let in "
        "whom the other one is about. Only what the plan knows is compared: permissions of the "
        "files, and those that kcplan manages.",
        why="All permissions that count for an object and a scope must let a caller in. With one "
        "for `support` and one for `sales`, only those who are both get in. Of permissions for all "
        "objects of a type, those for other scopes count too (Keycloak's issue 50740).",
        fix="Make one permission of them, with an aggregate policy that lets in whoever meets one "
        "of its policies. Where the scopes differ, name the objects in `resources`. If the second "
        "permission is meant to keep others out, silence the rule for it, with a reason. `kcplan "
        "graph --admin` shows such permissions.",
        find=_shuts_out,
    ),
    RiskRule(
        code="admin-permission-opens",
        level=Level.DANGER,
        on=(PERMISSION,),
        title="Removing an admin permission lets administrators in",
        meaning="An admin permission is deleted, or is for fewer objects or scopes, and what is "
        "left lets in somebody whom it kept out. Only what the plan knows is compared: permissions "
        "of the files, and those that kcplan manages.",
        why="All permissions that count must let a caller in, and one that names an object counts "
        "in the place of those for all objects. So taking a permission away may permit what nobody "
        "wrote down.",
        fix="Look at who gets in. To keep them out, narrow the policies of the permissions that "
        "the risk names in the same change.",
        find=_opens,
    ),
)
"""What permissions do to each other."""
