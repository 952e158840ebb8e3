"""Client scopes, with their protocol mappers and the roles in their scope.

A `PUT` needs the name, merges attributes, and ignores mappers. Deleting a scope that is in use
takes it out of every client and of the realm's lists without a word.
"""

from typing import Final

from kcplan.address import Address
from kcplan.plan import Operation
from kcplan.resource import Origin, TypeSpec
from kcplan.schema import Leaves
from kcplan.shapes import STRING, STRING_MAP, Named, Object
from kcplan_keycloak import forms, mappers, scope_mappings
from kcplan_keycloak.bodies import Absent, Body
from kcplan_keycloak.cascade import all_client_scopes
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.mappers import LISTED, MAPPERS
from kcplan_keycloak.parts import RoleSet
from kcplan_keycloak.resource_type import Writing
from kcplan_keycloak.rest import RestType
from kcplan_keycloak.scope_lists import OPENID

_BUILT_IN: Final = frozenset(
    """
    AuthnContextClassRef acr address basic email microprofile-jwt offline_access organization
    phone profile role_list roles saml_organization service_account web-origins
    """.split()
)


def _is_built_in(address: Address, _: Leaves | None) -> bool:
    return address.name in _BUILT_IN


def _to_server(writing: Writing, body: Body) -> Body:
    """Keycloak refuses to create a scope without a protocol; an update without one keeps it."""
    made = writing.step.operation is Operation.CREATE
    return {"protocol": OPENID, **body} if made else body


SPEC: Final = TypeSpec(
    name="client-scope",
    pattern="REALM/client-scopes/NAME",
    rank=15,
    where="clientScopes[name]",
    schema=Object(
        {
            "description": STRING,
            "protocol": STRING,
            "attributes": STRING_MAP,
            "protocolMappers": Named(MAPPERS.shape),
            "scopeMappings": scope_mappings.SCHEMA,
        }
    ),
    key=("name",),
    ignored=(("id",), ("protocolMappers", "*", "id")),
    idle=mappers.idle,
    late=(("scopeMappings",),),
    keeps_empty=(("description",),),
    chooses_id=True,
    listed=LISTED,
    origin=Origin(_is_built_in, filled=True),
    mentions=((("protocolMappers", "*", "config", "included.client.audience"), "client"),),
    usual_by=("protocol",),
    gather=scope_mappings.gather,
    forms=forms.scopes,
    scatter=scope_mappings.scatter,
)

TYPES: Final = (
    RestType(
        spec=SPEC,
        at=Collection(path="client-scopes", paged=False, tells=("protocol",)),
        parts=(
            MAPPERS,
            RoleSet(
                "scope-mappings",
                ("scopeMappings", "realm"),
                ("scopeMappings", "client"),
                held=all_client_scopes,
            ),
        ),
        puts=Absent.EMPTY_OR_NULL,
        whole=False,
        to_server=_to_server,
    ),
)
