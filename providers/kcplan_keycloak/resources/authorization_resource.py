"""Authorization resources: what is protected.

A resource belongs to the client itself, or to a user (`owner`); names are unique for each owner.
Those of users can be very many, so they are only looked for where the files say `owner`.
"""

from collections.abc import Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.resource import TypeSpec
from kcplan.schema import Leaves
from kcplan.shapes import BOOLEAN, STRING, STRINGS, ListOf, MapOf, Object, Ref, Spelling
from kcplan_keycloak.api import Get, first_pages
from kcplan_keycloak.authz import client_of, has_authorization, named_by, requires_authorization
from kcplan_keycloak.authz_policies import RESOURCES, AuthorizationType, collection, scopes_kept
from kcplan_keycloak.bodies import Body
from kcplan_keycloak.dollar_names import dollar_names
from kcplan_keycloak.legacy_names import named_after, named_in, to_server
from kcplan_keycloak.management import of_old_permissions
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Reading, Writing


def _owner(resource: Address, name: str) -> tuple[Address, ...]:
    client = client_of(resource)
    return (client if name == client.name else Address.of(resource.realm, "users", name),)


_OWNER: Final = Spelling(_owner, lambda address: address.name)


_BESIDE_NAMES: Final = tuple(("scopes", "*", key) for key in ("id", "displayName", "iconUri"))

SPEC: Final = TypeSpec(
    name="authorization-resource",
    pattern="REALM/clients/CLIENT_ID/authorization/resources/NAME",
    rank=62,
    where="clients[clientId].authorizationSettings.resources[name]",
    schema=Object(
        {
            **dict.fromkeys(("displayName", "type", "icon_uri"), STRING),
            "uris": STRINGS,
            "ownerManagedAccess": BOOLEAN,
            "owner": Object(
                {"name": Ref(type="user", spelling=Spelling(_owner, lambda address: address.name))}
            ),
            "attributes": MapOf(ListOf(STRING, may_be_one=True)),
            "scopes": named_by("name", Ref(type="authorization-scope", by_id=True)),
        },
        older={"uri": "uris"},
    ),
    key=("name",),
    unsupported={"resource_scopes": "It is another name of `scopes`. Write `scopes`."},
    ignored=(("_id",), ("id",), ("owner", "id"), *_BESIDE_NAMES),
    immutable=(("owner",),),
    check=dollar_names,
    chooses_id=True,
    needs=named_in,
    named_after=named_after,
    requires=requires_authorization,
    bygone=of_old_permissions,
    defaults=lambda _: {("ownerManagedAccess",): False},
)


class AuthorizationResourceType(AuthorizationType):
    """Resources, of which those of users are looked up by name."""

    def _gets(self, reading: Reading, holder: Address, collection: str) -> list[Get]:
        owner = reading.names.known(holder)
        return first_pages(collection, reading.numbers[holder], owner=owner)

    def _list(
        self, reading: Reading, holder: Address, collection: str
    ) -> list[tuple[Address, str, Body]]:
        api, client_id = reading.api, reading.names.id_of(holder)
        bodies = api.pages(collection, reading.numbers[holder], owner=client_id)
        known = {self.at.address(self.spec, holder, body) for body in bodies}
        for address, wanted in reading.wanted.items():
            mine = client_of(address) == holder and address not in known
            if mine and "owner" in wanted.fields:
                bodies += api.get(collection, name=address.name, exactName="true") or []
        found = [(self.at.address(self.spec, holder, body), collection, body) for body in bodies]
        return self._as_in_files(reading, found)

    def _put(self, writing: Writing, at: str, own: Leaves) -> None:
        lost = {p[1] for p, value in own.items() if p[0] == "scopes" and value is None}
        with scopes_kept(writing, lost):
            super()._put(writing, at, own)


def _from_server(names: Names, address: Address, body: Mapping[str, Any]) -> Body:
    """A resource as in an export: with its owner where that is a user."""
    owner = body.get("owner", {})
    is_own = owner.get("id") == names.id_of(client_of(address))
    return {**body, "owner": {} if is_own else {"name": owner.get("name")}}


def _to_server(writing: Writing, body: Body) -> Body:
    """Attributes and scopes that are not sent would stay."""
    name = to_server(writing.names, writing.address, body["name"])
    sent = {"attributes": {}, "scopes": [], **body, "name": name}
    return {**sent, "owner": body.get("owner", {}).get("name")}


TYPES: Final = (
    AuthorizationResourceType(
        spec=SPEC,
        at=collection("resource", id_key="_id"),
        part=RESOURCES,
        holds=has_authorization,
        from_server=_from_server,
        to_server=_to_server,
    ),
)
