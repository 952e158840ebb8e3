"""Required actions: what a user may be asked to do when logging in.

A `PUT` replaces everything, the alias too, so it carries what is there. A new action is registered
first, under the id of what provides it.
"""

from typing import Final

from kcplan.resource import Origin, TypeSpec
from kcplan.schema import BOOLEAN, INTEGER, STRING, STRING_MAP, Object
from kcplan_keycloak.bodies import Body
from kcplan_keycloak.collection import Collection
from kcplan_keycloak.resource_type import Writing
from kcplan_keycloak.rest import RestType

_BUILT_IN: Final = frozenset(
    """
    CONFIGURE_RECOVERY_AUTHN_CODES CONFIGURE_TOTP TERMS_AND_CONDITIONS UPDATE_EMAIL UPDATE_PASSWORD
    UPDATE_PROFILE VERIFY_EMAIL VERIFY_PROFILE delete_account delete_credential idp_link
    update_user_locale webauthn-register webauthn-register-passwordless
    """.split()
)

SPEC: Final = TypeSpec(
    name="required-action",
    pattern="REALM/required-actions/ALIAS",
    rank=8,
    where="requiredActions[alias]",
    schema=Object(
        {
            **dict.fromkeys(("name", "providerId"), STRING),
            **dict.fromkeys(("defaultAction", "enabled"), BOOLEAN),
            "priority": INTEGER,
            "config": STRING_MAP,
        }
    ),
    key=("alias",),
    origin=Origin(lambda address, _: address.name in _BUILT_IN, filled=True),
)


class RequiredActionType(RestType):
    """Required actions, which are registered before they are written."""

    def _post(self, writing: Writing, body: Body) -> None:
        provider = body.get("providerId", writing.address.name)
        named = {"providerId": provider, "name": body.get("name", provider)}
        at = self._collection(writing)
        writing.api.post(at.replace("required-actions", "register-required-action"), named)
        registered = writing.api.get(f"{at}/{provider}") or {}
        writing.api.put(f"{at}/{provider}", {**registered, **body})


TYPES: Final = (
    RequiredActionType(
        spec=SPEC,
        at=Collection(
            path="authentication/required-actions",
            item="{path}/{name}",
            single="{path}/{name}",
            paged=False,
            name_key="alias",
            id_key="alias",
        ),
    ),
)
