"""Service accounts: the users that Keycloak makes for clients with `serviceAccountsEnabled`.

They are never created or deleted as users. Asking for one through its client creates it anew, so
reading goes through the user's id or name, and only a write asks the client.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from attrs import frozen

from kcplan.address import Address
from kcplan.diagnostics import Diagnostic, Path, error
from kcplan.errors import ServerError
from kcplan.provider import Image
from kcplan.resource import Reference, Renames, Requirement, Resource, TypeSpec
from kcplan.schema import (
    BOOLEAN,
    INTEGER,
    STRING,
    STRINGS,
    Leaves,
    ListOf,
    MapOf,
    Object,
    flatten,
)
from kcplan.snapshot import LiveObject
from kcplan_keycloak.api import Get, path
from kcplan_keycloak.bodies import merged
from kcplan_keycloak.built_in import account_name
from kcplan_keycloak.resource_type import Reading, Writing
from kcplan_keycloak.roles import renamed_names

_ROLES: Final = ListOf(STRING, owned=True)

SCHEMA: Final = Object(
    {
        "attributes": MapOf(STRINGS),
        "clientRoles": MapOf(_ROLES, exhaustive=True),
        "email": STRING,
        "emailVerified": BOOLEAN,
        "enabled": BOOLEAN,
        "firstName": STRING,
        "groups": _ROLES,
        "lastName": STRING,
        "notBefore": INTEGER,
        "realmRoles": _ROLES,
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
            return bool(value == f"default-roles-{address.realm.lower()}")
        case ("clientRoles", client):
            return bool(client == address.segments[2] and value == "uma_protection")
    return False


def _references(resource: Resource) -> Iterator[Reference]:
    realm = resource.address.realm
    for role in _granted(resource.leaves, realm):
        if len(role.segments) == 3:  # noqa: PLR2004 - realm/roles/name
            yield Reference(role, ("realmRoles",))
        else:
            yield Reference(role, ("clientRoles", role.segments[2]))
    for group in resource.leaves.get(("groups",)) or ():
        yield Reference(Address.of(realm, "groups", group), ("groups",))


def _renamed(address: Address, where: Path, value: Any, new: Renames) -> tuple[Path, Any]:
    """A field under the new names of the granted roles."""
    realm = Address.of(address.realm)
    match where:
        case ("realmRoles",):
            return where, renamed_names(realm.child("roles"), value, new)
        case ("clientRoles", client):
            holder = realm.child("clients", client)
            names = renamed_names(holder.child("roles"), value, new)
            return ("clientRoles", new(holder).name), names
    return where, value


def _granted(leaves: Leaves, realm: str) -> set[Address]:
    """The roles that the leaves grant, but for those that Keycloak grants by itself."""
    roles = set()
    for where, value in leaves.items():
        match where:
            case ("realmRoles",):
                roles |= {Address.of(realm, "roles", name) for name in value or ()}
            case ("clientRoles", client) if value:
                roles |= {Address.of(realm, "clients", client, "roles", name) for name in value}
    return roles


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


def _is_account(address: Address) -> bool:
    return address.segments[3:] == ("service-account",)


SPEC: Final = TypeSpec(
    name="service-account",
    pattern="REALM/clients/CLIENT_ID/service-account",
    rank=50,
    section=("users", "[serviceAccountClientId]"),
    schema=SCHEMA,
    key=("serviceAccountClientId",),
    nameless=(
        "Only service accounts are managed, recognised by `serviceAccountClientId`. Ordinary "
        "users are data, not configuration: remove them from the file."
    ),
    ignored=(
        ("access",),
        ("createdTimestamp",),
        ("credentials",),
        ("disableableCredentialTypes",),
        ("id",),
        ("totp",),
    ),
    server_made=_server_made,
    references=_references,
    renamed=_renamed,
    requires=_requires,
    comes_with=_is_account,
    on_demand=True,
    permanent=_is_account,
    watched=(("realmRoles",), ("clientRoles",)),
    check=_check,
)


@frozen
class ServiceAccountType:
    """Service accounts through `/admin/realms/{realm}/users`."""

    spec: TypeSpec = SPEC

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The wanted accounts: role mappings for each, the user only where its fields matter."""
        clients = {a: item for a, item in reading.found.items() if item.type == "client"}
        wanted = [a for a in reading.wanted if Address(a.segments[:3]) in clients]
        if reading.everything:
            switch = ("serviceAccountsEnabled",)
            accounts = (a for a, item in clients.items() if item.leaves.get(switch) is True)
            wanted = [client.child("service-account") for client in accounts]
        found = reading.api.map(lambda address: _read_one(reading, address), wanted)
        return [item for item in found if item is not None]

    def foreseen(self, reading: Reading) -> Iterable[Get]:
        """The role mappings of the accounts whose ids are known."""
        ids = ((address.realm, reading.names.known(address)) for address in reading.wanted)
        return [Get(_mappings_path(realm, user)) for realm, user in ids if user is not None]

    def create(self, writing: Writing) -> str | None:
        """Have Keycloak make the account again."""
        return self.update(writing)

    def update(self, writing: Writing) -> str | None:
        """Write the user's fields, then grant and revoke roles and groups."""
        realm = writing.address.realm
        user = _user_id(writing)
        at = path("realms", realm, "users", user)
        own = {p: v for p, v in writing.step.after.items() if p[0] in _OF_THE_USER}
        if own:
            there = writing.api.get(at) or {}
            writing.api.put(at, merged(SCHEMA, there, own))
        before = _granted(writing.step.before, realm)
        after = _granted(writing.step.after, realm)
        _map_roles(writing, at, after - before, writing.api.post)
        _map_roles(writing, at, writing.existing(before - after), writing.api.delete)
        _write_groups(writing, at)
        return user

    def delete(self, writing: Writing) -> None:
        """Refuse: the account goes with its client only."""
        raise ServerError(f"{writing.address} is never deleted: Keycloak makes it")

    def capture(self, writing: Writing) -> Image | None:  # noqa: ARG002
        """Nothing: an update of an account is undone by writing back."""
        return None

    def restore(self, writing: Writing, image: Image) -> None:
        """Nothing was captured."""


def _read_one(reading: Reading, address: Address) -> LiveObject | None:
    realm, client_id = address.realm, address.segments[2]
    user_id, user, mappings = reading.names.known(address), None, None
    if user_id is not None:
        mappings = reading.api.get(_mappings_path(realm, user_id))
    if mappings is None:
        # Unknown, or made anew under another id.
        at = path("realms", realm, "users")
        found = reading.api.get(at, username=account_name(client_id), exact="true") or []
        user = next(iter(found), None)
        if user is None:
            return None
        user_id = user["id"]
        mappings = reading.api.get(_mappings_path(realm, user_id)) or {}
    reading.names.learn(address, str(user_id))
    document = _roles_of(reading, mappings)
    document |= _fields_of(reading, address, str(user_id), user)
    return LiveObject(address, SPEC.name, user_id, flatten(SCHEMA, document))


def _mappings_path(realm: str, user_id: str) -> str:
    return path("realms", realm, "users", user_id, "role-mappings")


def _fields_of(
    reading: Reading, address: Address, user_id: str, user: Mapping[str, Any] | None
) -> dict[str, Any]:
    at = path("realms", address.realm, "users", user_id)
    document: dict[str, Any] = {}
    if reading.cares(address, *_WORTH_READING):
        user = user or reading.api.get(at) or {}
        document = {key: user[key] for key in _OF_THE_USER if key in user}
    if reading.cares(address, "groups"):
        groups = reading.api.get(f"{at}/groups") or []
        document["groups"] = [group["path"] for group in groups]
    return document


def _roles_of(reading: Reading, mappings: Mapping[str, Any]) -> dict[str, Any]:
    realm_roles = [
        role["name"]
        for role in mappings.get("realmMappings", ())
        if not reading.names.is_default_role(reading.realm, role["id"])
    ]
    client_roles = {
        client: [role["name"] for role in item["mappings"]]
        for client, item in mappings.get("clientMappings", {}).items()
    }
    return {"realmRoles": realm_roles, "clientRoles": client_roles}


def _user_id(writing: Writing) -> str:
    """The account's id. Asking the client for it makes the account if it is missing."""
    if writing.step.object_id is not None:
        return writing.step.object_id
    realm = writing.address.realm
    client = writing.id_of(Address(writing.address.segments[:3]))
    found = writing.api.get(path("realms", realm, "clients", client, "service-account-user"))
    if found is None:
        raise ServerError(f"client {writing.address.segments[2]} has no service account")
    return str(found["id"])


def _map_roles(writing: Writing, at: str, roles: Iterable[Address], send: Any) -> None:
    """One request for the realm's roles, and one for each client's."""
    batches: dict[str, list[dict[str, str]]] = {}
    for role in sorted(roles):
        if len(role.segments) == 3:  # noqa: PLR2004 - realm/roles/name
            where = f"{at}/role-mappings/realm"
        else:
            client = writing.id_of(Address(role.segments[:3]))
            where = f"{at}/role-mappings/clients/{client}"
        batches.setdefault(where, []).append(writing.role(role))
    for where, batch in batches.items():
        if send == writing.api.post:
            writing.api.post(where, batch, repeatable=True)
        else:
            writing.api.delete(where, batch)


def _write_groups(writing: Writing, at: str) -> None:
    if ("groups",) not in writing.step.after:
        return
    realm = writing.address.realm
    before = set(writing.step.before.get(("groups",)) or ())
    after = set(writing.step.after["groups",] or ())
    for name in sorted(after - before):
        writing.api.put(f"{at}/groups/{writing.id_of(Address.of(realm, 'groups', name))}")
    for name in sorted(before - after):
        writing.api.delete(f"{at}/groups/{writing.id_of(Address.of(realm, 'groups', name))}")


TYPES: Final = (ServiceAccountType(),)
