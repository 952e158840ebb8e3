"""Required actions. A `PUT` replaces everything, the alias too, so it carries what is there."""

from typing import Any, Final

from kcplan import conversion
from kcplan.classes import frozen
from kcplan.offered import Listed
from kcplan.resource import Origin, TypeSpec
from kcplan.shapes import BOOLEAN, INTEGER, STRING, STRING_MAP, Object, Ref, Scalar, Shape
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.realm_defaults import REQUIRED_ACTIONS
from kcplan_keycloak.rest import RestType
from kcplan_keycloak.server_info import REQUIRED_ACTION

_RENAMED: Final = {"terms_and_conditions": "TERMS_AND_CONDITIONS"}
"""What Keycloak calls actions now; up to version 20, exports have the old names."""


def _now(name: Any) -> Any:
    return _RENAMED.get(name, name) if isinstance(name, str) else name


@frozen
class _Provider(Scalar):
    def spelled(self, value: Any) -> Any:
        """The name that Keycloak has for it now."""
        return _now(value)


@frozen(kw_only=True)
class _Action(Ref):
    def spelled(self, value: Any) -> Any:
        """The name that Keycloak has for it now."""
        return _now(value)


ACTION: Final = _Action(type="required-action")

_FIELDS: Final[dict[str, Shape]] = {
    "name": STRING,
    "providerId": _Provider("a string", STRING.types, conversion.text),
    **dict.fromkeys(("defaultAction", "enabled"), BOOLEAN),
    "priority": INTEGER,
    "config": STRING_MAP,
}

SPEC: Final = TypeSpec(
    name="required-action",
    pattern="REALM/required-actions/ALIAS",
    rank=8,
    where="requiredActions[alias]",
    told_at="authentication",
    schema=Object(_FIELDS),
    key=("alias",),
    spelled=_now,
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
