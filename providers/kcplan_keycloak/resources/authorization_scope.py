"""Authorization scopes: what can be done with a resource.

Keycloak forgets what a `PUT` does not name, and refuses to delete a scope that a resource has.
"""

from typing import Final

from kcplan.resource import TypeSpec
from kcplan.shapes import STRING, Object
from kcplan_keycloak.authz import has_authorization, requires_authorization
from kcplan_keycloak.authz_policies import SCOPES, AuthorizationType, collection
from kcplan_keycloak.management import of_old_permissions

SPEC: Final = TypeSpec(
    name="authorization-scope",
    pattern="REALM/clients/CLIENT_ID/authorization/scopes/NAME",
    rank=61,
    where="clients[clientId].authorizationSettings.scopes[name]",
    schema=Object({"displayName": STRING, "iconUri": STRING}),
    key=("name",),
    ignored=(("id",), ("policies",), ("resources",)),
    # Without an id, Keycloak would say "created" of a scope that is there already.
    chooses_id=True,
    requires=requires_authorization,
    bygone=of_old_permissions,
)

TYPES: Final = (
    AuthorizationType(spec=SPEC, at=collection("scope"), part=SCOPES, holds=has_authorization),
)
