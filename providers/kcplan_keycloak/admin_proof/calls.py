"""Which request of the Admin API needs which scope, and nothing else besides.

Some requests need two permissions: to give a role to a user, one for the role and one for the
user. The other side is then an object of the stage (`Props`), on which the callers may do that.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from kcplan.classes import frozen
from kcplan.secret import Secret
from kcplan_keycloak.api import path

Body = Mapping[str, Any]


@frozen
class Found:
    """An object of a realm, as requests need it.

    Attributes:
        id: Its id.
        body: Its representation.
        member: Of a group: the id of a user who is in it.
        role: Of a client: one of its roles. Of a role: itself.
        groups: Of a user: the paths of the user's groups. Of a group: those of its member.
    """

    id: str
    body: Body
    member: str = ""
    role: Body | None = None
    groups: tuple[str, ...] = ()


@frozen
class Props:
    """What stands on the other side of requests that need two permissions.

    Attributes:
        user: The id of a user to whom the callers may give roles, and whom they may put in groups.
        group: The id of a group into which they may put users.
        client: The id of a client that they may manage.
        holder: The id of a role of that client.
        role: A role that they may give to users.
        password: What passwords are set to.
    """

    user: str
    group: str
    client: str
    holder: str
    role: Body
    password: Secret


@frozen
class Request:
    """A request below a realm's path.

    Attributes:
        method: `GET`, `POST` or `PUT`.
        path: The path, encoded.
        body: What is sent.
        undo: What the administrator deletes afterwards, so that others find things as they were.
    """

    method: str
    path: str
    body: Any = None
    undo: str | None = None


Make = Callable[[Found, Props], Request]


def _users(*segments: str) -> str:
    return path("users", *segments)


def _join(user: str, group: str) -> Request:
    at = _users(user, "groups", group)
    return Request("PUT", at, undo=at)


def _where(role: Body) -> tuple[str, ...]:
    """The end of a path of role mappings: whose role it is."""
    return ("clients", str(role["containerId"])) if role.get("clientRole") else ("realm",)


def _give(user: str, role: Body) -> Request:
    return Request("POST", _users(user, "role-mappings", *_where(role)), [role])


def _compose(found: Found, props: Props) -> Request:
    return Request("POST", path("roles-by-id", props.holder, "composites"), [found.role])


def _widen(found: Found, props: Props) -> Request:
    role = found.role or {}
    at = path("clients", props.client, "scope-mappings", *_where(role))
    return Request("POST", at, [role])


def _give_its_role(found: Found, props: Props) -> Request:
    return _give(props.user, found.role or {})


def _put_group(found: Found, _: Props) -> Request:
    kept = ("name", "description", "attributes")
    body = {key: found.body[key] for key in kept if key in found.body}
    return Request("PUT", path("groups", found.id), body)


def _reset_password(found: Found, props: Props) -> Request:
    body = {"type": "password", "value": props.password, "temporary": False}
    return Request("PUT", _users(found.id, "reset-password"), body)


CALLS: Final[Mapping[str, Mapping[str, Make]]] = {
    "Users": {
        "view": lambda found, _: Request("GET", _users(found.id)),
        "manage": lambda found, _: Request("POST", _users(found.id, "logout")),
        "map-roles": lambda found, props: _give(found.id, props.role),
        "manage-group-membership": lambda found, props: _join(found.id, props.group),
        "reset-password": _reset_password,
        "impersonate": lambda found, _: Request("POST", _users(found.id, "impersonation")),
    },
    "Groups": {
        "view": lambda found, _: Request("GET", path("groups", found.id)),
        "manage": _put_group,
        "view-members": lambda found, _: Request("GET", _users(found.member)),
        "manage-members": lambda found, _: Request("POST", _users(found.member, "logout")),
        "manage-membership": lambda found, props: _join(props.user, found.id),
        "manage-membership-of-members": lambda found, props: _join(found.member, props.group),
        "impersonate-members": lambda found, _: Request(
            "POST", _users(found.member, "impersonation")
        ),
    },
    "Clients": {
        "view": lambda found, _: Request("GET", path("clients", found.id)),
        "manage": lambda found, _: Request(
            "POST", path("clients", found.id, "registration-access-token")
        ),
        "map-roles": _give_its_role,
        "map-roles-composite": _compose,
        "map-roles-client-scope": _widen,
    },
    "Roles": {
        "map-role": _give_its_role,
        "map-role-composite": _compose,
        "map-role-client-scope": _widen,
    },
    "Organizations": {
        "view": lambda found, _: Request("GET", path("organizations", found.id)),
        "manage": lambda found, _: Request("PUT", path("organizations", found.id), found.body),
    },
}
"""The request for each scope of each resource type."""
