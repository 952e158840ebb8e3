"""Who may write what is said of users."""

from collections.abc import Iterator
from typing import Final

from kcplan.diagnostics import Path
from kcplan.risk import Level
from kcplan.risk_rules import Found, RiskRule, Subject
from kcplan_keycloak.resources.user_profile import ATTRIBUTES
from kcplan_keycloak.resources.user_profile import SPEC as USER_PROFILE

_UNMANAGED: Final[Path] = ("unmanagedAttributePolicy",)
_FOR_ADMINISTRATORS: Final = ("ADMIN_EDIT", "ADMIN_VIEW")
_USERS: Final = "user"
"""What Keycloak calls a user who writes his own attributes."""
_EDIT: Final = (ATTRIBUTES, "*", "permissions", "edit")


def _opened(subject: Subject) -> Iterator[Found]:
    there = subject.world.live.get(subject.address, {})
    is_any_known = there.get(_UNMANAGED) in _FOR_ADMINISTRATORS
    for item in subject.changes(_EDIT):
        before, after = _names(item.before), _names(item.after)
        name = item.path[1]
        is_known = any(path[:2] == item.path[:2] for path in there) or is_any_known
        if is_known and _USERS in after and _USERS not in before:
            yield item.path, f"users may write their {name}, which they could not so far"


def _names(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _anything(subject: Subject) -> Iterator[Found]:
    for item in subject.changes(_UNMANAGED):
        if item.after == "ENABLED":
            yield item.path, "users may give themselves any attribute that the profile lacks"


def _dropped(subject: Subject) -> Iterator[Found]:
    for item in subject.changes((ATTRIBUTES,)):
        if item.after is None and len(item.path) == len((ATTRIBUTES, "NAME")):
            yield item.path, f"{item.path[1]} is no longer an attribute of users"


RULES: Final = (
    RiskRule(
        code="attribute-opened",
        level=Level.DANGER,
        on=(USER_PROFILE,),
        title="Users may write what administrators decided",
        meaning="`permissions.edit` of an attribute that users have, and cannot write so far, gets "
        "`user`. That is one of the profile, or any other where `unmanagedAttributePolicy` is "
        "`ADMIN_EDIT` or `ADMIN_VIEW`.",
        why="Whoever reads the attribute trusted that an administrator wrote it: a mapper that "
        "puts it into tokens, an application, a rule of who gets in. From now on each user says "
        "so of himself.",
        fix="Leave `user` out of `permissions.edit`. Where users are to write it, look first for "
        "mappers and applications that decide something by it.",
        find=_opened,
        example='[[userProfile.attributes]]\nname = "department"\n'
        'permissions = { view = ["admin", "user"], edit = ["admin"] }',
    ),
    RiskRule(
        code="any-attribute-by-users",
        level=Level.DANGER,
        on=(USER_PROFILE,),
        title="Users may give themselves any attribute",
        meaning="`unmanagedAttributePolicy` becomes `ENABLED`.",
        why="Users write attributes that the profile does not have, under any name: `tenant`, "
        "`approved`, what a mapper puts into tokens or an application looks for.",
        fix="Declare the attributes that there are to be. For others take `ADMIN_EDIT` or "
        "`ADMIN_VIEW`, or leave the policy out.",
        find=_anything,
        example='[userProfile]\nunmanagedAttributePolicy = "ADMIN_EDIT"',
    ),
    RiskRule(
        code="attribute-dropped",
        level=Level.CAUTION,
        on=(USER_PROFILE,),
        title="An attribute of users goes",
        meaning="An attribute leaves the user profile.",
        why="Keycloak keeps what users have in it and shows it to nobody, neither in forms nor "
        "in the Admin API. Where the attribute comes back, the values are there again.",
        fix="Look which users have something in it, and which mappers read it. To keep the values "
        "and hide them from users, leave the attribute, with `permissions` for `admin` only.",
        find=_dropped,
    ),
)
