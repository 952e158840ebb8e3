"""Ordinary users: those that the files declare, by their username.

Others are data: they are never read or deleted, and listed only by an import that is to write them
into the file. A POST takes credentials, also as hashes of an export, and federated identities;
groups and roles have end points of their own.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import evolve

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.inverse import invert
from kcplan.plan import Operation, Step
from kcplan.provider import Image
from kcplan.resource import Requirement, Resource, TypeSpec
from kcplan.shapes import (
    BOOLEAN,
    INTEGER,
    LOWER_CASE,
    STRING,
    STRINGS,
    ListOf,
    MapOf,
    Named,
    Object,
    Ref,
)
from kcplan.snapshot import LiveObject, PassedOver
from kcplan_keycloak import federated_users, forms, sight
from kcplan_keycloak.accounts import ATTRIBUTES
from kcplan_keycloak.api import AdminApi, Get, path
from kcplan_keycloak.bodies import Absent, written
from kcplan_keycloak.built_in import DEFAULT_ROLE, default_role
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.errors import ForbiddenError
from kcplan_keycloak.parts import HeldRoles, PlainPart
from kcplan_keycloak.resource_type import Reading, Writing
from kcplan_keycloak.resources.group import GROUP, GROUP_LINKS, GROUPS
from kcplan_keycloak.resources.required_action import ACTION
from kcplan_keycloak.resources.user_profile import SPEC as PROFILE
from kcplan_keycloak.rest import Found, RestType
from kcplan_keycloak.roles import CLIENT_ROLES, REALM_ROLES

_IDENTITIES: Final = "federatedIdentities"

_CREDENTIAL: Final = Object(
    {
        "credentialData": STRING,
        "priority": INTEGER,
        "secretData": STRING,
        "temporary": BOOLEAN,
        "type": STRING,
        "userLabel": STRING,
        "value": STRING,
        # Exports of old versions have these; Keycloak still takes them.
        "algorithm": STRING,
        "config": MapOf(STRINGS),
        "counter": INTEGER,
        "device": STRING,
        "digits": INTEGER,
        "hashIterations": INTEGER,
        "hashedSaltedValue": STRING,
        "period": INTEGER,
        "salt": STRING,
    }
)
_SECRETS: Final = ("hashedSaltedValue", "salt", "secretData", "value")

_ELSEWHERE: Final = "f:"
"""How the ids begin of users whom Keycloak does not keep itself."""

_PROVIDER: Final = Ref(type="identity-provider")
_IDENTITY: Final = Object({"identityProvider": _PROVIDER, "userId": STRING, "userName": STRING})


def _requires(resource: Resource) -> Iterator[Requirement]:
    """Where the e-mail address is the username, Keycloak ignores any other.

    It leaves users alone who were there before, and nobody writes.
    """
    if resource.address.name != resource.leaves.get(("email",)):
        yield Requirement(
            Address.of(resource.address.realm),
            ("registrationEmailAsUsername",),
            value=False,
            code="username-is-email",
            summary=f"user {resource.address.name} cannot have this username: in the realm the "
            "e-mail address is the username",
            detail="Write the same text as `username` and `email`, or set "
            "`registrationEmailAsUsername` to false.",
            when_written=True,
        )


@frozen
class _FederatedIdentities(PlainPart):
    """Links to accounts at identity providers. A link is made and removed, never changed."""

    fields: tuple[str, ...] = (_IDENTITIES,)
    is_posted: bool = True

    def place(self, _: Path) -> str:
        """The path that takes the links."""
        return "federated-identity"

    def asks(self, reading: Reading, address: Address, *_: Any) -> bool:
        """Whether somebody wants to know: they are not in the user."""
        return reading.cares(address, _IDENTITIES) and _PROVIDER.type not in reading.missing

    def gets(self, reading: Reading, address: Address, at: str, *_: Any) -> Iterable[Get]:
        """The request for the links."""
        return [Get(f"{at}/federated-identity")] if self.asks(reading, address) else []

    def read(
        self, reading: Reading, address: Address, at: str, body: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The links, with a request of their own."""
        if _PROVIDER.type in reading.missing:
            return {_IDENTITIES: []}
        if not self.asks(reading, address, body):
            return {}
        return {_IDENTITIES: reading.api.get(f"{at}/federated-identity") or []}

    def write(self, writing: Writing, at: str) -> None:
        """Remove what goes or changes, and make what comes."""
        present = _links(writing, at)
        after = written(SPEC.schema, {_IDENTITIES: present}, writing.step.after, Absent.LEFT_OUT)
        _link(writing, at, present, after.get(_IDENTITIES, ()))

    def holders(self, *_: Any) -> Iterable[tuple[str, str]]:
        """Nowhere: an identity provider that comes back has lost its links for good."""
        return ()


def _links(writing: Writing, at: str) -> list[Mapping[str, Any]]:
    """The accounts elsewhere that a user is linked to."""
    return writing.api.get(f"{at}/federated-identity") or []


def _link(
    writing: Writing,
    at: str,
    there: Iterable[Mapping[str, Any]],
    identities: Iterable[Mapping[str, Any]],
) -> None:
    """Give a user those of these links that a step is about, and take away what it has instead.

    What is unknown of a link is not guessed.
    """
    links = f"{at}/federated-identity"
    present = {item["identityProvider"]: item for item in there}
    wanted = {item["identityProvider"]: item for item in identities}
    for alias in sorted({where[1] for where in writing.changed(_IDENTITIES) if where[1:]}):
        old, new = present.get(alias), wanted.get(alias)
        if old is not None and old != new:
            writing.api.delete(f"{links}/{path(alias)}")
        if new is not None and old != new and "userId" in new:
            writing.api.post(f"{links}/{path(alias)}", new)


def _server_made(address: Address, where: Path, value: Any) -> bool:
    """The default role, which exports name among a user's roles."""
    return where == ("realmRoles",) and bool(value == default_role(address.realm))


SPEC: Final = TypeSpec(
    name="user",
    pattern="REALM/users/USERNAME",
    rank=55,
    where="users[username]",
    told_at=None,
    schema=Object(
        {
            "attributes": ATTRIBUTES,
            "clientRoles": CLIENT_ROLES,
            "credentials": Named(_CREDENTIAL, key="type", repeats=True),
            "email": LOWER_CASE,
            "emailVerified": BOOLEAN,
            "enabled": BOOLEAN,
            "federatedIdentities": Named(_IDENTITY, key="identityProvider"),
            "firstName": STRING,
            "groups": GROUPS,
            "lastName": STRING,
            "realmRoles": REALM_ROLES,
            "requiredActions": ListOf(ACTION),
        }
    ),
    key=("username",),
    spelled=str.lower,
    nameless="A user is recognised by its `username`, a service account by its "
    "`serviceAccountClientId`. Add one of them.",
    ignored=(
        ("access",),
        ("clientConsents",),
        ("createdTimestamp",),
        ("credentials", "*", "createdDate"),
        ("credentials", "*", "id"),
        ("disableableCredentialTypes",),
        ("id",),
        ("issuedVerifiableCredentials",),
        ("notBefore",),
        ("origin",),
        ("self",),
        ("totp",),
        ("userProfileMetadata",),
        ("verifiableCredentials",),
    ),
    gather=federated_users.gather,
    forms=forms.users,
    unsupported={
        "applicationRoles": "It belongs to an old Keycloak. Write `clientRoles` instead.",
        "federationLink": lambda _: None,
        "socialLinks": "It belongs to an old Keycloak. Write `federatedIdentities` instead.",
    },
    sensitive=tuple(("credentials", "*", name) for name in _SECRETS),
    once=(("credentials",),),
    # A creation is one request, so that it has happened or not. It only adds to the required
    # actions that the realm gives to new users.
    late=(("clientRoles",), ("groups",), ("realmRoles",), ("requiredActions",)),
    # Attributes that the profile does not have are refused, or dropped.
    needs=lambda address: (Address.of(address.realm, PROFILE.name),),
    given={("realmRoles",): DEFAULT_ROLE},
    server_made=_server_made,
    requires=_requires,
    defaults=lambda _: {("emailVerified",): False, ("enabled",): False},
    decisive=("enabled",),
    lossy_delete=(
        "its passwords and other credentials, its sessions and its consents are lost",
        "brought back, it has another id",
    ),
)


def _is_brought(body: Mapping[str, Any]) -> bool:
    """Whether a user comes from a user federation: as a copy that Keycloak keeps, or as it is."""
    return bool(body.get("federationLink")) or str(body["id"]).startswith(_ELSEWHERE)


def _see_all(reading: Reading) -> None:
    """Raise ForbiddenError where the account may not see users: it would be given an empty list."""
    if not sight.sees_users(reading):
        management = f"of the client realm-management in {reading.realm!r}"
        master = f"{reading.realm + '-realm'!r}"
        raise ForbiddenError(
            f"the account has no right to see the users of the realm {reading.realm}",
            f"To import them, it needs the role view-users {management}; an account of the realm "
            f"master, that of the client {master} there. New roles count from the next log-in. "
            "Or import without --users.",
        )


class UserType(RestType):
    """Users through `/admin/realms/{realm}/users`."""

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The wanted users; all of them where data is wanted, but for those that others bring."""
        if reading.data:
            _see_all(reading)
            # Thousands of users are not asked for what none of them can have.
            there = {live.type for live in reading.found.values()}
            reading = evolve(reading, missing=frozenset({GROUP.type, _PROVIDER.type} - there))
        return super().read(reading)

    def _told_apart(self, reading: Reading, found: list[Found]) -> list[Found]:
        """Also without those of a user federation, where all are read.

        A realm's own user may have the name of one of those.
        """
        if not reading.data:
            return super()._told_apart(reading, found)
        own = [item for item in found if not _is_brought(item[2])]
        brought = {address for address, _, _ in found} - {address for address, _, _ in own}
        reading.passed_over.update(dict.fromkeys(sorted(brought), PassedOver.BROUGHT))
        return super()._told_apart(reading, own)

    def leaves_behind(self, step: Step) -> bool:
        """A link that changes is removed and made again: if that fails halfway, it is missing."""
        return step.operation is Operation.UPDATE and any(p[0] == _IDENTITIES for p in step.after)

    def restore(self, writing: Writing, image: Image) -> Mapping[Address, str]:
        """Write back what an update wrote, and the links as they were; else as for all types."""
        if writing.step.operation is not Operation.UPDATE:
            return super().restore(writing, image)
        self.update(evolve(writing, step=invert(writing.step, None)))
        at = self.path_of(writing.address, writing.object_id())
        _link(writing, at, _links(writing, at), image["parts"][_IDENTITIES])
        return {}


@frozen
class _Users(Collection):
    """The users of a realm.

    Where the e-mail address is the username, Keycloak shows it in the place of an older username,
    and does not find the user by it as one.
    """

    def ask(self, api: AdminApi, collection: str, name: str) -> list[Any]:
        """The user who is shown with a username, if there is one. Raises ServerError."""
        found = super().ask(api, collection, name)
        if found or "@" not in name:
            return found
        same = api.get(collection, email=name, exact="true") or []
        return [body for body in same if body[self.name_key] == name]


TYPES: Final = (
    UserType(
        spec=SPEC,
        at=_Users(
            path="users",
            single="{path}?username={name}&exact=true",
            name_key="username",
            query={"briefRepresentation": "false"},
            page=100,
            are_data=True,
            located=True,
        ),
        parts=(
            HeldRoles("role-mappings", ("realmRoles",), ("clientRoles",), who="users"),
            evolve(GROUP_LINKS, members="members"),
            _FederatedIdentities(),
        ),
        puts=Absent.EMPTY_FIELDS,
        sight=sight.of_users,
    ),
)
