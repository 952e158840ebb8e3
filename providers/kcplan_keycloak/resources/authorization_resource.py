"""Authorization resources: what is protected.

A resource belongs to the client itself, or to a user (`owner`); names are unique for each owner.
Those of users can be very many, so they are only looked for where the files say `owner`.
"""

from collections.abc import Mapping
from typing import Any, Final

from kcplan.address import Address
from kcplan.resource import TypeSpec
from kcplan.schema import BOOLEAN, STRING, STRINGS, Leaves, MapOf, Object, Ref, Spelling
from kcplan_keycloak.authz import client_of, has_authorization, named_by, requires_authorization
from kcplan_keycloak.authz_policies import RESOURCES, AuthorizationType, collection, scopes_kept
from kcplan_keycloak.bodies import Body
from kcplan_keycloak.names import Names
from kcplan_keycloak.resource_type import Reading, Writing

_OWNER: Final = Spelling(
    lambda resource, name: (
        client_of(resource)
        if name == client_of(resource).name
        else Address.of(resource.realm, "users", name),
    ),
    lambda address: address.name,
)

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
            "owner": Object({"name": Ref(type="user", spelling=_OWNER)}),
            "attributes": MapOf(STRINGS),
            "scopes": named_by("name", Ref(type="authorization-scope")),
        }
    ),
    key=("name",),
    unsupported={"uri": "It is the old form of `uris`. Write `uris`, which is a list."},
    ignored=(
        *(("_id",), ("id",), ("owner", "id")),
        *(("scopes", "*", field) for field in ("id", "displayName", "iconUri")),
    ),
    immutable=(("owner",),),
    chooses_id=True,
    requires=requires_authorization,
    defaults=lambda _: {("ownerManagedAccess",): False},
)


class AuthorizationResourceType(AuthorizationType):
    """Resources, of which those of users are looked up by name."""

    def _list(
        self, reading: Reading, holder: Address, collection: str
    ) -> list[tuple[Address, str, Body]]:
        api, client_id = reading.api, reading.names.id_of(holder)
        bodies = api.pages(collection, owner=client_id)
        known = {self.at.address(self.spec, holder, body) for body in bodies}
        for address, wanted in reading.wanted.items():
            mine = client_of(address) == holder and address not in known
            if mine and "owner" in wanted.fields:
                bodies += api.get(collection, name=address.name, exactName="true") or []
        return [(self.at.address(self.spec, holder, body), collection, body) for body in bodies]

    def _put(self, writing: Writing, at: str, own: Leaves) -> None:
        lost = {p[1] for p, value in own.items() if p[0] == "scopes" and value is None}
        with scopes_kept(writing, lost):
            super()._put(writing, at, own)


def _from_server(names: Names, address: Address, body: Mapping[str, Any]) -> Body:
    """A resource as in an export: its owner where that is a user, and scopes by name."""
    document = {key: value for key, value in body.items() if key != "owner"}
    owner = body.get("owner", {})
    if owner.get("id") != names.id_of(client_of(address)):
        document["owner"] = {"name": owner.get("name")}
    return document | {"scopes": [{"name": scope["name"]} for scope in body.get("scopes", ())]}


def _to_server(writing: Writing, body: Body) -> Body:
    """Attributes that are not sent would stay; of scopes without names only one would be taken."""
    scopes = client_of(writing.address).child("authorization", "scopes")
    sent = {"attributes": {}, **body}
    sent["scopes"] = [
        {"id": writing.id_of(scopes.child(scope["name"])), "name": scope["name"]}
        for scope in body.get("scopes", ())
    ]
    owner = sent.pop("owner", {}).get("name")
    return {**sent, "owner": owner} if owner else sent


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
