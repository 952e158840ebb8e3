"""Users of a user federation in an export: the federation brings them by itself.

A user whom Keycloak copied from a directory has `federationLink`. Such users are data, and would be
no users of the federation any more where kcplan made them.
"""

from collections.abc import Mapping
from typing import Any, Final

from kcplan.gathered import Gathered, Place, Unsound

_USERS: Final = "users"
_LINK: Final = "federationLink"
_SOME: Final = 3


def gather(document: Mapping[str, Any]) -> Gathered:
    """The document without users whom a user federation brings, and a note on them."""
    users = document.get(_USERS)
    if not isinstance(users, list) or not any(map(_is_brought, users)):
        return Gathered(document)
    own = [(index, user) for index, user in enumerate(users) if not _is_brought(user)]
    moved: dict[Place, Place] = {
        (_USERS, now): (_USERS, before) for now, (before, _) in enumerate(own)
    }
    found = {**document, _USERS: [user for _, user in own]}
    return Gathered(found, moved, unsound=(_left_out(users),))


def _is_brought(user: Any) -> bool:
    return isinstance(user, Mapping) and bool(user.get(_LINK))


def _left_out(users: list[Any]) -> Unsound:
    """What is said of them, at the first one."""
    brought = [index for index, user in enumerate(users) if _is_brought(user)]
    names = [str(users[index].get("username")) for index in brought]
    listed = ", ".join(names[:_SOME])
    if len(names) > _SOME:
        listed += f" and {len(names) - _SOME} more"
    return Unsound(
        (_USERS, brought[0]),
        f"users who come from a user federation are left out: {listed}",
        "The federation brings them by itself. Nothing needs to be done.",
        "left-out-of-export",
        harmless=True,
    )
