"""Service accounts: the users that Keycloak makes for clients with `serviceAccountsEnabled`.

They are never created or deleted as users. Asking for one through its client creates it anew, so
reading goes through the user's id or name, and only a write asks the client. Where many of them are
asked for, their own fields and their ids come in pages.
"""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Diagnostic, Path, error
from kcplan.errors import ServerError
from kcplan.provider import Image
from kcplan.resource import Origin, Requirement, Resource, TypeSpec
from kcplan.schema import Leaves, flatten
from kcplan.shapes import BOOLEAN, LOWER_CASE, STRING, STRINGS, Object, Ref, Spelling
from kcplan.snapshot import LiveObject
from kcplan_keycloak.accounts import (
    ATTRIBUTES,
    NO_ACCOUNTS,
    Accounts,
    account_of,
    account_pages,
    has_account,
    list_accounts,
)
from kcplan_keycloak.api import Get, path
from kcplan_keycloak.bodies import Absent, written
from kcplan_keycloak.built_in import DEFAULT_ROLE, account_name, default_role
from kcplan_keycloak.names import Names
from kcplan_keycloak.parts import RoleSet
from kcplan_keycloak.resource_type import FEW, Part, Reading, Writing
from kcplan_keycloak.resources.client import SPEC as CLIENT
from kcplan_keycloak.resources.group import GROUP_LINKS, GROUPS
from kcplan_keycloak.roles import CLIENT_ROLES, REALM_ROLES
from kcplan_keycloak.sight import Sight, of_users

_ROLES: Final = RoleSet("role-mappings", ("realmRoles",), ("clientRoles",))

SCHEMA: Final = Object(
    {
        "attributes": ATTRIBUTES,
        "clientRoles": CLIENT_ROLES,
        "email": LOWER_CASE,
        "emailVerified": BOOLEAN,
        "enabled": BOOLEAN,
        "firstName": STRING,
        "groups": GROUPS,
        "lastName": STRING,
        "realmRoles": REALM_ROLES,
        "requiredActions": STRINGS,
        "username": STRING,
    }
)

_OF_THE_USER: Final = frozenset(SCHEMA.fields) - {"clientRoles", "groups", "realmRoles"}

_WORTH_READING: Final = _OF_THE_USER - {"username"}
"""The fields for which the user itself is read. Its name is Keycloak's business."""


def _server_made(address: Address, where: Path, value: Any) -> bool:
    """The account's name, the default role, and what authorization services give."""
    match where:
        case ("username",):
            return True
        case ("realmRoles",):
            return bool(value == default_role(address.realm))
        case ("clientRoles", client):
            return bool(client == address.segments[2] and value == "uma_protection")
    return False


def _requires(resource: Resource) -> Iterator[Requirement]:
    client = Address(resource.address.segments[:3])
    yield Requirement(
        client,
        ("serviceAccountsEnabled",),
        value=True,
        code="service-account-disabled",
        summary=f"client {client.name} has no service account, and the files configure one",
        detail="Set `serviceAccountsEnabled` to true on the client, or remove the user.",
    )


def _check(resource: Resource) -> Iterator[Diagnostic]:
    client = resource.address.segments[2]
    name = resource.leaves.get(("username",))
    if name is not None and name != account_name(client):
        yield error(
            "service-account-username",
            f"the service account of client {client} is called {account_name(client)}, not {name}",
            "Keycloak gives the name. Correct `username`, or leave it out.",
            address=resource.address,
            path=("username",),
            source=resource.source(("username",)),
        )


def _is_made(_: Address, client: Leaves | None) -> bool:
    return client is None or client.get(("serviceAccountsEnabled",)) is not False


_DATA: Final = """
    clientConsents federatedIdentities federationLink issuedVerifiableCredentials socialLinks
    verifiableCredentials
""".split()

SPEC: Final = TypeSpec(
    name="service-account",
    pattern="REALM/clients/CLIENT_ID/service-account",
    rank=50,
    where="users[serviceAccountClientId]",
    schema=SCHEMA,
    key=("serviceAccountClientId",),
    ignored=(
        ("access",),
        ("createdTimestamp",),
        ("credentials",),
        ("disableableCredentialTypes",),
        ("id",),
        # Keycloak sets it when somebody ends the sessions, and takes no other.
        ("notBefore",),
        ("origin",),
        ("self",),
        ("totp",),
        ("userProfileMetadata",),
    ),
    unsupported={
        "applicationRoles": "It belongs to an old Keycloak. Write `clientRoles` instead.",
        # Data of a user, and no configuration.
        **dict.fromkeys(_DATA, lambda _: None),
    },
    given={("realmRoles",): DEFAULT_ROLE},
    server_made=_server_made,
    requires=_requires,
    origin=Origin(_is_made, on_demand=True, kept=lambda _: True),
    watched=(("realmRoles",), ("clientRoles",)),
    check=_check,
    defaults=lambda _: {("emailVerified",): False, ("enabled",): True},
)


def is_no_account(username: str) -> bool:
    """Whether a user of this name is an ordinary one: that of an account begins with a word."""
    return not username.startswith(account_name(""))


def _users(holder: Address, username: str) -> tuple[Address, ...]:
    """A user, or the account that comes with a client; it has the clientId in lower case."""
    user = Address.of(holder.realm, "users", username.lower())
    if is_no_account(username):
        return (user,)
    client = username.removeprefix(account_name(""))
    return (user, SPEC.address((holder.realm, client)))


def _username(address: Address) -> str:
    return account_name(address.segments[2]) if SPEC.fits(address) else address.name


USER_NAME: Final = Spelling(_users, _username)
"""A user is named by its username, be it an ordinary one or the account of a client."""


@frozen(kw_only=True)
class _User(Ref):
    def spelled(self, value: Any) -> Any:
        """The username in lower case, as Keycloak keeps it. An account is known by its client."""
        return value.lower() if isinstance(value, str) and is_no_account(value) else value


USER: Final = _User(type="user", spelling=USER_NAME, required=is_no_account)


def _sees_accounts(reading: Reading, found: Container[Address]) -> None:
    """Of a client that is there, an account that is not seen may have been deleted."""
    missing = (a for a in reading.wanted if a not in found)
    if any(Address(a.segments[:3]) in reading.found for a in missing):
        of_users(reading)


@frozen
class ServiceAccountType:
    """Service accounts through `/admin/realms/{realm}/users`."""

    spec: TypeSpec = SPEC
    parts: tuple[Part, ...] = (_ROLES, GROUP_LINKS)
    sight: Sight = _sees_accounts

    def path_of(self, address: Address, object_id: str | None) -> str:
        """The path of the user."""
        return path("realms", address.realm, "users", object_id or "")

    def find(self, names: Names, address: Address) -> None:
        """Learn the user's id, if the account is there."""
        at = path("realms", address.realm, "users")
        name = account_name(address.segments[2])
        for user in names.api.get(at, username=name, exact="true") or ():
            names.learn(address, user["id"])

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The wanted accounts: role mappings for each, the users only where their fields matter."""
        clients = {a: item for a, item in reading.found.items() if item.type == CLIENT.name}
        wanted = [a for a in reading.wanted if Address(a.segments[:3]) in clients]
        if reading.everything:
            wanted = [account_of(a) for a, item in clients.items() if has_account(item)]
        many = _many_users(reading, wanted)
        users = list_accounts(reading.api, reading.realm, len(wanted)) if many else NO_ACCOUNTS
        found = reading.api.map(lambda address: _read_one(reading, address, users), wanted)
        return [item for item in found if item is not None]

    def foreseen(self, reading: Reading) -> Iterable[Get]:
        """The users, where they come in pages; what those have whose ids are known."""
        many = _many_users(reading, reading.wanted)
        if many:
            yield from account_pages(reading.realm, len(reading.wanted))
        for address in reading.wanted:
            if (user := reading.names.known(address)) is None:
                continue
            at = self.path_of(address, user)
            yield Get(_mappings_path(address.realm, user))
            if _is_read(reading, address) and not many:
                yield Get(at)
            yield from GROUP_LINKS.gets(reading, address, at)

    def create(self, writing: Writing) -> str | None:
        """Have Keycloak make the account again."""
        return self.update(writing)

    def update(self, writing: Writing) -> str | None:
        """Write the user's fields, then grant and revoke roles and groups."""
        realm = writing.address.realm
        made = _made(writing)
        user = str(writing.step.object_id if made is None else made["id"])
        at = path("realms", realm, "users", user)
        own = {p: v for p, v in writing.step.after.items() if p[0] in _OF_THE_USER}
        if own:
            there = made or writing.api.get(at) or {}
            writing.api.put(at, written(SCHEMA, there, own, Absent.EMPTY_FIELDS))
        for part in self.parts:
            part.write(writing, at)
        return user

    def delete(self, writing: Writing) -> None:
        """Refuse: the account goes with its client only."""
        raise ServerError(f"{writing.address} is never deleted: Keycloak makes it")

    def capture(self, writing: Writing) -> Image | None:  # noqa: ARG002
        """Nothing: an update of an account is undone by writing back."""
        return None

    def restore(self, writing: Writing, image: Image) -> None:
        """Nothing was captured."""


def _many_users(reading: Reading, wanted: Iterable[Address]) -> bool:
    """Whether so many users matter themselves, or are not known yet, that a list is cheaper."""
    asked = (a for a in wanted if _is_read(reading, a) or reading.names.known(a) is None)
    return sum(1 for _ in asked) > FEW


def _is_read(reading: Reading, address: Address) -> bool:
    return reading.cares(address, *_WORTH_READING)


def _read_one(reading: Reading, address: Address, users: Accounts) -> LiveObject | None:
    realm = address.realm
    user_id, mappings = reading.names.known(address), None
    user = users.by_id.get(user_id) if user_id is not None else None
    if user_id is not None:
        mappings = reading.api.get(_mappings_path(realm, user_id))
    if mappings is None:
        # Unknown, or made anew under another id.
        user = _named(reading, account_name(address.segments[2]), users)
        if user is None:
            return None
        user_id = user["id"]
        mappings = reading.api.get(_mappings_path(realm, user_id)) or {}
    reading.names.learn(address, str(user_id))
    document = _ROLES.names_in(reading, mappings)
    document |= _fields_of(reading, address, str(user_id), user)
    return LiveObject(address, SPEC.name, user_id, flatten(SCHEMA, document))


def _named(reading: Reading, name: str, users: Accounts) -> Mapping[str, Any] | None:
    """The user of a name: from the list, or looked for where the list does not have it."""
    if (listed := users.by_name.get(name)) is not None:
        return listed
    at = path("realms", reading.realm, "users")
    return next(iter(reading.api.get(at, username=name, exact="true") or []), None)


def _mappings_path(realm: str, user_id: str) -> str:
    return path("realms", realm, "users", user_id, "role-mappings")


def _fields_of(
    reading: Reading, address: Address, user_id: str, user: Mapping[str, Any] | None
) -> dict[str, Any]:
    at = path("realms", address.realm, "users", user_id)
    document: dict[str, Any] = {}
    if _is_read(reading, address):
        user = user or reading.api.get(at) or {}
        document = {key: user[key] for key in _OF_THE_USER if key in user}
    return document | dict(GROUP_LINKS.read(reading, address, at, {}))


def _made(writing: Writing) -> Mapping[str, Any] | None:
    """The account of a client that was just created, whole; None where its id is known already.

    Asking the client for it makes the account if it is missing.
    """
    if writing.step.object_id is not None:
        return None
    realm = writing.address.realm
    client = writing.id_of(Address(writing.address.segments[:3]))
    at = path("realms", realm, "clients", client, "service-account-user")
    found: Mapping[str, Any] | None = writing.api.get(at)
    if found is None:
        raise ServerError(f"client {writing.address.segments[2]} has no service account")
    return found


TYPES: Final = (ServiceAccountType(),)
