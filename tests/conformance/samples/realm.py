"""Realms. Each object is a realm of its own, and master's administrator works on it."""

from conformance.overlays import Json, overlaid
from conformance.sample import Hand, Sample


def _edit(hand: Hand, at: str, changes: Json) -> None:
    """Change a realm, and send it whole but for what Keycloak would keep in two places."""
    there = {key: value for key, value in hand.get(at).items() if key != "scimApiEnabled"}
    hand.admin.put(at, json=overlaid(there, changes))


_NUMBERS = """
    accessCodeLifespan accessCodeLifespanLogin accessCodeLifespanUserAction accessTokenLifespan
    accessTokenLifespanForImplicitFlow actionTokenGeneratedByAdminLifespan
    actionTokenGeneratedByUserLifespan clientOfflineSessionIdleTimeout
    clientOfflineSessionMaxLifespan clientSessionIdleTimeout clientSessionMaxLifespan
    eventsExpiration failureFactor maxDeltaTimeSeconds maxFailureWaitSeconds
    maxTemporaryLockouts minimumQuickLoginWaitSeconds notBefore oauth2DeviceCodeLifespan
    oauth2DevicePollingInterval offlineSessionIdleTimeout offlineSessionMaxLifespan
    otpPolicyLookAheadWindow otpPolicyPeriod quickLoginCheckMilliSeconds refreshTokenMaxReuse
    ssoSessionIdleTimeout ssoSessionIdleTimeoutRememberMe ssoSessionMaxLifespan
    ssoSessionMaxLifespanRememberMe waitIncrementSeconds webAuthnPolicyCreateTimeout
    webAuthnPolicyPasswordlessCreateTimeout
"""

_SWITCHES = """
    adminEventsDetailsEnabled adminEventsEnabled bruteForceProtected editUsernameAllowed
    eventsEnabled internationalizationEnabled offlineSessionMaxLifespanEnabled
    organizationsEnabled otpPolicyCodeReusable permanentLockout registrationAllowed rememberMe
    resetPasswordAllowed revokeRefreshToken userManagedAccessAllowed verifyEmail
    webAuthnPolicyAvoidSameAuthenticatorRegister
    webAuthnPolicyPasswordlessAvoidSameAuthenticatorRegister
"""

FULL = {
    **dict.fromkeys(_NUMBERS.split(), 77),
    **dict.fromkeys(_SWITCHES.split(), True),
    "enabled": True,
    "displayName": "Shop",
    "displayNameHtml": "<b>Shop</b>",
    "sslRequired": "external",
    "loginTheme": "keycloak",
    "accountTheme": "keycloak.v3",
    "adminTheme": "keycloak.v2",
    "emailTheme": "keycloak",
    "defaultLocale": "en",
    "supportedLocales": ["en", "de"],
    "browserFlow": "browser",
    "passwordPolicy": "length(8)",
    "otpPolicyType": "totp",
    "otpPolicyAlgorithm": "HmacSHA256",
    "otpPolicyDigits": 8,
    "webAuthnPolicyRpEntityName": "shop",
    "webAuthnPolicySignatureAlgorithms": ["ES256", "RS256"],
    "eventsListeners": ["jboss-logging"],
    "enabledEventTypes": ["LOGIN", "LOGOUT"],
    "attributes": {"colour": "red", "size": "big"},
    "browserSecurityHeaders": {"xFrameOptions": "DENY"},
    "smtpServer": {"host": "mail.example", "from": "shop@mail.example"},
}

SAMPLE = Sample(
    type="realm",
    address="REALM-NAME",
    declare=lambda name, fields: {"realm": f"REALM-{name}", **fields},
    where=lambda hand, name: hand.of(f"{hand.realm}-{name}").path(),
    is_realm=True,
    edit=_edit,
    full=FULL,
    changed={
        **dict.fromkeys(_NUMBERS.split(), 88),
        **dict.fromkeys(_SWITCHES.split(), False),
        "enabled": False,
        "displayName": "Store",
        "displayNameHtml": "<b>Store</b>",
        "sslRequired": "all",
        "loginTheme": "keycloak.v2",
        "defaultLocale": "de",
        "supportedLocales": ["fr", "de"],
        "browserFlow": "direct grant",
        "passwordPolicy": "length(12)",
        "otpPolicyType": "hotp",
        "otpPolicyAlgorithm": "HmacSHA512",
        "otpPolicyDigits": 6,
        "webAuthnPolicyRpEntityName": "store",
        "webAuthnPolicySignatureAlgorithms": ["RS256", "ES256"],
        "eventsListeners": [],
        "enabledEventTypes": ["LOGIN", "REGISTER"],
        "attributes": {"colour": "blue", "size": None, "shape": "round"},
        "browserSecurityHeaders": {"xFrameOptions": "SAMEORIGIN"},
        "smtpServer": {"host": "post.example", "from": "store@mail.example", "port": "25"},
    },
    odd_name="é 5%",
    secret={"smtpServer": {"auth": "true", "user": "shop", "password": "SECRET"}},
    references=(({"browserFlow": "missing"}, "flows/missing"),),
    cannot={
        **dict.fromkeys(
            ("change accountTheme", "change adminTheme", "change emailTheme"),
            "Keycloak comes with one such theme only.",
        ),
        "delete": "A realm that no file names is left alone; `kcplan destroy` removes it.",
        "viewer create": "Who may view one realm only cannot tell whether there is another.",
        "viewer delete": "Who may view one realm only sees no other one.",
        "viewer enabled": "An account of the realm would lock itself out.",
        "viewer sslRequired": "An account of the realm would lock itself out over plain http.",
        "undo delete": "A deleted realm cannot be brought back.",
    },
)
