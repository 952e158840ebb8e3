"""What follows from all permissions of a realm together, as Keycloak decides it.

For an object and a scope, the permissions that name the object count, or, where there is none,
those for all objects of the type. For a user, the permissions for each of the user's groups count
as well. All that count must let the caller in: two permissions for two teams on the same objects
shut out both.

Of permissions for all objects of a type Keycloak (26.7.3; its issue 50740) counts those for other
scopes as well, which nobody would expect.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from attrs import field

from kcplan.classes import frozen
from kcplan_keycloak.admin_proof.conditions import Subject
from kcplan_keycloak.admin_proof.declaration import Permission

_OF_MEMBERS: Final = {
    "view": "view-members",
    "manage": "manage-members",
    "manage-group-membership": "manage-membership-of-members",
    "impersonate": "impersonate-members",
}
"""The scope of a group that does to its members what a scope of users does."""

_USERS: Final = {theirs: scope for scope, theirs in _OF_MEMBERS.items()}

_CLIENT_ROLES: Final = {
    "map-role": "map-roles",
    "map-role-composite": "map-roles-composite",
    "map-role-client-scope": "map-roles-client-scope",
}
"""The scope of a client that does to its roles what a scope of roles does."""

_ROLES: Final = {theirs: scope for scope, theirs in _CLIENT_ROLES.items()}


NEEDS: Final = {("Organizations", "manage"): "view"}
"""Scopes that have no effect without another one: Keycloak does not find what may not be viewed."""


@frozen
class Target:
    """An object that something is done to.

    Attributes:
        resource_type: Its type.
        name: Its name; None for one that no permission names.
        groups: Of a user: the groups.
        holder: Of a client role: the client; None for one that no permission names.
        of_client: Whether it is a role of a client.
    """

    resource_type: str
    name: str | None = None
    groups: tuple[str | None, ...] = ()
    holder: str | None = None
    of_client: bool = False


@frozen
class Rules:
    """How the permissions of a realm are decided about.

    Attributes:
        permissions: The permissions.
        now: The time at which they are asked; None for any time.
        blended: Whether those for all objects of a type count for each other's scopes.
    """

    permissions: tuple[Permission, ...]
    now: datetime | None = None
    blended: bool = True
    _by_object: Mapping[tuple[str, str | None], list[Permission]] = field(
        init=False, eq=False, repr=False
    )

    @_by_object.default
    def _permissions_by_object(self) -> Mapping[tuple[str, str | None], list[Permission]]:
        """Those for all objects of a type under None."""
        found: dict[tuple[str, str | None], list[Permission]] = {}
        for item in self.permissions:
            for name in dict.fromkeys(item.resources) or (None,):
                found.setdefault((item.resource_type, name), []).append(item)
        return found

    def allowed(self, subject: Subject, target: Target, scope: str) -> bool | None:
        """Whether a subject may do something; None where a policy cannot be evaluated."""
        target, scope = self._meant(target, scope)
        answer = self._own(subject, target, scope)
        if answer and (needed := NEEDS.get((target.resource_type, scope))):
            return self._own(subject, target, needed)
        other = self._other_side(target, scope)
        if other is None or answer is True:
            return answer
        there = self._own(subject, *other)
        return there if answer is False or there else None

    def _own(self, subject: Subject, target: Target, scope: str) -> bool | None:
        """What the permissions for the type of the object say."""
        if not self._apart(target, scope):
            return False
        return self._all_let_in(subject, self._counting(target, scope))

    def _other_side(self, target: Target, scope: str) -> tuple[Target, str] | None:
        """A role of a client may be given by the permissions for it, or those for the client."""
        match target.resource_type:
            case "Clients" if scope in _ROLES:
                return Target("Roles"), _ROLES[scope]
            case "Roles" if target.of_client and scope in _CLIENT_ROLES:
                return Target("Clients", target.holder), _CLIENT_ROLES[scope]
        return None

    def shutting_out(self, subject: Subject, target: Target, scope: str) -> list[Permission]:
        """The permissions that keep a subject from what another one allows."""
        found = self.counting(target, scope)
        return [item for item in found if item.condition.met(subject, self.now) is False]

    def limiting(self, subject: Subject, target: Target, scope: str) -> list[Permission]:
        """The permissions that do not let a subject in at any time."""
        found = self.counting(target, scope)
        return [item for item in found if not item.condition.met(subject, self.now)]

    def counting(self, target: Target, scope: str) -> list[Permission]:
        """The permissions that decide about it, all of which must let a caller in."""
        return self._counting(*self._meant(target, scope))

    def _meant(self, target: Target, scope: str) -> tuple[Target, str]:
        """The object and scope that Keycloak looks at."""
        match target.resource_type:
            case "Groups" if scope in _USERS:  # it is about their members
                groups = target.groups or (target.name,)
                return Target("Users", groups=groups), _USERS[scope]
            case "Users" if scope == "reset-password" and not self._apart(target, scope):
                return target, "manage"
        return target, scope

    def _counting(self, target: Target, scope: str) -> list[Permission]:
        """The permissions that decide about a scope of an object."""
        if not self.blended or self._naming(target.resource_type, target.name, scope):
            return self._apart(target, scope)
        wide = self._wide(target.resource_type)
        return list(dict.fromkeys((*wide, *self._apart(target, scope))))

    def _apart(self, target: Target, scope: str) -> list[Permission]:
        """Those of them that are for the scope."""
        found = self._for(target.resource_type, target.name, scope)
        if target.resource_type == "Users" and scope in _OF_MEMBERS:
            for group in target.groups:
                found += self._for("Groups", group, _OF_MEMBERS[scope])
        return found

    def _for(self, resource_type: str, name: str | None, scope: str) -> list[Permission]:
        wide = [p for p in self._wide(resource_type) if scope in p.scopes]
        return self._naming(resource_type, name, scope) or wide

    def _naming(self, resource_type: str, name: str | None, scope: str) -> list[Permission]:
        known = () if name is None else self._by_object.get((resource_type, name), ())
        return [p for p in known if scope in p.scopes]

    def _wide(self, resource_type: str) -> list[Permission]:
        return self._by_object.get((resource_type, None), [])

    def _all_let_in(self, subject: Subject, found: Iterable[Permission]) -> bool | None:
        answers = [permission.condition.met(subject, self.now) for permission in found]
        if not answers or False in answers:
            return False
        return None if None in answers else True
