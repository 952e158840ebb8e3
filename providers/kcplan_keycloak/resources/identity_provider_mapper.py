"""Mappers of identity providers: what users bring along from where they logged in.

A `PUT` replaces everything. Keycloak finds roles and groups in `config` by the names that stand
there, and writes the new ones when those are renamed.
"""

from typing import Final

from kcplan.offered import Listed
from kcplan.resource import TypeSpec
from kcplan.shapes import STRING, Object, Ref, template
from kcplan_keycloak.bodies import Body
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.resource_type import Writing
from kcplan_keycloak.resources.group import PLAIN_GROUP_PATH
from kcplan_keycloak.rest import RestType
from kcplan_keycloak.roles import ROLE_TEXT
from kcplan_keycloak.server_info import IDENTITY_PROVIDER_MAPPER

_CONFIG: Final = Object(
    {
        "group": Ref(type="group", spelling=PLAIN_GROUP_PATH),
        "role": Ref(type="role", also=("client-role",), spelling=ROLE_TEXT),
        # Of a mapper that makes usernames, as `${ALIAS}.${CLAIM.sub}`.
        "template": template("ALIAS NAMEID UUID"),
    },
    others=STRING,
)

SPEC: Final = TypeSpec(
    name="identity-provider-mapper",
    pattern="REALM/identity-providers/ALIAS/mappers/NAME",
    rank=25,
    where="identityProviderMappers[identityProviderAlias,name]",
    told_at="identity-provider",
    schema=Object({"identityProviderMapper": STRING, "config": _CONFIG}),
    key=("name",),
    ignored=(("id",),),
    sensitive=(("config", "*[sS]ecret"), ("config", "*[pP]assword")),
    listed=(Listed(("identityProviderMapper",), IDENTITY_PROVIDER_MAPPER),),
    chooses_id=True,
)


def _to_server(writing: Writing, body: Body) -> Body:
    """Keycloak wants the provider's alias in a mapper, although the path has it."""
    _, alias, _ = SPEC.names(writing.address)
    return {**body, "identityProviderAlias": alias}


_AT: Final = Collection(path="mappers", holder="identity-provider", paged=False)

TYPES: Final = (RestType(spec=SPEC, at=_AT, to_server=_to_server),)
