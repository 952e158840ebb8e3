"""What a new object has in its fields without anybody's doing: fields that an import leaves out.

These are the values of a new object that nothing was said of but its name. Where in doubt, a value
is not here, and then it is written down.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from attrs import frozen

from kcplan.diagnostics import Path
from kcplan.schema import BOOLEAN, Leaves, flatten
from kcplan.snapshot import LiveObject
from kcplan_keycloak.api import AdminApi, path
from kcplan_keycloak.resources import authorization, identity_provider, realm

_REALM: Final[Mapping[str, Any]] = {
    **{name: False for name, shape in realm.SPEC.schema.fields.items() if shape is BOOLEAN},
    "accessCodeLifespan": 60,
    "accessCodeLifespanLogin": 1800,
    "accessCodeLifespanUserAction": 300,
    "accessTokenLifespan": 300,
    "accessTokenLifespanForImplicitFlow": 900,
    "actionTokenGeneratedByAdminLifespan": 43200,
    "actionTokenGeneratedByUserLifespan": 300,
    "attributes": {
        "cibaAuthRequestedUserHint": "login_hint",
        "cibaBackchannelTokenDeliveryMode": "poll",
        "cibaExpiresIn": "120",
        "cibaInterval": "5",
        "oauth2DeviceCodeLifespan": "600",
        "oauth2DevicePollingInterval": "5",
        "parRequestUriLifespan": "60",
        "realmReusableOtpCode": "false",
    },
    "browserFlow": "browser",
    "browserSecurityHeaders": {
        "contentSecurityPolicy": "frame-src 'self'; frame-ancestors 'self'; object-src 'none';",
        "referrerPolicy": "no-referrer",
        "strictTransportSecurity": "max-age=31536000; includeSubDomains",
        "xContentTypeOptions": "nosniff",
        "xFrameOptions": "SAMEORIGIN",
        "xRobotsTag": "none",
    },
    "bruteForceStrategy": "MULTIPLE",
    "clientAuthenticationFlow": "clients",
    "clientOfflineSessionIdleTimeout": 0,
    "clientOfflineSessionMaxLifespan": 0,
    "clientPolicies": {"policies": []},
    "clientProfiles": {"profiles": []},
    "clientSessionIdleTimeout": 0,
    "clientSessionMaxLifespan": 0,
    "defaultSignatureAlgorithm": "RS256",
    "directGrantFlow": "direct grant",
    "dockerAuthenticationFlow": "docker auth",
    "eventsListeners": ["jboss-logging"],
    "failureFactor": 30,
    "firstBrokerLoginFlow": "first broker login",
    "loginWithEmailAllowed": True,
    "maxDeltaTimeSeconds": 43200,
    "maxFailureWaitSeconds": 900,
    "maxSecondaryAuthFailures": 0,
    "maxTemporaryLockouts": 0,
    "minimumQuickLoginWaitSeconds": 60,
    "notBefore": 0,
    "oauth2DeviceCodeLifespan": 600,
    "oauth2DevicePollingInterval": 5,
    "offlineSessionIdleTimeout": 2592000,
    "offlineSessionMaxLifespan": 5184000,
    "otpPolicyAlgorithm": "HmacSHA1",
    "otpPolicyDigits": 6,
    "otpPolicyInitialCounter": 0,
    "otpPolicyLookAheadWindow": 1,
    "otpPolicyPeriod": 30,
    "otpPolicyType": "totp",
    "quickLoginCheckMilliSeconds": 1000,
    "refreshTokenMaxReuse": 0,
    "registrationFlow": "registration",
    "requiredCredentials": ["password"],
    "resetCredentialsFlow": "reset credentials",
    "sslRequired": "external",
    "ssoSessionIdleTimeout": 1800,
    "ssoSessionIdleTimeoutRememberMe": 0,
    "ssoSessionMaxLifespan": 36000,
    "ssoSessionMaxLifespanRememberMe": 0,
    "waitIncrementSeconds": 60,
    "webAuthnPolicyAttestationConveyancePreference": "not specified",
    "webAuthnPolicyAuthenticatorAttachment": "not specified",
    "webAuthnPolicyCreateTimeout": 0,
    "webAuthnPolicyPasswordlessAttestationConveyancePreference": "not specified",
    "webAuthnPolicyPasswordlessAuthenticatorAttachment": "not specified",
    "webAuthnPolicyPasswordlessCreateTimeout": 0,
    "webAuthnPolicyPasswordlessRequireResidentKey": "not specified",
    "webAuthnPolicyPasswordlessResidentKey": "required",
    "webAuthnPolicyPasswordlessRpEntityName": "keycloak",
    "webAuthnPolicyPasswordlessSignatureAlgorithms": ["ES256", "RS256"],
    "webAuthnPolicyPasswordlessUserVerificationRequirement": "required",
    "webAuthnPolicyRequireResidentKey": "not specified",
    "webAuthnPolicyResidentKey": "not specified",
    "webAuthnPolicyRpEntityName": "keycloak",
    "webAuthnPolicySignatureAlgorithms": ["ES256", "RS256"],
    "webAuthnPolicyUserVerificationRequirement": "not specified",
}

_REALM_LEAVES: Final = flatten(realm.SPEC.schema, _REALM)

_CALLED_OTHERWISE: Final = {"realmReusableOtpCode": "otpPolicyCodeReusable"}
"""Attributes that are fields as well, under another name."""

_CLIENT: Final[Leaves] = {
    ("alwaysDisplayInConsole",): False,
    ("authorizationServicesEnabled",): False,
    ("bearerOnly",): False,
    ("clientAuthenticatorType",): "client-secret",
    ("consentRequired",): False,
    ("directAccessGrantsEnabled",): False,
    ("enabled",): True,
    ("fullScopeAllowed",): True,
    ("implicitFlowEnabled",): False,
    ("nodeReRegistrationTimeout",): -1,
    ("notBefore",): 0,
    ("protocol",): "openid-connect",
    ("publicClient",): False,
    ("serviceAccountsEnabled",): False,
    ("standardFlowEnabled",): True,
    ("surrogateAuthRequired",): False,
}

_LISTINGS: Final = {
    "defaultClientScopes": "default-default-client-scopes",
    "optionalClientScopes": "default-optional-client-scopes",
}
"""For each field of a client with client scopes, where the realm has those for new clients."""

_SERVICE_ACCOUNT: Final[Leaves] = {
    ("emailVerified",): False,
    ("enabled",): True,
    ("notBefore",): 0,
}

_POLICY: Final[Leaves] = {("logic",): "POSITIVE", ("decisionStrategy",): "UNANIMOUS"}


def _of_realm(live: LiveObject) -> Leaves:
    """Keycloak's own values; and attributes that only say again what a field says."""
    again = {
        where: value
        for where, value in live.leaves.items()
        if where[0] == "attributes"
        and len(where) > 1
        and (_CALLED_OTHERWISE.get(where[1], where[1]),) in live.leaves
    }
    return {**_REALM_LEAVES, **again}


def _of_identity_provider(live: LiveObject) -> Leaves:
    switches: dict[Path, Any] = {
        (name,): name == "enabled"
        for name, shape in identity_provider.SCHEMA.fields.items()
        if shape is BOOLEAN
    }
    # The organization that it belongs to is none of kcplan's types, and here by its id.
    organization = live.leaves.get(("organizationId",))
    return {**switches, ("organizationId",): organization}


_OF_TYPE: Final[Mapping[str, Callable[[LiveObject], Leaves]]] = {
    "realm": _of_realm,
    "identity-provider": _of_identity_provider,
    "service-account": lambda _: _SERVICE_ACCOUNT,
    "authorization": lambda _: flatten(authorization.SCHEMA, authorization.DEFAULTS),
    "authorization-resource": lambda _: {("ownerManagedAccess",): False},
    "authorization-policy": lambda _: _POLICY,
    "authorization-permission": lambda _: _POLICY,
}


@frozen
class Defaults:
    """What new objects of a realm have.

    Attributes:
        scopes: The client scopes that a new client gets, by field and protocol.
    """

    scopes: Mapping[tuple[str, str], list[str]]

    @classmethod
    def read(cls, api: AdminApi, realm: str) -> "Defaults":
        """Read what new clients of the realm get. Raises ServerError."""
        scopes: dict[tuple[str, str], list[str]] = {}
        for field, listing in _LISTINGS.items():
            for scope in api.get(path("realms", realm, listing)) or ():
                scopes.setdefault((field, scope["protocol"]), []).append(scope["name"])
        return cls({key: sorted(names) for key, names in scopes.items()})

    def of(self, live: LiveObject) -> Leaves:
        """The leaves of a new object like this one."""
        if live.type == "client":
            return self._of_client(live)
        of_type = _OF_TYPE.get(live.type)
        return of_type(live) if of_type is not None else {}

    def _of_client(self, live: LiveObject) -> Leaves:
        protocol = live.leaves.get(("protocol",))
        mappers = {where[1] for where in live.leaves if where[:1] == ("protocolMappers",) != where}
        return {
            **_CLIENT,
            **{("protocolMappers", name, "consentRequired"): False for name in mappers},
            ("frontchannelLogout",): protocol == "saml",
            **{(field,): self.scopes.get((field, str(protocol)), []) for field in _LISTINGS},
        }
