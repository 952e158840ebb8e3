"""Authentication flows, as far as others refer to them."""

from typing import Final

from kcplan.resource import Origin, TypeSpec
from kcplan.shapes import Object
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.rest import RestType

_BUILT_IN: Final = frozenset(
    {
        "browser",
        "clients",
        "direct grant",
        "docker auth",
        "first broker login",
        "registration",
        "reset credentials",
    }
)

SPEC: Final = TypeSpec(
    name="flow",
    pattern="REALM/flows/ALIAS",
    rank=5,
    where=None,
    schema=Object(),
    origin=Origin(lambda address, _: address.name in _BUILT_IN),
)

TYPES: Final = (
    RestType(spec=SPEC, at=Collection(path="authentication/flows", paged=False, name_key="alias")),
)
