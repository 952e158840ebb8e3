"""Who gets to administer a realm."""

from collections.abc import Iterator
from typing import Final

from kcplan import refs
from kcplan.address import Address
from kcplan.diagnostics import Path
from kcplan.plan import Action
from kcplan.resource import Resource
from kcplan.risk import Level
from kcplan.risk_rules import Found, RiskRule, Subject
from kcplan_keycloak.built_in import DEFAULT_ROLE, default_role, is_management
from kcplan_keycloak.resources.client_role import SPEC as CLIENT_ROLE
from kcplan_keycloak.resources.group import GROUP_PATH
from kcplan_keycloak.resources.group import SPEC as GROUP
from kcplan_keycloak.resources.identity_provider_mapper import SPEC as IDENTITY_PROVIDER_MAPPER
from kcplan_keycloak.resources.impersonation import SPEC as IMPERSONATION
from kcplan_keycloak.resources.organization_group import SPEC as ORGANIZATION_GROUP
from kcplan_keycloak.resources.realm import SPEC as REALM
from kcplan_keycloak.resources.role import SPEC as ROLE
from kcplan_keycloak.resources.service_account import SPEC as SERVICE_ACCOUNT
from kcplan_keycloak.resources.user import SPEC as USER

_OF_MASTER: Final = frozenset({"admin", "create-realm"})
_WHOLE: Final = frozenset({"realm-admin", "impersonation"})


def _default_role(subject: Subject) -> Address:
    realm = subject.address.realm
    named = subject.world.after(Address.of(realm)).get(DEFAULT_ROLE)
    return Address.of(realm, "roles", str(named or default_role(realm)))


def _administers(role: Address) -> bool:
    """Whether a role lets its holders change a realm, or be anybody in it."""
    match role.segments:
        case ("master", "roles", name):
            return name in _OF_MASTER
        case (realm, "clients", client, "roles", name) if is_management(realm, client):
            return name in _WHOLE or name.startswith("manage-")
    return False


def _gained(subject: Subject) -> Iterator[tuple[Path, Address, Address]]:
    """The field, the role that it names, and the role of administration that this gives."""
    if _administers(subject.address):
        return  # Its parts are less than itself.
    for path, role in subject.roles_gained():
        given = sorted(filter(_administers, subject.world.given_by(role)))
        if _administers(role):
            yield path, role, role
        elif given:
            yield path, role, given[0]


def _of_group(subject: Subject, group: Address) -> Iterator[tuple[Address, Address]]:
    """The roles of administration that a group gives, by itself or through those above it."""
    world = subject.world
    for holder in (group, *group.ancestors()):
        if GROUP.fits(holder):
            leaves = Resource(holder, GROUP.name, world.after(holder))
            for reference in refs.references(world.registry, leaves):
                for given in sorted(filter(_administers, world.given_by(reference.target))):
                    yield holder, given


def _through_groups(subject: Subject, field: str) -> Iterator[tuple[Path, str]]:
    """Groups that come into a list and give administration, each with what it gives."""
    for item in subject.changes((field,)):
        had = item.before if isinstance(item.before, list) else []
        for text in item.after if isinstance(item.after, list) else ():
            (group,) = GROUP_PATH.read(subject.address, str(text))
            found = next(_of_group(subject, group), None)
            if text not in had and found is not None:
                yield item.path, f"the role {found[1].name}, through the group {text}"


def _is_default_group(subject: Subject) -> bool:
    """Whether new users of the realm come into the group, or into one that lies in it."""
    realm = Address.of(subject.address.realm)
    names = subject.world.after(realm).get(("defaultGroups",)) or ()
    groups = (GROUP_PATH.read(realm, str(text))[0] for text in names)
    return any(group.within(subject.address) for group in groups)


def _words(role: Address, given: Address) -> str:
    title = f"the role {given.name}"
    return title if role == given else f"{title}, through the role {role.name}"


def _to_account(subject: Subject) -> Iterator[Found]:
    for path, role, given in _gained(subject):
        yield path, f"the service account gets {_words(role, given)}"
    for path, what in _through_groups(subject, "groups"):
        yield path, f"the service account gets {what}"


def _to_user(subject: Subject) -> Iterator[Found]:
    for path, role, given in _gained(subject):
        yield path, f"the user gets {_words(role, given)}"
    for path, what in _through_groups(subject, "groups"):
        yield path, f"the user gets {what}"


def _to_group(subject: Subject) -> Iterator[Found]:
    if not _is_default_group(subject):
        for path, role, given in _gained(subject):
            yield path, f"whoever is in the group gets {_words(role, given)}"


def _to_newcomers(subject: Subject) -> Iterator[Found]:
    if subject.spec.name == REALM.name:
        for path, what in _through_groups(subject, "defaultGroups"):
            yield path, f"every new user gets {what}"
    elif _is_default_group(subject):
        for path, role, given in _gained(subject):
            yield path, f"every new user gets {_words(role, given)}"


def _to_role(subject: Subject) -> Iterator[Found]:
    if subject.address != _default_role(subject):
        for path, role, given in _gained(subject):
            yield path, f"whoever has the role also gets {_words(role, given)}"


def _to_everybody(subject: Subject) -> Iterator[Found]:
    if subject.address == _default_role(subject):
        for path, role, given in _gained(subject):
            yield path, f"every user of the realm gets {_words(role, given)}"


def _to_who_comes(subject: Subject) -> Iterator[Found]:
    for path, role, given in _gained(subject):
        yield path, f"who logs in through the identity provider may get {_words(role, given)}"


def _impersonation(subject: Subject) -> Iterator[Found]:
    if subject.change.action is Action.CREATE:
        yield ("granted",), "the client may get tokens in the name of any user"


_WHY: Final = (
    "These roles (`realm-admin`, `manage-…` and `impersonation` of `realm-management`, `admin` and "
    "`create-realm` of `master`) let their holders change the realm or act as anybody in it. Most "
    "of them lead to all the others: who manages users gives roles to himself."
)
_FIX: Final = "Grant a role that only views, or one for exactly what is needed."

RULES: Final = (
    RiskRule(
        code="admin-for-service-account",
        level=Level.DANGER,
        on=(SERVICE_ACCOUNT,),
        title="A service account becomes an administrator",
        meaning="A service account gets a role of administration, by itself or through a role that "
        "the files declare.",
        why=f"{_WHY} Whoever has the client's secret has them, too.",
        fix=_FIX,
        find=_to_account,
    ),
    RiskRule(
        code="admin-for-user",
        level=Level.DANGER,
        on=(USER,),
        title="A user becomes an administrator",
        meaning="A user gets a role of administration, by itself or through a role that the files "
        "declare.",
        why=_WHY,
        fix=_FIX,
        find=_to_user,
    ),
    RiskRule(
        code="admin-for-group",
        level=Level.DANGER,
        on=(GROUP, ORGANIZATION_GROUP),
        title="The members of a group become administrators",
        meaning="A group gets a role of administration, by itself or through a role that the files "
        "declare.",
        why=f"{_WHY} Everybody who is in the group, or in a group within it, has it at once.",
        fix=_FIX,
        find=_to_group,
    ),
    RiskRule(
        code="admin-for-newcomers",
        level=Level.DANGER,
        on=(REALM, GROUP),
        title="Every new user becomes an administrator",
        meaning="A group that new users come into has a role of administration: the group becomes "
        "a default group, or gets the role.",
        why=f"{_WHY} With registration on, everybody can become a user.",
        fix="Take the group out of `defaultGroups`, or the role out of the group.",
        find=_to_newcomers,
    ),
    RiskRule(
        code="admin-in-role",
        level=Level.DANGER,
        on=(ROLE, CLIENT_ROLE),
        title="A role includes administration",
        meaning="A role of administration becomes a part of another role, by itself or through a "
        "role that the files declare.",
        why=f"{_WHY} Everybody who has the role already gets it at once.",
        fix=_FIX,
        find=_to_role,
    ),
    RiskRule(
        code="admin-for-everybody",
        level=Level.DANGER,
        on=(ROLE,),
        title="Every user becomes an administrator",
        meaning="A role of administration becomes a part of the realm's default role.",
        why=f"{_WHY} Every user has the default role, and with registration on, everybody can "
        "become a user.",
        fix="Remove it from the default role, and give it to single accounts.",
        find=_to_everybody,
    ),
    RiskRule(
        code="admin-through-provider",
        level=Level.DANGER,
        on=(IDENTITY_PROVIDER_MAPPER,),
        title="A log-in elsewhere makes administrators",
        meaning="A mapper of an identity provider gives a role of administration, by itself or "
        "through a role that the files declare.",
        why=f"{_WHY} Whoever runs the identity provider decides who has them.",
        fix="Give the role to single accounts in the realm itself.",
        find=_to_who_comes,
    ),
    RiskRule(
        code="impersonation-granted",
        level=Level.DANGER,
        on=(IMPERSONATION,),
        title="A client may act as any user",
        meaning="The service account of a client gets the role `impersonation`, for legacy token "
        "exchange.",
        why="It may get tokens in the name of any user of the realm, administrators as well. "
        "Whoever has the client's secret can do the same.",
        fix="Leave out `impersonate = true` where the exchange starts from a user's own token.",
        find=_impersonation,
    ),
)
