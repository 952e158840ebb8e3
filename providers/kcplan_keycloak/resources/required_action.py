"""Required actions. A `PUT` replaces everything, the alias too, so it carries what is there."""

from typing import Final

from kcplan.offered import Listed
from kcplan.resource import Origin, TypeSpec
from kcplan.shapes import BOOLEAN, INTEGER, STRING, STRING_MAP, Object, Shape
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.realm_defaults import REQUIRED_ACTIONS
from kcplan_keycloak.rest import RestType
from kcplan_keycloak.server_info import REQUIRED_ACTION

_FIELDS: Final[dict[str, Shape]] = {
    **dict.fromkeys(("name", "providerId"), STRING),
    **dict.fromkeys(("defaultAction", "enabled"), BOOLEAN),
    "priority": INTEGER,
    "config": STRING_MAP,
}

SPEC: Final = TypeSpec(
    name="required-action",
    pattern="REALM/required-actions/ALIAS",
    rank=8,
    where="requiredActions[alias]",
    schema=Object(_FIELDS),
    key=("alias",),
    listed=(Listed(("providerId",), REQUIRED_ACTION),),
    fixed_name="Keycloak finds a required action by its alias",
    origin=Origin(lambda action, _: action.name in REQUIRED_ACTIONS, filled=True, told=True),
    defaults=lambda leaves: REQUIRED_ACTIONS.get(str(leaves.get(("providerId",))), {}),
)

_AT: Final = Collection(
    path="authentication/required-actions",
    item="{path}/{name}",
    single="{path}/{name}",
    paged=False,
    name_key="alias",
    id_key="alias",
    registry="authentication/register-required-action",
)
TYPES: Final = (RestType(spec=SPEC, at=_AT),)
