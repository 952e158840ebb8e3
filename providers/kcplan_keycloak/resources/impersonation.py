"""That a client's service account may impersonate users, by the role `impersonation`.

A type of its own, since the account's other roles are not its business.
"""

from collections.abc import Iterable
from typing import Any, Final

from kcplan.address import Address
from kcplan.classes import frozen
from kcplan.diagnostics import Path
from kcplan.errors import ServerError
from kcplan.provider import Image
from kcplan.resource import TypeSpec
from kcplan.shapes import BOOLEAN, Object
from kcplan.snapshot import LiveObject
from kcplan_keycloak.accounts import account_of
from kcplan_keycloak.api import path
from kcplan_keycloak.built_in import management_client
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Part, Reading, Writing

ROLE: Final = "impersonation"


def _gives(address: Address) -> Iterable[tuple[Address, Path, str]]:
    account = account_of(Address.of(address.realm, "clients", address.name))
    yield account, ("clientRoles", _management(address).name), ROLE


SPEC: Final = TypeSpec(
    name="impersonation",
    pattern="REALM/permissions/impersonation/CLIENT_ID",
    rank=80,
    where="permissions.impersonation",
    told_at="authz",
    schema=Object({"granted": BOOLEAN}, closed=True),
    needs=lambda address: (Address.of(address.realm, "clients", address.name),),
    gives=_gives,
)


@frozen
class ImpersonationType:
    """The role among those of service accounts."""

    spec: TypeSpec = SPEC
    parts: tuple[Part, ...] = ()

    def path_of(self, address: Address, object_id: str | None) -> str:
        """The path of the account."""
        return path("realms", address.realm, "users", object_id or "")

    def find(self, names: Names, address: Address) -> None:
        """Nothing refers to a granted role by an id of its own."""

    def read(self, reading: Reading) -> Iterable[LiveObject]:
        """The accounts that hold the role."""
        for address in reading.wanted:
            user = _account(reading.api, address)
            client = reading.names.find(_management(address))
            if user is None or client is None:
                continue
            roles = reading.api.get(f"{_mapping(address, user, client)}") or []
            if any(role["name"] == ROLE for role in roles):
                yield LiveObject(address, SPEC.name, user, {("granted",): True})

    def create(self, writing: Writing) -> str | None:
        """Grant the role."""
        user = _account(writing.api, writing.address)
        if user is None:
            client = writing.address.name
            raise ServerError(
                f"client {client} has no service account",
                "It must have one to impersonate users. Write `serviceAccountsEnabled = true`.",
            )
        writing.api.post(_at(writing, user), [_role(writing)], repeatable=True)
        return user

    def update(self, writing: Writing) -> str | None:
        """Grant the role: there is nothing else to change."""
        return self.create(writing)

    def delete(self, writing: Writing) -> None:
        """Revoke the role."""
        writing.api.delete(_at(writing, writing.object_id()), [_role(writing)])

    def capture(self, writing: Writing) -> Image | None:  # noqa: ARG002
        """The role can be granted again."""
        return {"granted": True}

    def restore(self, writing: Writing, image: Image) -> None:  # noqa: ARG002
        """Grant the role again."""
        self.create(writing)


def _management(address: Address) -> Address:
    return Address.of(address.realm, "clients", management_client(address.realm))


def _account(api: Any, address: Address) -> str | None:
    """The id of the client's service account, asked for in a way that creates none."""
    name = f"service-account-{address.name.lower()}"
    found = api.get(path("realms", address.realm, "users"), username=name, exact="true") or []
    return found[0]["id"] if found else None


def _mapping(address: Address, user: str, client: str) -> str:
    return path("realms", address.realm, "users", user, "role-mappings", "clients", client)


def _at(writing: Writing, user: str) -> str:
    return _mapping(writing.address, user, _client(writing.names, writing.address))


def _client(names: Names, address: Address) -> str:
    return names.id_of(_management(address))


def _role(writing: Writing) -> dict[str, str]:
    return writing.role(_management(writing.address).child("roles", ROLE))


TYPES: Final = (ImpersonationType(),)
