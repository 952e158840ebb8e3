"""Attributes of a realm that only say again what a field says.

Keycloak keeps most of a realm's newer fields as attributes, and leaves those out of what it gives.
Exports of older versions have them, beside the field or even without it.
"""

from collections.abc import Mapping
from typing import Any, Final

from kcplan.mirrors import Mirror, mirrored
from kcplan.schema import Leaves
from kcplan.secret import reveal
from kcplan.shapes import ListOf, Object, Scalar

_HIDDEN: Final = """
    actionTokenGeneratedByAdminLifespan actionTokenGeneratedByUserLifespan adminPermissionsEnabled
    bruteForceProtected bruteForceStrategy defaultSignatureAlgorithm displayName displayNameHtml
    failureFactor maxDeltaTimeSeconds maxFailureWaitSeconds maxSecondaryAuthFailures
    maxTemporaryLockouts minimumQuickLoginWaitSeconds offlineSessionMaxLifespan
    offlineSessionMaxLifespanEnabled organizationsEnabled permanentLockout
    quickLoginCheckMilliSeconds verifiableCredentialsEnabled waitIncrementSeconds
    webAuthnPolicyAcceptableAaguids webAuthnPolicyAttestationConveyancePreference
    webAuthnPolicyAuthenticatorAttachment webAuthnPolicyAvoidSameAuthenticatorRegister
    webAuthnPolicyCreateTimeout webAuthnPolicyRequireResidentKey webAuthnPolicyResidentKey
    webAuthnPolicyRpEntityName webAuthnPolicyRpId webAuthnPolicySignatureAlgorithms
    webAuthnPolicyUserVerificationRequirement
"""

_SHOWN: Final[Mapping[str, str]] = {
    "clientOfflineSessionIdleTimeout": "clientOfflineSessionIdleTimeout",
    "clientOfflineSessionMaxLifespan": "clientOfflineSessionMaxLifespan",
    "clientSessionIdleTimeout": "clientSessionIdleTimeout",
    "clientSessionMaxLifespan": "clientSessionMaxLifespan",
    "oauth2DeviceCodeLifespan": "oauth2DeviceCodeLifespan",
    "oauth2DevicePollingInterval": "oauth2DevicePollingInterval",
    "realmReusableOtpCode": "otpPolicyCodeReusable",
    "scimApiEnabled": "scimApiEnabled",
    "webAuthnPolicyExtraOrigins": "webAuthnPolicyExtraOrigins",
    "webAuthnPolicyExtraOriginsPasswordless": "webAuthnPolicyPasswordlessExtraOrigins",
}
"""Attributes that Keycloak gives beside the field."""

MIRRORS: Final[Mapping[tuple[str, ...], Mirror]] = {
    **{("attributes", name): Mirror((name,)) for name in _HIDDEN.split()},
    **{("attributes", name): Mirror((field,), kept=True) for name, field in _SHOWN.items()},
    ("attributes", "webAuthnPolicy*Passwordless"): Mirror(("webAuthnPolicyPasswordless*",)),
    ("attributes", "_browser_header.*"): Mirror(("browserSecurityHeaders", "*")),
}

INTERNAL: Final = tuple(
    ("attributes", name)
    for name in (
        "adminPermissionsClientId",
        "client-policies.policies",
        "client-policies.profiles",
        "firstBrokerLoginFlowId",
        "webAuthnPolicyMediation",
        "webAuthnPolicyPasskeysEnabled",
    )
)
"""Attributes in which Keycloak keeps ids, documents and parts of policies for itself. What of it is
configuration has fields."""


def fields_along(schema: Object, usual: Leaves, after: Leaves) -> dict[str, Any]:
    """The fields that must say what changed attributes say: where both are sent, a field counts.

    Args:
        schema: The shape of a realm.
        usual: What a new realm has.
        after: The changed leaves; None is an attribute that goes.
    """
    fields = {}
    for path, value in after.items():
        mirror = mirrored(MIRRORS, path)
        if mirror is None or not mirror.kept or mirror.path in after:
            continue
        (name,) = mirror.path
        shape = schema.fields[name]
        if value is None:
            fields[name] = usual.get(mirror.path)
        elif isinstance(shape, ListOf):
            fields[name] = str(reveal(value)).split(",")
        elif isinstance(shape, Scalar):
            fields[name] = shape.convert(str(reveal(value)))
    return fields
